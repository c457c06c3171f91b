"""The state of everything, to look at: values with their words, as JSON."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Any

from aiohttp import web

from adapters.web.asking import answer
from adapters.web.site import HERE, Site
from bot import views
from bot.board import Ordered, Orders
from bot.deliveries import State
from bot.errors import StoreError, UserError
from bot.readable import readable
from bot.results import Page, Trending
from bot.views import web as words

DAYS = 14
_MOST_ORDERS = 50
_CURVES = 5
_WEEK = timedelta(days=7)


class BoardPage:
    """Read-only."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def show(self, _request: web.Request) -> web.Response:
        """Subscriptions, deliveries, votes, sources and index."""
        now, core = self._site.now(), self._site.contents.core()
        try:
            status = await core.status(HERE, now)
            orders, curves = await self._orders(now), await self._curves(now)
        except StoreError:
            return answer({"error": words.OUT_OF_ORDER}, HTTPStatus.SERVICE_UNAVAILABLE)
        shown = views.status(status, now)
        return answer({"status": asdict(shown), **orders, "curves": curves, "legend": words.legend()})

    async def _orders(self, now: datetime) -> dict[str, Any]:
        today = now.date()
        days = [today - timedelta(days=ago) for ago in reversed(range(DAYS))]
        orders = await self._site.contents.board.orders(days[0], today, _MOST_ORDERS)
        return {
            "days": [{"day": day.isoformat(), "label": words.day_label(day)} for day in days],
            "orders": [_order(one, days, now) for one in orders.shown],
            "more": words.more(orders),
            "totals": [_total(orders, day) for day in days],
        }

    async def _curves(self, now: datetime) -> list[dict[str, Any]]:
        """How the votes of the week's top papers went."""
        try:
            trend = await self._site.contents.core().trending(Trending("week"), "", _CURVES, Page(1, _CURVES), now)
        except UserError:
            return []
        papers = trend.results.papers
        seen = await self._site.contents.board.curves([paper.id for paper in papers], now - 2 * _WEEK)
        return [
            {
                "title": readable(paper.title),
                "url": views.paper_url(paper),
                "votes": words.votes(paper.votes),
                "points": [(int(moment.timestamp()), votes) for moment, votes in seen.get(paper.id, ())],
            }
            for paper in papers
        ]


def _order(one: Ordered, days: list[date], now: datetime) -> dict[str, Any]:
    return {**words.order_row(one, now), "days": [_cell(one.days, day) for day in days]}


def _cell(states: Mapping[date, State], day: date) -> str:
    return states[day].value if day in states else ""


def _total(orders: Orders, day: date) -> dict[str, Any]:
    counts = orders.counts.get(day, {})
    return {"counts": {one.value: count for one, count in counts.items()}, "label": words.counted(counts)}
