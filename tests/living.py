"""Time that is driven by hand, a chat platform that does what it is told, and a bot that lives between the two."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.cards import Card
from bot.clock import Clock
from bot.deliveries import Delivery, State, Why
from bot.digest import Planner
from bot.errors import DeliveryError, Outcome
from bot.indexing import Indexer
from bot.models import Paper
from bot.outbox import Outbox, Timing
from bot.ports import Records
from bot.search import TantivyIndex
from bot.store import SqlStore, records
from bot.subscribing import Subscribing
from bot.subscriptions import Asker, Channel, Order, Schedule, Subscription
from tests.one_thread import statements_at_once
from tests.papers import batch
from tests.thorough import THOROUGH

READERS = Channel("fake", "guild", "readers")
ADA = "ada"
LOOK = timedelta(minutes=5 if THOROUGH else 10)


@dataclass(slots=True)
class SimulatedTime:
    """Passes when somebody sleeps or by hand; `step` is what happens when somebody sets the clock of the machine."""

    wall: datetime
    steady: float = 1_000.0
    stepped: timedelta = timedelta()
    stands_still: bool = False  # nobody wakes up

    @property
    def true(self) -> datetime:
        """What the platform's clock says, which nobody sets."""
        return self.wall - self.stepped

    @property
    def clock(self) -> Clock:
        return Clock(self.now, self.monotonic, self.sleep)

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.steady

    async def sleep(self, seconds: float) -> None:
        """Those who sleep at the same time do so side by side."""
        end = self.steady + seconds
        await asyncio.sleep(0)
        while self.stands_still:
            await asyncio.sleep(0)
        self.advance(seconds=max(0.0, end - self.steady))

    def advance(self, **span: float) -> None:
        passed = timedelta(**span)
        self.wall += passed
        self.steady += passed.total_seconds()

    def step(self, **span: float) -> None:
        self.wall += timedelta(**span)
        self.stepped += timedelta(**span)


@dataclass(slots=True)
class Reply:
    """What comes of one post: an error or none, and whether the message is there all the same."""

    error: DeliveryError | None = None
    is_stored: bool = False


def failing(outcome: Outcome, *, retry_after: float = 0.0, is_stored: bool = False) -> Reply:
    return Reply(DeliveryError(outcome, f"it is {outcome}", retry_after=retry_after), is_stored)


@dataclass(slots=True)
class Message:
    """What a channel shows."""

    id: str
    channel: Channel
    key: str
    at: datetime
    card: Card
    edits: int = 0

    @property
    def papers(self) -> list[str]:
        return [item.id for item in self.card.papers]


@dataclass(frozen=True, slots=True)
class Call:
    """What the platform was asked to do."""

    what: str
    channel: Channel
    key: str
    at: datetime


@dataclass(slots=True)
class FakePlatform:
    """A small chat platform. `replies` are what comes of the next posts, `looks` of the next looks into the history."""

    time: SimulatedTime
    name: str = "fake"
    remembers: float = 0.0
    per_second: int = 1_000
    replies: deque[Reply] = field(default_factory=deque)
    looks: deque[DeliveryError] = field(default_factory=deque)
    is_blind: bool = False
    blocked: dict[str, Outcome] = field(default_factory=dict)  # by the id of a channel or of its tenant
    edits_fail: Exception | None = None
    check_fails: Exception | None = None
    hangs: bool = False  # when it is asked whether it can be posted to
    silent: int = 0  # posts that are stored and never answered
    stalls: float = 0.0  # seconds for which everything stands still, once, before the next claim
    has_clock: bool = False  # whether it says what time it is
    messages: list[Message] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    told: list[tuple[str, Channel, Card]] = field(default_factory=list)

    async def post(self, channel: Channel, card: Card, *, key: str) -> str:
        self._note("post", channel, key)
        self._allow(channel)
        reply = self.replies.popleft() if self.replies else Reply()
        stored = self._store(channel, card, key) if reply.is_stored or reply.error is None else ""
        if self.silent:
            self.silent -= 1
            await asyncio.Event().wait()
        if reply.error:
            raise reply.error
        return stored

    async def find(self, channel: Channel, *, key: str, since: datetime) -> str | None:
        self._note("find", channel, key)
        if self.looks:
            raise self.looks.popleft()
        if self.is_blind:
            raise DeliveryError(Outcome.BLIND, "I may not read the history")
        self._allow(channel)
        return next((one.id for one in self.shown(channel) if one.key == key and one.at >= since), None)

    async def edit(self, channel: Channel, message_id: str, card: Card, *, key: str) -> None:
        self._note("edit", channel, key)
        if self.edits_fail:
            raise self.edits_fail
        for message in self.shown(channel):
            if message.id == message_id:
                message.card, message.edits = card, message.edits + 1

    async def check(self, channel: Channel) -> None:
        self._note("check", channel, "")
        if self.hangs:
            await asyncio.Event().wait()
        if self.check_fails:
            raise self.check_fails
        self._allow(channel)

    async def tell(self, person: str, channel: Channel, card: Card) -> None:
        self._note("tell", channel, "")
        self.told.append((person, channel, card))

    async def ahead(self) -> float | None:
        stalled, self.stalls = self.stalls, 0.0
        self.time.advance(seconds=stalled)
        return self.time.stepped.total_seconds() if self.has_clock else None

    def shown(self, channel: Channel = READERS) -> list[Message]:
        return [one for one in self.messages if one.channel == channel]

    def called(self, what: str) -> list[Call]:
        return [one for one in self.calls if one.what == what]

    def _allow(self, channel: Channel) -> None:
        outcome = self.blocked.get(channel.id) or self.blocked.get(channel.tenant)
        if outcome:
            raise DeliveryError(outcome, "I may not do that here")

    def _store(self, channel: Channel, card: Card, key: str) -> str:
        now = self.time.true
        known = (one for one in self.messages if one.key == key and (now - one.at).total_seconds() < self.remembers)
        if (message := next(known, None)) is None:
            message = Message(f"m{len(self.messages)}", channel, key, now, card)
            self.messages.append(message)
        return message.id

    def _note(self, what: str, channel: Channel, key: str) -> None:
        self.calls.append(Call(what, channel, key, self.time.true))


