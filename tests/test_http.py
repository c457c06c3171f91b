"""How sources speak HTTP: what is tried again, what is refused, and how much of an answer is ever held."""

import asyncio
import gzip
import tracemalloc
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import repeat

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SourceError
from bot.sources._http import MAX_BYTES, Patience, _seconds
from tests.wire import URL, Clock, Host, Reply, head, http, serving

GZIP = {"Content-Encoding": "gzip"}


def retry_after(asked: str | int) -> dict[str, str]:
    """The header; a number stands for the date so many seconds from now."""
    if isinstance(asked, int):
        asked = format_datetime(datetime.now(UTC) + timedelta(seconds=asked), usegmt=True)
    return {"Retry-After": asked}


async def refused(host: Host, clock: Clock | None = None) -> SourceError:
    """How asking the host fails."""
    with pytest.raises(SourceError) as error:
        await http(host, clock).get(URL)
    return error.value


async def test_an_answer_has_its_status_its_body_and_lower_case_headers() -> None:
    host = Host(Reply(headers={"Link": "<x>"}, body=b'{"a": [1]}'))
    answer = await http(host, headers={"Authorization": "Bearer secret"}).get(URL, {"date": "2026-03-30", "limit": 2})
    assert (answer.status, answer.headers["link"], answer.json()) == (200, "<x>", {"a": [1]})
    assert str(host.requests[0].url) == f"{URL}?date=2026-03-30&limit=2"
    assert host.requests[0].headers["authorization"] == "Bearer secret"
    assert host.requests[0].headers["accept-encoding"] == "gzip"


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1", b"\xff\xfe\xfa", b"[" * 100_000, b"[" + b"9" * 5_000 + b"]"])
async def test_a_body_that_is_no_json_is_a_failure_of_the_source(body: bytes) -> None:
    answer = await http(Host(Reply(body=body))).get(URL)
    with pytest.raises(SourceError, match="not JSON"):
        answer.json()


@pytest.mark.parametrize("failure", [Reply(429), Reply(500), Reply(503), httpx.ReadTimeout(""), httpx.ReadError("")])
async def test_a_failure_that_may_pass_is_tried_again_after_a_growing_random_wait(failure: Reply | Exception) -> None:
    clock, host = Clock(), Host(failure, failure, Reply())
    assert (await http(host, clock).get(URL)).status == 200
    assert len(host.requests) == 3
    assert len(clock.waits) == 2
    assert 0 <= clock.waits[0] <= 1
    assert 0 <= clock.waits[1] <= 2


async def test_the_wait_grows_up_to_its_limit_and_is_spread() -> None:
    waits = [[Patience(longest_wait=5).wait(attempt, None) for _ in range(200)] for attempt in range(1, 9)]
    for longest, some in zip([1, 2, 4, 5, 5, 5, 5, 5], waits, strict=True):
        assert longest / 2 < max(some) <= longest
        assert min(some) < longest / 2


@pytest.mark.parametrize(
    ("failure", "sentence", "status"),
    [
        (Reply(429), "asked too often", 429),
        (Reply(503), r"out of order \(HTTP 503\)", 503),
        (httpx.ReadTimeout(""), "did not answer in time", None),
        (httpx.RemoteProtocolError(""), "connection broke", None),
    ],
)
async def test_after_three_attempts_the_failure_is_handed_on(
    failure: Reply | Exception, sentence: str, status: int | None
) -> None:
    host = Host(failure)
    with pytest.raises(SourceError, match=sentence) as error:
        await http(host).get(URL)
    assert error.value.status == status
    assert len(host.requests) == 3


@pytest.mark.parametrize("status", [204, 304, 400, 401, 403, 410])
async def test_a_refusal_is_not_tried_again(status: int) -> None:
    host = Host(Reply(status, body=b""))
    assert (await refused(host)).status == status
    assert len(host.requests) == 1


async def test_what_is_not_found_is_an_answer() -> None:
    assert (await http(Host(Reply(404))).get(URL)).status == 404


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [
        ("2", 2, 2),
        ("60", 60, 60),
        (50, 20, 50),
        (-30, 0, 1),
        ("0", 0, 1),
        ("-5", 0, 1),
        ("", 0, 1),
        ("soon", 0, 1),
        ("nan", 0, 1),
        ("inf", 0, 1),
        ("1e999", 0, 1),
        ("Mon, 99 Foo 2026 25:61:61 GMT", 0, 1),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
async def test_a_host_may_ask_for_a_longer_wait(status: int, asked: str | int, least: float, most: float) -> None:
    clock = Clock()
    await http(Host(Reply(status, retry_after(asked)), Reply()), clock).get(URL)
    assert least <= clock.waits[0] <= most


@pytest.mark.parametrize("asked", ["61", "3600", 3600])
async def test_a_very_long_wait_is_not_waited_for_but_told(asked: str | int) -> None:
    clock, host = Clock(), Host(Reply(429, retry_after(asked)))
    error = await refused(host, clock)
    assert error.waiting
    assert 60 < error.waiting <= 3600
    assert (clock.waits, len(host.requests)) == ([], 1)


@given(asked=st.text() | st.from_regex(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]?\d*"))
def test_no_wait_that_a_host_asks_for_breaks_anything(asked: str) -> None:
    seconds = _seconds(asked)
    assert seconds is None or 0 <= seconds < float("inf")


def bomb(megabytes: int) -> Iterator[bytes]:
    """Zeros, compressed a thousand times."""
    squeeze = zlib.compressobj(1, wbits=31)
    zeros = bytes(1_000_000)
    yield from (squeeze.compress(zeros) for _ in range(megabytes))
    yield squeeze.flush()


@pytest.mark.parametrize(
    ("headers", "pieces"),
    [
        ({}, [b" " * (MAX_BYTES + 1)]),
        ({}, repeat(b" " * 100_000)),
        (GZIP, bomb(100)),
        (GZIP, [b"".join(bomb(100))]),
        (GZIP, [gzip.compress(b"[]"), *repeat(b" " * 100_000, 150)]),  # the junk follows a whole answer
    ],
    ids=["plain", "endless", "bomb", "bomb in one piece", "after the end"],
)
async def test_an_answer_that_is_too_large_is_refused_without_holding_it(
    headers: dict[str, str], pieces: Sequence[bytes]
) -> None:
    host = Host(Reply(200, headers, pieces))
    tracemalloc.start()
    try:
        with pytest.raises(SourceError, match="larger than 10 MB"):
            await http(host).get(URL)
        assert tracemalloc.get_traced_memory()[1] < 4 * MAX_BYTES
    finally:
        tracemalloc.stop()
    assert len(host.requests) == 1


@pytest.mark.parametrize("headers", [{}, GZIP])
async def test_an_answer_of_just_the_size_is_taken(headers: dict[str, str]) -> None:
    body = b" " * MAX_BYTES
    answer = await http(Host(Reply(200, headers, gzip.compress(body, 1) if headers else body))).get(URL)
    assert answer.body == body


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "deflate"])
@pytest.mark.parametrize("size", [1, 7, 10_000])
async def test_a_compressed_answer_may_come_in_any_pieces(encoding: str, size: int) -> None:
    packed = zlib.compress(b'["a"]') if encoding == "deflate" else gzip.compress(b'["a"]')
    pieces = [packed[at : at + size] for at in range(0, len(packed), size)]
    assert (await http(Host(Reply(200, {"Content-Encoding": encoding}, pieces))).get(URL)).json() == ["a"]


async def test_an_empty_body_may_be_called_compressed() -> None:
    tagged = Reply(headers={"ETag": '"1"'}, body=b'["a"]')
    client = http(Host(tagged, Reply(304, GZIP, b"")))
    assert (await client.get(URL)).json() == (await client.get(URL)).json() == ["a"]


CUT_OFF = {
    "no end": gzip.compress(b"[]" * 99)[:-9],
    "no beginning": gzip.compress(b"[]")[:5],
    "no gzip": b"no gzip at all",
}


@pytest.mark.parametrize("body", CUT_OFF.values(), ids=CUT_OFF)
async def test_a_compressed_answer_that_is_cut_off_or_broken_is_asked_for_again(body: bytes) -> None:
    host = Host(Reply(200, GZIP, body), Reply(200, GZIP, gzip.compress(b"[]")))
    assert (await http(host).get(URL)).json() == []
    assert "connection broke" in str(await refused(Host(Reply(200, GZIP, body))))


async def test_an_encoding_that_was_not_asked_for_is_refused() -> None:
    assert "an encoding that was not asked for ('br')" in str(
        await refused(Host(Reply(200, {"Content-Encoding": "br"})))
    )


async def test_an_answer_cut_off_on_its_way_is_asked_for_again() -> None:
    lengths = [100, 2]

    async def answer(line: str, writer: asyncio.StreamWriter) -> None:
        writer.write(head(content_length=lengths.pop(0)) + b"[]")

    clock = Clock()
    async with serving(answer) as address:
        assert (await http(clock=clock).get(address)).json() == []
    assert len(clock.waits) == 1


async def test_an_answer_that_trickles_in_for_ever_is_given_up() -> None:
    async def trickle(line: str, writer: asyncio.StreamWriter) -> None:
        writer.write(head(content_length=1_000_000_000))
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0)

    async with serving(trickle) as address:
        with pytest.raises(SourceError, match="did not answer in time"):
            await http(patience=Patience(attempts=2, total=0.1)).get(address)


async def test_a_host_that_falls_silent_is_given_up() -> None:
    async def hold(line: str, writer: asyncio.StreamWriter) -> None:
        await writer.wait_closed()

    async with serving(hold) as address:
        with pytest.raises(SourceError, match="did not answer in time"):
            await http(patience=Patience(attempts=2, silence=0.1)).get(address)


async def test_a_host_where_nobody_listens_is_not_tried_again() -> None:
    async def answer(line: str, writer: asyncio.StreamWriter) -> None:
        writer.write(head())

    async with serving(answer) as address:
        pass
    clock = Clock()
    with pytest.raises(SourceError, match="cannot be reached"):
        await http(clock=clock).get(address)
    assert clock.waits == []
