"""A server, a person, a bot, as Discord writes them."""

from typing import Any

Json = dict[str, Any]
BOT, OWNER, ADA = "100", "200", "201"
GUILD, CHANNEL = "300", "400"
EPHEMERAL = 1 << 6
EVERYTHING = (1 << 10) | (1 << 11) | (1 << 14) | (1 << 16) | (1 << 38) | (1 << 4)
MANAGE_CHANNELS = 1 << 4
MADE_AT = "2026-01-01T00:00:00+00:00"


def user(id_: str) -> Json:
    """A person, or the bot."""
    return {"id": id_, "username": f"user{id_}", "discriminator": "0", "avatar": None, "bot": id_ == BOT}


MEMBER = {"roles": [], "joined_at": MADE_AT, "deaf": False, "mute": False, "flags": 0}


def guild(id_: str = GUILD, channel: str = CHANNEL) -> Json:
    """A server with one text channel, in which everybody may do everything."""
    everyone = {"id": id_, "name": "@everyone", "permissions": str(EVERYTHING), "position": 0, "color": 0, "flags": 0}
    everyone |= {"hoist": False, "managed": False, "mentionable": False}
    text = {"id": channel, "type": 0, "name": "papers", "position": 0, "permission_overwrites": [], "guild_id": id_}
    lists: Json = {name: [] for name in ("emojis", "features", "threads", "presences", "voice_states", "stickers")}
    lists |= {"stage_instances": [], "guild_scheduled_events": [], "soundboard_sounds": []}
    levels = (
        "verification_level",
        "default_message_notifications",
        "explicit_content_filter",
        "mfa_level",
        "nsfw_level",
    )
    known = {"id": id_, "name": "A server", "owner_id": OWNER, "member_count": 2, "preferred_locale": "en-US"}
    members = [{"user": user(BOT), **MEMBER}]
    return {**lists, **dict.fromkeys(levels, 0), **known, "roles": [everyone], "channels": [text], "members": members}


APPLICATION = {"id": BOT, "name": "Paper Round", "description": "", "flags": 0, "bot_public": True, "icon": None}
APPLICATION |= {"bot_require_code_grant": False, "verify_key": "", "owner": user(OWNER), "summary": "", "team": None}
