"""Import arXiv's metadata snapshot (JSON lines) or saved days of the feed (JSON), also compressed by gzip."""

import argparse
import asyncio
import os
import sys
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

from bot import feed_days
from bot.cli import progress, wiring
from bot.cli.wiring import Library
from bot.config import Config
from bot.errors import SourceError
from bot.indexing import Indexer
from bot.models import Batch, Saved
from bot.sources import snapshot
from bot.sources.snapshot import Portion

_MOST_REPORTED = 20  # broken lines that are named one by one


@dataclass(slots=True)
class _Outcome:
    """What came of one file; numbers alone, because it may hold millions of papers."""

    added: int = 0
    changed: int = 0
    troubles: int = 0
    reported: list[str] = field(default_factory=list)

    def report(self, trouble: str) -> None:
        """Count it, and remember it while there are few."""
        self.troubles += 1
        if len(self.reported) < _MOST_REPORTED:
            self.reported.append(trouble)

    def count(self, saved: Saved) -> None:
        """Add what was stored."""
        self.added += len(saved.added)
        self.changed += len(saved.changed)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("files", metavar="FILE", nargs="+", type=Path, help="a snapshot or a saved day of the feed")


async def main(options: argparse.Namespace, settings: Config) -> int:
    """Import file after file; the status is 1 when something in them could not be read."""
    troubles = 0
    wiring.expect_many_papers()
    with progress.indexing() as indexing:
        async with wiring.library(settings, wiring.locked(settings), indexing) as library:
            assert library.indexer
            for path in options.files:
                outcome = await _import(path, library, library.indexer)
                _say(os.fsencode(path).decode("utf-8", "backslashreplace"), outcome)
                troubles += outcome.troubles
            await library.indexer.catch_up()
    return int(bool(troubles))


async def _import(path: Path, library: Library, indexer: Indexer) -> _Outcome:
    """Store what the file holds; while a portion is read and stored, the one before is indexed."""
    outcome = _Outcome()
    try:
        with progress.importing(path.name, snapshot.size(path)) as done:
            portions = snapshot.portions(path, outcome.report)
            while portion := await _beside(indexer, _next(portions, library, outcome)):
                done(portion.read, outcome.added)
    except SourceError as error:
        outcome.report(str(error))
    return outcome


async def _beside(indexer: Indexer, work: Coroutine[Any, Any, Portion | None]) -> Portion | None:
    """What the work gives, while the index follows the store; both have ended when either fails."""
    working = asyncio.create_task(work)
    _, indexed = await asyncio.gather(working, indexer.catch_up(), return_exceptions=True)
    if isinstance(indexed, BaseException):
        raise indexed
    return working.result()


async def _next(portions: Iterator[Portion], library: Library, outcome: _Outcome) -> Portion | None:
    portion = await asyncio.to_thread(next, portions, None)
    if portion and portion.batch:
        outcome.count(await _store_batch(portion.batch, library))
    elif portion:
        outcome.count(await library.store.save_papers(portion.papers, wiring.now()))
    return portion


async def _store_batch(batch: Batch, library: Library) -> Saved:
    now = wiring.now()
    if not feed_days.FIRST_DAY <= batch.day <= feed_days.feed_day(now):
        raise SourceError(f"the feed has no batch of {batch.day}: name the file by the day that it holds")
    # Nobody knows when a saved day was saved; its votes are at least as old as its end.
    return await library.store.save_batch(batch, min(datetime.combine(batch.day, time.max, UTC), now))


def _say(name: str, outcome: _Outcome) -> None:
    print(f"{name}: {outcome.added:,} new papers, {outcome.changed:,} changed.")
    for trouble in outcome.reported:
        print(f"paper-round: {name}: {trouble}", file=sys.stderr)
    if more := outcome.troubles - len(outcome.reported):
        print(f"paper-round: {name}: {more:,} more lines are broken", file=sys.stderr)
