"""A connection that is made again whenever it is lost."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable

from bot.errors import ConfigError
from bot.planning import backoff

STEADY_SECONDS = 600.0  # held for so long, what broke at last was no failure to connect

log = logging.getLogger(__name__)


async def keep_connected(name: str, connect: Callable[[], Awaitable[None]], pace: float = 1.0) -> None:
    """Connect to `name` again and again, until cancelled; all waits are multiplied by `pace`.

    `connect` returns when a connection that stood is lost, after which the next is made at once; it raises where none
    came about, and ConfigError where none ever will, which ends this.
    """
    failures, loop = 0, asyncio.get_running_loop()
    while True:
        began = loop.time()
        try:
            await connect()
            log.warning("The connection to %s is lost", name)
            failures = 0
        except ConfigError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a library raises when there is no connection
            failures = 0 if loop.time() - began >= STEADY_SECONDS else failures + 1
            log.warning("%s cannot be reached (%s: %s)", name, type(error).__name__, error)
        if failures:
            wait = pace * backoff(failures, 0.0, random.uniform(0.5, 1.0))  # noqa: S311 - no secret
            log.info("%s is tried again in %.0f seconds", name, wait)
            await asyncio.sleep(wait)
