"""Rebuild the search index from the store."""

import argparse

from bot.cli import progress, wiring
from bot.config import Config


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It has none."""


async def main(_options: argparse.Namespace, settings: Config) -> int:
    """Rebuild, with a progress bar."""
    with progress.indexing() as rebuilding:
        async with wiring.library(settings, wiring.locked(settings), rebuilding) as library:
            assert library.indexer
            await library.indexer.rebuild()
            papers = await library.indexer.catch_up()
    print(f"{papers:,} papers indexed.")
    return 0
