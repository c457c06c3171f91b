"""Who is let in to the page, and how nothing on it becomes more than text."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from adapters.web import static
from adapters.web.security import COOKIE, HEADERS, is_local
from bot.views import web as words
from tests.web_page import TOKEN, Served, opened, said, visitor

pytestmark = pytest.mark.asyncio(loop_scope="module")
PART = b'--x\r\nContent-Disposition: form-data; name="token"\r\nContent-Transfer-Encoding: 7bit\r\n\r\nx\r\n--x--\r\n'
FILES = Path(static.__file__).parent / "static"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with opened(tmp_path_factory.mktemp("page")) as page:
        yield page


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def guarded(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with opened(tmp_path_factory.mktemp("guarded"), token=TOKEN) as page:
        yield page


@pytest.mark.parametrize("path", ["/", "/assets/app.js", "/api/complete?text=se", "/healthz", "/nowhere", "/api/board"])
async def test_every_answer_has_the_headers_that_protect_it(site: Served, path: str) -> None:
    async with visitor(site) as client:
        reply = await client.get(path)
    assert {name: reply.headers.get(name) for name in HEADERS} == HEADERS
    assert "unsafe" not in reply.headers["Content-Security-Policy"]
    assert reply.headers["Cache-Control"] in ("no-cache", "no-store")


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "evil.example:8080", "127.0.0.1.evil.example", "10.0.0.1", "", "[", "a@b"),
        *("127.0.0.1/evil", "127.0.0.1#evil.com", "127.0.0.1?x", "evil.com@127.0.0.1", "127.0.0.1:1:2", "127.0.0.1:a"),
        *("localhost\\evil", "localhost,evil.com", "[::1]evil.com", "[::1", "::1"),
    ],
)
async def test_a_name_of_another_host_is_refused_because_its_page_could_read_this_one(site: Served, host: str) -> None:
    async with visitor(site, Host=host) as client:
        for path in ("/", "/api/board", "/metrics", "/assets/app.js"):
            assert (await client.get(path)).status_code in (400, 403)
        assert (await client.get("/healthz")).status_code in (200, 400)
    assert not is_local(host)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:1", "LOCALHOST:8080", "[::1]:8080", "127.8.8.8"])
async def test_this_machine_is_let_in_under_each_of_its_names(site: Served, host: str) -> None:
    async with visitor(site, Host=host) as client:
        assert (await client.get("/")).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
async def test_what_another_page_sends_is_refused(site: Served, headers: dict[str, str]) -> None:
    async with visitor(site, **headers) as client:
        reply = await client.post("/api/say", json={"text": "trending"})
    assert (reply.status_code, reply.json()) == (403, {"error": words.WRONG_ORIGIN})


async def test_a_form_of_another_kind_says_nothing_to_the_bot(site: Served) -> None:
    async with visitor(site, **{"Content-Type": "text/plain"}) as client:
        assert (await client.post("/api/say", content=b'{"text": "trending"}')).status_code == 400


@pytest.mark.parametrize(
    ("path", "kind", "body"),
    [
        ("/api/say", "application/json", b"\xff"),
        ("/api/say", "application/json", b"[" * 50_000),
        ("/api/say", "application/json", b"9" * 5_000),
        ("/login", "multipart/form-data", b"--x"),
        ("/login", "multipart/form-data; boundary=x", b"--x\r\nbad"),
        ("/login", "multipart/form-data; boundary=x", PART.replace(b"7bit", b"bogus")),
        ("/login", "multipart/form-data; boundary=x", PART),
        ("/login", "text/plain", b"token=x"),
        ("/login", "", b"token=x"),
        ("/login", "application/x-www-form-urlencoded; charset=nonsense", b"token=x"),
        ("/login", "application/x-www-form-urlencoded", b"token\xff=x"),
    ],
)
async def test_a_body_that_is_no_body_is_refused_and_fills_no_log(
    guarded: Served, caplog: pytest.LogCaptureFixture, path: str, kind: str, body: bytes
) -> None:
    async with visitor(guarded, Authorization=f"Bearer {TOKEN}", **{"Content-Type": kind}) as client:
        assert (await client.post(path, content=body)).status_code == 400
    assert not caplog.records


async def test_json_is_read_whatever_its_header_says_of_letters(site: Served) -> None:
    async with visitor(site, **{"Content-Type": "application/json; charset=nonsense"}) as client:
        assert (await client.post("/api/say", content=b'{"text": "help"}')).status_code == 200


async def test_a_token_of_halves_of_letters_is_only_wrong(guarded: Served) -> None:
    async with visitor(guarded, **{"Content-Type": "application/x-www-form-urlencoded; charset=utf-7"}) as client:
        assert (await client.post("/login", content=b"token=+2AA-")).status_code == 401


async def raw(site: Served, sent: bytes) -> bytes:
    """The whole answer to bytes that no program for HTTP would send."""
    reader, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(site.address).port)
    try:
        writer.write(sent)
        return await reader.read()
    finally:
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize("sent", [b"\x16\x03\x01\x02\x00\r\n\r\n", b"GET / HTTP/1.1\r\nX: " + b"a" * 20_000])
async def test_what_is_no_http_fills_no_log(site: Served, caplog: pytest.LogCaptureFixture, sent: bytes) -> None:
    assert b" 400 " in await raw(site, sent)
    assert not caplog.records


@pytest.mark.parametrize(
    "sent",
    [b"GET / HTTP/1.0\r\n\r\n", b"GET http://127.0.0.1/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"],
)
async def test_only_the_header_says_which_host_is_meant(site: Served, sent: bytes) -> None:
    assert b" 403 " in (await raw(site, sent)).splitlines()[0]


@pytest.mark.parametrize(
    "text", ["subscribe video confirm:yes", "/papers subscribe video confirm:yes", "SUBSCRIBE confirm:yes video"]
)
async def test_nothing_can_be_ordered_from_the_page_however_it_is_said(site: Served, text: str) -> None:
    before = await site.bot.records.subscriptions.unplanned(site.bot.time.now() + timedelta(days=400), 100)
    found = await said(site, text)
    after = await site.bot.records.subscriptions.unplanned(site.bot.time.now() + timedelta(days=400), 100)
    assert found["card"]["code"].startswith("/papers subscribe")
    assert "confirm" not in found["card"]["code"]
    assert before == after


@pytest.mark.parametrize("verb", ["pause", "resume", "unsubscribe", "edit papers top:1", "pause papers"])
async def test_the_orders_of_other_channels_cannot_be_changed_from_the_page(site: Served, verb: str) -> None:
    assert (await said(site, verb))["card"]["tone"] == "failure"
    assert (await site.bot.known("papers")).version == 1


async def test_whoever_does_not_know_the_token_sees_nothing(guarded: Served) -> None:
    async with visitor(guarded) as client:
        page = await client.get("/")
        assert page.status_code == 401
        assert words.SHOWN["token_text"] in page.text
        for path in ("/api/board", "/api/complete?text=s", "/metrics", "/api/digest", "/nowhere"):
            assert (await client.get(path)).json() == {"error": words.TOKEN_NEEDED}
        assert (await client.post("/api/say", json={"text": "trending"})).status_code == 401
        for path in ("/healthz", "/readyz", "/assets/style.css"):
            assert (await client.get(path)).status_code == 200


@pytest.mark.parametrize("way", ["address", "form", "bearer"])
async def test_the_token_lets_in_by_the_address_by_the_form_and_as_a_bearer(guarded: Served, way: str) -> None:
    async with visitor(guarded) as client:
        if way == "address":
            reply = await client.get("/", params={"token": TOKEN})
        elif way == "form":
            reply = await client.post("/login", data={"token": f" {TOKEN} "})
        else:
            client.headers["Authorization"] = f"Bearer {TOKEN}"
        if way != "bearer":
            assert (reply.status_code, reply.headers["Location"]) == (303, "/")
            assert re.search(r"HttpOnly.*SameSite=Lax", reply.headers["Set-Cookie"])
            assert TOKEN not in reply.headers["Set-Cookie"]
        assert (await client.get("/")).status_code == 200
        assert (await client.post("/api/say", json={"text": "help"})).status_code == 200
        assert "paper_round_info" in (await client.get("/metrics")).text


@pytest.mark.parametrize("given", ["", "x" * 16, TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "ü" * 16, "\x00"])
async def test_a_wrong_token_is_told_and_sets_nothing(guarded: Served, given: str) -> None:
    async with visitor(guarded) as client:
        replies = [await client.get("/", params={"token": given}), await client.post("/login", data={"token": given})]
        client.cookies.set(COOKIE, given.encode("ascii", "ignore").decode().replace("\x00", "") or "x")
        replies.append(await client.get("/"))
    assert [reply.status_code for reply in replies] == [401, 401, 401]
    assert words.WRONG_TOKEN in replies[1].text
    assert not any("Set-Cookie" in reply.headers for reply in replies)


async def test_the_cookie_is_for_https_alone_where_the_page_came_by_it(guarded: Served) -> None:
    async with visitor(guarded, **{"X-Forwarded-Proto": "https"}) as client:
        assert "Secure" in (await client.get("/", params={"token": TOKEN})).headers["Set-Cookie"]


async def test_with_a_token_the_page_may_have_any_name(guarded: Served) -> None:
    async with visitor(guarded, Host="papers.example.org", Origin="https://papers.example.org") as client:
        assert (await client.get("/", headers={"Authorization": f"bearer {TOKEN}"})).status_code == 200
        assert (await client.post("/login", data={"token": TOKEN})).status_code == 303


@pytest.mark.parametrize("path", sorted(FILES.glob("*"), key=str), ids=lambda path: path.name)
async def test_no_file_of_the_page_makes_markup_of_text_or_holds_a_script_or_style_in_a_line(path: Path) -> None:
    text = path.read_text("utf-8")
    for forbidden in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "Function(",
        " style=",
    ):
        assert forbidden not in text
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"<style|\son\w+=|@import|url\(", text)
    addresses = set(re.findall(r"https?://[\w.-]+", text)) - {"http://www.w3.org", "https://app.slack.com"}
    assert not addresses