@dataclass(slots=True)
class Bot:
    """The whole way of a digest, from the batch to the message."""

    time: SimulatedTime
    platform: FakePlatform
    store: SqlStore
    records: Records
    indexer: Indexer
    index: TantivyIndex
    planner: Planner
    outbox: Outbox
    subscribing: Subscribing
    fed: int = 0

    async def feed(self, day: date | str, *listed: Paper, count: int = 6) -> tuple[str, ...]:
        """The feed's batch of that day: these papers, or so many that nobody has seen; their ids, best first."""
        if not listed:
            numbers = range(self.fed + 1, self.fed + count + 1)
            listed = tuple(Paper(f"2601.{n:05}", f"Paper {n}", votes=9_000 - n) for n in numbers)
            self.fed += count
        await self.store.save_batch(batch(day, *listed), self.time.now())
        await self.indexer.catch_up()
        return tuple(paper.id for paper in listed)

    async def subscribe(self, name: str = "papers", *, channel: Channel = READERS, **fields: Any) -> Subscription:
        """An order of the channel; `at`, `zone`, `days` and `kind` are those of its schedule."""
        of_schedule = {key: fields.pop(key) for key in ("at", "zone", "days", "kind") if key in fields}
        order = Order(name, schedule=Schedule(**of_schedule), **{"top": 3, **fields})
        return (await self.subscribing.subscribe(order, Asker(channel, ADA), self.time.now()))[0]

    async def turn(self) -> None:
        """One look at everything there is to do."""
        await self.planner.turn(self.time.clock)
        await self.outbox.send_due()
        await self.outbox.settle()

    async def until(self, moment: datetime, **every: float) -> None:
        """Live on, with a look every ten minutes or so; THOROUGH looks every five minutes."""
        span = timedelta(**every) if every else LOOK
        while self.time.wall < moment:
            await self.turn()
            self.time.advance(seconds=min(span, moment - self.time.wall).total_seconds())
        await self.turn()

    async def for_(self, **span: float) -> None:
        await self.until(self.time.wall + timedelta(**span))

    async def known(self, name: str = "papers", channel: Channel = READERS) -> Subscription:
        """The subscription as it is stored."""
        return await self.subscribing.named(name, channel)

    async def rows(self, name: str = "papers", channel: Channel = READERS) -> list[Delivery]:
        """What the ledger has of it that was due, oldest first."""
        history = await self.records.ledger.history(channel, 1_000)
        return [one for one in reversed(history) if one.name == name and one.due_at <= self.time.wall]

    async def ends(self, name: str = "papers", channel: Channel = READERS) -> list[tuple[int, State, Why | None]]:
        """The day of the month, state and reason of each."""
        return [(one.local_date.day, one.state, one.why) for one in await self.rows(name, channel)]

    def restarted(self) -> "Bot":
        """The bot as a new process has it, on the same database and platform."""
        planner = Planner(self.records, self.index, {self.platform.name: self.platform})
        outbox = Outbox(self.platform, self.records, self.time.clock, owner="another")
        return replace(self, planner=planner, outbox=outbox)


@asynccontextmanager
async def living(
    store: SqlStore, folder: Path, start: datetime, *, timing: Timing | None = None, **platform: Any
) -> AsyncIterator[Bot]:
    """A bot on an empty store that begins to live at `start`."""
    time = SimulatedTime(start)
    fake, known, index = FakePlatform(time, **platform), records(store), TantivyIndex(folder / "index")
    indexer = Indexer(store, index)
    try:
        await indexer.open()
        planner = Planner(known, index, {fake.name: fake}, patience=0.05)
        outbox = Outbox(fake, known, time.clock, owner="this", timing=timing or Timing())
        with statements_at_once():
            yield Bot(time, fake, store, known, indexer, index, planner, outbox, Subscribing(known, index))
    finally:
        await index.close()
