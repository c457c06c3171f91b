"""A disk that becomes full in the middle: one sentence, nothing half-written, and it goes on after space is made."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.state import End
from tests.programs import Program
from tests.snapshots import records, written
from tests.test_import import sentences

PAPERS = 6_000
QUERIES = ("search cat:cs.LG limit:25", "search learning since:2000-01-01 before:2000-02-01 limit:25")


class Disk:
    """A small disk in memory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir()

    def mount(self, options: str) -> None:
        command = ["mount", "-t", "tmpfs", "-o", options, "paper-round", str(self._folder)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
        if done.returncode:
            pytest.skip(f"a disk cannot be mounted here: {done.stderr.strip()}")

    def unmount(self) -> None:
        subprocess.run(["umount", "--lazy", str(self._folder)], capture_output=True, timeout=20, check=False)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    if os.geteuid() != 0:
        pytest.skip("only root may mount a disk")
    disk = Disk(tmp_path / "data")
    yield disk
    disk.unmount()


@pytest.mark.parametrize("size", ["1m", "3m", "5m"])
def test_after_a_full_disk_it_goes_on_to_the_same_end(tmp_path: Path, disk: Disk, size: str) -> None:
    disk.mount(f"size={size}")
    program = Program(tmp_path)
    path = written(tmp_path / "arxiv.json", *records(PAPERS, abstract="Many words of an abstract. " * 9))
    done = program.run("import", str(path))
    assert done.returncode == 1
    (said,) = sentences(done.stderr)
    assert "make space" in said
    disk.mount("remount,size=200m")
    half = End.of(program, QUERIES)
    assert half.is_well
    assert len(half.papers) in (0, 2_000, 4_000)
    assert program.run("import", str(path)).returncode == 0
    elsewhere = Program(tmp_path, folder="elsewhere")
    elsewhere.run("import", str(path))
    assert End.of(program, QUERIES) == End.of(elsewhere, QUERIES)


def test_a_question_on_a_full_disk_is_answered_by_one_sentence(tmp_path: Path, disk: Disk) -> None:
    disk.mount("size=200m")
    program = Program(tmp_path)
    program.run("import", str(written(tmp_path / "arxiv.json", *records(100))))
    with (program.data / "filler").open("wb") as filler:
        with suppress(OSError):
            while True:
                filler.write(bytes(1 << 16))
                filler.flush()
    (said,) = sentences(program.run("ask", "search learning").stderr)
    assert "is full: make space, then try again" in said
    (program.data / "filler").unlink()
    assert "Study 6 of" in program.run("ask", "search study 6").stdout
