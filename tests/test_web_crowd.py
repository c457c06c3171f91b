"""The page under those who open many connections, or send slowly, or break off: whoever is honest is answered."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from http import HTTPStatus

import httpx
import pytest

from adapters.web.crowd import USUAL, Limits
from adapters.web.metrics import Metrics
from adapters.web.server import MOST_HEADERS, serving
from adapters.web.site import Site
from bot.cli import wiring
from bot.cli.payloads import PAYLOADS
from bot.health import Health
from bot.views import web as words
from tests.waiting import PATIENCE

FEW = 20
HALF_A_HEAD = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
SOON = Limits(seconds=0.2)
Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def page(limits: Limits = USUAL) -> AsyncIterator[httpx.URL]:
    """The server, with nothing behind it."""
    async with serving(Site(wiring.now, PAYLOADS, Health(), Metrics()), "127.0.0.1", 0, limits) as address:
        yield httpx.URL(address)


@asynccontextmanager
async def connection(address: httpx.URL, sent: bytes) -> AsyncIterator[Ends]:
    """One that has sent so much, and is left open."""
    reader, writer = await asyncio.open_connection(address.host, address.port)
    try:
        writer.write(sent)
        yield reader, writer
    finally:
        writer.close()


def post(address: httpx.URL, kind: str, body: bytes, path: str = "/api/say") -> bytes:
    """What says that a body of some kind comes, and the beginning of it."""
    host = f"{address.host}:{address.port}"
    form = "Content-Type: application/x-www-form-urlencoded"
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n{form}\r\n{kind}\r\n\r\n"
    return head.encode() + body


async def is_closed(reader: asyncio.StreamReader) -> bool:
    """Whether the other side has ended it, having said nothing."""
    try:
        return await reader.read() == b""
    except ConnectionError:
        return True


async def is_healthy(address: httpx.URL) -> bool:
    async with httpx.AsyncClient(timeout=PATIENCE) as client:
        return (await client.get(address.join("/healthz"))).text == "ok\n"


async def test_while_many_hold_connections_and_say_nothing_an_honest_one_is_answered() -> None:
    async with page(Limits(connections=FEW)) as address, AsyncExitStack() as stack:
        slow = [await stack.enter_async_context(connection(address, HALF_A_HEAD)) for _ in range(3 * FEW)]
        for _ in range(FEW):
            assert await is_healthy(address)
        async with asyncio.timeout(PATIENCE):
            assert all([await is_closed(reader) for reader, _ in slow[: 2 * FEW]])


async def test_connections_that_are_not_too_many_are_left_alone() -> None:
    async with page(Limits(connections=FEW)) as address, AsyncExitStack() as stack:
        slow = [await stack.enter_async_context(connection(address, HALF_A_HEAD)) for _ in range(FEW - 1)]
        assert await is_healthy(address)
        for reader, writer in slow:
            writer.write(b"no more\r\nConnection: close\r\n\r\n")
            assert (await reader.read()).endswith(b"ok\n")


@pytest.mark.parametrize("sent", [b"", HALF_A_HEAD])
async def test_a_request_that_does_not_begin_or_whose_head_does_not_end_is_closed(sent: bytes) -> None:
    async with page(SOON) as address, connection(address, sent) as (reader, _):
        async with asyncio.timeout(PATIENCE):
            assert await is_closed(reader)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("Content-Length: 50", b"token="),
        ("Transfer-Encoding: chunked", b"6\r\ntoken=\r\n"),
    ],
)
@pytest.mark.parametrize("path", ["/api/say", "/login"])
async def test_a_body_that_does_not_arrive_is_one_sentence(kind: str, body: bytes, path: str) -> None:
    async with page(SOON) as address, connection(address, post(address, kind, body, path)) as (reader, _):
        async with asyncio.timeout(PATIENCE):
            said = await reader.readuntil(words.TOO_SLOW.encode())
    assert f" {HTTPStatus.REQUEST_TIMEOUT} ".encode() in said.splitlines()[0]


async def test_a_head_is_not_read_on_and_on() -> None:
    head = b"".join(b"X-%d: x\r\n" % number for number in range(MOST_HEADERS + 1))
    async with page() as address, connection(address, HALF_A_HEAD + b"\r\n" + head) as (reader, _):
        assert f" {HTTPStatus.BAD_REQUEST} ".encode() in await reader.readline()


async def test_a_body_that_is_broken_off_fills_no_log(caplog: pytest.LogCaptureFixture) -> None:
    async with page() as address:
        async with connection(address, post(address, "Content-Length: 50", b"token=")) as (_, writer):
            await writer.drain()
            assert await is_healthy(address)  # so it is being read
        assert await is_healthy(address)  # so it is known to be gone
    assert not caplog.records


@pytest.mark.parametrize(
    ("kind", "body"),
    [("Transfer-Encoding: chunked", b"no piece\r\n"), ("Content-Encoding: gzip\r\nContent-Length: 6", b"no zip")],
)
async def test_a_body_that_is_no_body_is_refused_at_once(
    caplog: pytest.LogCaptureFixture, kind: str, body: bytes
) -> None:
    async with page() as address, connection(address, post(address, kind, body)) as (reader, _):
        assert f" {HTTPStatus.BAD_REQUEST} ".encode() in await reader.readline()
    assert not caplog.records
