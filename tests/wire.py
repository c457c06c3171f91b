"""The outermost edge, programmable: a clock, a host that answers as it is told, and a server on this machine."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from bot.limits import Breaker, SlidingWindow
from bot.sources._http import Http, Patience

URL = "https://example.org/api"


@dataclass(slots=True)
class Clock:
    """A clock that moves only when somebody sleeps, or by hand."""

    time: float = 1_000.0
    waits: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.time += max(seconds, 1e-6)  # no sleep of a real clock is shorter
        await asyncio.sleep(0)


@dataclass(slots=True)
class Pieces(httpx.AsyncByteStream):
    """A body that comes in pieces."""

    pieces: Iterable[bytes]

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            yield piece


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of a host; its body comes in one piece or in many."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | Iterable[bytes] = b"[]"

    def response(self) -> httpx.Response:
        pieces = [self.body] if isinstance(self.body, bytes) else self.body
        return httpx.Response(self.status, headers=self.headers, stream=Pieces(pieces))


class Host:
    """Answers with the given replies, one after the other, the last one for ever; an exception is raised."""

    def __init__(self, *replies: Reply | Exception) -> None:
        self.replies = list(replies)
        self.requests: list[httpx.Request] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if isinstance(reply, Exception):
            raise reply
        return reply.response()


def http(
    handler: Callable[[httpx.Request], Awaitable[httpx.Response]] | None = None,
    clock: Clock | None = None,
    **changes: Any,
) -> Http:
    """The client under test: it talks to the handler (else to the network), and waits by the clock alone."""
    clock = clock or Clock()
    transport = httpx.MockTransport(handler) if handler else None  # type: ignore[arg-type]  # async handlers are fine
    usual: dict[str, Any] = {
        "client": httpx.AsyncClient(transport=transport, trust_env=False),
        "hosts": frozenset({httpx.URL(URL).host}),
        "window": SlidingWindow(1_000, 1.0, now=clock.now, sleep=clock.sleep),
        "breaker": Breaker(failures=1_000, now=clock.now),
        "patience": Patience(),
        "sleep": clock.sleep,
    }
    return Http(**usual | changes)


Answering = Callable[[str, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(answer: Answering) -> AsyncIterator[str]:
    """The address of a server that calls `answer` with the first line of each request; one request a connection."""

    handling: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        handling.add(task)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            await answer(head.split(b"\r\n")[0].decode(), writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client hung up, or the server is closed
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in handling:
            task.cancel()
        await asyncio.gather(*handling)
        await server.wait_closed()


def head(status: str = "200 OK", **headers: object) -> bytes:
    """The beginning of an answer; `content_length=2` becomes `content-length: 2`."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in {"connection": "close", **headers}.items()]
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode()
