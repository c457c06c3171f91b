"""Daily Papers: how a day and a paper are fetched."""

import pytest

from bot.errors import SourceError
from bot.models import Batch
from tests.feed import Feed, entry, ids, listed, source
from tests.papers import MONDAY, paper
from tests.wire import Clock, Host, Reply


async def test_a_day_is_asked_for_by_its_date_with_the_longest_pages() -> None:
    host = Host(listed([entry()]))
    assert await source(host).batch(MONDAY) == Batch(MONDAY, (paper(batch=MONDAY),))
    assert str(host.requests[0].url) == "https://example.org/api/daily_papers?date=2026-03-30&limit=100"


async def test_a_day_without_a_batch_is_empty() -> None:
    assert await source(Feed()).batch(MONDAY) == Batch(MONDAY, ())


@pytest.mark.parametrize("link", ["https://example.org/api/daily_papers?p=1", "/api/daily_papers?p=1", "?p=1"])
async def test_the_pages_of_a_day_are_followed_to_the_last(link: str) -> None:
    pages = [
        listed([entry("2506.00001")], Link=f'<https://example.org/x>; rel="prev", <{link}>; rel="next"'),
        listed([entry("2506.00002"), entry("2506.00001"), None], Link=f"<{link}2>;rel=next"),
        listed([entry("2506.00003")]),
    ]
    host = Host(*pages)
    found = await source(host).batch(MONDAY)
    assert (ids(found.papers), found.skipped) == (["2506.00001", "2506.00002", "2506.00003"], 1)
    assert str(host.requests[2].url) == "https://example.org/api/daily_papers?p=12"


async def test_pages_without_end_are_left_after_some() -> None:
    host = Host(listed([entry()], Link="<?p=1>; rel=next"))
    assert len((await source(host).batch(MONDAY)).papers) == 1
    assert len(host.requests) == 11


@pytest.mark.parametrize(
    "link",
    ["https://evil.example/", "//evil.example/", "http://example.org/api", "http://169.254.169.254/", "file:///etc/passwd",
     "https://[", "https://xn--a/", "javascript:alert(1)", "https://example.org:22/api"],
)  # fmt: skip
async def test_a_next_page_elsewhere_is_not_asked_for(link: str) -> None:
    host = Host(listed([entry()], Link=f'<{link}>; rel="next"'))
    with pytest.raises(SourceError, match="next page"):
        await source(host).batch(MONDAY)
    assert len(host.requests) == 1


@pytest.mark.parametrize("answer", [{}, {"error": "x"}, "text", None, 7])
async def test_a_listing_that_is_no_list_is_a_failure_of_the_source(answer: object) -> None:
    with pytest.raises(SourceError, match="not a list of papers"):
        await source(Host(listed(answer))).batch(MONDAY)


async def test_an_address_without_a_listing_is_not_taken_for_a_day_without_a_batch() -> None:
    with pytest.raises(SourceError, match="HTTP 404") as error:
        await source(Host(Reply(404))).batch(MONDAY)
    assert error.value.status == 404


async def test_one_paper_is_asked_for_by_its_id() -> None:
    found = {**entry("hep-th/9901001")["paper"], "submittedOnDailyAt": "2026-03-30T00:00:00.000Z", "upvotes": 4}
    feed = Feed(papers={"hep-th%2F9901001": found})
    assert await source(feed).paper("hep-th/9901001") == paper("hep-th/9901001", votes=4, batch=MONDAY)


async def test_a_paper_that_was_in_no_batch_has_none() -> None:
    assert await source(Feed(papers={"2506.08007": entry()["paper"]})).paper("2506.08007") == paper()


@pytest.mark.parametrize("answer", [Reply(404, body=b"<html>"), entry("2506.00009")["paper"]])
async def test_a_paper_that_is_not_there_or_another_one_is_none(answer: object) -> None:
    assert await source(Feed(papers={"2506.08007": answer})).paper("2506.08007") is None


@pytest.mark.parametrize(
    "answer", [[], None, "text", {}, {"error": "x"}, {"id": None, "title": "T"}, {"id": "2506.08007"}, {"paper": {}}]
)
async def test_a_paper_of_the_wrong_shape_is_a_failure_of_the_source(answer: object) -> None:
    with pytest.raises(SourceError, match="it answered"):
        await source(Feed(papers={"2506.08007": answer})).paper("2506.08007")


async def test_a_number_too_long_for_any_machine_is_a_failure_of_the_source() -> None:
    host = Host(Reply(body=b'[{"paper": {"upvotes": ' + b"9" * 5_000 + b"}}]"))
    with pytest.raises(SourceError):
        await source(host, Clock()).batch(MONDAY)
