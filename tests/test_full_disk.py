"""A disk that becomes full in the middle: one sentence, nothing half-written, and it goes on after space is made."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from bot import query
from bot.errors import StoreError
from bot.indexing import Indexer
from bot.store import SqlStore
from tests.faults.state import End
from tests.library import indexed
from tests.papers import NOON, paper, papers
from tests.programs import SECONDS, Program, sentences
from tests.snapshots import records, written
from tests.thorough import some

PAPERS = 5_000
QUERIES = ("search cat:cs.LG limit:25", "search learning since:2000-01-01 before:2000-02-01 limit:25")


class Disk:
    """A small disk in memory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir()

    def mount(self, options: str) -> None:
        command = ["mount", "-t", "tmpfs", "-o", options, "paper-round", str(self._folder)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
        if done.returncode:
            pytest.skip(f"a disk cannot be mounted here: {done.stderr.strip()}")

    def unmount(self) -> None:
        subprocess.run(["umount", "--lazy", str(self._folder)], capture_output=True, timeout=SECONDS, check=False)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    if os.geteuid() != 0:
        pytest.skip("only root may mount a disk")
    disk = Disk(tmp_path / "data")
    yield disk
    disk.unmount()


def snapshot(folder: Path) -> str:
    return str(written(folder / "arxiv.json", *records(PAPERS, abstract="Many words of an abstract. " * 9)))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> End:
    program = Program(tmp_path_factory.mktemp("undisturbed"))
    program.call("import", snapshot(program.home))
    return End.of(program, QUERIES)


@pytest.mark.parametrize("size", some(["2500k", "1m"], 2))
def test_after_a_full_disk_it_goes_on_to_the_same_end(tmp_path: Path, disk: Disk, size: str, undisturbed: End) -> None:
    disk.mount(f"size={size}")
    program = Program(tmp_path)
    done = program.run("import", snapshot(tmp_path))
    assert done.returncode == 1
    (said,) = sentences(done.stderr)
    assert "make space" in said
    disk.mount("remount,size=200m")
    half = End.of(program, QUERIES)
    assert half.is_well
    assert len(half.papers) in (0, 2_000, 4_000, PAPERS)
    assert program.call("import", snapshot(tmp_path)).returncode == 0
    assert End.of(program, QUERIES) == undisturbed


def test_a_question_on_a_full_disk_is_answered_by_one_sentence(tmp_path: Path, disk: Disk) -> None:
    disk.mount("size=20m")
    program = Program(tmp_path)
    program.call("import", str(written(tmp_path / "arxiv.json", *records(100))))
    filler = program.data / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(bytes(1 << 16)):
            pass
    (said,) = sentences(program.run("ask", "search learning").stderr)
    assert "is full: make space, then try again" in said
    filler.unlink()
    assert "Study 6 of" in program.call("ask", "search study 6").stdout


def _words(number: int) -> str:
    return " ".join(f"w{number}x{n}" for n in range(40))


async def test_an_index_on_a_full_disk_is_kept_and_searched_and_goes_on_when_there_is_space(
    store: SqlStore, disk: Disk, tmp_path: Path
) -> None:
    disk.mount("size=1500k")
    await store.save_papers(papers(2_000, title="Some Title"), NOON)
    heard: list[int] = []
    async with indexed(store, tmp_path / "data" / "index") as index:
        indexer = Indexer(store, index, lambda done, _: heard.append(done))
        await store.save_papers([paper(f"2507.{n:05}", abstract=_words(n)) for n in range(5_000)], NOON)
        for _ in range(3):
            with pytest.raises(StoreError, match=r"cannot be written .* make space on its disk"):
                await indexer.catch_up()
            assert index.state().papers >= 2_000
            assert (await index.search(query.parse("title", NOON.date()), 5)).hits
        disk.mount("remount,size=50m")
        await indexer.catch_up()
        assert index.state().papers == 7_000
    assert heard == []  # it was never made anew
