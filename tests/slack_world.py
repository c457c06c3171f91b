"""The bot on the small Slack of tests.slack_server, and what it remembers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.platform import Slack
from bot.store import SqlStore, records
from bot.subscriptions import Channel, Subscription
from tests.library import shelved
from tests.papers import NOON
from tests.slack_rules import texts
from tests.slack_server import serving
from tests.slack_state import APP_TOKEN, BOT_TOKEN, CHANNEL, TEAM, Server
from tests.test_slack_mrkdwn import seen
from tests.waiting import until

HERE = Channel("slack", TEAM, CHANNEL)


@dataclass(frozen=True, slots=True)
class World:
    """A Slack, the bot on it, and what it remembers."""

    server: Server
    bot: Slack
    store: SqlStore

    async def orders(self) -> list[Subscription]:
        return list(await records(self.store).subscriptions.of(HERE))

    async def comes_to(self, *expected: object) -> None:
        """The only order becomes so."""

        async def is_so() -> bool:
            [one] = await self.orders()
            return (one.standing, one.pause) == expected

        await until(is_so, str(expected))

    async def subscribe(self) -> None:
        previewed = await self.server.slash("subscribe world models")
        await self.server.press(previewed.answer, "Confirm")


def shown(message: dict[str, Any]) -> str:
    return "\n".join([*texts(message, "plain_text"), *(seen(text).text for text in texts(message))])


@asynccontextmanager
async def unconnected(store: SqlStore, folder: Path, token: str = BOT_TOKEN) -> AsyncIterator[World]:
    """With the papers of tests.library."""
    async with serving() as server, shelved(store, folder / "index") as core:
        client = AsyncWebClient(token, server.url, retry_handlers=[])
        yield World(server, Slack(client, lambda: core, records(store), lambda: NOON), store)


@asynccontextmanager
async def connected(store: SqlStore, folder: Path) -> AsyncIterator[World]:
    """The same, with the socket."""
    async with unconnected(store, folder) as world:
        task = asyncio.create_task(world.bot.run(APP_TOKEN, world.server.url))
        try:
            yield world
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
