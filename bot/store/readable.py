"""What is read but makes no sense is damage."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from bot.errors import StoreError

P = ParamSpec("P")
T = TypeVar("T")


def readable(method: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """What is read but makes no sense is damage: a StoreError, as all other damage is."""

    @wraps(method)
    async def reading(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await method(*args, **kwargs)
        except (ValueError, TypeError, LookupError, OverflowError) as error:
            raise StoreError(
                f"The database is damaged ({type(error).__name__} while reading it): "
                "restore a backup, or move the file away and run `python -m bot sync`."
            ) from error

    return reading
