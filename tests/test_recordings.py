"""The whole bot on the recorded feed: what its users would see after `sync`, and when the feed misbehaves."""

import asyncio
import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.programs import Program
from tests.thorough import THOROUGH
from tests.upstream import MISSING, Upstream, serving
from tests.waiting import until

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)

FEED = "/api/daily_papers"
# Everything that was recorded, or as much as is asked for below.
DAYS, FETCHED = (480, "480 days fetched (3 without a batch): 7,384 new") if THOROUGH else (220, "220 days fetched")


@pytest.fixture(autouse=True)
def _lucky(monkeypatch: pytest.MonkeyPatch) -> None:
    """By chance nobody has to wait before it is tried again."""
    monkeypatch.setattr(random, "uniform", lambda shortest, _: shortest)


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with serving() as server:
        yield server


@pytest.fixture(scope="module")
def synced(upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Program:
    program = Program(tmp_path_factory.mktemp("synced"), upstream.hf_api_url)
    done = program.call("sync", "--days", str(DAYS))
    assert done.returncode == 0, done.stderr
    assert FETCHED in done.stdout
    return program


def asked(program: Program, *texts: str) -> list[dict[str, object]]:
    """The cards for several questions."""
    done = program.call("ask", "--json", "-", typed="".join(f"{text}\n" for text in texts))
    return [json.loads(line) for line in done.stdout.splitlines()]


def ids(card: dict[str, object]) -> list[str]:
    papers = card["papers"]
    assert isinstance(papers, list)
    return [paper["id"] for paper in papers]


def test_what_was_meant_is_found_and_the_correction_is_said(synced: Program) -> None:
    misspelt, minimax = asked(synced, "search reinforcment pre-traning", "search minimax lightening atention")
    assert ids(misspelt)[0] == "2506.08007"
    assert "Showing results for “reinforcement pre-training”" in str(misspelt["text"])
    assert "2506.13585" in ids(minimax)


def test_a_paper_is_shown_by_its_link_and_by_its_title(synced: Program) -> None:
    by_link, by_title = asked(synced, "show https://arxiv.org/pdf/2603.22212v1", "show omni worldbench")
    assert ids(by_link) == ids(by_title) == ["2603.22212"]


def test_the_week_is_ranked_by_votes(synced: Program) -> None:
    (week,) = asked(synced, "trending week limit:25")
    papers = week["papers"]
    assert isinstance(papers, list)
    votes = [int(paper["numbers"].split()[1].replace(",", "")) for paper in papers]
    assert len(votes) == 25
    assert votes == sorted(votes, reverse=True)


def test_similar_papers_and_a_citation(synced: Program) -> None:
    similar, cited = asked(synced, "similar 2509.22622", "cite 2412.15115")
    assert len(ids(similar)) == 5
    assert "2509.22622" not in ids(similar)
    assert "2412.15115" in str(cited["code"])
    assert "Qwen2.5 Technical Report" in str(cited["code"])


def test_a_second_sync_writes_nothing_but_counts(synced: Program) -> None:
    days = DAYS if THOROUGH else 40
    done = synced.call("sync", "--days", str(days))
    assert f"{days} days fetched" in done.stdout
    assert ": 0 new papers, 0 changed" in done.stdout


@pytest.mark.parametrize("kind", ["429", "500", "503", "garbage", "html", "truncated", "huge", "redirect"])
def test_a_feed_that_misbehaves_is_one_sentence_and_what_is_stored_stays(
    synced: Program, upstream: Upstream, kind: str
) -> None:
    upstream.fail(FEED, kind, times=1_000, **({"retry_after": 120} if kind == "429" else {}))
    try:
        done = synced.call("sync", "--days", "5")
    finally:
        upstream.heal()
    assert done.returncode == 1
    assert "Hugging Face gave no batch for" in done.stderr
    assert "Traceback" not in done.stderr
    assert "2506.08007" in synced.call("ask", "show 2506.08007").stdout


def test_a_day_that_comes_back_empty_never_replaces_the_stored_one(synced: Program, upstream: Upstream) -> None:
    before = synced.call("ask", "trending").stdout
    upstream.fail(FEED, "empty", times=1_000)
    try:
        assert synced.call("sync", "--days", "3").returncode == 0
    finally:
        upstream.heal()
    assert synced.call("ask", "trending").stdout == before


def test_a_feed_that_fails_once_is_asked_again(upstream: Upstream, tmp_path: Path) -> None:
    upstream.fail(FEED, "503", times=1)
    program = Program(tmp_path, upstream.hf_api_url)
    done = program.call("sync", "--days", "2")
    assert done.returncode == 0
    assert "2 days fetched" in done.stdout


def test_a_paper_that_is_not_stored_is_asked_for_and_kept(upstream: Upstream, tmp_path: Path) -> None:
    program = Program(tmp_path, upstream.hf_api_url)
    program.call("sync", "--days", "1")
    assert "Qwen2.5 Technical Report" in program.call("ask", "show 2412.15115").stdout
    assert "Qwen2.5 Technical Report" in Program(tmp_path).call("ask", "show 2412.15115").stdout


def test_killed_in_the_middle_it_goes_on_from_whole_batches(upstream: Upstream, tmp_path: Path) -> None:
    program = Program(tmp_path, upstream.hf_api_url)
    for _ in range(3 if THOROUGH else 1):
        before = len(upstream.log())

        async def is_in_the_middle(before: int = before) -> bool:
            return len(upstream.log()) > before + 30

        with program.start("sync", "--days", "200") as running:
            try:
                asyncio.run(until(is_in_the_middle, "the thirtieth day"))
            finally:
                running.kill()
    assert program.call("sync", "--days", "60").returncode == 0
    checked = program.call("check")
    assert checked.returncode == 0, checked.stdout
