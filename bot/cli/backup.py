"""Write a consistent copy of the database, also while the bot runs."""

import argparse
from pathlib import Path

from bot.config import Config
from bot.store import SqliteDatabase


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("file", metavar="FILE", type=Path, help="where the copy goes; an older copy is replaced")


async def main(options: argparse.Namespace, settings: Config) -> int:
    """Copy, check the copy, and say how large it is."""
    database = await SqliteDatabase.open(settings.database_path, lock=None)
    try:
        await database.backup(options.file)
    finally:
        await database.close()
    print(f"{options.file}: {options.file.stat().st_size / 1e6:,.1f} MB, checked.")
    return 0
