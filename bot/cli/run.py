"""Run everything that is configured."""

import argparse
import asyncio
import logging
import sys
from contextlib import AsyncExitStack, suppress

from adapters.console.platform import Console
from bot import feed_days
from bot.cli import progress, sync, wiring
from bot.cli.wiring import Library
from bot.config import Config
from bot.errors import BotError
from bot.store import FileLock

log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It has none."""


async def main(_options: argparse.Namespace, settings: Config) -> int:
    """Serve until the console ends, or until the system asks to end."""
    with suppress(asyncio.CancelledError):
        await _run(settings)
    return 0


async def _run(settings: Config) -> None:
    async with AsyncExitStack() as stack:
        lock = FileLock.take(settings.database_path)
        if lock is None:
            print(f"Another Paper Round is running on {settings.database_path}; standing by until it ends.", flush=True)
            lock = await wiring.stand_by(settings)
        rebuilding = stack.enter_context(progress.indexing())
        library = await stack.enter_async_context(wiring.library(settings, lock, rebuilding))
        if (await library.store.stock()).papers == 0:
            library = await _first_batches(library, settings, stack)
        await _serve(library, settings)


async def _first_batches(library: Library, settings: Config, stack: AsyncExitStack) -> Library:
    """Fetch something to answer from; the built-in sample where nothing can be reached."""
    days = feed_days.last_batch_days(wiring.now(), sync.DEFAULT_DAYS)
    with progress.fetching(len(days)) as done:
        synced = await library.ingest.sync(days, done)
    for sentence in sync.failures(synced, library.ingest.source_name):
        print(sentence, file=sys.stderr)
    if (await library.store.stock()).papers and library.indexer:
        await library.indexer.catch_up()
        print(sync.summary(synced))
        return library
    sample = await stack.enter_async_context(wiring.built_in_sample(settings))
    papers = (await sample.store.stock()).papers
    print(f"No feed can be reached, so answers come from the built-in sample of {papers} papers.")
    return sample


async def _serve(library: Library, settings: Config) -> None:
    """The console, while the index follows the store and the newest batches are fetched behind it."""
    console = Console(library.core, wiring.now, history=settings.data_dir / "history")
    behind = [asyncio.create_task(library.indexer.follow())] if library.indexer else []
    if not library.is_sample:
        behind.append(asyncio.create_task(_refresh(library)))
    try:
        await console.run()
    finally:
        for task in behind:
            task.cancel()
        await asyncio.gather(*behind, return_exceptions=True)


async def _refresh(library: Library) -> None:
    """Fetch the newest batches; what fails is in the log and in `status`."""
    try:
        await library.ingest.sync(feed_days.last_batch_days(wiring.now(), sync.DEFAULT_DAYS))
    except BotError as error:
        log.warning("the newest batches could not be stored: %s", error)
