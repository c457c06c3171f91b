"""The bot on Discord: its gateway, kept connected, and the life of the servers that it is in."""

import asyncio
import logging
import random
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
from bot.cards import Card
from bot.commands import COMMANDS
from bot.core import Core
from bot.errors import BotError, ConfigError, DeliveryError, Outcome
from bot.owners import Owners
from bot.planning import next_probe
from bot.ports import Records
from bot.subscriptions import Block, Channel, Pause, Standing

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
_LONGEST_WAIT = 300.0
_STEADY_SECONDS = 600.0  # connected for so long, it was no failure to connect
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
        self._records = records
        self._now = now
        self._client: _Client | None = None
        self.posts = Posts(rest, self._place, records.interactions, now, is_silent)
        self.answers = Answers(core, rest, self.posts, records.interactions)

    async def run(self, api_url: str, *, patience: float = _ACKNOWLEDGED_SECONDS) -> None:
        """Stay connected until cancelled; `patience`: seconds after which a gateway that says nothing is left.

        Raises ConfigError when Discord will never let it in.
        """
        failures = 0
        while True:
            began = asyncio.get_running_loop().time()
            try:
                await self._point_at(api_url)
                await self._connected(patience)
            except discord.LoginFailure as error:
                raise _refused(4004) from error
            except discord.PrivilegedIntentsRequired as error:
                raise _refused(4014) from error
            except discord.ConnectionClosed as error:
                if error.code in FATAL_CLOSES:
                    raise _refused(error.code) from error
                log.warning("Discord closed the connection (%s)", error.code)
            except Exception as error:  # noqa: BLE001 - a first connection that fails ends in an AttributeError, among others
                log.warning("Discord cannot be reached (%s: %s)", type(error).__name__, error)
            steady = asyncio.get_running_loop().time() - began >= _STEADY_SECONDS
            failures = 0 if steady else failures + 1
            wait = min(_LONGEST_WAIT, 2.0 ** min(failures, 9)) * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
            log.info("Discord is tried again in %.0f seconds", wait)
            await asyncio.sleep(wait)

    async def _connected(self, patience: float) -> None:
        client = _Client(self, patience)
        self._client = client
        try:
            await client.start(self._token)
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

    async def register(self, application_id: int) -> None:
        """Tell Discord the commands, where they have changed."""
        tree = commands.tree(COMMANDS)
        name, known = f"{_TREE}-{application_id}", commands.digest_of(tree)
        try:
            if await self._records.interactions.fact(name) != known:
                await self._rest.call_again("PUT", f"/applications/{application_id}/commands", tree)
                await self._records.interactions.remember(name, known)
        except BotError as error:  # the old ones work on
            log.error("the commands could not be registered: %s", error)

    async def joined(self, guild: discord.Guild) -> None:
        """A short word to the owner of a server; nothing is posted in any channel."""
        await self.look_again(str(guild.id))
        await self._tell(str(guild.owner_id), Channel(NAME, str(guild.id), ""), views.joined(guild.name))

    async def left(self, guild_id: int) -> None:
        """Its subscriptions are kept, paused."""
        now = self._now()
        block = Block(Standing.PAUSED, Pause.TENANT_LOST, next_probe(now, now), whole_tenant=True)
        await self._records.subscriptions.block(Channel(NAME, str(guild_id), ""), block, now)

    async def gone(self, guild_id: int, channel_id: int) -> None:
        """A channel or a thread was deleted, with what it had ordered; whoever did that order is told."""
        channel, block = Channel(NAME, str(guild_id), str(channel_id)), Block(Standing.GONE, Pause.CHANNEL_GONE, None)
        ended = await self._records.subscriptions.block(channel, block, self._now())
        owners = Owners(self._records.subscriptions)
        await owners.tell_of_pause(self.posts, channel, ended, views.CHANNEL_DELETED, self._now())

    async def look_again(self, guild_id: str) -> None:
        """Rights may have changed: what is paused for want of them is looked at soon."""
        await self._records.subscriptions.probe(NAME, guild_id, self._now())

    async def _tell(self, person: str, channel: Channel, card: Card) -> None:
        try:
            await self.posts.tell(person, channel, card)
        except DeliveryError as error:  # they take no messages
            log.info("somebody could not be told of %s: %s", channel, error)

    def _place(self, channel: Channel, parent: str = "") -> rights.Place | None:
        """What the gateway knows of a channel, or of a thread in its parent (the Places of the posts)."""
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

    def stop_waiting(self) -> None:
        """No more for servers: discord.py does so even when it is closed, and fails then."""
        if waiting := self._connection._ready_task:  # noqa: SLF001 - nothing else ends it
            waiting.cancel()

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        """As discord.py does, which goes on for a moment when it is closed already."""
        if not self.is_closed():
            super().dispatch(event, *args, **kwargs)

    async def setup_hook(self) -> None:
        if self.application_id:
            await self._bot.register(self.application_id)

    async def on_ready(self) -> None:
        log.info("Connected to Discord, in %d servers", len(self.guilds))

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        await self._bot.answers.handle(interaction)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        await self._bot.joined(guild)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        await self._bot.left(guild.id)  # an outage makes servers unavailable, which is another event

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        await self._bot.gone(channel.guild.id, channel.id)

    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        await self._bot.gone(payload.guild_id, payload.thread_id)

    async def on_guild_channel_update(self, _before: discord.abc.GuildChannel, after: discord.abc.GuildChannel) -> None:
        await self._bot.look_again(str(after.guild.id))

    async def on_guild_role_update(self, _before: discord.Role, after: discord.Role) -> None:
        await self._bot.look_again(str(after.guild.id))

    async def on_member_update(self, _before: discord.Member, after: discord.Member) -> None:
        if after == after.guild.me:
            await self._bot.look_again(str(after.guild.id))

    async def on_thread_update(self, _before: discord.Thread, after: discord.Thread) -> None:
        await self._bot.look_again(str(after.guild.id))

    async def on_error(self, event_method: str, /, *_args: Any, **_kwargs: Any) -> None:
        log.error("%s failed", event_method, exc_info=True)  # noqa: LOG014 - discord.py calls this while it handles one
