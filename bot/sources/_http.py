"""The one way in which sources speak HTTP: politely, with limits, and with every failure sorted.

Retries with back-off and full jitter, a sliding window of calls, a circuit breaker, a cap on the
size, time-outs, conditional requests, and redirects only to https and to known hosts.
"""

import asyncio
import json
import random
import re
import zlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from time import perf_counter, time

import httpx

from bot import events
from bot.errors import SourceError
from bot.events import SourceAsked
from bot.limits import Breaker, SlidingWindow

MAX_BYTES = 10_000_000
_MAX_REDIRECTS = 3
_REMEMBERED = 64  # answers kept for conditional requests
_LARGEST_REMEMBERED = 500_000  # bytes; a real day has some 200,000
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_DECOMPRESS_ANY = 47  # zlib: gzip or zlib header, found out by itself


@dataclass(frozen=True, slots=True)
class Answer:
    """What a host answered: status 200 or 404, the body in full, lower-case header names."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> object:
        """The body read as JSON. Raises SourceError."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise SourceError("it answered something that is not JSON") from error


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how often to try: seconds, and attempts in all."""

    attempts: int = 3
    first_wait: float = 1.0
    longest_wait: float = 300.0  # for the jittered back-off
    longest_asked: float = 60.0  # a longer Retry-After is not waited for
    connect: float = 5.0
    silence: float = 10.0  # between two pieces of an answer
    total: float = 25.0  # for one answer

    def wait(self, attempt: int, asked: float | None) -> float:
        """Seconds before the attempt after the given one (from 1): full jitter, never less than asked."""
        longest = min(self.longest_wait, self.first_wait * 2 ** (attempt - 1))
        return max(asked or 0.0, random.uniform(0, longest))  # noqa: S311 - jitter is no secret


@dataclass(slots=True)
class Http:
    """GET requests to one upstream. `hosts` are those that redirects may lead to, `lane` a lock where one wants them singly."""

    client: httpx.AsyncClient
    hosts: frozenset[str]
    window: SlidingWindow
    breaker: Breaker
    headers: Mapping[str, str] = field(default_factory=dict)
    patience: Patience = Patience()
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    lane: AbstractAsyncContextManager[None] = field(default_factory=nullcontext)
    _seen: "OrderedDict[str, tuple[str, Answer]]" = field(default_factory=OrderedDict)

    async def get(self, url: str, params: Mapping[str, str | int] | None = None) -> Answer:
        """The answer of status 200 or 404. Raises SourceError for everything else."""
        address = httpx.URL(url, params={k: str(v) for k, v in params.items()}) if params else httpx.URL(url)
        for attempt in range(1, self.patience.attempts + 1):
            try:
                answer = await self._attempt(address)
            except _TryAgain as failure:
                self.breaker.failed()
                asked = failure.asked or 0.0
                if is_too_long := asked > self.patience.longest_asked:
                    self.breaker.rest(asked)  # for every caller, where none waits
                if is_too_long or attempt == self.patience.attempts:
                    raise SourceError(str(failure), status=failure.status, waiting=failure.asked) from failure
                await self.sleep(self.patience.wait(attempt, failure.asked))
            else:
                self.breaker.succeeded()
                return answer
        raise AssertionError("the loop returns or raises")

    async def _attempt(self, url: httpx.URL) -> Answer:
        try:
            answer = await self._follow(url)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:  # no host comes up within seconds
            self.breaker.failed()
            raise SourceError("it cannot be reached") from error
        except (TimeoutError, httpx.TimeoutException) as error:
            raise _TryAgain("it did not answer in time") from error
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, zlib.error) as error:
            raise _TryAgain(f"the connection broke ({type(error).__name__})") from error
        return self._sorted(url, answer)

    async def _follow(self, url: httpx.URL) -> Answer:
        for _ in range(_MAX_REDIRECTS + 1):
            async with self.lane:
                self.breaker.check()  # it may have opened while others were before us
                await self.window.take()  # outside the time-out: the wait for a turn is ours, not the host's
                async with asyncio.timeout(self.patience.total):
                    answer = await self._fetch(url)
            self.window.obey(answer.headers.get("ratelimit", ""))
            if not (httpx.codes.is_redirect(answer.status) and "location" in answer.headers):
                return answer
            url = self._allowed(url.join(answer.headers["location"]), url.port)
        raise SourceError("it redirects in a circle")

    def _allowed(self, url: httpx.URL, port: int | None) -> httpx.URL:
        """The address of a redirect, to which the token goes too: so not to another program on another port."""
        secure = url.scheme == "https" or (url.scheme == "http" and url.host in _LOOPBACK)
        if not secure or url.host not in self.hosts or url.port != port:
            raise SourceError(f"it redirects to {url.host or 'nowhere'}, which is not one of its hosts")
        return url

    async def _fetch(self, url: httpx.URL) -> Answer:
        """One call, of which one line is logged."""
        began, outcome = perf_counter(), "cancelled"
        try:
            answer = await self._call(url)
            outcome = str(answer.status)
        except Exception as error:
            outcome = type(error).__name__
            raise
        finally:
            events.tell(SourceAsked(url.host, outcome, perf_counter() - began))
        return answer

    async def _call(self, url: httpx.URL) -> Answer:
        tag, _ = self._seen.get(str(url), ("", None))
        conditional = {"If-None-Match": tag} if tag else {}
        headers = {**self.headers, "Accept-Encoding": "gzip", **conditional}
        patience = httpx.Timeout(self.patience.silence, connect=self.patience.connect)
        async with self.client.stream("GET", url, headers=headers, timeout=patience, follow_redirects=False) as reply:
            body = await _read(reply)
            return Answer(reply.status_code, {name.lower(): value for name, value in reply.headers.items()}, body)

    def _sorted(self, url: httpx.URL, answer: Answer) -> Answer:
        """The answer to hand on, remembered for the next time; everything else is raised."""
        if answer.status == httpx.codes.NOT_MODIFIED and str(url) in self._seen:
            return self._seen[str(url)][1]
        if answer.status == httpx.codes.TOO_MANY_REQUESTS:
            asked = _seconds(answer.headers.get("retry-after", ""))
            raise _TryAgain("it says that it is asked too often", status=answer.status, asked=asked)
        if answer.status >= httpx.codes.INTERNAL_SERVER_ERROR:
            asked = _seconds(answer.headers.get("retry-after", ""))
            raise _TryAgain(f"it is out of order (HTTP {answer.status})", status=answer.status, asked=asked)
        if answer.status not in (httpx.codes.OK, httpx.codes.NOT_FOUND):
            raise SourceError(f"it refused (HTTP {answer.status})", status=answer.status)
        tag = answer.headers.get("etag", "")
        if (
            answer.status == httpx.codes.OK
            and tag.isascii()
            and len(tag) > 0
            and len(answer.body) < _LARGEST_REMEMBERED
        ):
            self._seen[str(url)] = (tag, answer)
            self._seen.move_to_end(str(url))
            if len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)
        return answer


class _TryAgain(Exception):
    """An attempt failed in a way that may pass; `asked` seconds are what the host wants to wait."""

    def __init__(self, message: str, *, status: int | None = None, asked: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.asked = asked


async def _read(reply: httpx.Response) -> bytes:
    """The decoded body, never holding more than MAX_BYTES of it, however small it travelled."""
    encoding = reply.headers.get("content-encoding", "identity").lower()
    if encoding not in ("identity", "gzip", "deflate"):
        raise SourceError(f"it answered in an encoding that was not asked for ({encoding[:20]!r})")
    inflate = None if encoding == "identity" else zlib.decompressobj(_DECOMPRESS_ANY)
    received, body = 0, bytearray()
    async for chunk in reply.aiter_raw():
        received += len(chunk)
        body += inflate.decompress(chunk, MAX_BYTES + 1 - len(body)) if inflate else chunk
        if max(received, len(body)) > MAX_BYTES:
            raise SourceError(f"its answer is larger than {MAX_BYTES // 1_000_000} MB")
    if inflate and received and not inflate.eof:
        raise httpx.RemoteProtocolError("the compressed answer ended too early")
    return bytes(body)


def _seconds(retry_after: str) -> float | None:
    """Seconds or an HTTP date, as RFC 9110 section 10.2.3 has it; None when there is nothing sensible."""
    if re.fullmatch(r"[0-9]{1,9}", retry_after):
        return float(retry_after)
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time())
    except (ValueError, OverflowError):
        return None
