"""Import arXiv's metadata snapshot (JSON lines) or saved days of the feed (JSON), also compressed by gzip."""

import argparse
import asyncio
import sys
from datetime import UTC, datetime, time
from pathlib import Path

from tqdm import tqdm

from bot.cli import progress, wiring
from bot.cli.wiring import Library
from bot.config import Config
from bot.errors import SourceError
from bot.models import Saved
from bot.sources import snapshot
from bot.sources.snapshot import Portion

_MOST_REPORTED = 20  # broken lines that are named one by one


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("files", metavar="FILE", nargs="+", type=Path, help="a snapshot or a saved day of the feed")


async def main(options: argparse.Namespace, settings: Config) -> int:
    """Import file after file; the status is 1 when something in them could not be read."""
    troubles = 0
    with progress.indexing() as indexing:
        async with wiring.library(settings, wiring.locked(settings), indexing) as library:
            assert library.indexer
            following = asyncio.create_task(library.indexer.follow())  # while the next papers are read and stored
            for path in options.files:
                troubles += await _import(path, library)
            following.cancel()
            await asyncio.wait([following])
            await library.indexer.catch_up()
    return int(bool(troubles))


async def _import(path: Path, library: Library) -> int:
    """Store what the file holds, and say so; the number of troubles with it."""
    troubles: list[str] = []
    saved = Saved()
    try:
        with tqdm(total=snapshot.size(path), desc=path.name, unit="B", unit_scale=True, dynamic_ncols=True) as bar:
            portions = snapshot.portions(path, troubles.append)
            while portion := await asyncio.to_thread(next, portions, None):
                saved += await _store(portion, library)
                bar.set_postfix_str(f"{len(saved.added):,} new papers", refresh=False)
                bar.update(portion.read - bar.n)
    except SourceError as error:
        troubles.append(str(error))
    print(f"{path}: {len(saved.added):,} new papers, {len(saved.changed):,} changed.")
    for trouble in troubles[:_MOST_REPORTED]:
        print(f"paper-round: {path}: {trouble}", file=sys.stderr)
    if len(troubles) > _MOST_REPORTED:
        print(f"paper-round: {path}: {len(troubles) - _MOST_REPORTED:,} more lines are broken", file=sys.stderr)
    return len(troubles)


async def _store(portion: Portion, library: Library) -> Saved:
    if portion.batch:
        # Nobody knows when a saved day was saved; its votes are at least as old as its end.
        seen = datetime.combine(portion.batch.day, time.max, UTC)
        return await library.store.save_batch(portion.batch, min(seen, wiring.now()))
    return await library.store.save_papers(portion.papers, wiring.now())
