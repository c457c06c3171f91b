"""SQLite when something goes wrong: nothing finished is lost, and plain words say what to do."""

import signal
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import StoreError
from bot.models import Window
from bot.store import FileLock, SqliteDatabase, SqlStore
from tests.databases import WRITER, filled, program, reading, said, writing
from tests.papers import ALWAYS, MONDAY, NOON, batch, later, papers


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "papers.db"


def is_there(path: Path) -> bool:
    return path.exists()


def make_folder(path: Path) -> None:
    path.mkdir()


def rewrite(path: Path, change: Callable[[bytes], bytes]) -> None:
    path.write_bytes(change(path.read_bytes()))


def overwritten(content: bytes) -> bytes:
    return b"This is no database. " * 500


def cut_in_half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def cut_in_a_page(content: bytes) -> bytes:
    return content[:5_000]


def with_zeros_inside(content: bytes) -> bytes:
    return content[:4_096] + bytes(len(content) - 4_096)


def with_garbage_inside(content: bytes) -> bytes:
    return content[:160_000] + b"\xff" * 40_000 + content[200_000:]


async def test_a_reader_without_a_database_says_what_to_do(path: Path) -> None:
    with pytest.raises(StoreError, match=r"There is no database at .*papers.db yet: run `python -m bot sync` first"):
        await SqliteDatabase.open(path, lock=None)
    assert not is_there(path)


@pytest.mark.parametrize("opening", [writing, reading])
async def test_a_database_of_a_newer_version_is_refused(path: Path, opening: Callable[..., object]) -> None:
    await filled(path)
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO migrations (name) VALUES ('9999_future.sql')")
    connection.close()
    with pytest.raises(
        StoreError, match=r"newer version of Paper Round \(it has 9999_future.sql\): install that version"
    ):
        async with opening(path):  # type: ignore[attr-defined]
            pass


@pytest.mark.parametrize("damage", [overwritten, cut_in_half, cut_in_a_page, with_zeros_inside, with_garbage_inside])
@pytest.mark.parametrize("opening", [writing, reading])
async def test_a_damaged_file_says_what_to_do(
    path: Path, damage: Callable[[bytes], bytes], opening: Callable[..., object]
) -> None:
    await filled(path)
    rewrite(path, damage)
    with pytest.raises(StoreError, match=r"is damaged .*: restore a backup, or move the file away and run"):
        async with opening(path) as database:  # type: ignore[attr-defined]
            await SqlStore(database).papers_in(ALWAYS)


async def test_a_failure_to_open_gives_the_lock_back(path: Path) -> None:
    await filled(path)
    rewrite(path, overwritten)
    for _ in range(2):
        lock = FileLock.take(path)
        assert lock
        with pytest.raises(StoreError):
            await SqliteDatabase.open(path, lock=lock)


async def test_damage_is_found_at_the_start_after_an_unclean_stop(path: Path) -> None:
    await filled(path)
    with program(WRITER, path) as process:
        said(process, 1)
    rewrite(path, with_garbage_inside)
    with pytest.raises(StoreError, match="is damaged"):
        async with writing(path):
            pass


@pytest.mark.parametrize("lines", [1, 2, 7])
async def test_after_kill_9_in_the_middle_of_writing_every_finished_batch_is_whole(path: Path, lines: int) -> None:
    with program(WRITER, path) as process:
        finished = said(process, lines)
        process.send_signal(signal.SIGKILL)
        assert process.stdout
        finished += process.stdout.read().split()  # what it finished before the signal reached it
    assert path.with_name("papers.db-wal").stat().st_size > 0
    async with writing(path) as database:
        await database.quick_check()
        store = SqlStore(database)
        batches = {str(info.day): info.size for info in await store.batches(ALWAYS)}
        assert batches.keys() >= set(finished)
        assert len(batches) - len(finished) in (0, 1)  # the last one may have been finished and not yet said
        assert set(batches.values()) == {40}
        assert {one.votes for one in await store.papers_in(ALWAYS)} == {len(batches) - 1}


async def test_a_reader_opens_after_kill_9_of_the_writer(path: Path) -> None:
    with program(WRITER, path) as process:
        said(process, 1)
    async with reading(path) as database:
        assert len(await SqlStore(database).papers_in(Window(MONDAY, MONDAY))) == 40


@pytest.mark.parametrize("below", ["papers.db", "data/papers.db"])
def test_a_folder_that_cannot_be_written_is_said_in_one_sentence(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(
        StoreError, match=r"^The folder .*file\S* cannot be written \(.*\): make it writable, or set DATA_DIR"
    ):
        FileLock.take(tmp_path / "file" / below)


async def test_a_folder_in_the_place_of_the_database_is_said_in_one_sentence(path: Path) -> None:
    make_folder(path)
    with pytest.raises(StoreError, match=r"cannot be opened for writing .*: check the rights of its folder"):
        await SqliteDatabase.open(path, lock=FileLock.take(path))


async def test_a_full_disk_is_said_and_leaves_nothing_half_written(path: Path) -> None:
    await filled(path)
    async with writing(path) as database:
        async with database.transaction() as tx:
            await tx.fetch("PRAGMA max_page_count = 100")
        store = SqlStore(database)
        with pytest.raises(StoreError, match=r"The disk .* is full: make space, then try again"):
            await store.save_batch(
                batch(MONDAY + timedelta(days=1), *papers(2_000, abstract="Long. " * 99)), later(days=1)
            )
        assert len(await store.papers_in(ALWAYS)) == 500
        await store.note_source("Hugging Face", NOON)
