"""A copy of the database before a newer version changes it, so that an upgrade can be taken back."""

import asyncio
import shutil
from pathlib import Path

import aiosqlite

from bot.errors import StoreError
from bot.store.migrate import available, waiting

KEPT_COPIES = 2
_ROOM = 1.2  # times the size of the database: the copy, and what migrating needs itself


async def copy_before_migrating(connection: aiosqlite.Connection, path: Path) -> Path | None:
    """Copy it to `NAME.before-MIGRATION` beside it where a migration is still to be applied; the copy, if one was made.

    A database without papers of its own (no migration was ever applied) needs none. Raises StoreError when the disk
    has no room for it.
    """
    names = await waiting(connection)
    if not names or len(names) == len(available()):
        return None
    target = path.with_name(f"{path.name}.before-{Path(names[0]).stem}")
    if not await asyncio.to_thread(_has_room, path):
        raise StoreError(
            f"The disk that holds {path} has no room for the copy that an upgrade needs: make space first."
        )
    unfinished = target.with_name(f"{target.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    async with aiosqlite.connect(unfinished) as copy:
        await connection.backup(copy)
        await copy.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing left beside it
    unfinished.replace(target)
    await asyncio.to_thread(_forget_older, path)
    return target


def _has_room(path: Path) -> bool:
    return shutil.disk_usage(path.parent).free >= _ROOM * path.stat().st_size


def _forget_older(path: Path) -> None:
    """Keep the newest copies of upgrades."""
    copies = [one for one in path.parent.glob(f"{path.name}.before-*") if one.suffix != ".unfinished"]
    for copy in sorted(copies, key=lambda one: one.stat().st_mtime)[:-KEPT_COPIES]:
        copy.unlink(missing_ok=True)
