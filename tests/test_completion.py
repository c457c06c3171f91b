"""What is typed is completed as if all papers had been looked at, though those with votes have a list of their own."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from bot.models import Paper
from bot.query import Field
from bot.search.index import TantivyIndex
from bot.search.writer import effort
from tests.papers import paper

WORDS = ("a", "an", "art", "arc", "arch", "archer", "archery", "bee", "been", "beer", "the", "theory", "Ärger")
FIRST_DAY = date(2020, 1, 1)


def shelf(count: int, voted: float, chance: Random) -> list[Paper]:
    """Papers of which no two have the same votes and day, so that there is one right order."""
    return [
        paper(
            id=f"2401.{number:05}",
            title=" ".join(chance.choices(WORDS, k=3)),
            authors=(f"{chance.choice(WORDS).title()} {chance.choice(WORDS).title()}",),
            organization="",
            votes=chance.randrange(1, 5) if chance.random() < voted else None,
            published=FIRST_DAY + timedelta(days=number),
        )
        for number in range(count)
    ]


@pytest.fixture(params=[(300, 0.5), (300, 0.02), (40, 0.0), (40, 1.0)], ids=["many", "few", "none", "all"])
async def index(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[TantivyIndex, list[Paper]]]:
    count, voted = request.param
    papers = shelf(count, voted, Random(7))
    index = TantivyIndex(tmp_path / "index")
    await index.rebuild("a database")
    await index.update(papers, cursor=1)
    await index.finish_rebuild()
    yield index, papers
    await index.close()


def folded(text: str) -> list[str]:
    return text.lower().replace("ä", "a").split()


def begins(text: str, typed: str) -> bool:
    *whole, last = folded(typed)
    having = folded(text)
    return all(word in having for word in whole) and any(word.startswith(last) for word in having)


def most_voted(papers: list[Paper]) -> list[Paper]:
    return sorted(papers, key=lambda one: (one.votes or 0, one.published or FIRST_DAY), reverse=True)


@pytest.mark.parametrize("typed", ["a", "ar", "arc", "arch", "arche", "archery", "the", "been a", "arc th", "ä", "x"])
async def test_titles_are_those_of_the_most_voted_papers_that_have_the_words(
    index: tuple[TantivyIndex, list[Paper]], typed: str
) -> None:
    filled, papers = index
    expected = [one.id for one in most_voted(papers) if begins(one.title, typed)][:10]
    assert [hit.id for hit in (await filled.titles_starting(typed, 10)).hits] == expected


@pytest.mark.parametrize("typed", ["a", "ar", "arch", "archery", "bee the", "x"])
async def test_names_are_those_of_the_authors_of_the_most_voted_papers(
    index: tuple[TantivyIndex, list[Paper]], typed: str
) -> None:
    filled, papers = index
    written = [one for one in most_voted(papers) if begins(one.authors[0], typed)][:40]
    names = dict.fromkeys(one.authors[0] for one in written)
    expected = sorted(names, key=lambda name: f" {typed}" not in f" {' '.join(folded(name))}")[:5]
    assert list(await filled.names_starting(Field.AUTHOR, typed, 5)) == expected


async def test_a_paper_that_gets_its_first_votes_is_completed_first(index: tuple[TantivyIndex, list[Paper]]) -> None:
    filled, _ = index
    late = paper(id="2401.99999", title="archery", votes=None, published=FIRST_DAY)
    await filled.update([late], cursor=2)
    assert (await filled.titles_starting("archery", 10)).hits[0].id != late.id
    await filled.update([paper(id=late.id, title="archery", votes=1_000, published=FIRST_DAY)], cursor=3)
    assert (await filled.titles_starting("arch", 10)).hits[0].id == late.id


@pytest.mark.parametrize("typed", ["sum of b", "bez", "béz", "sum bezier", "curv"])
async def test_a_title_is_completed_as_it_is_read_and_not_as_tex(tmp_path: Path, typed: str) -> None:
    index = TantivyIndex(tmp_path / "index")
    await index.rebuild("a database")
    curves = paper(title=r"The Sum of B\'ezier $\mathbb{R}$ Curves", votes=None)
    await index.update([curves], cursor=1)
    assert [hit.id for hit in (await index.titles_starting(typed, 10)).hits] == [curves.id]
    await index.close()


@pytest.mark.parametrize("typed", ["s. o. a", "s. arik", "sercan a", "arik", "s"])
async def test_an_author_is_completed_from_initials(tmp_path: Path, typed: str) -> None:
    index = TantivyIndex(tmp_path / "index")
    await index.rebuild("a database")
    await index.update([paper(authors=("Sercan O. Arik", "Ada Lovelace"), votes=None)], cursor=1)
    assert await index.names_starting(Field.AUTHOR, typed, 5) == ("Sercan O. Arik",)
    await index.close()


@pytest.mark.parametrize(
    ("papers", "rebuilding", "threads"), [(0, False, 1), (10**6, False, 1), (19_999, True, 1), (20_000, True, 2)]
)
def test_two_threads_are_used_only_where_many_papers_are_put_in_anew(
    papers: int, *, rebuilding: bool, threads: int
) -> None:
    assert effort(papers, rebuilding=rebuilding).threads == threads
