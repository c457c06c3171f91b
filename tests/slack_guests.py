"""The bot on the local Slack, in this process so that time is ours."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.platform import Slack
from adapters.slack.posts import NAME
from bot.digest import Planner
from bot.outbox import Outbox, Timing
from bot.ports import Records
from bot.store import FileLock, SqliteDatabase, SqlStore, records
from bot.subscriptions import Asker, Channel, Order, Schedule
from tests.library import shelved
from tests.living import SimulatedTime
from tests.papers import NOON
from tests.secrets_of_tests import ASKED
from tests.slack_emulator import APP_TOKEN, BOT_TOKEN, Emulator, Json
from tests.slack_people import Person
from tests.visitor import Visitor
from tests.waiting import until

SOON = timedelta(minutes=20)  # after now, each order of a test is due


@dataclass(slots=True)
class Guest(Visitor):
    """The bot on the emulator."""

    emulator: Emulator
    slack: Slack

    async def connect(self) -> None:
        self.running = asyncio.create_task(self.slack.run(APP_TOKEN, self.emulator.api_url, pace=0.05))
        await until(self.emulator.is_connected, "the connection")

    async def restart(self) -> None:
        """As a new process would be, on the same database."""
        await self.disconnect()
        self.slack = _slack(self.emulator, lambda: self.core, self.records, self.time)
        self.planner = Planner(self.records, self.index, {NAME: self.slack.posts})
        self.outbox = Outbox(self.slack.posts, self.records, self.time.clock, owner="another")
        await self.connect()

    async def repeat(self, sent: Json, number: int) -> int:
        """Slack sends again what it has sent; the status of what is told back."""
        headers: dict[str, str | Sequence[str]] = {"x-slack-retry-num": str(number), "x-slack-retry-reason": "timeout"}
        request = AsyncBoltRequest(mode="socket_mode", body=sent["payload"], headers=headers)
        return (await self.slack.app.async_dispatch(request)).status

    def impatient(self) -> None:
        """A post may take half a second."""
        timing = Timing(post=0.5, lease=60.0, settle=10.0)
        self.outbox = Outbox(self.slack.posts, self.records, self.time.clock, owner="this", timing=timing)

    async def post(self) -> None:
        """Whatever is due within the next minutes."""
        await self.planner.tick(self.time.now())
        self.time.advance(seconds=SOON.total_seconds())
        await self.turn()

    async def later(self, **span: float) -> None:
        self.time.advance(**span)
        await self.turn()

    async def standing(self, channel: Channel) -> tuple[str, str | None]:
        """State of the only order of the channel, and why it is paused."""
        [one] = await self.orders(channel)
        return one.standing.value, one.pause.value if one.pause else None

    async def comes_to(self, channel: Channel, *expected: str | None) -> None:
        """Its only order becomes so."""

        async def is_so() -> bool:
            return await self.standing(channel) == expected

        await until(is_so, f"{expected} instead of {await self.standing(channel)}")

    async def is_looked_at(self, channel: Channel) -> None:
        """Whether it can be posted to again is to be seen at the next turn."""

        async def is_due() -> bool:
            [one] = await self.orders(channel)
            return one.probe_at is not None and one.probe_at <= self.time.now()

        await until(is_due, "another look")

    async def order(self, person: Person, name: str = "", **fields: Any) -> None:
        """Somebody has ordered a digest, which is due soon."""
        order = Order(
            name, **{"query": f"-{ASKED}", "top": 3, "schedule": Schedule((self.time.now() + SOON).time()), **fields}
        )
        await self.core.subscribing.subscribe(order, Asker(person.place, person.id), self.time.now())


def _slack(emulator: Emulator, core: Any, kept: Records, time: SimulatedTime) -> Slack:
    web = AsyncWebClient(BOT_TOKEN, emulator.api_url, retry_handlers=[])
    slack = Slack(web, core, kept, time.now)
    slack.posts.monotonic = time.monotonic
    slack.posts.now = lambda: datetime.now(UTC)  # only compared with the clock of Slack, which is a real one
    return slack


@asynccontextmanager
async def visiting(emulator: Emulator, folder: Path) -> AsyncIterator[Guest]:
    """A bot with the papers of tests.library, not connected yet, at NOON of their Monday."""
    path, time = folder / "papers.db", SimulatedTime(NOON)
    store = SqlStore(await SqliteDatabase.open(path, lock=FileLock.take(path)))
    async with shelved(store, folder / "index") as core:
        kept, index = records(store), core._index
        slack = _slack(emulator, lambda: core, kept, time)
        planner = Planner(kept, index, {NAME: slack.posts})
        outbox = Outbox(slack.posts, kept, time.clock, owner="this")
        guest = Guest(time, store, kept, core, index, planner, outbox, emulator, slack)
        try:
            yield guest
        finally:
            await guest.disconnect()
            await store.close()
