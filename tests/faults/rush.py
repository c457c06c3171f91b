"""Thousands of channels that are due in the same minute, while somebody searches: `python -m tests.faults.rush`."""

import argparse
import asyncio
import json
import random
import resource
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from time import monotonic

from bot import dispatch
from bot.cli import wiring
from bot.clock import Clock
from bot.core import Core
from bot.deliveries import State
from bot.digest import Planner
from bot.feed_days import last_batch_days
from bot.outbox import Outbox
from bot.ports import Records
from bot.store import FileLock, SqliteDatabase, SqlStore, records
from bot.subscriptions import Channel, Order, Schedule, Subscription
from tests.faults.client import NAME, Client
from tests.faults.deliveries import ROOT, opened
from tests.faults.platform import GOOD, FakePlatform, serving
from tests.library import indexed
from tests.papers import batch, paper

BATCHES, IN_BATCH = 20, 60
SEARCHES = "learning", "machine study", "atention", "votes:3 learning", '"deep study"', "author:lovelace"
SEARCH_EVERY = 0.05  # seconds
AHEAD = timedelta(minutes=10)  # of the due time, when everything is planned and frozen
_WORDS = (
    "learning",
    "machine",
    "deep",
    "study",
    "attention",
    "video",
    "memory",
    "model",
    "agent",
    "language",
    "vision",
    "speech",
    "data",
    "graph",
)


@dataclass(frozen=True, slots=True)
class Rush:
    """How it went; times in seconds, memory in megabytes."""

    channels: int
    planned: float
    frozen: float
    memory: float
    searches: int
    slowest: float  # search at p99
    messages: int
    duplicates: int
    rate: float  # messages a second, over the whole
    most: int  # in any one second, as the platform sees them


async def outcome(folder: Path, channels: int, per_second: int) -> Rush:
    """Let a process of its own plan, freeze and send, and look at what comes in."""
    platform = FakePlatform(random.Random(0), GOOD)
    async with serving(platform) as port:
        command = ("-m", "tests.faults.rush", str(folder), str(port), str(channels), str(per_second))
        process = await asyncio.create_subprocess_exec(
            sys.executable, *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE
        )
        said, _ = await process.communicate()
    arrivals, count = platform.arrivals, platform.count()
    rate = (len(arrivals) - 1) / (arrivals[-1] - arrivals[0])
    told = json.loads(said)
    return Rush(
        channels=channels,
        **told,
        messages=len(count),
        duplicates=sum(count.values()) - len(count),
        rate=rate,
        most=most_in(arrivals, 1.0),
    )


def most_in(arrivals: Sequence[float], seconds: float) -> int:
    """The most that arrived in any so many seconds."""
    most = first = 0
    for last, at in enumerate(arrivals):
        while at - arrivals[first] >= seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


async def _measured(folder: Path, port: int, channels: int, per_second: int) -> dict[str, float]:
    due = datetime.combine(wiring.now(), time(9), wiring.now().tzinfo)
    path = folder / "rush.db"
    async with _library(path, due, channels) as (kept, core, planner):
        start = monotonic()
        await planner.plan(due - AHEAD)
        planned = monotonic() - start
        await planner.freeze(due - AHEAD)
        frozen = monotonic() - start - planned
        began = monotonic()
        clock = Clock(lambda: due + timedelta(seconds=monotonic() - began))
        outbox = Outbox(Client(port, per_second=per_second), kept, clock, owner="rush")
        sending = asyncio.create_task(outbox.run(is_alone=False))
        times = await _searched(core, path, due)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    slowest = sorted(times)[int(len(times) * 0.99)]
    return {"planned": planned, "frozen": frozen, "memory": memory, "searches": len(times), "slowest": slowest}


@asynccontextmanager
async def _library(path: Path, due: datetime, channels: int) -> AsyncIterator[tuple[Records, Core, Planner]]:
    """Papers, and channels that all want the newest batch at the same time."""
    chance = random.Random(0)
    database = await SqliteDatabase.open(path, lock=FileLock.take(path))
    try:
        store = SqlStore(database)
        for at, day in enumerate(last_batch_days(due - AHEAD, BATCHES)):
            titles = [" ".join(chance.choices(_WORDS, k=8)).title() for _ in range(IN_BATCH)]
            listed = [
                paper(
                    f"2601.{100 * at + n:05}",
                    title=title,
                    abstract=f"{title}. " * 8,
                    authors=("Ada Lovelace",),
                    votes=n,
                )
                for n, title in enumerate(titles)
            ]
            await store.save_batch(batch(day, *listed), due - AHEAD)
        kept = records(store)
        order = Order("papers", schedule=Schedule(due.time()))
        for number in range(channels):
            one = Subscription(f"s{number}", Channel(NAME, "tenant", f"c{number}"), order, due - timedelta(hours=1))
            await kept.subscriptions.add(one)
        async with indexed(store, path.parent / "index") as index:
            yield kept, Core(kept, index, []), Planner(kept, index, {})
    finally:
        await database.close()


async def _searched(core: Core, path: Path, due: datetime) -> list[float]:
    """Search until everything is sent; seconds that each search took."""
    times: list[float] = []
    while _waiting(path, due):
        for text in SEARCHES * 3:
            start = monotonic()
            await dispatch.run_text(f"search {text}", core, due)
            times.append(monotonic() - start)
            await asyncio.sleep(SEARCH_EVERY)
    return times


def _waiting(path: Path, due: datetime) -> bool:
    database = opened(path)
    sql = "SELECT 1 FROM deliveries WHERE state = ? AND due_at <= ? LIMIT 1"
    try:
        return database.execute(sql, (State.PENDING, due.timestamp())).fetchone() is not None
    finally:
        database.close()


def main() -> None:
    """Print what was measured as one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.rush", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("port", type=int)
    parser.add_argument("channels", type=int)
    parser.add_argument("per_second", type=int)
    options = parser.parse_args()
    measured = asyncio.run(_measured(options.folder, options.port, options.channels, options.per_second))
    print(json.dumps(measured))


if __name__ == "__main__":
    main()
