"""Bulk files as a whole: huge, truncated, damaged, and not what their name says."""

import gzip
import io
import sqlite3
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import pytest

from bot.errors import SourceError
from bot.sources import snapshot
from tests.snapshots import MEGABYTE, Read, content_of, lines, records, written


def test_a_line_of_a_gigabyte_is_reported_and_memory_stays_small(tmp_path: Path) -> None:
    before, after = lines(records(2)).splitlines(keepends=True)
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.write(before + b'{"id": "')
        file.seek(1_000 * MEGABYTE, io.SEEK_CUR)
        file.write(b'"}\n' + after)
    tracemalloc.start()
    try:
        read = Read(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        path.unlink()
    assert [paper.id for paper in read.papers] == ["0801.0001", "0801.0002"]
    assert read.troubles == ["line 2: it is longer than 2,000,000 bytes"]
    assert peak < 20 * MEGABYTE


def test_portions_are_small_however_long_the_lines_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "HEAVIEST", 10_000)
    path = written(tmp_path / "some.json", *records(20, abstract="x" * 3_000))
    assert [len(portion.papers) for portion in snapshot.portions(path, print)] == [4, 4, 4, 4, 4, 0]


def test_how_far_it_is_grows_to_the_size_of_the_file(tmp_path: Path) -> None:
    for name in ("some.json", "some.json.gz"):
        path = written(tmp_path / name, *records(5_000))
        read = [portion.read for portion in snapshot.portions(path, print)]
        assert read == sorted(read)
        assert read[-1] == snapshot.size(path)


def test_of_a_truncated_file_all_that_stands_before_its_end_is_kept(tmp_path: Path) -> None:
    whole = gzip.compress(lines(records(5_000)), 1)
    read = content_of(tmp_path, whole[: len(whole) * 3 // 4], "some.json.gz")
    assert "some.json.gz ends too early" in read.failure
    assert 3_000 < len(read.papers) < 5_000
    assert read.papers[-1].id == f"0801.{len(read.papers):04}"


def test_of_a_file_that_is_damaged_inside_all_that_stands_before_is_kept(tmp_path: Path) -> None:
    packer = zlib.compressobj(wbits=31)
    begun = packer.compress(lines(records(3_000))) + packer.flush(zlib.Z_FULL_FLUSH)
    read = content_of(tmp_path, begun + b"\x07" * 500)  # no such kind of block
    assert "cannot be read" in read.failure
    assert len(read.papers) > 2_900


def test_a_wrong_checksum_is_said_and_what_was_read_is_kept(tmp_path: Path) -> None:
    damaged = bytearray(gzip.compress(lines(records(3))))
    damaged[-5] ^= 1
    read = content_of(tmp_path, bytes(damaged))
    assert "CRC check failed" in read.failure
    assert len(read.papers) == 3


def test_what_follows_a_compressed_file_does_not_harm_it(tmp_path: Path) -> None:
    read = content_of(tmp_path, gzip.compress(lines(records(3))) + b"garbage")
    assert len(read.papers) == 3
    assert "cannot be read" in read.failure


def _zip() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("arxiv.json", lines(records(2)))
    return target.getvalue()


def _database() -> bytes:
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE TABLE t (x)")
        content = connection.serialize()
    connection.close()
    return content


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (gzip.compress(b""), "is empty"),
        (b"%PDF-1.7\n%\xe2\xe3", "holds neither"),
        (_zip(), "holds neither"),
        (_database(), "holds neither"),
        (b"<!doctype html>", "holds neither"),
        (bytes(5_000), "holds neither"),
        (lines(records(2)).decode().encode("utf-16"), "holds neither"),
        (gzip.compress(gzip.compress(b"{}")), "holds neither"),
        (b"\x1f\x8b", "ends too early"),
        (b"\x1f\x8bgarbage and more garbage", "cannot be read"),
        (gzip.compress(lines(records(2)))[:15], "ends too early"),
    ],
    ids=lambda value: value if isinstance(value, str) else "content",
)
def test_a_file_that_is_not_what_its_name_says_is_one_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    read = content_of(tmp_path, content, "arxiv-metadata-oai-snapshot.json")
    assert said in read.failure
    assert "\n" not in read.failure
    assert (read.papers, read.batches, read.troubles) == ([], [], [])


def test_folders_missing_files_and_devices_are_one_sentence(tmp_path: Path) -> None:
    for path, said in {
        tmp_path: "is a folder: name the files in it",
        tmp_path / "nothing.json": "cannot be read (No such file or directory)",
        tmp_path / ("x" * 5_000): "cannot be read (File name too long)",
        Path("/dev/null"): "is a pipe or a device",
    }.items():
        with pytest.raises(SourceError, match=r"^[^\n]*$") as raised:
            snapshot.size(path)
        assert said in str(raised.value)
