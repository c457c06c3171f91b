"""What is read but makes no sense is damage."""

import logging
from collections.abc import Callable, Coroutine, Sequence
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from bot.errors import StoreError

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R", bound=Sequence[Any])
_NONSENSE = (ValueError, TypeError, LookupError, OverflowError)

log = logging.getLogger(__name__)


def readable(method: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """What is read but makes no sense is damage: a StoreError, as all other damage is."""

    @wraps(method)
    async def reading(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await method(*args, **kwargs)
        except _NONSENSE as error:
            raise StoreError(
                f"The database is damaged ({type(error).__name__} while reading it): "
                "restore a backup, or move the file away and run `python -m bot sync`."
            ) from error

    return reading


def each(read: Callable[[R], T], rows: Sequence[R]) -> tuple[list[T], list[R]]:
    """What the rows hold, and those that make no sense: one of them holds no other up.

    Each begins with its id, which alone is logged, as the rest may hold what somebody asked.
    """
    found: list[T] = []
    damaged: list[R] = []
    for row in rows:
        try:
            found.append(read(row))
        except _NONSENSE:
            log.exception("what is stored is damaged and left out: %.200r", row[0])
            damaged.append(row)
    return found, damaged
