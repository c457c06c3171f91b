"""One process of the bot's sender, to be killed: `python -m tests.faults.sender DATABASE PORT OWNER`."""

import argparse
import asyncio
import os
import signal
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any

from bot.cli import wiring
from bot.clock import Clock
from bot.deliveries import Delivery
from bot.digest import Planner
from bot.outbox import Outbox, Timing
from bot.planning import SETTLES_AFTER
from bot.search import TantivyIndex
from bot.store import FileLock, SqliteDatabase, SqlLedger, SqlStore, records
from bot.subscriptions import Channel
from tests.faults.client import Client

TIMING = Timing(post=0.5, lease=2.0, settle=0.5)  # settle is longer than a late post is late
ASSURED, NAIVE, HASTY = "assured", "naive", "hasty"
STEPS = ("plan", "freeze", "claim", "look back", "guard", "tokens", "post", "acknowledge")


class NeverLooks(Client):
    """At least once: nothing is ever found in the history."""

    async def find(self, channel: Channel, *, key: str, since: datetime) -> str | None:
        return None


class MarksFirst(SqlLedger):
    """At most once: what is claimed counts as sent."""

    async def claim(self, platform: str, owner: str, now: datetime, lease: float, limit: int) -> tuple[Delivery, ...]:
        claimed = await super().claim(platform, owner, now, lease, limit)
        for one in claimed:
            await self.acknowledge(one, "unknown", now, now + SETTLES_AFTER)
        return claimed


class Deadly:
    """Ends this process as `kill -9` does, right after one of the eight steps."""

    def __init__(self, step: str) -> None:
        self._step = step
        self._looks_at_clock = 0
        self._has_looked_back = False

    def after(self, step: str, method: Callable[..., Coroutine[Any, Any, Any]]) -> Any:
        """The method, and the end behind it if it is the step."""

        @wraps(method)
        async def called(*values: Any, **named: Any) -> Any:
            if step == "post" and self._step == "guard":  # nothing comes between the two
                _die()
            result = await method(*values, **named)
            self._has_looked_back |= step == "look back"
            if step == self._step and (step != "claim" or result):
                _die()
            return result

        return called

    def monotonic(self) -> float:
        """A clock; it is looked at before the tokens are taken, and when they are."""
        now = asyncio.get_running_loop().time()
        self._looks_at_clock += self._has_looked_back
        if self._step == "tokens" and self._looks_at_clock == 2:
            _die()
        return now


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Plan and freeze where that is wanted, then send until it is killed."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.sender", description=__doc__)
    parser.add_argument("database", type=Path)
    parser.add_argument("port", type=int)
    parser.add_argument("owner")
    parser.add_argument("--protection", choices=(ASSURED, NAIVE, HASTY), default=ASSURED)
    parser.add_argument("--remembers", type=float, default=0.0, help="seconds for which the platform knows keys")
    parser.add_argument("--plans", action="store_true", help="plan and freeze first")
    parser.add_argument("--alone", action="store_true", help="nobody else sends, so claims that are left lapse")
    parser.add_argument("--dies-after", choices=STEPS, default="", metavar="STEP")
    parser.add_argument("--timing", type=float, nargs=3, metavar=("POST", "LEASE", "SETTLE"))
    asyncio.run(_run(parser.parse_args()))


async def _run(options: argparse.Namespace) -> None:
    # A lock of its own, because two senders write at once here, as they will on PostgreSQL.
    lock = FileLock.take(options.database.with_name(options.owner))
    assert lock, "a sender of that name is running"
    database = await SqliteDatabase.open(options.database, lock=lock)
    ledger = MarksFirst(database) if options.protection == HASTY else SqlLedger(database)
    kept = replace(records(SqlStore(database)), ledger=ledger)
    client = (NeverLooks if options.protection == NAIVE else Client)(options.port, options.remembers)
    clock = Clock(wiring.now)
    if options.dies_after:
        clock = _deadly(options.dies_after, client, ledger)
    if options.plans:
        index = TantivyIndex(options.database.parent / "index")  # nothing is asked of it, as there is no filter
        await Planner(kept, index, {client.name: client}).tick(clock.now())
    timing = Timing(*options.timing) if options.timing else TIMING
    outbox = Outbox(client, kept, clock, owner=options.owner, timing=timing)
    await outbox.run(is_alone=options.alone)


def _deadly(step: str, client: Client, ledger: SqlLedger) -> Clock:
    """Arm what is called in that step; a clock for the step in which only that is."""
    deadly = Deadly(step)
    ledger_steps = {name: name for name in ("plan", "freeze", "claim", "acknowledge")}
    for target, steps in ((ledger, ledger_steps), (client, {"post": "post", "look back": "find"})):
        for name, method in steps.items():
            setattr(target, method, deadly.after(name, getattr(target, method)))
    return replace(Clock(wiring.now), monotonic=deadly.monotonic)


if __name__ == "__main__":
    main()
