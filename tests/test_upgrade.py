"""Before a newer version changes the database, it copies it, so that an upgrade can be taken back."""

import shutil
import sqlite3
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.errors import StoreError
from bot.store import FileLock, SqliteDatabase, SqlStore, upgrade
from bot.store.migrate import available
from tests.databases import filled, writing
from tests.papers import ALWAYS

NEWEST = [*available()][-1]


def made_older(path: Path, *names: str) -> None:
    """The database as a version wrote it that did not have these migrations."""
    connection = sqlite3.connect(path)
    for name in names:
        connection.execute("DELETE FROM migrations WHERE name = ?", (name,))
    known = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for table in known:
        if any(f"CREATE TABLE {table} " in available()[name] for name in names):
            connection.execute(f"DROP TABLE {table}")
    connection.commit()
    connection.close()


def copies(path: Path) -> list[str]:
    return sorted(one.name for one in path.parent.glob(f"{path.name}.before-*"))


async def test_a_new_database_and_one_that_is_up_to_date_are_not_copied(tmp_path: Path) -> None:
    path = tmp_path / "papers.db"
    await filled(path)
    async with writing(path):
        pass
    assert copies(path) == []


async def test_an_older_database_is_copied_whole_before_it_is_changed(tmp_path: Path) -> None:
    path = tmp_path / "papers.db"
    await filled(path)
    made_older(path, NEWEST)
    async with writing(path) as database:
        assert len(await SqlStore(database).papers_in(ALWAYS)) == 500
    [copy] = copies(path)
    assert copy == f"papers.db.before-{Path(NEWEST).stem}"
    connection = sqlite3.connect(tmp_path / copy)
    assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
    assert connection.execute("SELECT COUNT(*) FROM papers").fetchone() == (500,)
    assert connection.execute("SELECT COUNT(*) FROM migrations WHERE name = ?", (NEWEST,)).fetchone() == (0,)
    connection.close()


async def test_the_copy_in_its_place_is_the_database_of_before_and_can_be_upgraded_again(tmp_path: Path) -> None:
    path = tmp_path / "papers.db"
    await filled(path)
    made_older(path, NEWEST)
    async with writing(path):
        pass
    shutil.copy(tmp_path / copies(path)[0], path)
    async with writing(path) as database:
        assert len(await SqlStore(database).papers_in(ALWAYS)) == 500


async def test_only_the_newest_copies_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "papers.db"
    await filled(path)
    for name in ("0000_one", "0000_two", "0000_three"):
        (tmp_path / f"papers.db.before-{name}").touch()
    (tmp_path / "papers.db.backup").touch()
    made_older(path, NEWEST)
    async with writing(path):
        pass
    assert len(copies(path)) == upgrade.KEPT_COPIES
    assert f"papers.db.before-{Path(NEWEST).stem}" in copies(path)
    assert (tmp_path / "papers.db.backup").exists()


async def test_without_room_for_the_copy_nothing_is_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "papers.db"
    await filled(path)
    made_older(path, NEWEST)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10_000))  # the machine's disk, not ours
    with pytest.raises(StoreError, match="no room for the copy"):
        await SqliteDatabase.open(path, lock=FileLock.take(path))
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT COUNT(*) FROM migrations WHERE name = ?", (NEWEST,)).fetchone() == (0,)
    connection.close()
