"""Where redirects may lead, and what is remembered so that it need not be sent again."""

import httpx
import pytest

from bot.errors import SourceError
from tests.wire import URL, Host, Reply, http


def moved(location: str, status: int = 302) -> Reply:
    return Reply(status, {"Location": location}, b"")


def tagged(tag: str, body: bytes = b'["old"]') -> Reply:
    return Reply(200, {"ETag": tag}, body)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["https://example.org/new?a=1", "/new?a=1", "//example.org/new?a=1"])
async def test_a_redirect_to_the_same_host_is_followed(status: int, location: str) -> None:
    host = Host(moved(location, status), Reply(body=b'["new"]'))
    assert (await http(host).get(URL)).json() == ["new"]
    assert [str(request.url) for request in host.requests] == [URL, "https://example.org/new?a=1"]


@pytest.mark.parametrize(
    "location",
    [
        "http://example.org/api",
        "https://evil.example/api",
        "//evil.example/api",
        "https://example.org.evil.example/",
        "https://example.org@evil.example/",
        "https://sub.example.org/",
        "http://169.254.169.254/latest/meta-data",
        "https://169.254.169.254/",
        "http://[::ffff:169.254.169.254]/",
        "https://example.org:8443/api",  # the token would go to another program
        "http://127.0.0.1:8080/",
        "http://localhost/",
        "file:///etc/passwd",
        "ftp://example.org/",
    ],
)
async def test_a_redirect_to_anywhere_else_is_refused_and_not_asked(location: str) -> None:
    host = Host(moved(location), Reply())
    with pytest.raises(SourceError, match=r"redirects to .*, which is not one of its hosts"):
        await http(host).get(URL)
    assert len(host.requests) == 1


@pytest.mark.parametrize(
    "location",
    [
        "https://[",
        "https://example.org:99999999/",
        "https://\x00/",
        "https://xn--a/",
        "https://example.org:x/",
        "https://ex ample/",
        "javascript:alert(1)",
    ],
)
async def test_a_redirect_that_is_no_address_is_a_failure_of_the_source(location: str) -> None:
    host = Host(moved(location))
    with pytest.raises(SourceError):
        await http(host).get(URL)
    assert {str(request.url) for request in host.requests} == {URL}


async def test_a_configured_server_on_this_machine_may_redirect_to_itself_without_https() -> None:
    host = Host(moved("http://127.0.0.1:7/new"), Reply())
    assert (await http(host, hosts=frozenset({"127.0.0.1"})).get("http://127.0.0.1:7/api")).status == 200


@pytest.mark.parametrize("location", [URL, "", "#top"])
async def test_redirects_in_a_circle_are_given_up(location: str) -> None:
    host = Host(moved(location))
    with pytest.raises(SourceError, match="redirects in a circle"):
        await http(host).get(URL)
    assert len(host.requests) == 4


async def test_a_redirect_without_an_address_is_a_refusal() -> None:
    with pytest.raises(SourceError, match="HTTP 302"):
        await http(Host(Reply(302))).get(URL)


@pytest.mark.parametrize("tag", ['"1"', 'W/"1"'])
async def test_an_answer_is_asked_for_only_if_it_changed(tag: str) -> None:
    host = Host(tagged(tag), Reply(304, body=b""), tagged('"2"', b'["new"]'), Reply(304, body=b""))
    client = http(host)
    assert [(await client.get(URL)).json() for _ in range(4)] == [["old"], ["old"], ["new"], ["new"]]
    asked = [request.headers.get("if-none-match") for request in host.requests]
    assert asked == [None, tag, tag, '"2"']


async def test_an_answer_is_remembered_for_its_own_address_only() -> None:
    host = Host(tagged('"1"'), Reply())
    client = http(host)
    await client.get(URL, {"date": "2026-03-30"})
    await client.get(URL, {"date": "2026-03-31"})
    assert "if-none-match" not in host.requests[1].headers


async def test_only_the_newest_answers_are_remembered() -> None:
    host = Host(tagged('"1"'))
    client = http(host)
    for number in [*range(65), 64, 0]:
        await client.get(URL, {"n": number})
    assert ["if-none-match" in request.headers for request in host.requests[-2:]] == [True, False]


async def test_not_modified_without_a_remembered_answer_is_a_refusal() -> None:
    with pytest.raises(SourceError, match="HTTP 304"):
        await http(Host(Reply(304, body=b""))).get(URL)


async def test_a_tag_that_cannot_be_sent_back_is_not_remembered() -> None:
    async def answer(request: httpx.Request) -> httpx.Response:
        assert "if-none-match" not in request.headers
        return httpx.Response(200, headers=[(b"ETag", b'"\xc3\xa9"')], stream=Reply().response().stream)

    client = http(answer)
    for _ in range(2):
        assert (await client.get(URL)).json() == []
