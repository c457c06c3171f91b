"""Serves the page, its files, what is asked on it, and what those who watch the bot ask."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus

from aiohttp import web
from aiohttp.http import HttpProcessingError

from adapters.web.asking import Asking, answer
from adapters.web.board import BoardPage
from adapters.web.health import HealthPage
from adapters.web.security import ASSETS, LOGIN, Guard, Handler
from adapters.web.site import Site
from adapters.web.static import PAGE, File, files
from bot.views import web as words

LARGEST = 100_000  # bytes of a request
_END_SECONDS = 1.0  # that requests may still take when the bot is asked to end

log = logging.getLogger(__name__)


@asynccontextmanager
async def serving(site: Site, host: str, port: int) -> AsyncIterator[str]:
    """Serve while inside, and give the address of the page. Raises OSError where the port is taken."""
    app, requests = application(site), logging.getLogger(f"{__name__}.requests")
    requests.addFilter(_is_ours)
    runner = web.AppRunner(app, access_log=None, logger=requests, handle_signals=False, shutdown_timeout=_END_SECONDS)
    await runner.setup()
    watching = asyncio.create_task(site.metrics.watch_the_loop())
    try:
        await web.TCPSite(runner, host.strip("[]"), port).start()
        with site.metrics.counting():
            yield address(host, runner.addresses[0][1])
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        await runner.cleanup()


def application(site: Site) -> web.Application:
    """Every route, behind the guard."""
    guard = Guard(site.token)

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await guard(request, lambda asked: _answered(asked, handler))

    app = web.Application(middlewares=[guarded], client_max_size=LARGEST)
    asking, board, health = Asking(site), BoardPage(site), HealthPage(site)
    app.add_routes(
        [
            *_files(),
            web.post(LOGIN, guard.login),
            web.post("/api/say", asking.say),
            web.get("/api/complete", asking.complete),
            web.get("/api/digest", asking.digest),
            web.get("/api/board", board.show),
            web.get("/healthz", health.alive),
            web.get("/readyz", health.ready),
            web.get("/metrics", health.metrics),
        ]
    )
    return app


def address(host: str, port: int) -> str:
    """What to open in a browser on this machine."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104 - it is compared, not bound
    return f"http://{f'[{shown}]' if ':' in shown and not shown.startswith('[') else shown}:{port}/"


def _is_ours(record: logging.LogRecord) -> bool:
    """What is no HTTP is no fault of ours: whoever looks for open ports would fill the log with tracebacks."""
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


async def _answered(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The answer; what goes wrong goes into the log, and one sentence to whoever asked."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        is_unknown = error.status == HTTPStatus.NOT_FOUND
        sentence = words.NO_SUCH_PAGE if is_unknown else words.NOT_UNDERSTOOD
        return answer({"error": sentence}, HTTPStatus(error.status))
    except Exception:  # the outermost edge of a request
        log.exception("%s failed", request.path)
        return answer({"error": words.OUT_OF_ORDER}, HTTPStatus.INTERNAL_SERVER_ERROR)


def _files() -> list[web.RouteDef]:
    found = files()
    page = found[PAGE]
    return [
        web.get("/", _sending(page)),
        *(web.get(f"{ASSETS}{name}", _sending(file)) for name, file in found.items() if file is not page),
    ]


def _sending(file: File) -> Handler:
    """The file, or word that the browser has it already; it asks each time, so that no update is ever missed."""
    kept = {"ETag": file.tag, "Cache-Control": "no-cache"}

    async def send(request: web.Request) -> web.StreamResponse:
        if request.headers.get("If-None-Match") == file.tag:
            return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=kept)
        return web.Response(body=file.body, content_type=file.content_type, charset="utf-8", headers=kept)

    return send
