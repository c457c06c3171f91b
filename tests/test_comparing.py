"""Names as they are compared, and what a query admits of what a source found."""

from datetime import date

import pytest

from bot import query
from bot.comparing import is_name
from tests.papers import paper

TODAY = date(2026, 3, 31)


@pytest.mark.parametrize(
    ("typed", "written", "expected"),
    [
        ("masuda", "Naoki Masuda", True),
        ("naoki masuda", "Naoki Masuda", True),
        ("N. Masuda", "Naoki Masuda", True),
        ("Naoki Masuda", "N. Masuda", True),
        ("lukasz kaiser", "Łukasz Kaiser", True),
        ("Masuda Naoki", "Naoki Masuda", True),
        ("masuda", "M. Naoki", False),
        ("A. Masuda", "Naoki Masuda", False),
        ("masu", "Naoki Masuda", False),
        ("", "Naoki Masuda", False),
    ],
)
def test_initials_may_stand_for_first_names_on_either_side(typed: str, written: str, expected: bool) -> None:  # noqa: FBT001
    assert is_name(typed, written) is expected


FOUND = paper(authors=("Naoki Masuda", "Ada Lovelace"), categories=("cs.RO", "physics.soc-ph"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("author:masuda", True),
        ('author:"ada lovelace" thoughts', True),
        ("author:turing", False),
        ("author:turing|lovelace", True),
        ("-author:turing", True),
        ("-author:masuda", False),
        ("cat:cs.RO", True),
        ("cat:physics", True),
        ("cat:cs.r", False),
        ("cat:math robots", False),
        ("-cat:cs", False),
        ("robots", True),
    ],
)
def test_what_a_source_found_is_held_against_authors_and_categories(text: str, expected: bool) -> None:  # noqa: FBT001
    assert query.parse(text, TODAY).admits(FOUND) is expected
