"""The bot on the small Discord of tests.discord_server, and what it remembers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from discord.gateway import DiscordWebSocket
from discord.http import Route

from adapters.discord.platform import Discord
from adapters.discord.rest import Rest
from bot.store import SqlStore, records
from bot.subscriptions import Channel, Standing
from tests.discord_rules import texts
from tests.discord_server import serving
from tests.discord_state import SECONDS, TOKEN, Server
from tests.discord_values import CHANNEL, GUILD, OWNER
from tests.library import shelved
from tests.papers import NOON
from tests.test_discord_markdown import seen

HERE = Channel("discord", GUILD, CHANNEL)


@dataclass(frozen=True, slots=True)
class World:
    """A Discord, the bot on it, and what it remembers."""

    server: Server
    bot: Discord
    store: SqlStore

    async def standing(self) -> Standing | None:
        found = await records(self.store).subscriptions.of(HERE)
        return found[0].standing if found else None

    async def ready(self) -> None:
        """Wait until all servers are known."""
        assert self.bot._client
        await self.bot._client.wait_until_ready()

    async def is_standing(self, standing: Standing) -> bool:
        return await self.standing() is standing

    async def is_greeted(self) -> bool:
        return bool(self.server.messages.get(f"9{OWNER}"))

    async def subscribe(self) -> None:
        preview = await self.server.slash("subscribe", query="world models", tz="Europe/Paris")
        assert preview.message
        await self.server.press(preview.message, "Confirm")


def shown(message: dict[str, Any] | None) -> str:
    assert message
    return "\n".join(seen(text).text for text in texts(message))


@asynccontextmanager
async def unconnected(store: SqlStore, folder: Path, token: str = TOKEN) -> AsyncIterator[World]:
    """With the papers of tests.library; the client's own addresses are put back afterwards."""
    addresses = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    client = httpx.AsyncClient(verify=False)  # there is nothing to verify, and certificates take long to read
    try:
        async with serving() as server, shelved(store, folder / "index") as core, client:
            rest = Rest(client, server.url, TOKEN)
            yield World(server, Discord(token, rest, lambda: core, records(store), lambda: NOON), store)
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = addresses


@asynccontextmanager
async def connected(store: SqlStore, folder: Path) -> AsyncIterator[World]:
    """The same, with the gateway."""
    async with unconnected(store, folder) as world:
        task = asyncio.create_task(world.bot.run(world.server.url))
        try:
            async with asyncio.timeout(SECONDS):
                await world.server.connected.wait()
            yield world
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
