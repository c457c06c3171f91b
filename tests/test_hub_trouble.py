"""What goes wrong with the download of the model is said in one sentence, and leaves nothing wrong behind."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from bot.errors import SourceError
from bot.sources._http import Patience
from bot.sources.hub import MAX_BYTES, PATIENCE, TOKENIZER, Hub
from tests.hub import (
    BEST,
    FILES,
    TOKENS,
    WEIGHTS,
    Answer,
    LocalHub,
    Request,
    Twist,
    failure,
    fetch,
    is_whole,
    part,
    parts,
    serving,
    sha256,
)
from tests.wire import Host, Reply


@pytest.fixture
async def hub() -> AsyncIterator[LocalHub]:
    async with serving(dict(FILES)) as started:
        yield started


@pytest.mark.parametrize("begun", [b"x" * 200, b"x" * len(WEIGHTS), WEIGHTS + b"x"])
async def test_a_part_that_is_damaged_is_removed_and_the_next_attempt_succeeds(
    hub: LocalHub, tmp_path: Path, begun: bytes
) -> None:
    part(tmp_path).write_bytes(begun)
    assert "does not have the checksum" in str(await failure(hub.url, tmp_path))
    assert parts(tmp_path) == []
    await fetch(hub.url, tmp_path)
    assert is_whole(tmp_path)


@pytest.mark.parametrize("path", [BEST, TOKENIZER])
async def test_a_file_with_another_checksum_is_removed(hub: LocalHub, tmp_path: Path, path: str) -> None:
    def twist(request: Request, answer: Answer) -> Answer:
        is_it = request.method == "GET" and answer.status == 200 and path.endswith(request.file)
        return replace(answer, body=answer.body.swapcase()) if is_it else answer

    hub.twist = twist
    assert str(await failure(hub.url, tmp_path)) == (
        f"what it sent as {path} does not have the checksum that it announced"
    )
    assert parts(tmp_path) == []


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (401, "it wants a login for the model"),
        (403, "it does not give us the model"),
        (404, "it does not have the model"),
        (429, "it says that it is asked too often"),
        (500, "it is out of order"),
        (503, "it is out of order"),
        (418, "it refused"),
        (204, "it refused"),
    ],
)
@pytest.mark.parametrize("place", ["hub", "cdn"])
async def test_a_refusal_is_said_with_its_status(
    hub: LocalHub, tmp_path: Path, place: str, status: int, sentence: str
) -> None:
    refusal = Answer(status, {"retry-after": "90"} if status in (429, 503) else {})
    hub.twist = lambda request, answer: refusal if request.place == place else answer
    error = await failure(hub.url, tmp_path)
    assert str(error).startswith(f"{sentence} (HTTP {status} for model")
    assert (error.status, error.waiting) == (status, 90.0 if status in (429, 503) else None)


def html(request: Request, answer: Answer) -> Answer:
    return Answer(200, {"content-type": "text/html; charset=utf-8", "etag": '"login"'}, b"<html>Log in</html>")


def html_from_cdn(request: Request, answer: Answer) -> Answer:
    return html(request, answer) if request.place == "cdn" else answer


def packed(request: Request, answer: Answer) -> Answer:
    return answer.bearing(content_encoding="gzip") if request.place == "cdn" else answer


def another_size(request: Request, answer: Answer) -> Answer:
    return replace(answer, body=answer.body[1:]) if request.place == "cdn" else answer


def without_end(request: Request, answer: Answer) -> Answer:
    longer = replace(answer, body=answer.body + b"more").bearing(content_length=None)
    return longer if request.place == "cdn" else answer


def ends_early(request: Request, answer: Answer) -> Answer:
    return replace(answer, body=answer.body[:9]).bearing(content_length=None) if request.place == "cdn" else answer


def too_large(request: Request, answer: Answer) -> Answer:
    return answer.bearing(x_linked_size=str(MAX_BYTES + 1)) if "x-linked-size" in answer.headers else answer


def silent_on_checksums(request: Request, answer: Answer) -> Answer:
    return answer.bearing(x_linked_etag=None, etag=None)


def strange_checksum(request: Request, answer: Answer) -> Answer:
    return answer.bearing(x_linked_etag='"../../etc/passwd"', etag='"../../etc/passwd"')


def silent_on_sizes(request: Request, answer: Answer) -> Answer:
    return answer.bearing(x_linked_size=None, content_length=None)


def checksum_of_the_cdn(request: Request, answer: Answer) -> Answer:
    """Whoever holds the other end would vouch for it."""
    return answer.bearing(x_linked_etag=sha256(WEIGHTS) if request.place == "cdn" else None)


def circle(request: Request, answer: Answer) -> Answer:
    return Answer(302, {"location": request.path})


def circle_behind(request: Request, answer: Answer) -> Answer:
    return circle(request, answer) if request.place == "cdn" else answer


@pytest.mark.parametrize(
    ("twist", "sentence"),
    [
        (html, "it answers with a web page instead of the model"),
        (html_from_cdn, "it answers with a web page instead of the model"),
        (packed, "it answers in an encoding that was not asked for"),
        (another_size, "in another size than it announced"),
        (without_end, "it sends more than it announced"),
        (ends_early, "the connection broke"),
        (too_large, "200 MB is the most"),
        (silent_on_checksums, "it announces no checksum or no size of onnx/"),
        (strange_checksum, "it announces no checksum or no size of onnx/"),
        (silent_on_sizes, "it announces no checksum or no size of onnx/"),
        (checksum_of_the_cdn, "it announces no checksum or no size of onnx/"),
        (circle, "it redirects in a circle"),
        (circle_behind, "it redirects in a circle"),
    ],
)
async def test_an_answer_that_makes_no_sense_is_said_in_one_sentence(
    hub: LocalHub, tmp_path: Path, twist: Twist, sentence: str
) -> None:
    hub.twist = twist
    error = await failure(hub.url, tmp_path)
    assert sentence in str(error)
    assert "\n" not in str(error)
    hub.twist = lambda _, answer: answer
    await fetch(hub.url, tmp_path)
    assert is_whole(tmp_path)


async def test_without_a_network_it_says_so(tmp_path: Path) -> None:
    async with serving({}) as gone:
        pass
    assert str(await failure(gone.url, tmp_path)) == "it cannot be reached"


@pytest.mark.parametrize("patience", [replace(PATIENCE, silence=0.05), replace(PATIENCE, total=0.05)])
async def test_a_host_that_falls_silent_is_given_up(hub: LocalHub, tmp_path: Path, patience: Patience) -> None:
    hub.twist = lambda _, answer: replace(answer, cut=0, is_held=True)
    assert str(await failure(hub.url, tmp_path, patience=patience)) == "it did not answer in time"


@pytest.mark.parametrize(
    "location", ["http://cdn.example/model", "ftp://127.0.0.1/model", "http://169.254.169.254/", "http://[::2]/"]
)
async def test_a_redirect_to_a_strange_host_without_https_is_refused(
    hub: LocalHub, tmp_path: Path, location: str
) -> None:
    hub.twist = lambda _, answer: answer.bearing(location=location) if "location" in answer.headers else answer
    error = await failure(hub.url, tmp_path)
    assert "without https" in str(error)
    assert {one.place for one in hub.requests} == {"hub"}


@pytest.mark.parametrize("location", ["http://127.0.0.1:8080/x", "http://localhost/x", "http://hub.example/x"])
async def test_the_real_hub_leads_neither_into_this_machine_nor_away_from_https(tmp_path: Path, location: str) -> None:
    host = Host(Reply(302, {"Location": location, "X-Linked-Etag": f'"{sha256(b"x")}"', "X-Linked-Size": "1"}, b""))
    async with httpx.AsyncClient(transport=httpx.MockTransport(host)) as client:
        with pytest.raises(SourceError, match="without https"):
            await Hub(client, "https://hub.example").fetch(tmp_path, lambda *_: None)
    assert {one.url.host for one in host.requests} == {"hub.example"}


async def test_the_real_hub_may_lead_to_any_host_by_https(tmp_path: Path) -> None:
    async def answer(request: httpx.Request) -> httpx.Response:
        content = TOKENS if request.url.path.endswith(TOKENIZER) else WEIGHTS
        if request.url.host == "cdn.example":
            return Reply(body=content).response()
        linked = {"X-Linked-Etag": sha256(content), "X-Linked-Size": str(len(content))}
        return Reply(302, {"Location": f"https://cdn.example{request.url.path}", **linked}, b"").response()

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        await Hub(client, "https://hub.example/mirror/").fetch(tmp_path, lambda *_: None)
    assert is_whole(tmp_path)


async def test_a_full_disk_is_said_and_not_left_full(hub: LocalHub, tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("there is no /dev/full here")
    part(tmp_path).symlink_to(full)
    assert str(await failure(hub.url, tmp_path)) == (
        f"the model cannot be saved in {tmp_path}: No space left on device"
    )
    assert parts(tmp_path) == []


async def test_a_folder_that_cannot_be_made_is_said(hub: LocalHub, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    error = await failure(hub.url, tmp_path / "file")
    assert str(error) == f"the model cannot be saved in {tmp_path / 'file'}: File exists"
    assert hub.requests == []
