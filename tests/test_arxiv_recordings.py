"""arXiv: every answer that was recorded; only where ../shared lies beside the project."""

import json
from datetime import date
from pathlib import Path

import pytest

from bot.errors import SourceError
from bot.sources.arxiv import parse
from tests.atom import source
from tests.feed import ids
from tests.upstream import SHARED
from tests.wire import Host, Reply

FOLDER = SHARED / "data" / "arxiv"
ANSWERS = sorted(FOLDER.glob("*.json"))
pytestmark = pytest.mark.skipif(not ANSWERS, reason="the recordings of ../shared are not here")

KNOWN = {
    "id_0000.0000": [],
    "id_0808.05394": [],
    "id_0808.05394_1707.08567": ["1707.08567"],
    "id_1605.08386": ["1605.08386"],
    "id_1707.08567": ["1707.08567"],
    "id_2104.12255v1": ["2104.12255"],
    "id_astro-ph_0601001": ["astro-ph/0601001"],
    "id_quant-ph_0201082v1": ["quant-ph/0201082"],
}


def read(path: Path) -> tuple[int, bytes]:
    """The status and the body of a recorded answer."""
    found = json.loads(path.read_text("utf-8"))
    return found["status_code"], found["body"].encode()


def recorded(name: str) -> Reply:
    status, body = read(FOLDER / f"{name}_s0_m100.json")
    return Reply(status, body=body)


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: path.stem)
def test_every_recorded_answer_is_read(path: Path) -> None:
    _, body = read(path)
    papers = parse(body)
    assert len(papers) == body.count(b"<entry>") - body.count(b"<title>Error</title>")
    for paper in papers:
        assert paper.title.strip() == paper.title
        assert paper.abstract and paper.authors and paper.published and paper.categories and paper.version


@pytest.mark.parametrize("name", KNOWN)
async def test_a_recorded_answer_has_the_papers_that_it_was_asked_for(name: str) -> None:
    wanted = [
        "0000.0000",
        "0808.05394",
        "1605.08386",
        "1707.08567",
        "2104.12255",
        "astro-ph/0601001",
        "quant-ph/0201082",
    ]
    assert ids(await source(Host(recorded(name))).papers(wanted)) == KNOWN[name]


async def test_the_recorded_complaint_is_no_paper() -> None:
    with pytest.raises(SourceError, match="HTTP 400"):
        await source(Host(recorded("id_abc"))).papers(["2104.12255"])


async def test_a_recorded_paper_is_read_to_its_last_field() -> None:
    (found,) = await source(Host(recorded("id_quant-ph_0201082v1"))).papers(["quant-ph/0201082"])
    assert found.title.startswith("Quantum Computers and Quantum Computer Languages")
    assert found.abstract.startswith("We show a representation")
    assert found.authors == ("Stephen Blaha",)
    assert (found.published, found.categories, found.version) == (date(2002, 1, 18), ("quant-ph", "cs.PL"), 1)


async def test_the_recorded_title_that_is_a_zero_stays_one() -> None:
    (found,) = await source(Host(recorded("id_2104.12255v1"))).papers(["2104.12255"])
    assert found.title == "0"


def test_the_recorded_feed_of_a_day_is_read_too() -> None:
    papers = parse((FOLDER / "arxiv_atom_cs.AI_2025-08-20.xml").read_bytes())
    assert papers[0].id == "2508.13426"
