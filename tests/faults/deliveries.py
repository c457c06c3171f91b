"""Thousands of deliveries through two senders that are killed and stopped at random, and what became of each."""

import asyncio
import os
import random
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic, time

from bot.cards import Card
from bot.cli import wiring
from bot.deliveries import Delivery, Due, State, delivery_key
from bot.store import FileLock, SqliteDatabase, SqlLedger, SqlSubscriptions
from bot.subscriptions import Channel, Order, Subscription
from tests.faults.client import NAME
from tests.faults.platform import FakePlatform, serving
from tests.faults.sender import ASSURED, HASTY, NAIVE

ROOT = Path(__file__).resolve().parents[2]
LONG = 3_600.0  # seconds; longer than any run
PAUSE = 0.25, 0.9  # seconds between two kills or stops
GIVEN_UP_AFTER = 240.0  # seconds without one more delivery that ended


@dataclass(frozen=True, slots=True)
class Mode:
    """What protects the deliveries; `window`: seconds for which the platform really knows keys."""

    name: str
    protection: str = ASSURED
    remembers: float = 0.0
    window: float = 0.0


BOTH = Mode("nonce and look-back", remembers=LONG, window=LONG)
LOOK_BACK = Mode("look-back alone")
FORGOTTEN = Mode("forgotten nonce and look-back", remembers=LONG)
AT_LEAST_ONCE = Mode("no protection: posted until it is said to be", NAIVE)
AT_MOST_ONCE = Mode("no protection: marked before it is posted", HASTY)
MODES, CONTROLS = (BOTH, LOOK_BACK, FORGOTTEN), (AT_LEAST_ONCE, AT_MOST_ONCE)


