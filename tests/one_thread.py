"""SQLite without its threads: for stories of weeks, in which handing over takes three times as long as SQLite does."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import aiosqlite

from tests.thorough import THOROUGH


@contextmanager
def statements_at_once() -> Iterator[None]:
    """Each statement is run where it is awaited; THOROUGH hands it over as the bot does, so that others come between."""
    if THOROUGH:
        yield
    else:
        with mock.patch.object(aiosqlite.Connection, "_execute", _at_once):
            yield


async def _at_once(_: aiosqlite.Connection, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    return function(*args, **kwargs)
