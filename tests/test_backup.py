"""A backup is a consistent copy, and what is restored from it is searched as it was."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from bot.models import Batch
from bot.store import FileLock, SqliteDatabase, SqlStore
from tests import local_feed
from tests.papers import ALWAYS, MONDAY, NOON, batch, paper, papers
from tests.programs import SECONDS, Program
from tests.test_cli import newest_days


async def test_a_copy_holds_what_was_stored_and_needs_no_other_file(tmp_path: Path) -> None:
    path, copy = tmp_path / "papers.db", tmp_path / "copy.db"
    database = await SqliteDatabase.open(path, lock=FileLock.take(path))
    store = SqlStore(database)
    await store.save_batch(batch(MONDAY, *papers(50)), NOON)
    await database.backup(copy)
    await store.save_batch(Batch(MONDAY, (paper("2506.09999"),)), NOON)
    await store.close()
    assert not list(tmp_path.glob("copy.db?*"))
    restored = SqlStore(await SqliteDatabase.open(copy, lock=FileLock.take(copy)))
    assert len(await restored.papers_in(ALWAYS)) == 50
    await restored.close()


@pytest.mark.parametrize("target", ["", "papers.db", "missing/copy.db"])
def test_a_copy_that_cannot_be_written_is_one_sentence(tmp_path: Path, target: str) -> None:
    program = Program(tmp_path)
    program.call("ask", "status")
    (tmp_path / "data" / "papers.db").symlink_to(tmp_path / "data" / "paper-round.db")
    done = program.call("backup", str(tmp_path / "data" / target))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert sqlite3.connect(program.data / "paper-round.db").execute("PRAGMA quick_check").fetchone() == ("ok",)


def test_without_a_database_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    done = Program(tmp_path).call("backup", "copy.db")
    assert done.returncode == 1
    assert "There is no database" in done.stderr


def test_a_backup_taken_beside_a_running_bot_is_restored_and_the_index_follows(tmp_path: Path) -> None:
    today, before = newest_days(2)
    days = {before: [local_feed.entry("2602.00003", "Reinforcement Pre-Training")]}
    with local_feed.serving(days) as feed:
        program = Program(tmp_path, feed)
        with program.start("run") as running:
            assert running.stdin
            running.stdin.write("reinforcement\n")
            running.stdin.flush()
            program.wait_for(running, "2602.00003")
            assert program.call("backup", "copy.db").returncode == 0
            running.communicate("quit\n", timeout=SECONDS)
        days[today] = [local_feed.entry("2603.00001", "Lightning Attention")]
        program.call("sync", "--days", "2")
        assert "2603.00001" in program.call("ask", "lightning").stdout
    for left in program.data.glob("paper-round.db*"):
        left.unlink()
    shutil.copy(tmp_path / "copy.db", program.data / "paper-round.db")
    offline = Program(tmp_path)
    assert "2602.00003" in offline.call("ask", "reinforcement").stdout
    assert "Nothing found" in offline.call("ask", "lightning").stdout
    assert offline.call("check").stdout.count("bad ") == 1  # only the feed, which is out of reach
