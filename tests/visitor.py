"""What the bot on either local platform can do by hand: look, send, and say what the ledger has."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

from bot.core import Core
from bot.deliveries import Delivery
from bot.digest import Planner
from bot.errors import ConfigError
from bot.outbox import Outbox
from bot.ports import Index, Records
from bot.store import SqlStore
from bot.subscriptions import Channel, Subscription
from tests.living import SimulatedTime


@dataclass(slots=True)
class Visitor:
    """A bot in this process, so that time is ours, with a planner and an outbox that tests drive."""

    time: SimulatedTime
    store: SqlStore
    records: Records
    core: Core
    index: Index
    planner: Planner
    outbox: Outbox
    running: asyncio.Task[None] | None = field(default=None, kw_only=True)

    async def disconnect(self) -> None:
        if self.running:
            self.running.cancel()
            with suppress(asyncio.CancelledError, ConfigError):
                await self.running
            self.running = None

    async def turn(self) -> None:
        """One look at everything there is to do."""
        await self.planner.tick(self.time.now())
        await self.outbox.send_due()

    async def rows(self, channel: Channel) -> list[Delivery]:
        """What the ledger has of the channel that was due."""
        found = await self.records.ledger.history(channel, 100)
        return [one for one in found if one.due_at <= self.time.wall]

    async def ends(self, channel: Channel) -> list[tuple[str, str | None]]:
        """State and reason of each."""
        return [(one.state.value, one.why.value if one.why else None) for one in await self.rows(channel)]

    async def orders(self, channel: Channel) -> list[Subscription]:
        return list(await self.records.subscriptions.of(channel))
