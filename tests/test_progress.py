"""Progress bars."""

import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager, redirect_stderr
from datetime import date
from functools import partial

import pytest

from bot.cli import progress
from bot.indexing import Progress


class Terminal(io.StringIO):
    """Where a person looks on."""

    def isatty(self) -> bool:
        return True


BARS = pytest.mark.parametrize(
    ("bar", "name"),
    [
        (partial(progress.importing, "arxiv.json", 2), "arxiv.json"),
        (progress.indexing, "Building the search index"),
        (progress.downloading, "Bringing the model"),
        (progress.reading, "Reading what papers mean"),
    ],
)


@BARS
def test_a_terminal_shows_how_far_it_is(bar: Callable[[], AbstractContextManager[Progress]], name: str) -> None:
    with redirect_stderr(Terminal()) as shown, bar() as progressed:
        progressed(1, 2)
        progressed(2, 2)
    assert name in shown.getvalue()


@BARS
def test_where_there_is_no_terminal_log_lines_stand_alone(
    bar: Callable[[], AbstractContextManager[Progress]], name: str
) -> None:
    with redirect_stderr(io.StringIO()) as shown, bar() as progressed:
        progressed(1, 2)
        progressed(2, 2)
    assert not shown.getvalue(), name


@pytest.mark.parametrize("leave", [True, False])
def test_the_days_that_are_fetched_are_counted_in_a_terminal_alone(*, leave: bool) -> None:
    for place, is_shown in ((Terminal(), True), (io.StringIO(), False)):
        with redirect_stderr(place), progress.fetching(1, leave=leave) as done:
            done(date(2026, 3, 30))
        assert ("1/1" in place.getvalue() or "0/1" in place.getvalue()) == is_shown


def test_what_is_imported_is_shown_with_its_rate_and_the_remaining_time() -> None:
    with redirect_stderr(Terminal()) as shown, progress.importing("arxiv.json", 2_000) as done:
        done(2_000, 4_100)
    bar = r"arxiv\.json: 100%\|.*\[\d\d:\d\d<\d\d:\d\d, +[\d.]+.?B/s, 4,100 new papers\]"
    assert re.search(bar, shown.getvalue())
