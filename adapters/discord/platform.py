"""The bot on Discord: its gateway, kept connected, and the life of the servers that it is in."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from adapters.discord import commands, rights
from adapters.discord.answers import Answers
from adapters.discord.posts import NAME, Posts
from adapters.discord.rest import Rest
from bot import views
from bot.answering import Answering
from bot.commands import COMMANDS
from bot.connecting import keep_connected
from bot.core import Core
from bot.errors import BotError, ConfigError, DeliveryError, Outcome
from bot.places import Places
from bot.ports import Records
from bot.subscriptions import Channel

FATAL_CLOSES = {  # to connect again would not help (PLATFORMS A.1)
    4004: "the token is not valid; copy it again from the page of the application",
    4010: "it was asked for a shard that there is not",
    4011: "the bot is in so many servers that one connection is not enough",
    4012: "this version of its gateway has ended; update Paper Round",
    4013: "this version asks for events that there are not; update Paper Round",
    4014: "this version asks for events that the application may not have",
}
_OUTAGE_SECONDS = 10.0
_NEXT_SERVER_SECONDS = 0.5  # for which each server is waited for at the start; later ones come as they come
_ACKNOWLEDGED_SECONDS = 60.0  # after which a gateway that does not answer is left
_REGISTERED_AGAIN_SECONDS = 60.0
_TREE = "discord-commands"
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # at each start, that we cannot speak

log = logging.getLogger(__name__)


class Discord:
    """One bot. `core` may be another one each time, while the first batches are still to come."""

    def __init__(
        self,
        token: str,
        rest: Rest,
        core: Callable[[], Core],
        records: Records,
        now: Callable[[], datetime],
        *,
        is_silent: bool = False,
    ) -> None:
        self._token = token
        self._rest = rest
        self._facts = records.interactions
        self._client: _Client | None = None
        self.posts = Posts(rest, self._place, records.interactions, now, is_silent)
        self.places = Places(self.posts, records.subscriptions, now)
        answering = Answering(self.posts, core, records.interactions, now)
        self.answers = Answers(answering, rest, self.posts, self._manages)

    async def run(self, api_url: str, *, patience: float = _ACKNOWLEDGED_SECONDS, pace: float = 1.0) -> None:
        """Stay connected until cancelled; `patience`: seconds after which a gateway that says nothing is left.

        Raises ConfigError when Discord will never let it in. All waits between connections are multiplied by `pace`.
        """
        logging.getLogger("discord.gateway").addFilter(_is_news)
        await keep_connected("Discord", lambda: self._connected(api_url, patience), pace)

    async def _connected(self, api_url: str, patience: float) -> None:
        await self._point_at(api_url)
        client = self._client = _Client(self, patience)
        try:
            await client.start(self._token)
        except discord.LoginFailure as error:
            raise _refused(4004) from error
        except discord.PrivilegedIntentsRequired as error:
            raise _refused(4014) from error
        except discord.ConnectionClosed as error:
            if error.code in FATAL_CLOSES:
                raise _refused(error.code) from error
            raise
        finally:
            self._client = None
            client.stop_waiting()
            await client.close()

    async def _point_at(self, api_url: str) -> None:
        """Let discord.py, which asks for no address, talk to the configured host."""
        if api_url == Route.BASE:
            return
        found: Any = await self._rest.call("GET", "/gateway")
        Route.BASE = api_url
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(found["url"])

    def is_connected(self) -> bool:
        """Whether Discord can reach the bot now."""
        client = self._client
        return bool(client and client.is_ready() and client.ws and client.ws.open)

    async def register(self, application_id: int) -> bool:
        """Tell Discord the commands, where they have changed; whether it knows them now. Until then the old ones work."""
        tree = commands.tree(COMMANDS)
        name, known = f"{_TREE}-{application_id}", commands.digest_of(tree)
        try:
            if await self._facts.fact(name) != known:
                await self._rest.call_again("PUT", f"/applications/{application_id}/commands", tree)
                await self._facts.remember(name, known)
        except BotError as error:
            log.error("the commands could not be registered, and are again in a while: %s", error)
            return False
        return True

    async def joined(self, guild: discord.Guild) -> None:
        """A short word to the owner of a server; nothing is posted in any channel."""
        await self.places.look_again(str(guild.id))
        channel = Channel(NAME, str(guild.id), "")
        try:
            await self.posts.tell(str(guild.owner_id), channel, views.joined(guild.name))
        except DeliveryError as error:  # they take no messages
            log.info("the owner of a server could not be greeted: %s", error)

    async def _manages(self, person: str, channel: Channel) -> bool:
        """Whether they may manage the channel now, as Discord says; not where that cannot be told."""
        guild = self._client.get_guild(int(channel.tenant or 0)) if self._client else None
        if guild is None:
            return False
        try:
            member = await guild.fetch_member(int(person))
        except (discord.DiscordException, OSError, TimeoutError) as error:  # they have left, or Discord is in trouble
            log.info("whether somebody may manage a channel could not be seen: %s", error)
            return False
        found = guild.get_channel_or_thread(int(channel.id))
        return (found.permissions_for(member) if found else member.guild_permissions).manage_channels

    def _place(self, channel: Channel, parent: str = "") -> rights.Place | None:
        """What the gateway knows of a channel, or of a thread in its parent (the Known of the posts)."""
        client = self._client
        if client is None or client.user is None:
            return None
        guild = client.get_guild(int(channel.tenant or 0))
        if not client.is_ready() and (guild is None or guild.unavailable):  # it may be among those still to come
            return None
        if guild is None:
            raise DeliveryError(Outcome.TENANT_LOST, views.NOT_IN_SERVER)
        if guild.unavailable:
            raise DeliveryError(Outcome.NOT_SENT, views.SERVER_OUT, retry_after=_OUTAGE_SECONDS)
        found = guild.get_channel_or_thread(int(parent or channel.id))
        return rights.place(found, str(client.user.id), is_thread=bool(parent))


def _refused(code: int) -> ConfigError:
    return ConfigError([f"DISCORD_TOKEN: Discord refuses the connection for good: {FATAL_CLOSES[code]} ({code})"])


def _is_news(record: logging.LogRecord) -> bool:
    """How slow the gateway's last heartbeat was is none; one that is never answered ends the connection."""
    return not str(record.msg).startswith("Can't keep up")


