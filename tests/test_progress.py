"""Progress bars."""

import io
from collections.abc import Callable
from contextlib import AbstractContextManager, redirect_stderr
from datetime import date

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


def test_where_there_is_no_terminal_log_lines_stand_alone() -> None:
    with redirect_stderr(io.StringIO()) as shown:
        with progress.downloading() as progressed:
            progressed(1, 2)
        with progress.fetching(1, leave=False) as done:
            done(date(2026, 3, 30))
    assert not shown.getvalue()


@pytest.mark.parametrize("place", [Terminal(), io.StringIO()])
def test_a_command_shows_how_far_it_is_wherever_it_is_read(place: io.StringIO) -> None:
    with redirect_stderr(place), progress.fetching(1) as done:
        done(date(2026, 3, 30))
    assert "1/1" in place.getvalue()
