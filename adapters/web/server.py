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
from adapters.web.crowd import USUAL, Limits, admitting
from adapters.web.health import HealthPage
from adapters.web.security import ASSETS, LOGIN, Guard, Handler
from adapters.web.site import NotOpen, Site
from adapters.web.static import PAGE, File, files, waiting_page
from bot.views import web as words

LARGEST, MOST_HEADERS = 100_000, 64  # bytes of a body; headers, of 8 kB each at most: a browser sends about twenty
_END_SECONDS = 1.0  # that requests may still take when the bot is asked to end
_AGAIN_SECONDS = 5  # after which whoever came too early may ask again

log = logging.getLogger(__name__)


@asynccontextmanager
async def serving(site: Site, host: str, port: int, limits: Limits = USUAL) -> AsyncIterator[str]:
    """Serve while inside, and give the address of the page. Raises OSError where the port is taken."""
    runner = _runner(site, limits)
    await runner.setup()
    assert runner.server
    watching = asyncio.create_task(site.metrics.watch_the_loop())
    try:
        admitted = admitting(runner.server, limits.connections)
        listening = await asyncio.get_running_loop().create_server(admitted, host.strip("[]"), port)
        try:
            with site.metrics.counting():
                yield address(host, listening.sockets[0].getsockname()[1])
        finally:
            listening.close()
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        await runner.cleanup()


def _runner(site: Site, limits: Limits) -> web.AppRunner:
    requests = logging.getLogger(f"{__name__}.requests")
    requests.addFilter(_is_ours)
    return web.AppRunner(
        application(site, limits.seconds),
        access_log=None,
        logger=requests,
        handle_signals=False,
        shutdown_timeout=_END_SECONDS,
        keepalive_timeout=limits.seconds,
        max_headers=MOST_HEADERS,
        auto_decompress=False,  # nobody packs what is asked here; what cannot be unpacked would fill the log
    )


def application(site: Site, seconds: float) -> web.Application:
    """Every route, behind the guard; a request and its answer may take so many seconds."""
    guard = Guard(site.token)

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await guard(request, lambda asked: _answered(asked, handler, site, seconds))

    app = web.Application(middlewares=[guarded], client_max_size=LARGEST)
    asking, board, health = Asking(site), BoardPage(site), HealthPage(site)
    app.add_routes(
        [
            *_files(site),
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


async def _answered(request: web.Request, handler: Handler, site: Site, seconds: float) -> web.StreamResponse:
    """The answer; what goes wrong goes into the log, and one sentence to whoever asked."""
    try:
        async with asyncio.timeout(seconds) as limit:
            return await handler(request)
    except NotOpen:
        return _waiting(request.path, words.waiting(site.health.phase))
    except web.HTTPException as error:
        is_unknown = error.status == HTTPStatus.NOT_FOUND
        sentence = words.NO_SUCH_PAGE if is_unknown else words.NOT_UNDERSTOOD
        return answer({"error": sentence}, HTTPStatus(error.status))
    except ConnectionResetError:  # whoever asked is gone, and had not said everything
        return answer({"error": words.NOT_UNDERSTOOD}, HTTPStatus.BAD_REQUEST)
    except Exception:  # the outermost edge of a request
        if limit.expired():
            return answer({"error": words.TOO_SLOW}, HTTPStatus.REQUEST_TIMEOUT)
        log.exception("%s failed", request.path)
        return answer({"error": words.OUT_OF_ORDER}, HTTPStatus.INTERNAL_SERVER_ERROR)


def _waiting(path: str, reason: str) -> web.Response:
    """Why there is nothing yet: in the place of the page as a page, elsewhere as a sentence."""
    reply = answer({"error": reason}, HTTPStatus.SERVICE_UNAVAILABLE)
    if path == "/":
        reply.body, reply.content_type = waiting_page(reason), "text/html"
    reply.headers["Retry-After"] = str(_AGAIN_SECONDS)
    return reply


def _is_ours(record: logging.LogRecord) -> bool:
    """What is no HTTP is no fault of ours: whoever looks for open ports would fill the log with tracebacks."""
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


def _files(site: Site) -> list[web.RouteDef]:
    found = files()
    page = _sending(found.pop(PAGE))

    async def home(request: web.Request) -> web.StreamResponse:
        if not site.open:
            raise NotOpen
        return await page(request)

    return [web.get("/", home), *(web.get(f"{ASSETS}{name}", _sending(file)) for name, file in found.items())]


def _sending(file: File) -> Handler:
    """The file, or word that the browser has it already; it asks each time, so that no update is ever missed."""
    kept = {"ETag": file.tag, "Cache-Control": "no-cache"}

    async def send(request: web.Request) -> web.StreamResponse:
        if request.headers.get("If-None-Match") == file.tag:
            return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=kept)
        return web.Response(body=file.body, content_type=file.content_type, charset="utf-8", headers=kept)

    return send