class _Client(discord.Client):
    """The gateway; what comes in is handed on."""

    def __init__(self, bot: Discord, patience: float) -> None:
        super().__init__(
            intents=discord.Intents(guilds=True),
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            allowed_mentions=discord.AllowedMentions.none(),
            heartbeat_timeout=patience,
            guild_ready_timeout=_NEXT_SERVER_SECONDS,
        )
        self._bot = bot
        self._registering: asyncio.Task[None] | None = None

    def stop_waiting(self) -> None:
        """No more for servers: discord.py does so even when it is closed, and fails then."""
        for waiting in (self._connection._ready_task, self._registering):  # noqa: SLF001 - nothing else ends it
            if waiting:
                waiting.cancel()

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        """As discord.py does, which goes on for a moment when it is closed already."""
        if not self.is_closed():
            super().dispatch(event, *args, **kwargs)

    async def setup_hook(self) -> None:
        if self.application_id and not await self._bot.register(self.application_id):
            self._registering = asyncio.create_task(self._register(self.application_id))

    async def _register(self, application_id: int) -> None:
        is_known = False
        while not is_known:
            await asyncio.sleep(_REGISTERED_AGAIN_SECONDS)
            is_known = await self._bot.register(application_id)

    async def on_ready(self) -> None:
        log.info("Connected to Discord, in %d servers", len(self.guilds))

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        await self._bot.answers.handle(interaction)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        await self._bot.joined(guild)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        await self._bot.places.lost(str(guild.id))  # an outage makes servers unavailable, which is another event

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        await self._bot.places.gone(Channel(NAME, str(channel.guild.id), str(channel.id)))

    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        await self._bot.places.gone(Channel(NAME, str(payload.guild_id), str(payload.thread_id)))

    async def _changed(self, _before: object, after: discord.abc.GuildChannel | discord.Role | discord.Thread) -> None:
        await self._bot.places.look_again(str(after.guild.id))

    on_guild_channel_update = on_guild_role_update = on_thread_update = _changed

    async def on_member_update(self, _before: object, after: discord.Member) -> None:
        if after == after.guild.me:
            await self._bot.places.look_again(str(after.guild.id))

    async def on_error(self, event_method: str, /, *_args: Any, **_kwargs: Any) -> None:
        log.error("%s failed", event_method, exc_info=True)  # noqa: LOG014 - discord.py calls this while it handles one
