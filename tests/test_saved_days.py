"""Saved days of the feed: of which day they are, and what is said of those that cannot be read."""

import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.errors import SourceError
from bot.models import Batch
from bot.sources import snapshot
from tests import local_feed

LISTED = {"submittedOnDailyAt": "2026-03-27T00:00:00.000Z"}


def entry(id_: str, **fields: Any) -> dict[str, Any]:
    made = local_feed.entry(id_, f"The paper {id_}")
    return {**made, "paper": {**made["paper"], **fields}}


def saved(folder: Path, name: str, content: Any) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def batch_of(path: Path) -> Batch:
    troubles: list[str] = []
    (portion,) = snapshot.portions(path, troubles.append)
    assert portion.batch
    assert portion.read == path.stat().st_size
    assert troubles == []
    return portion.batch


@pytest.mark.parametrize(
    ("name", "fields", "day"),
    [
        ("2026-03-30.json", {}, date(2026, 3, 30)),
        ("daily_papers-2026-03-30-copy.json.gz", {}, date(2026, 3, 30)),
        ("2026-03-30.json", LISTED, date(2026, 3, 30)),
        ("saved.json", LISTED, date(2026, 3, 27)),
        ("2026-99-99.json", LISTED, date(2026, 3, 27)),
    ],
)
def test_the_day_is_that_of_the_name_or_else_of_the_entries(
    tmp_path: Path, name: str, fields: dict[str, str], day: date
) -> None:
    batch = batch_of(saved(tmp_path, name, [entry("2603.00001", **fields), entry("2603.00002")]))
    assert batch.day == day
    assert [paper.id for paper in batch.papers] == ["2603.00001", "2603.00002"]
    assert {paper.batch for paper in batch.papers} == {day}


def test_a_saved_day_may_be_compressed_and_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf\n" + json.dumps([entry("2603.00001")]).encode()
    assert len(batch_of(saved(tmp_path, "2026-03-30.json", gzip.compress(content))).papers) == 1


def test_entries_that_are_no_papers_are_counted_and_the_others_kept(tmp_path: Path) -> None:
    entries = [entry("2603.00001"), {}, 5, None, [], {"paper": []}, {"paper": {"id": 5}}, entry("nonsense")]
    batch = batch_of(saved(tmp_path, "2026-03-30.json", entries))
    assert (len(batch.papers), batch.skipped) == (1, 7)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("saved.json", [entry("2603.00001")], "does not say of which day it is: name it like 2026-01-31.json"),
        ("2026-13-45.json", [entry("2603.00001")], "does not say of which day it is"),
        ("saved.json", [], "does not say of which day it is"),
        ("saved.json", [5, "x"], "does not say of which day it is"),
        ("2026-03-30.json", b'[{"paper": ', "is no saved day of the feed, it is no JSON"),
        ("2026-03-30.json", b"[\xff\xfe]", "is no saved day of the feed, it is no JSON"),
        ("2026-03-30.json", b"[" * 100_000, "is no saved day of the feed, it is no JSON"),
        ("2026-03-30.json", b"[" + b" " * snapshot.LONGEST_DAY + b"]", "is too large for a saved day"),
    ],
)
def test_a_day_that_cannot_be_read_is_one_sentence(tmp_path: Path, name: str, content: Any, said: str) -> None:
    with pytest.raises(SourceError, match=r"^[^\n]*$") as raised:
        list(snapshot.portions(saved(tmp_path, name, content), print))
    assert said in str(raised.value)


@pytest.mark.parametrize("content", [{"error": "Paper not found"}, entry("2603.00001"), {"papers": []}])
def test_an_object_in_place_of_a_day_is_no_paper(tmp_path: Path, content: dict[str, Any]) -> None:
    troubles: list[str] = []
    (portion,) = snapshot.portions(saved(tmp_path, "2026-03-30.json", content), troubles.append)
    assert (portion.papers, portion.batch) == ((), None)
    assert len(troubles) == 1
    assert troubles[0].startswith("line 1: it is no paper")
