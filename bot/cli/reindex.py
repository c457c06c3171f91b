"""Rebuild the search index from the store, and read every paper whose meaning is not known yet."""

import argparse
import os

from bot.cli import progress, understanding, wiring
from bot.cli.wiring import Library
from bot.config import Config
from bot.errors import ModelError, SourceError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It has none."""


async def main(_options: argparse.Namespace, settings: Config) -> int:
    """Rebuild, with progress bars."""
    with progress.indexing() as rebuilding:
        wiring.expect_many_papers()
        async with wiring.library(settings, wiring.locked(settings), rebuilding, anew=True) as library:
            assert library.indexer
            papers = await library.indexer.catch_up()
            print(f"{papers:,} papers indexed.", flush=True)
            print(await _read(settings, library))
    return 0


async def _read(settings: Config, library: Library) -> str:
    """Read what is missing with all processors, as nobody else waits for one."""
    try:
        meaning = await understanding.brought(settings, threads=os.cpu_count() or 1)
    except (ModelError, SourceError) as error:
        return f"Words alone are compared, because {error}."
    try:
        with progress.reading() as done:
            embedding = await understanding.taught(library, meaning, done)
            papers = await embedding.catch_up()
    finally:
        await meaning.close()
    return f"{papers:,} papers read for what they mean."
