"""arXiv: how it is left in peace, and what its being down, slow or strict costs. All by a clock that is moved."""

import asyncio
from dataclasses import dataclass, field

import httpx
import pytest

from bot.errors import SourceError
from bot.sources.arxiv import Arxiv
from tests.atom import atom, entry, source
from tests.feed import ids
from tests.wire import Clock, Host, Reply

ID = "2506.08007"


@dataclass(slots=True)
class Slow:
    """A host that takes its time for each answer, and notes when requests began and how many there were at once."""

    clock: Clock
    seconds: float
    began: list[float] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.began.append(self.clock.time)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        for _ in range(10):  # whoever else may go on, does
            await asyncio.sleep(0)
        self.clock.time += self.seconds
        self.at_once -= 1
        return atom(entry()).response()


async def failing(arxiv: Arxiv) -> SourceError:
    with pytest.raises(SourceError) as error:
        await arxiv.papers([ID])
    return error.value


@pytest.mark.parametrize("seconds", [0.0, 0.5, 2.9, 5.0])
async def test_many_callers_ask_one_after_the_other_and_three_seconds_apart(seconds: float) -> None:
    clock = Clock()
    host = Slow(clock, seconds)
    arxiv = source(host, clock)
    answers = await asyncio.gather(*(arxiv.papers([ID]) for _ in range(12)))
    assert all(ids(found) == [ID] for found in answers)
    assert host.most_at_once == 1
    gaps = [after - before for before, after in zip(host.began, host.began[1:], strict=False)]
    assert min(gaps) >= max(3.0, seconds)
    assert max(gaps) < max(3.0, seconds) + 0.1  # and no longer than need be


async def test_a_second_try_keeps_the_distance_too() -> None:
    clock, times = Clock(), []

    async def answer(request: httpx.Request) -> httpx.Response:
        times.append(clock.time)
        return (Reply(503) if len(times) == 1 else atom(entry())).response()

    assert ids(await source(answer, clock).papers([ID])) == [ID]
    assert times[1] - times[0] >= 3


async def test_a_caller_that_gives_up_leaves_the_queue() -> None:
    clock = Clock()
    released = asyncio.Event()
    asked: list[str] = []

    async def hold(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.params["id_list"])
        await released.wait()
        return atom(entry()).response()

    arxiv = source(hold, clock)
    first, second, third = (asyncio.create_task(arxiv.papers([id_])) for id_ in (ID, "2506.00002", "2506.00003"))
    await asyncio.sleep(0)
    while not asked:
        await asyncio.sleep(0)
    second.cancel()
    released.set()
    async with asyncio.timeout(60):
        await asyncio.gather(first, third)
    assert asked == [ID, "2506.00003"]


async def test_a_caller_that_gives_up_in_the_middle_makes_way() -> None:
    clock, asked = Clock(), []

    async def hang_first(request: httpx.Request) -> httpx.Response:
        asked.append(clock.time)
        if len(asked) == 1:
            await asyncio.Event().wait()
        return atom(entry()).response()

    arxiv = source(hang_first, clock)
    first, second = asyncio.create_task(arxiv.papers([ID])), asyncio.create_task(arxiv.papers([ID]))
    while not asked:
        await asyncio.sleep(0)
    first.cancel()
    async with asyncio.timeout(60):
        assert ids(await second) == [ID]
    assert asked[1] - asked[0] >= 3


@pytest.mark.parametrize(
    ("failure", "sentence", "status"),
    [
        (Reply(503), r"it is out of order (HTTP 503)", 503),
        (Reply(429, body=b"Rate exceeded."), "it says that it is asked too often", 429),
        (httpx.ReadTimeout(""), "it did not answer in time", None),
        (httpx.ReadError(""), "the connection broke (ReadError)", None),
        (httpx.ConnectError(""), "it cannot be reached", None),
    ],
)
async def test_arxiv_out_of_order_is_a_sentence_after_two_tries_at_most(
    failure: Reply | Exception, sentence: str, status: int | None
) -> None:
    clock, host = Clock(), Host(failure)
    error = await failing(source(host, clock))
    assert (str(error), error.status) == (sentence, status)
    assert len(host.requests) <= 2
    assert sum(clock.waits) <= 4  # so somebody who waits eight seconds hears what is wrong


async def test_an_hour_of_being_asked_too_often_costs_a_request_a_minute() -> None:
    clock, host = Clock(), Host(Reply(429))
    arxiv = source(host, clock)
    end = clock.time + 3_600
    while clock.time < end:
        await failing(arxiv)
        clock.time += 5
    assert len(host.requests) <= 6 + 60
    host.replies = [atom(entry())]
    clock.time += 60
    assert ids(await arxiv.papers([ID])) == [ID]


@pytest.mark.parametrize(("asked", "rest"), [("30", 30), ("600", 600), ("86400", 3_600)])
async def test_a_wait_that_arxiv_asks_for_is_kept_by_all_and_awaited_by_nobody(asked: str, rest: float) -> None:
    clock, host = Clock(), Host(Reply(429, {"Retry-After": asked}), atom(entry()))
    arxiv = source(host, clock)
    assert str(await failing(arxiv)) == "it says that it is asked too often"
    refused = await failing(arxiv)
    assert "left alone for a while" in str(refused)
    assert refused.waiting == rest
    clock.time += rest - 1
    await failing(arxiv)
    assert (len(host.requests), clock.waits) == (1, [])
    clock.time += 1
    assert ids(await arxiv.papers([ID])) == [ID]


async def test_who_waits_in_the_queue_while_the_breaker_opens_is_not_sent_any_more() -> None:
    clock, host = Clock(), Host(Reply(503))
    arxiv = source(host, clock)
    answers = await asyncio.gather(*(arxiv.papers([ID]) for _ in range(20)), return_exceptions=True)
    assert all(isinstance(answer, SourceError) for answer in answers)
    assert len(host.requests) == 6
