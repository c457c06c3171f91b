"""The page's server: what is asked on it, and what is answered."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from adapters.web import static
from adapters.web.server import address
from bot.views import web as words
from tests.web_page import HYBRID, Served, opened, said, visitor

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with opened(tmp_path_factory.mktemp("page")) as page:
        yield page


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[]", b'"x"', b"\xff", b"[" * 50_000, b'{"text": "' + b"x" * 200_000 + b'"}'),
        *(b"{}", b'{"text": null}', b'{"text": 7}', b'{"text": ["help"]}'),
    ],
)
async def test_a_request_that_makes_no_sense_is_one_sentence(site: Served, body: bytes) -> None:
    async with visitor(site, **{"Content-Type": "application/json"}) as client:
        reply = await client.post("/api/say", content=body)
    assert reply.status_code in (400, 413)
    assert reply.json() == {"error": words.NOT_UNDERSTOOD}


async def test_what_is_said_is_answered_with_the_card_and_the_payload_of_each_platform(site: Served) -> None:
    found = await said(site, f"show {HYBRID}")
    assert found["card"]["papers"][0]["id"] == HYBRID
    assert found["share"] == f"show {HYBRID}"
    assert found["payloads"].keys() == {"discord", "slack"}
    assert "Share" in str(found["payloads"]["discord"])
    public = await said(site, f"show {HYBRID}", public=True)
    assert public["share"] == ""
    assert "Share" not in str(public["payloads"])


async def test_the_zone_of_the_browser_is_that_of_the_person(site: Served) -> None:
    assert "Asia/Tokyo" in (await said(site, "preview video", zone="Asia/Tokyo"))["card"]["text"]
    assert "(UTC)" in (await said(site, "preview video", zone="Mars/Olympus"))["card"]["text"]


@pytest.mark.parametrize(
    "query", ["?day=yesterday", "?top=many", "?top=0", "?top=999", "?top=", "?layout=wide", "?day=2026-13-01"]
)
async def test_a_digest_of_nonsense_is_one_sentence(site: Served, query: str) -> None:
    async with visitor(site) as client:
        reply = await client.get(f"/api/digest{query}")
    assert (reply.status_code, reply.json()) == (400, {"error": words.NOT_UNDERSTOOD})


async def test_a_digest_without_papers_and_one_of_a_day_without_a_batch_are_said_in_words(site: Served) -> None:
    async with visitor(site) as client:
        empty = await client.get("/api/digest", params={"query": '"nothing has these words"'})
        unknown = await client.get("/api/digest", params={"day": "2020-01-01"})
    assert "nothing would be posted" in empty.json()["card"]["title"]
    assert unknown.json()["card"]["tone"] == "failure"
    assert "weekends" in unknown.json()["card"]["title"]


@pytest.mark.parametrize("day", ["2026-04-07", "9999-12-31"])
async def test_a_day_to_come_is_said_to_be_one(site: Served, day: str) -> None:
    async with visitor(site) as client:
        found = (await client.get("/api/digest", params={"day": day})).json()["card"]
    assert "is still to come" in found["title"]
    assert found["tone"] == "failure"


async def test_the_letters_of_a_text_that_is_far_too_long_are_all_counted(site: Served) -> None:
    assert "That is 30,000 characters" in (await said(site, "x" * 30_000))["card"]["title"]


async def test_the_board_tells_what_is_known_of_each_source_and_nothing_of_people(site: Served) -> None:
    now = site.bot.time.now()
    await site.bot.store.note_source("Hugging Face", now - timedelta(hours=1), "it cannot be reached")
    async with visitor(site) as client:
        found = await client.get("/api/board")
    rows = {row["name"]: row["text"] for row in found.json()["status"]["rows"]}
    assert "it cannot be reached" in rows["Hugging Face"]
    assert "ada" not in found.text.lower().split('"')
    assert found.json()["curves"][0]["votes"].endswith(" votes")
    assert found.json()["curves"][0]["points"][0][1] < found.json()["curves"][0]["points"][-1][1]


async def test_everything_together_weighs_less_than_150_kilobytes() -> None:
    assert sum(len(file.body) for file in static.files().values()) < 150_000


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),
        ("::", "[::1]"),
        ("::1", "[::1]"),
        ("[::1]", "[::1]"),
        ("me", "me"),
    ],
)
async def test_the_address_that_is_printed_can_be_opened(host: str, shown: str) -> None:
    assert address(host, 8080) == f"http://{shown}:8080/"


async def test_requests_that_come_together_are_all_answered(site: Served) -> None:
    found = await asyncio.gather(*(said(site, "search video") for _ in range(20)))
    assert len({str(one) for one in found}) == 1


async def test_half_a_letter_is_answered_too(site: Served) -> None:
    async with visitor(site, **{"Content-Type": "application/json"}) as client:
        reply = await client.post("/api/say", content=b'{"text": "search \\ud83d video"}')
    assert reply.json()["card"]["papers"]
