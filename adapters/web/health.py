"""For whoever watches the bot: alive, ready, and what Prometheus reads."""

import asyncio
from http import HTTPStatus

from aiohttp import web

from adapters.web.asking import answer
from adapters.web.metrics import CONTENT_TYPE
from adapters.web.site import HERE, Site
from bot.errors import BotError
from bot.results import Status

_SECONDS = 3.0


class HealthPage:
    """Nothing in it is about papers, people or channels."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def alive(self, _request: web.Request) -> web.Response:
        """The process answers."""
        return web.Response(text="ok\n")

    async def ready(self, _request: web.Request) -> web.Response:
        """Whether it can answer and send, and what keeps it from that."""
        health = self._site.health
        if not self._site.open:
            return answer({"ready": False, "parts": {"life": health.phase}}, HTTPStatus.SERVICE_UNAVAILABLE)
        state = await self._state()
        parts = {
            "life": health.phase,
            "database": "ok" if state else "cannot be read",
            "index": "ok" if state and state.index else "cannot be read",
            **health.states,
        }
        is_ready = bool(state and state.index) and health.can_send
        status = HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE
        return answer({"ready": is_ready, "parts": parts}, status)

    async def metrics(self, _request: web.Request) -> web.Response:
        """Counters as they stand, gauges as they are now; what cannot be read keeps its last value."""
        site, contents, now = self._site, self._site.contents, self._site.now()
        if state := await self._state():
            changes = await contents.records.papers.change_cursor()
            index = state.index
            lag = max(0, changes - index.cursor) if index and not state.condition.is_sample else 0
            site.metrics.set_index(state.stock.papers, index.papers if index else 0, lag)
            site.metrics.set_backlog(await contents.board.backlog(now), now)
        site.metrics.set_health(site.health)
        return web.Response(body=site.metrics.text(), headers={"Content-Type": CONTENT_TYPE})

    async def _state(self) -> Status | None:
        try:
            async with asyncio.timeout(_SECONDS):
                return await self._site.contents.core().status(HERE, self._site.now())
        except (BotError, TimeoutError):
            return None
