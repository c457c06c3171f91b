"""A platform and a time inside of the test, where nothing has to be killed."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.cards import Card
from bot.clock import Clock
from bot.errors import DeliveryError
from bot.outbox import AFTER_FAILURE_SECONDS
from bot.subscriptions import Channel
from tests.faults.client import NAME


def _nothing() -> None:
    pass


@dataclass
class Desk:
    """A platform that can be programmed: what happens during a post, and how the next ones fail."""

    during: Callable[[], Awaitable[None] | None] = _nothing
    failures: list[DeliveryError] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    name: str = NAME
    remembers: float = 0.0
    per_second: int = 1_000

    async def post(self, channel: Channel, card: Card, *, key: str) -> str:
        if during := self.during():
            await during
        if self.failures:
            raise self.failures.pop(0)
        self.messages.append(key)
        return f"m{len(self.messages)}"

    async def find(self, channel: Channel, *, key: str, since: datetime) -> str | None:
        return f"m{self.messages.index(key) + 1}" if key in self.messages else None

    async def edit(self, channel: Channel, message_id: str, card: Card, *, key: str) -> None:
        """Nobody looks."""

    async def check(self, channel: Channel) -> None:
        """It can be posted to."""

    async def tell(self, person: str, channel: Channel, card: Card) -> None:
        """Nobody listens."""

    async def ahead(self) -> float | None:
        return None


@dataclass
class Time:
    """Passes only while somebody sleeps; `failed` is called when the outbox waits after a failure."""

    now: datetime
    failed: Callable[[], None] = _nothing

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.now, lambda: self.now.timestamp(), self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        if seconds == AFTER_FAILURE_SECONDS:
            self.failed()
        await asyncio.sleep(0)
