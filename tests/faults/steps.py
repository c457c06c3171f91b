"""`kill -9` right after each of the eight steps of a delivery; whoever comes next brings it to its end."""

import asyncio
import random
import signal
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path

from bot.cli import wiring
from bot.feed_days import newest_batch_day
from bot.store import FileLock, SqliteDatabase, SqlStore, SqlSubscriptions
from bot.subscriptions import Channel, Order, Schedule, Subscription
from tests.faults.client import NAME
from tests.faults.deliveries import Sender, judged, opened
from tests.faults.platform import GOOD, FakePlatform, serving
from tests.papers import batch, papers

PATIENCE = 120.0  # seconds for one delivery
# A claim is held for long, so that only taking over makes an end of it.
_COMMON = ("--plans", "--alone", "--timing", "0.2", "60", "0.2")


@dataclass(frozen=True, slots=True)
class Found:
    """What is there of the one delivery: its row, and its messages."""

    state: str = ""  # none: it is not planned
    attempts: int = 0
    messages: int = 0


@dataclass(frozen=True, slots=True)
class Course:
    """How the first sender ended and what it left, and what there was in the end."""

    was_killed: bool
    left: Found
    end: Found
    faults: int  # lost, too many or wrong


async def ordered(path: Path, now: datetime, platform: str = NAME, channels: int = 1) -> None:
    """A batch, and channels that want it; their digests were due five minutes ago."""
    due = now - timedelta(minutes=5)
    order = Order("papers", schedule=Schedule(time(due.hour, due.minute)))
    database = await SqliteDatabase.open(path, lock=FileLock.take(path))
    await SqlStore(database).save_batch(batch(newest_batch_day(now), *papers(8, votes=3)), now)
    since = now - timedelta(hours=1)
    for number in range(channels):
        place = Channel(platform, "tenant", f"c{number}")
        await SqlSubscriptions(database).add(Subscription(f"s{number}", place, order, since))
    await database.close()


async def course(folder: Path, step: str) -> Course:
    """Kill the first sender after the step, and let a second one come to the end."""
    path, platform = folder / "ledger.db", FakePlatform(random.Random(0), GOOD)
    await ordered(path, wiring.now())
    async with serving(platform) as port, asyncio.timeout(PATIENCE):
        first = await _started(path, port, "--dies-after", step)
        was_killed = await first.ended() == -signal.SIGKILL
        while platform.connections:  # what it sent in the moment of its death may be on its way
            await asyncio.sleep(0.01)
        left = _found(path, platform)
        second = await _started(path, port)
        try:
            while _found(path, platform).state != "sent":
                await asyncio.sleep(0.02)
        finally:
            await second.kill()
    return Course(was_killed, left, _found(path, platform), sum(judged(path, platform)))


async def _started(path: Path, port: int, *more: str) -> Sender:
    arguments: Sequence[str] = ("-m", "tests.faults.sender", str(path), str(port), "one", *_COMMON, *more)
    sender = Sender(arguments)
    await sender.start()
    return sender


def _found(path: Path, platform: FakePlatform) -> Found:
    with closing(opened(path)) as database:
        database.row_factory = sqlite3.Row
        # The one of today; that of tomorrow is planned, too.
        row = database.execute("SELECT state, attempts FROM deliveries ORDER BY due_at LIMIT 1").fetchone()
    messages = len(platform.posts)
    return Found(row["state"], row["attempts"], messages) if row else Found(messages=messages)
