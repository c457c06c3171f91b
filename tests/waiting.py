"""How tests wait: for what is to happen, and never for a time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from adapters.discord.rest import Rest

PATIENCE = 20.0  # seconds, of a slow machine


async def until(condition: Callable[[], Awaitable[Any]], what: str, *, seconds: float = PATIENCE) -> Any:
    """Ask again and again until it is so."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not (found := await condition()):
        assert loop.time() < end, f"{what} never came"
        await asyncio.sleep(0.02)  # nobody tells
    return found


@contextmanager
def hurried(rest: Rest) -> Iterator[None]:
    """It waits a second for an answer: only where that is what is tested, as a busy machine may take longer."""
    patience, rest._seconds = rest._seconds, 1.0
    try:
        yield
    finally:
        rest._seconds = patience
