"""Our own calls to Discord's REST API: no hidden retries, every answer sorted into what it means for the message.

Source of the codes: https://discord.com/developers/docs/topics/opcodes-and-status-codes
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any
from weakref import WeakValueDictionary

import httpx

from bot.clock import ServerClock
from bot.errors import DeliveryError, Outcome
from bot.limits import SlidingWindow
from bot.waiting import Refusals, Waits, seconds_of

PER_SECOND = 50  # calls of one bot, but for answers to interactions
WARN_AT, STOP_AT, INVALID_WINDOW = 1_000, 5_000, 600.0  # 10,000 invalid calls in ten minutes ban the address
BAD_TOKEN_SECONDS = 300.0
_SECONDS = 5.0  # that an answer may take
_PAUSE, _LONGEST_PAUSE = 0.5, 30.0  # seconds between two tries of a call that may be repeated
_QUICK_SECONDS, _QUICK_PAUSE = 0.8, 0.1  # of what Discord waits three seconds for
_EVERYTHING, _OWN = "everything", "all but interactions"  # what may be blocked besides a route
_FREE = ("/interactions/", "/webhooks/")  # neither the limit of the bot nor its token concerns them
_UNKNOWN_CHANNEL, _UNKNOWN_GUILD, UNKNOWN_MESSAGE, ANSWERED_ALREADY = 10003, 10004, 10008, 40060
_EXPIRED = 50027  # the token of an interaction, after 15 minutes
_FORBIDDEN = {50001, 50007, 50013, 50083, 160005, 50008, 220001, 50068}
_CLOUDFLARE = 40333
_BUSY = {20016, 20028}  # slow mode, and too many writes to the channel

log = logging.getLogger(__name__)
Json = Any


class Rest:
    """One bot's calls; each raises DeliveryError when it was not answered as it should be."""

    def __init__(
        self, client: httpx.AsyncClient, url: str, token: str, *, seconds: float = _SECONDS, pause: float = _PAUSE
    ) -> None:
        """An answer may take `seconds`; before what failed is tried again there is a `pause`, then one of twice that."""
        self._client = client
        self._seconds = seconds
        self._pause = pause
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bot {token}"}
        self._pace = SlidingWindow(5, 5.25 / PER_SECOND)
        self._invalid = Refusals(STOP_AT, INVALID_WINDOW)
        self._waits = Waits()  # by route, and for what is blocked besides
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()  # by route
        self.clock = ServerClock()

    async def call(
        self,
        method: str,
        path: str,
        body: Json = None,
        params: Mapping[str, Any] | None = None,
        seconds: float = 0.0,
    ) -> Json:
        """The JSON of the answer, which may take so many seconds where they are given; None where there is none."""
        route, is_free = _route(method, path), path.startswith(_FREE)
        async with self._turns.setdefault(route, asyncio.Lock()):  # each answer says how many more there may be
            self._refuse(route, _EVERYTHING, *(() if is_free else (_OWN,)))
            if not is_free:
                await self._pace.take()
            url, headers = f"{self._url}{path}", {} if is_free else self._headers
            try:
                answer = await self._client.request(
                    method, url, json=body, params=params, headers=headers, timeout=seconds or self._seconds
                )
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
                raise DeliveryError(Outcome.NOT_SENT, f"Discord cannot be reached ({type(error).__name__})") from error
            except httpx.HTTPError as error:
                raise DeliveryError(Outcome.AMBIGUOUS, f"Discord did not answer ({type(error).__name__})") from error
            self._heed(answer, route)
        if answer.status_code == 401 and not is_free:  # noqa: PLR2004 - our token is refused, now and for every call
            self._waits.begin(_OWN, BAD_TOKEN_SECONDS)
        return self._read(answer)

    def _refuse(self, *blocks: str) -> None:
        """Raises DeliveryError while Discord wants to be left alone."""
        wait = max(self._invalid.left(), self._waits.left(*blocks))
        if wait > 0:
            raise DeliveryError(Outcome.NOT_SENT, "Discord asked us to wait", retry_after=wait)

    async def call_again(self, method: str, path: str, body: Json = None, *, is_urgent: bool = False) -> Json:
        """As `call`, for what may be done twice: tried again while that makes sense; for two seconds where it is urgent."""
        pauses = (_QUICK_PAUSE,) * 2 if is_urgent else (self._pause, 2 * self._pause, 4 * self._pause)
        seconds, longest = (_QUICK_SECONDS, _QUICK_SECONDS) if is_urgent else (0.0, _LONGEST_PAUSE)
        may_be_done = False
        for pause in (*pauses, None):
            try:
                return await self.call(method, path, body, seconds=seconds)
            except DeliveryError as error:
                if may_be_done and isinstance(error, RestError) and error.code == ANSWERED_ALREADY:
                    return None  # by the try before
                is_final = error.outcome not in (Outcome.NOT_SENT, Outcome.AMBIGUOUS) or pause is None
                if is_final or error.retry_after > longest:
                    raise
                may_be_done |= error.outcome is Outcome.AMBIGUOUS
                await asyncio.sleep(max(error.retry_after, pause or 0.0))
        raise AssertionError("the last try returns or raises")

    def _heed(self, answer: httpx.Response, route: str) -> None:
        """Remember what the answer says of limits and of the time."""
        self.clock.heed(answer.headers.get("Date"))
        is_shared = answer.headers.get("X-RateLimit-Scope") == "shared"
        is_invalid = answer.status_code in (401, 403) or (answer.status_code == 429 and not is_shared)  # noqa: PLR2004
        if is_invalid and self._invalid.count() == WARN_AT:
            log.warning("Discord refused %d calls within ten minutes; at %d nothing more is sent", WARN_AT, STOP_AT)
        if answer.headers.get("X-RateLimit-Remaining") == "0":
            self._waits.begin(route, seconds_of(answer.headers.get("X-RateLimit-Reset-After"), otherwise=0.0))
        if answer.status_code == 429:  # noqa: PLR2004 - too many requests
            said = _json(answer)
            is_global = answer.headers.get("X-RateLimit-Scope") == "global" or bool(said.get("global"))
            # One that Cloudflare answers, in HTML, concerns the address of this machine.
            self._waits.begin(_EVERYTHING if not said else _OWN if is_global else route, _retry_after(answer))

    def _read(self, answer: httpx.Response) -> Json:
        if answer.status_code == 204:  # noqa: PLR2004 - no content
            return None
        if answer.is_success:
            try:
                return answer.json()
            except ValueError as error:
                raise DeliveryError(Outcome.AMBIGUOUS, "Discord's answer cannot be read") from error
        said = _json(answer)
        code = said.get("code") or 0
        reason = str(said.get("message") or answer.reason_phrase)[:200]
        wait = _retry_after(answer) if answer.status_code == 429 else 0.0  # noqa: PLR2004
        raise RestError(_outcome(answer.status_code, code), f"{reason} ({code or answer.status_code})", code, wait)