@dataclass(frozen=True, slots=True)
class Size:
    """So many deliveries, and at least so many kills and stops."""

    deliveries: int
    kills: int
    stops: int
    stopped: tuple[float, float] = (1.0, 5.0)  # seconds that a process is stopped


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the deliveries of one run."""

    mode: str
    deliveries: int
    kills: int
    stops: int
    ambiguous: int  # answers that left open whether something was posted
    lost: int
    duplicates: int
    wrong: int  # not `sent`, or with an id that is not that of the message
    seconds: float


@dataclass(slots=True)
class Sender:
    """A process that sends, and is started again whenever it is killed."""

    command: Sequence[str]
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(sys.executable, *self.command, cwd=ROOT)

    async def kill(self) -> None:
        """Returns when it is gone."""
        if self.process and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    async def ended(self) -> int:
        """The status with which it ended."""
        assert self.process
        return await self.process.wait()

    async def stop(self, seconds: float) -> None:
        """Neither killed nor told: it just does not run for a while."""
        assert self.process
        pid = self.process.pid
        os.kill(pid, signal.SIGSTOP)
        await asyncio.sleep(seconds)
        os.kill(pid, signal.SIGCONT)


@dataclass(slots=True)
class Killer:
    """Kills and stops senders at random moments."""

    senders: Sequence[Sender]
    chance: random.Random
    size: Size
    kills: int = 0
    stops: int = 0
    _stopped: dict[int, asyncio.Task[None]] = field(default_factory=dict)

    @property
    def is_done(self) -> bool:
        return self.kills >= self.size.kills and self.stops >= self.size.stops

    async def run(self) -> None:
        """Until it has killed and stopped as often as it should."""
        while not self.is_done:
            await asyncio.sleep(self.chance.uniform(*PAUSE))
            left = max(0, self.size.kills - self.kills), max(0, self.size.stops - self.stops)
            running = [n for n in range(len(self.senders)) if n not in self._stopped or self._stopped[n].done()]
            if not running:
                continue
            at = self.chance.choice(running)
            if self.chance.random() < left[0] / sum(left):
                await self.senders[at].kill()
                await self.senders[at].start()
                self.kills += 1
            else:
                self._stopped[at] = asyncio.create_task(self.senders[at].stop(self.chance.uniform(*self.size.stopped)))
                self.stops += 1
        await asyncio.gather(*self._stopped.values())


async def outcomes(folder: Path, modes: Sequence[Mode], size: Size, seed: int) -> list[Outcome]:
    """All modes at once, because most of the time they wait."""
    runs = []
    for number, mode in enumerate(modes):
        (home := folder / str(number)).mkdir()
        runs.append(outcome(home, mode, size, seed + number))
    return await asyncio.gather(*runs)


async def outcome(folder: Path, mode: Mode, size: Size, seed: int) -> Outcome:
    """Plan them, due over as long as the kills will take, and wait for the last of them to end."""
    chance = random.Random(seed)
    platform = FakePlatform(random.Random(chance.random()), window=mode.window)
    path = folder / "ledger.db"
    start = monotonic()
    await planned(path, size.deliveries, spread=0.6 * (size.kills + size.stops))
    async with serving(platform) as port, sending(path, port, mode) as senders:
        killer = Killer(senders, chance, size)
        await asyncio.gather(killer.run(), _ended(path))
    ambiguous = sum(count for fate, count in platform.fates.items() if fate not in ("well", "limited"))
    lost, duplicates, wrong = judged(path, platform)
    seconds = monotonic() - start
    return Outcome(mode.name, size.deliveries, killer.kills, killer.stops, ambiguous, lost, duplicates, wrong, seconds)


async def planned(path: Path, count: int, spread: float) -> None:
    """Write and freeze that many deliveries, each to its own channel, due over the next `spread` seconds."""
    now = wiring.now()
    database = await SqliteDatabase.open(path, lock=FileLock.take(path))
    ledger, subscriptions = SqlLedger(database), SqlSubscriptions(database)
    began = now + timedelta(seconds=count / 1_000)  # writing it all down takes its time
    dues = [_due(number, began + timedelta(seconds=spread * number / count)) for number in range(count)]
    for subscription, _ in dues:
        await subscriptions.add(subscription)
    await ledger.plan([(subscription, [due]) for subscription, due in dues], now)
    await ledger.freeze([_frozen(subscription, due) for subscription, due in dues])
    await database.close()


def _due(number: int, at: datetime) -> tuple[Subscription, Due]:
    subscription = Subscription(f"s{number}", Channel(NAME, "tenant", f"c{number}"), Order("papers"), at)
    return subscription, Due(at.date(), at, at + timedelta(hours=2))


def _frozen(subscription: Subscription, due: Due) -> Delivery:
    channel, name, kind = subscription.channel, subscription.name, subscription.order.schedule.kind
    key = delivery_key(channel, name, due.local_date, kind)
    planned = Delivery(key, subscription.id, channel, name, due.local_date, kind, due.at, due.expires)
    return replace(planned, card=Card(f"Papers for {channel.id}"), papers=("2506.08007",))


@asynccontextmanager
async def sending(path: Path, port: int, mode: Mode) -> AsyncIterator[tuple[Sender, ...]]:
    """Two senders at work on one database, gone afterwards."""
    common = ("--protection", mode.protection, "--remembers", str(mode.remembers))
    senders = tuple(
        Sender(("-m", "tests.faults.sender", str(path), str(port), owner, *common)) for owner in ("one", "two")
    )
    try:
        for sender in senders:
            await sender.start()
        yield senders
    finally:
        for sender in senders:
            await sender.kill()


async def _ended(path: Path) -> None:
    """Wait for the last delivery to end."""
    before, since = -1, monotonic()
    while (pending := _pending(path)) > 0:
        if pending != before:
            before, since = pending, monotonic()
        elif monotonic() - since > GIVEN_UP_AFTER:
            return  # they count as lost
        await asyncio.sleep(0.25)
    await asyncio.sleep(1.0)  # a late post may still come


def _pending(path: Path) -> int:
    with closing(opened(path)) as database:
        return int(database.execute("SELECT count(*) FROM deliveries WHERE state = 'pending'").fetchone()[0])


def opened(path: Path) -> sqlite3.Connection:
    """To look into while others write."""
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)


def judged(path: Path, platform: FakePlatform) -> tuple[int, int, int]:
    """Deliveries that are not at the platform, messages too many there, rows that do not end as they should."""
    with closing(opened(path)) as database:
        due = "SELECT key, state, message_id FROM deliveries WHERE due_at <= ?"
        rows = database.execute(due, (time(),)).fetchall()
    count, ids = platform.count(), {post.id: post.key for post in platform.posts}
    lost = sum(key not in count for key, _, _ in rows)
    duplicates = sum(count.values()) - len(count) + len(count.keys() - {key for key, _, _ in rows})
    wrong = sum(state != State.SENT or ids.get(message) != key for key, state, message in rows)
    return lost, duplicates, wrong
