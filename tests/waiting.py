"""How tests wait: for what is to happen, and never for a time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

PATIENCE = 20.0  # seconds, of a slow machine


async def until(condition: Callable[[], Awaitable[Any]], what: str, *, seconds: float = PATIENCE) -> Any:
    """Ask again and again until it is so."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not (found := await condition()):
        assert loop.time() < end, f"{what} never came"
        await asyncio.sleep(0.02)  # nobody tells
    return found
