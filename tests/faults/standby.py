"""Two bots on one database: the second stands by, and takes over when the first is killed."""

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from bot.cli import wiring
from bot.feed_days import newest_batch_day
from bot.subscriptions import TERMINAL
from tests import local_feed
from tests.faults.deliveries import opened
from tests.faults.steps import ordered
from tests.programs import SECONDS, Program

BAR = 12.0  # seconds for taking over
_FROZEN = "payload <> ''"
_SENT = "state = 'sent'"


@dataclass(frozen=True, slots=True)
class TakeOver:
    """Seconds from the kill until the digest counts as sent, and how often it was posted in the end."""

    seconds: float
    posts: int


def outcome(folder: Path) -> TakeOver:
    """Kill the first bot when the digest that is due is frozen, and before it is posted."""
    now = wiring.now()
    entries = [local_feed.entry(f"2601.0000{n}", f"Learning {n}", 3) for n in range(1, 4)]
    with local_feed.serving({newest_batch_day(now): entries}) as feed:
        program = Program(folder, feed)
        asyncio.run(ordered(program.data / "paper-round.db", now, TERMINAL.channel.platform))
        with program.start("run") as first:
            _wait(lambda: _is(program, _FROZEN))
            with program.start("run") as second:
                try:
                    program.wait_for(second, "standing by")
                    assert _posts(program) == 0
                    first.kill()
                    start = monotonic()
                    _wait(lambda: _is(program, _SENT))
                    return TakeOver(monotonic() - start, _posts(program))
                finally:
                    first.kill()
                    second.kill()


def _wait(is_so: Callable[[], bool]) -> None:
    start = monotonic()
    while not is_so():
        assert monotonic() - start < SECONDS, "it never happened"
        time.sleep(0.005)


def _is(program: Program, what: str) -> bool:
    with closing(opened(program.data / "paper-round.db")) as database:
        return bool(database.execute(f"SELECT 1 FROM deliveries WHERE {what}").fetchall())


def _posts(program: Program) -> int:
    path = program.data / "posts.jsonl"
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return sum("key" in json.loads(line) for line in lines if line.endswith("}"))
