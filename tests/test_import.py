"""`import`: what it stores, what it says, and that it may be repeated and interrupted."""

import json
import os
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import feed_days
from bot.cli import wiring
from tests import local_feed
from tests.programs import SECONDS, Program, sentences
from tests.snapshots import lines, record, records, written

FEATURED = "2603.00001"
BROKEN = b'{"id": "0704.0001", "title": \n'


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


@pytest.fixture
def online(tmp_path: Path) -> Iterator[Program]:
    entry = local_feed.entry(FEATURED, "Lightning Attention", 9)
    entry["paper"] |= {"githubRepo": "https://example.org/code", "organization": {"fullname": "The Institute"}}
    with local_feed.serving({feed_days.newest_batch_day(wiring.now()): [entry]}) as feed:
        yield Program(tmp_path, feed)


def cards(program: Program, *texts: str) -> list[dict[str, Any]]:
    """What is answered to several questions."""
    done = program.call("ask", "--json", "-", typed="".join(f"{text}\n" for text in texts))
    return [json.loads(line) for line in done.stdout.splitlines()]


def ids(card: dict[str, Any]) -> list[str]:
    return [paper["id"] for paper in card.get("papers", [])]


def found(program: Program, *texts: str) -> list[list[str]]:
    """The ids that are found for several questions."""
    return [ids(card) for card in cards(program, *texts)]


def test_what_is_imported_is_said_is_searchable_and_may_be_imported_again(program: Program) -> None:
    path = written(program.home / "arxiv.json.gz", *records(20), record("cs/9301114", title="Theory and Practice"))
    first, second = program.run("import", str(path)), program.call("import", str(path))
    assert first.returncode == second.returncode == 0
    assert first.stdout == f"{path}: 21 new papers, 0 changed.\n"
    assert second.stdout == f"{path}: 0 new papers, 0 changed.\n"
    theory, study = found(program, "search theory practice", "search study limit:25")
    assert theory[0] == "cs/9301114"
    assert len(study) == 20


def test_where_no_terminal_is_a_large_file_too_is_one_sentence(program: Program) -> None:
    done = program.call("import", str(written(program.home / "arxiv.json", *records(4_100))))
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1


def test_categories_can_be_searched_and_cited(program: Program) -> None:
    program.call(
        "import", str(written(program.home / "a.json", record("0704.0002", categories="hep-th math.AG"), record()))
    )
    searched, cited = cards(program, "search cat:math.AG", "cite 0704.0002")
    assert ids(searched) == ["0704.0002"]
    assert "primaryClass = {hep-th}" in cited["code"]


def test_a_paper_that_the_feed_also_has_keeps_votes_links_organisation_and_batch(online: Program) -> None:
    online.call("sync", "--days", "2")
    path = written(online.home / "a.json", record(FEATURED, title="Lightning Attention", categories="cs.LG"))
    assert "0 new papers, 1 changed" in online.call("import", str(path)).stdout
    shown, cited, searched, trending = cards(
        online,
        f"show {FEATURED}",
        f"cite {FEATURED}",
        "search lightning org:institute cat:cs.LG has:code votes:9",
        "trending",
    )
    assert all(known in json.dumps(shown) for known in ("https://example.org/code", "The Institute", "Hopper"))
    assert "primaryClass = {cs.LG}" in cited["code"]
    assert ids(searched) == ids(trending) == [FEATURED]


def test_newer_versions_replace_older_ones_and_never_the_reverse(program: Program) -> None:
    old = record(title="Early Words", categories="")
    new = record(title="Late Words", versions=old["versions"] * 2)
    files = [written(program.home / f"{n}.json", value) for n, value in enumerate((old, new, old, new))]
    done = program.call("import", *map(str, files))
    assert [line.partition(": ")[2] for line in done.stdout.splitlines()] == [
        "1 new papers, 0 changed.",
        "0 new papers, 1 changed.",
        "0 new papers, 0 changed.",
        "0 new papers, 0 changed.",
    ]
    assert found(program, "search early", "search late") == [[], ["0704.0001"]]


def test_of_several_files_those_that_can_be_read_are_imported(program: Program) -> None:
    home = program.home
    corrupt = home / "corrupt.json"
    corrupt.write_bytes(lines(records(2)) + BROKEN + lines(records(2, first=3)))
    written(home / "good.json", *records(3, first=5))
    (home / "empty.json.gz").touch()
    named = [*map(str, (corrupt, home / "empty.json.gz", home, home / "nothing.json", home / "good.json"))]
    done = program.call("import", *named)
    assert done.returncode == 1
    assert [line.partition(": ")[2] for line in done.stdout.splitlines()] == [
        f"{count} new papers, 0 changed." for count in (4, 0, 0, 0, 3)
    ]
    said = sentences(done.stderr)
    reasons = ["line 3: it is no JSON", "is empty", "is a folder", "cannot be read (No such file"]
    assert all(reason in line for reason, line in zip(reasons, said, strict=True))
    assert sorted(found(program, "search study limit:25")[0]) == [f"0801.{n:04}" for n in range(1, 8)]


def test_of_very_many_broken_lines_the_first_are_named_and_the_others_counted(program: Program) -> None:
    path = program.home / "broken.json"
    path.write_bytes(lines(records(1)) + BROKEN * 5_000)
    done = program.call("import", str(path))
    said = sentences(done.stderr)
    assert done.returncode == 1
    assert "1 new papers" in done.stdout
    assert len(said) == 21
    assert said[-1].endswith("broken.json: 4,980 more lines are broken")


def test_a_saved_day_becomes_a_batch_and_one_of_the_future_none(program: Program) -> None:
    day = feed_days.newest_batch_day(wiring.now())
    wrong = [date(2999, 1, 1), feed_days.FIRST_DAY - timedelta(days=1)]
    for one in (day, *wrong):
        entries = [local_feed.entry(FEATURED, "Lightning Attention", 9)]
        (program.home / f"{one}.json").write_text(json.dumps(entries))
    done = program.call("import", *(f"{one}.json" for one in (*wrong, day)))
    assert done.returncode == 1
    assert [said.partition(": the feed ")[2].partition(":")[0] for said in sentences(done.stderr)] == [
        f"has no batch of {one}" for one in wrong
    ]
    assert found(program, "trending") == [[FEATURED]]


def test_beside_a_running_bot_nothing_is_imported(online: Program) -> None:
    path = written(online.home / "a.json", *records(3))
    with online.start("run") as running:
        assert running.stdin
        running.stdin.write("lightning\n")
        running.stdin.flush()
        online.wait_for(running, FEATURED)
        done = online.call("import", str(path))
        running.communicate("quit\n", timeout=SECONDS)
    assert done.returncode == 1
    assert len(sentences(done.stderr)) == 1
    assert "Another Paper Round is running" in done.stderr


def test_a_file_name_that_is_no_text_is_imported_all_the_same(program: Program) -> None:
    path = Path(os.fsdecode(os.fsencode(program.home) + b"/arxiv-\xff.json"))
    done = program.run("import", str(written(path, *records(2))))
    assert done.returncode == 0
    assert "arxiv-\\xff.json: 2 new papers" in done.stdout