class RestError(DeliveryError):
    """What Discord answered; `code` is its own number for it, 0 where it gave none."""

    def __init__(self, outcome: Outcome, message: str, code: int, retry_after: float) -> None:
        super().__init__(outcome, message, retry_after=retry_after)
        self.code = code


def _outcome(status: int, code: int) -> Outcome:
    """What a refusal means for the message; a wrong token (401) concerns every channel, and pauses none."""
    known = {_UNKNOWN_CHANNEL: Outcome.GONE, _UNKNOWN_GUILD: Outcome.TENANT_LOST, _EXPIRED: Outcome.REFUSED}
    known |= dict.fromkeys(_FORBIDDEN, Outcome.FORBIDDEN) | dict.fromkeys({*_BUSY, _CLOUDFLARE}, Outcome.NOT_SENT)
    by_status = {401: Outcome.NOT_SENT, 403: Outcome.FORBIDDEN, 404: Outcome.GONE, 429: Outcome.NOT_SENT}
    if not 400 <= status < 500:  # noqa: PLR2004 - 3xx is no answer of Discord's
        return Outcome.AMBIGUOUS
    if code == 0 and status in (403, 404):  # a proxy or Cloudflare says so, which says nothing of the channel
        return Outcome.NOT_SENT
    return known.get(code) or by_status.get(status, Outcome.REFUSED)


def _retry_after(answer: httpx.Response) -> float:
    """Seconds to wait, from the body or the header."""
    said = _json(answer).get("retry_after")
    return seconds_of(answer.headers.get("Retry-After") if said is None else said, otherwise=5.0)


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _route(method: str, path: str) -> str:
    """What shares a limit, near enough: a method on one channel, guild or webhook."""
    parts = path.strip("/").split("/")
    return " ".join((method, *parts[:2], *(part for part in parts[2:] if not part.isdigit())))
