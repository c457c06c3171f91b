"""The page of a bot that runs: served from the first moment, and open as soon as there is something to ask it."""

import errno
import os
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack

from bot.cli import wiring
from bot.cli.payloads import PAYLOADS
from bot.cli.wiring import Library
from bot.config import Config
from bot.core import Core
from bot.health import Health
from bot.store import SqlBoard


class Page:
    """Where its port is taken, the bot runs without it."""

    def __init__(self, settings: Config, health: Health) -> None:
        from adapters.web.metrics import Metrics  # noqa: PLC0415
        from adapters.web.site import Site  # noqa: PLC0415 - a quarter of a second, which other commands do without

        self.address = ""  # until it is served
        self._settings = settings
        self._site = Site(wiring.now, PAYLOADS, health, Metrics(), settings.http_token)
        self._served = AsyncExitStack()
        self._trouble = OSError()

    async def begin(self) -> None:
        """Serve it, where it is not served yet; until it is open it tells to wait."""
        from adapters.web.server import serving  # noqa: PLC0415 - as above

        if self.address:
            return
        host, port = self._settings.http_host, int(self._settings.http_port)
        try:
            self.address = await self._served.enter_async_context(serving(self._site, host, port))
        except OSError as error:
            self._trouble = error

    def open(self, core: Callable[[], Core], stored: Library) -> None:
        """From now on it answers; where it is, or why it is not served, is printed."""
        from adapters.web.site import Contents  # noqa: PLC0415 - as above

        self._site.open = Contents(core, stored.records, SqlBoard(stored.store.database))
        if self.address:
            needs = "; it asks for HTTP_TOKEN" if self._settings.http_token else ""
            print(f"The page is at {self.address}{needs}", flush=True)
        else:
            where = f"{self._settings.http_host}:{self._settings.http_port}"
            print(f"The page is not served, because {where} cannot be used {remedy(self._trouble)}.", flush=True)

    async def end(self) -> None:
        """Serve it no longer; its port is free then."""
        await self._served.aclose()


def remedy(error: OSError) -> str:
    """Why an address cannot be served, and which setting mends it: the port that is taken, or the host that is not ours."""
    is_host = isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL
    reason = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
    return f"({reason}): set {'HTTP_HOST' if is_host else 'HTTP_PORT'}"
