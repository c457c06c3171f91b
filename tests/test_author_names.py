"""Names of authors as people type them: accents, initials and mistakes; and categories that do not exist."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot import dispatch
from bot.core import Core
from bot.store import records
from tests.conftest import ENGINES
from tests.library import indexed
from tests.papers import NOON, paper

PAPERS = (
    paper("1706.00001", authors=("Ashish Vaswani", "Łukasz Kaiser", "Aidan N. Gomez"), categories=("cs.CL", "cs.LG")),
    paper("1706.00002", authors=("Lars Kaiser", "Xin Dong"), categories=("cs.CV",)),
    paper("1706.00003", authors=("L. Kaiser", "M. Kaiser"), categories=("cs.CY",)),
    paper("1706.00004", authors=("Li Dong", "Mia Kaiser"), categories=("math.AG",)),
    paper("1706.00005", authors=("José García-López", "Y. LeCun"), categories=("cond-mat.soft",)),
    paper("1706.00006", authors=("Juan López", "Søren Ørsted", "Plato"), categories=("hep-th",)),
    paper("1706.00007", authors=(*(f"Person{number} Many" for number in range(300)), "Eve Stone")),
    paper("1706.00008", title="Of Eve and stone", abstract="E. is a letter; eve is an evening, and stone is stone."),
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=ENGINES)
async def core(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Core]:
    folder: Path = tmp_path_factory.mktemp("names")
    async with ENGINES[request.param](folder) as store:
        await store.save_papers(PAPERS, NOON)
        async with indexed(store, folder / "index") as index:
            yield Core(records(store), index)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Łukasz Kaiser", "13"),  # the third may be of the same person
        ("lukasz kaiser", "13"),
        ("L. Kaiser", "123"),
        ("l kaiser", "123"),
        ("M. Kaiser", "34"),
        ("Mia Kaiser", "34"),
        ("X. Kaiser", ""),
        ("A. Gomez", "1"),
        ("A. N. Gomez", "1"),
        ("Aidan N. Gomez", "1"),
        ("Aidan Gomez", "1"),
        ("Yann LeCun", "5"),
        ("Y LeCun", "5"),
        ("Jose Garcia Lopez", "5"),
        ("J. García-López", "5"),
        ("J. López", "56"),
        ("s. orsted", "6"),
        ("soren ørsted", "6"),
        ("lukasz kaizer", "13"),
        ("plato", "6"),
        ("Kaiser Aidan", ""),  # the end of one name and the beginning of the next are none
    ],
)
async def test_a_name_is_found_with_accents_or_without_in_full_or_by_its_initials(
    core: Core, name: str, found: str
) -> None:
    card = await dispatch.run_text(f'search author:"{name}"', core, NOON)
    assert {item.id[-1] for item in card.papers} == {*found}


async def test_a_name_that_is_excluded_is_excluded_by_its_initials_too(core: Core) -> None:
    card = await dispatch.run_text('search author:kaiser -author:"L. Kaiser"', core, NOON)
    assert [item.id for item in card.papers] == ["1706.00004"]


@pytest.mark.parametrize("name", ["Łukasz Kaiser", "lukasz kaiser", "LUKASZ KAISER"])
async def test_a_bare_name_finds_its_papers_first_and_says_that_it_is_the_author(core: Core, name: str) -> None:
    best = (await dispatch.run_text(f"search {name}", core, NOON)).papers[0]
    assert (best.id, best.badge) == ("1706.00001", "author")


@pytest.mark.parametrize("name", ["L. Kaiser", "l kaiser"])
async def test_bare_initials_find_all_whose_they_may_be_and_say_that_it_is_the_author(core: Core, name: str) -> None:
    best = (await dispatch.run_text(f"search {name}", core, NOON)).papers[:3]
    assert {item.id[-1] for item in best} == {*"123"}
    assert {item.badge for item in best} == {"author"}


@pytest.mark.parametrize("name", ["Eve Stone", "E. Stone", "eve stoen"])
async def test_whoever_wrote_with_hundreds_comes_before_papers_that_have_the_words(core: Core, name: str) -> None:
    best = (await dispatch.run_text(f"search {name}", core, NOON)).papers[0]
    assert (best.id, best.badge) == ("1706.00007", "author")


async def test_words_of_two_names_are_no_author_and_no_similar_meaning(core: Core) -> None:
    badges = {item.id: item.badge for item in (await dispatch.run_text("search lars dong", core, NOON)).papers}
    assert badges["1706.00002"] == ""


@pytest.mark.parametrize(
    ("category", "near"),
    [
        ("cs.VC", "cs.CV"),
        ("cs.XY", "cs.CY"),
        ("math.XX", "math.AG"),
        ("hep-ht", "hep-th"),
        ("condmat.soft", "cond-mat.soft"),
    ],
)
async def test_a_category_that_no_paper_has_names_the_nearest(core: Core, category: str, near: str) -> None:
    said = (await dispatch.run_text(f"search cat:{category}", core, NOON)).plain
    assert f"No paper here is in the category “{category}”: did you mean “{near}”" in said


async def test_a_category_that_papers_have_is_no_reason_to_ask_back(core: Core) -> None:
    said = (await dispatch.run_text("search cat:cs.CV votes:900", core, NOON)).plain
    assert "category" not in said
