"""The budget of calls and the circuit breaker, by a clock that moves only when somebody sleeps."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from time import monotonic

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.errors import SourceError
from bot.ingest import Ingest
from bot.limits import Breaker, SlidingWindow
from bot.ports import Store
from bot.sources._http import Patience
from bot.sources.huggingface import HuggingFace
from tests.papers import MONDAY
from tests.wire import URL, Clock, Host, Reply, head, http, serving


def window(clock: Clock, calls: int = 3, seconds: float = 10.0) -> SlidingWindow:
    return SlidingWindow(calls, seconds, now=clock.now, sleep=clock.sleep)


def crowded(times: Sequence[float], calls: int, seconds: float) -> bool:
    """Whether more than `calls` of the times, which are in order, lie within some window of the seconds."""
    return any(later - earlier < seconds - 1e-6 for earlier, later in zip(times, times[calls:], strict=False))


async def test_calls_within_the_budget_do_not_wait() -> None:
    clock = Clock()
    limits = window(clock)
    for _ in range(3):
        await limits.take()
    assert clock.waits == []


async def test_the_call_after_the_budget_waits_until_the_oldest_leaves_the_window() -> None:
    clock = Clock()
    limits = window(clock)
    for _ in range(3):
        await limits.take()
        clock.time += 2
    await limits.take()
    assert clock.waits == [4]


@example(calls=1, seconds=1.8755280116619133, pauses=[22.488608002653773, 0.0, 0.0])  # sums round
@given(
    calls=st.integers(1, 4),
    seconds=st.floats(0.1, 600),
    pauses=st.lists(st.floats(0, 300), max_size=30),
)
async def test_no_window_ever_holds_more_calls_than_its_budget(
    calls: int, seconds: float, pauses: Sequence[float]
) -> None:
    clock, times = Clock(), []
    limits = window(clock, calls, seconds)
    for pause in pauses:
        clock.time += pause
        await limits.take()
        times.append(clock.time)
    assert not crowded(times, calls, seconds)


async def test_callers_at_the_same_time_get_their_turns_in_the_order_they_came() -> None:
    clock = Clock()
    limits = window(clock)
    turns: list[tuple[int, float]] = []

    async def call(number: int) -> None:
        await limits.take()
        turns.append((number, clock.time))

    await asyncio.gather(*map(call, range(10)))
    assert [number for number, _ in turns] == list(range(10))
    assert not crowded([time for _, time in turns], 3, 10)


async def test_a_caller_that_gives_up_waiting_takes_nothing_from_the_budget() -> None:
    clock = Clock()
    limits = SlidingWindow(1, 10, now=clock.now)  # it would really sleep
    await limits.take()
    waiting = asyncio.create_task(limits.take())
    await asyncio.sleep(0)
    waiting.cancel()
    assert await asyncio.gather(waiting, return_exceptions=True)
    clock.time += 10
    async with asyncio.timeout(60):
        await limits.take()


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ('"api";r=0;t=9', 9),
        ('"api"; r=0; t=9', 9),
        ('"api";t=9;r=0', 9),
        ('"api";r=0;t=0', 0),
        ('"api";r=1;t=9', 0),
        ('"api";r=0', 0),
        ("", 0),
        ("garbage", 0),
        ('"api";r=-1;t=9', 0),
        ('"api";r=0;t=-9', 0),
        ('"api";r=0;t=999999', 10),  # no longer than the window itself
        ('"api";r=0;t=99999999999999999999', 10),
    ],
)
async def test_a_host_that_says_its_budget_is_used_up_is_left_alone_for_as_long(header: str, wait: float) -> None:
    clock = Clock()
    limits = window(clock)
    limits.obey(header)
    await limits.take()
    assert sum(clock.waits) == wait


async def test_the_limit_in_an_answer_is_obeyed_by_the_next_call() -> None:
    clock = Clock()
    host = Host(Reply(headers={"RateLimit": '"api";r=0;t=120'}), Reply())
    client = http(host, clock, window=window(clock, 500, 300.0))
    await client.get(URL)
    await client.get(URL)
    await client.get(URL)
    assert clock.waits == [120]


async def test_the_breaker_opens_after_failures_in_a_row_and_then_one_try_decides() -> None:
    clock = Clock()
    breaker = Breaker(failures=3, seconds=60, now=clock.now)
    breaker.failed()
    breaker.failed()
    breaker.succeeded()  # begins anew
    for _ in range(3):
        breaker.check()
        breaker.failed()
    with pytest.raises(SourceError, match="failed again and again") as refused:
        breaker.check()
    assert refused.value.waiting == 60
    clock.time += 60
    breaker.check()
    breaker.failed()
    with pytest.raises(SourceError):
        breaker.check()
    clock.time += 60
    breaker.check()
    breaker.succeeded()
    breaker.failed()
    breaker.check()


async def test_a_host_that_keeps_failing_is_not_asked_until_a_minute_has_passed() -> None:
    clock = Clock()
    host = Host(*[Reply(500)] * 6, Reply())
    client = http(host, clock, breaker=Breaker(now=clock.now), patience=Patience(attempts=1))
    for _ in range(6):
        with pytest.raises(SourceError, match="out of order"):
            await client.get(URL)
    with pytest.raises(SourceError, match="left alone for a minute"):
        await client.get(URL)
    assert len(host.requests) == 6
    clock.time += 60
    assert (await client.get(URL)).status == 200
    assert (await client.get(URL)).status == 200


async def test_an_answer_makes_the_breaker_count_anew() -> None:
    clock = Clock()
    host = Host(*[Reply(500)] * 5, Reply(), *[Reply(500)] * 5, Reply())
    client = http(host, clock, breaker=Breaker(now=clock.now), patience=Patience(attempts=6))
    assert [(await client.get(URL)).status for _ in range(2)] == [200, 200]


async def test_a_host_that_cannot_be_reached_opens_the_breaker_too() -> None:
    clock = Clock()
    host = Host(httpx.ConnectError("no route"))
    client = http(host, clock, breaker=Breaker(failures=2, now=clock.now))
    for _ in range(2):
        with pytest.raises(SourceError, match="it cannot be reached"):
            await client.get(URL)
    with pytest.raises(SourceError, match="left alone"):
        await client.get(URL)
    assert len(host.requests) == 2
    assert clock.waits == []


async def test_waiting_for_a_turn_is_not_taken_for_a_slow_host() -> None:
    host = Host(Reply())
    client = http(host, window=SlidingWindow(1, 0.6), patience=Patience(attempts=1, total=0.5))
    for _ in range(2):
        assert (await client.get(URL)).status == 200


async def test_a_sync_over_the_network_keeps_to_the_budget_of_calls(store: Store) -> None:
    arrivals: list[float] = []

    async def answer(line: str, writer: asyncio.StreamWriter) -> None:
        arrivals.append(monotonic())
        writer.write(head(content_length=2) + b"[]")

    async with serving(answer) as address, httpx.AsyncClient(trust_env=False) as client:
        limits, patience = SlidingWindow(8, 1.0), Patience(attempts=1)
        source = HuggingFace(client, address, http=http(client=client, window=limits, patience=patience))
        days = [MONDAY - timedelta(days=number) for number in range(9)]
        synced = await Ingest(source, store, lambda: datetime(2026, 3, 31, tzinfo=UTC)).sync(days)
    assert synced.fetched == tuple(days)
    assert len(arrivals) == 9
    assert not crowded(arrivals, 8, 0.5)  # on a busy machine calls may be a while on their way
