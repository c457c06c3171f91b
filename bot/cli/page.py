"""Puts the page together: what it asks, what it shows, and how each platform would be sent it."""

import errno
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from bot.cards import Card
from bot.cli import wiring
from bot.cli.wiring import Library
from bot.config import Config
from bot.core import Core
from bot.health import Health
from bot.store import SqlBoard


@asynccontextmanager
async def serving(settings: Config, core: Callable[[], Core], stored: Library, health: Health) -> AsyncIterator[str]:
    """The address of the page, which is printed; empty where its port is taken, which is no reason not to run."""
    from adapters.web.metrics import Metrics  # noqa: PLC0415
    from adapters.web.server import serving as served  # noqa: PLC0415 - a quarter of a second, which other commands do without
    from adapters.web.site import Site  # noqa: PLC0415

    board = SqlBoard(stored.store.database)
    payloads = {"discord": as_discord, "slack": as_slack}
    site = Site(core, stored.records, board, wiring.now, payloads, health, Metrics(), settings.http_token)
    serving_it = served(site, settings.http_host, int(settings.http_port))
    try:
        address = await serving_it.__aenter__()
    except OSError as error:
        where = f"{settings.http_host}:{settings.http_port}"
        print(f"The page is not served, because {where} cannot be used {remedy(error)}.", flush=True)
        yield ""
        return
    try:
        needs = "; it asks for HTTP_TOKEN" if settings.http_token else ""
        print(f"The page is at {address}{needs}", flush=True)
        yield address
    finally:
        await serving_it.__aexit__(None, None, None)


def remedy(error: OSError) -> str:
    """Why an address cannot be served, and which setting mends it: the port that is taken, or the host that is not ours."""
    is_host = isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL
    reason = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
    return f"({reason}): set {'HTTP_HOST' if is_host else 'HTTP_PORT'}"


def as_discord(card: Card, share: str) -> dict[str, Any]:
    """The message as it is sent to Discord."""
    from adapters.discord import render  # noqa: PLC0415 - as above

    return render.render(card, share=share).payload


def as_slack(card: Card, share: str) -> dict[str, Any]:
    """The message as it is sent to Slack."""
    from adapters.slack import render  # noqa: PLC0415

    return render.render(card, share=share)
