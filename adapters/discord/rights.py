"""What the bot may do in a channel, as its gateway knows it."""

from dataclasses import dataclass

import discord

HISTORY = "Read Message History"
_NEEDED = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "embed_links": "Embed Links",
    "read_message_history": HISTORY,
}
_IN_THREADS = {
    **{name: shown for name, shown in _NEEDED.items() if name != "send_messages"},
    "send_messages_in_threads": "Send Messages in Threads",
}
_REFUSED = {
    discord.ChannelType.forum: "forum",
    discord.ChannelType.media: "media",
    discord.ChannelType.category: "category",
}
INVITED = discord.Permissions(**dict.fromkeys((*_NEEDED, *_IN_THREADS), True))


@dataclass(frozen=True, slots=True)
class Place:
    """A channel: the names of rights that the bot needs there and lacks, and what kind it is where none can be posted to."""

    own_id: str
    missing: tuple[str, ...] = ()
    refusal: str = ""
    can_read_history: bool = True
    name: str = ""


def place(channel: object, own_id: str, *, is_thread: bool = False) -> Place | None:
    """What is known of the channel, or of a thread in it that is not known itself; None when nothing is."""
    name = str(getattr(channel, "name", ""))
    if isinstance(channel, discord.Thread):
        channel, is_thread = channel.parent, True
    if not isinstance(channel, discord.abc.GuildChannel) or channel.guild.me is None:
        return None
    # Not what the channel says itself: it takes rights away that others imply, of which nobody would have to be told.
    granted = discord.abc.GuildChannel.permissions_for(channel, channel.guild.me)
    needed = _IN_THREADS if is_thread else _NEEDED
    missing = tuple(shown for name, shown in needed.items() if not getattr(granted, name))
    posting = tuple(name for name in missing if name != HISTORY)  # without it posts succeed, only look-backs do not
    can_read = granted.view_channel and granted.read_message_history
    return Place(own_id, posting, "" if is_thread else _REFUSED.get(channel.type, ""), can_read, name)
