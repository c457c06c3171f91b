"""What is asked on the page: commands, completion, and digests as they would be posted."""

import asyncio
import json
from dataclasses import asdict, replace
from datetime import date
from http import HTTPStatus
from typing import Any

from aiohttp import web

from adapters.web.site import OPERATOR, Site
from bot import dispatch, typed, views
from bot.cards import Card, Tone
from bot.commands import COMMANDS, orders
from bot.errors import Problem, UserError
from bot.query import MAX_CHARACTERS
from bot.subscriptions import Asker, Layout, Order
from bot.views import web as words

MOST_TOP = 20  # papers of a digest
_SECONDS = 20.0


class Asking:
    """Everything that answers with a card."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def say(self, request: web.Request) -> web.Response:
        """The answer to `text`: `public` as everybody in a channel would see it, else as the asker alone does."""
        asked = await _body(request)
        text, is_public = asked.get("text"), asked.get("public") is True
        if not isinstance(text, str):
            raise web.HTTPBadRequest
        asker = replace(OPERATOR, zone=str(asked.get("zone", ""))[:100] or OPERATOR.zone)
        card = words.no_place(confirmed) if (confirmed := _confirmed(text)) else await self._answer(text, asker)
        can_share = bool(card.papers) and card.tone is not Tone.FAILURE and not is_public
        return self._shown(card, text if can_share else "")

    async def complete(self, request: web.Request) -> web.Response:
        """What the line so far can become: `length` of its last characters are replaced by a `value`."""
        text = request.query.get("text", "")[: dispatch.LONGEST_TEXT]
        length, choices = await dispatch.complete_text(text, self._site.contents.core(), OPERATOR)
        return answer({"length": length, "choices": [asdict(choice) for choice in choices]})

    async def digest(self, request: web.Request) -> web.Response:
        """What would be posted of `day` (the newest batch without it) for `query`: `top` papers in a `layout`."""
        given = request.query
        try:
            top = _top(given.get("top", "5"))
            layout = Layout(given.get("layout", Layout.CARDS))
            day = date.fromisoformat(given["day"]) if given.get("day") else None
        except ValueError:
            return answer({"error": words.NOT_UNDERSTOOD}, HTTPStatus.BAD_REQUEST)
        query = orders.query(typed.clean(given.get("query", "")[: dispatch.LONGEST_TEXT]))
        order = Order("papers", query, top, layout)
        return self._shown(await self._digest(order, day), "")

    async def _digest(self, order: Order, day: date | None) -> Card:
        now = self._site.now()
        try:
            async with asyncio.timeout(_SECONDS):
                edition = await self._site.contents.core().subscribing.sample(order, day, now)
        except UserError as error:
            return views.failure(error)
        return views.digest(edition) if edition.papers else views.sample(edition)

    async def _answer(self, text: str, asker: Asker) -> Card:
        if len(text) > dispatch.LONGEST_TEXT:  # the rest would not even be counted
            return views.failure(UserError(Problem.TOO_LONG, length=len(text), limit=MAX_CHARACTERS))
        return await dispatch.run_text(text, self._site.contents.core(), self._site.now(), asker=asker)

    def _shown(self, card: Card, share: str) -> web.Response:
        """The card, the command that shares it, and how each platform would be sent it."""
        payloads = {name: payload(card, share) for name, payload in self._site.payloads.items()}
        return answer({"card": asdict(card), "share": share, "payloads": payloads})


def answer(found: Any, status: HTTPStatus = HTTPStatus.OK) -> web.Response:
    """As JSON; a lone surrogate, which some title may hold, is written as a question mark."""
    body = json.dumps(found, ensure_ascii=False).encode("utf-8", "replace")
    return web.Response(status=status, body=body, content_type="application/json", charset="utf-8")


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        found = json.loads(await request.read())
    except (ValueError, RecursionError) as error:
        raise web.HTTPBadRequest from error
    if request.content_type != "application/json" or not isinstance(found, dict):
        raise web.HTTPBadRequest
    return found


def _top(text: str) -> int:
    """How many papers. Raises ValueError where that is no number of them."""
    if 1 <= (top := int(text)) <= MOST_TOP:
        return top
    raise ValueError(text)


def _confirmed(text: str) -> str:
    """What to say elsewhere when the text orders a digest, which has no place to go here; empty when it does not."""
    verb, rest = dispatch.split(text)
    if verb != "subscribe":
        return ""
    command = COMMANDS["subscribe"]
    try:
        given = command.bind(command.read(rest))
    except UserError:
        return ""
    return command.typed({**given, "confirm": "no"}) if given["confirm"] == "yes" else ""
