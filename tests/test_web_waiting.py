"""What is served before there is anything to show: those who watch the bot are answered, and people are told to wait."""

import json
import re
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from adapters.web.metrics import Metrics
from adapters.web.server import serving
from adapters.web.site import Site
from bot.cli import wiring
from bot.cli.payloads import PAYLOADS
from bot.health import Health, Phase
from bot.views import web as words
from tests.programs import SECONDS, Program
from tests.test_web_run import fetched, page_of, taken_port
from tests.waiting import until
from tests.web_page import TOKEN

STARTING, STANDING_BY = words.waiting(Phase.STARTING), words.waiting(Phase.STANDING_BY)
ASKED = [("GET", "/api/board"), ("GET", "/api/complete?text=se"), ("GET", "/api/digest"), ("GET", "/metrics")]
SAID = ("POST", "/api/say")


@pytest.fixture
def health() -> Health:
    return Health()


@asynccontextmanager
async def visitor(health: Health, token: str = "") -> AsyncIterator[httpx.AsyncClient]:
    """Somebody at a page that has nothing behind it yet."""
    async with (
        serving(Site(wiring.now, PAYLOADS, health, Metrics(), token), "127.0.0.1", 0) as address,
        httpx.AsyncClient(base_url=address, headers={"Origin": address.rstrip("/")}) as client,
    ):
        yield client


@pytest_asyncio.fixture
async def client(health: Health) -> AsyncIterator[httpx.AsyncClient]:
    async with visitor(health) as there:
        yield there


@pytest.mark.parametrize("phase", [Phase.STARTING, Phase.STANDING_BY])
async def test_it_is_alive_and_not_ready_and_says_why_in_a_word(
    client: httpx.AsyncClient, health: Health, phase: Phase
) -> None:
    health.phase = phase
    assert (await client.get("/healthz")).text == "ok\n"
    ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()) == (503, {"ready": False, "parts": {"life": phase}})


@pytest.mark.parametrize(("phase", "sentence"), [(Phase.STARTING, STARTING), (Phase.STANDING_BY, STANDING_BY)])
async def test_the_page_is_a_small_one_that_says_to_wait(
    client: httpx.AsyncClient, health: Health, phase: Phase, sentence: str
) -> None:
    health.phase = phase
    reply = await client.get("/", headers={"If-None-Match": '"the page of a minute ago"'})
    assert (reply.status_code, reply.headers["Cache-Control"], reply.headers["Retry-After"]) == (503, "no-store", "5")
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    assert sentence in reply.text
    for needed in re.findall(r'(?:href|src)="(/assets/[^"]+)"', reply.text):
        assert (await client.get(needed)).status_code == 200


@pytest.mark.parametrize(("method", "path"), [*ASKED, SAID])
async def test_whoever_asks_anything_is_told_to_wait(client: httpx.AsyncClient, method: str, path: str) -> None:
    reply = await client.request(method, path, json={"text": "trending"})
    assert (reply.status_code, reply.json(), reply.headers["Retry-After"]) == (503, {"error": STARTING}, "5")


async def test_what_is_not_there_is_not_promised_for_later(client: httpx.AsyncClient) -> None:
    assert (await client.get("/nowhere")).status_code == 404


async def test_whoever_does_not_know_the_token_learns_no_more_than_those_who_watch(health: Health) -> None:
    async with visitor(health, TOKEN) as client:
        assert (await client.get("/")).status_code == 401
        assert (await client.get("/metrics")).json() == {"error": words.TOKEN_NEEDED}
        signed_in = await client.get("/", params={"token": TOKEN}, follow_redirects=True)
    assert STARTING in signed_in.text


def a_free_port() -> int:
    with taken_port() as port:
        return port


async def reached(address: str) -> tuple[int, str] | None:
    """What is answered; nothing while nobody listens."""
    try:
        return fetched(address)
    except OSError:
        return None


async def test_a_bot_whose_first_batches_do_not_come_answers_those_who_watch_it(tmp_path: Path) -> None:
    port = a_free_port()
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:  # it takes calls and never answers
        feed = f"http://127.0.0.1:{silent.getsockname()[1]}/api"
        with Program(tmp_path, feed).start("run", HTTP_PORT=str(port)) as running:
            alive = await until(lambda: reached(f"http://127.0.0.1:{port}/healthz"), "an answer", seconds=SECONDS)
            ready = fetched(f"http://127.0.0.1:{port}/readyz")
            shown = fetched(f"http://127.0.0.1:{port}/")
            running.send_signal(signal.SIGTERM)
            out, err = running.communicate(timeout=SECONDS)
    assert alive == (200, "ok\n")
    assert (ready[0], json.loads(ready[1])["parts"]) == (503, {"life": "starting"})
    assert (shown[0], STARTING in shown[1]) == (503, True)
    assert "The page is at" not in out  # it would have been there for nobody
    assert "Traceback" not in err


async def test_a_bot_that_stands_by_says_so_and_serves_its_page_when_it_takes_over(tmp_path: Path) -> None:
    program, port = Program(tmp_path), a_free_port()
    with program.start("run") as first:
        page_of(first)
        with program.start("run", HTTP_PORT=str(port)) as second:
            program.wait_for(second, "standing by")
            assert fetched(f"http://127.0.0.1:{port}/healthz") == (200, "ok\n")
            ready = fetched(f"http://127.0.0.1:{port}/readyz")
            assert (ready[0], json.loads(ready[1])["parts"]) == (503, {"life": "standing by"})
            assert STANDING_BY in fetched(f"http://127.0.0.1:{port}/")[1]
            first.send_signal(signal.SIGTERM)
            address = page_of(second)
            assert (address, fetched(address)[0]) == (f"http://127.0.0.1:{port}/", 200)
            second.communicate("quit\n", timeout=SECONDS)


def test_a_bot_that_stands_by_takes_over_the_port_too(tmp_path: Path) -> None:
    program, port = Program(tmp_path), str(a_free_port())
    with program.start("run", HTTP_PORT=port) as first:
        address = page_of(first)
        with program.start("run", HTTP_PORT=port) as second:
            program.wait_for(second, "standing by")
            first.send_signal(signal.SIGTERM)
            assert page_of(second) == address
            assert first.wait(timeout=SECONDS) == 0
            assert fetched(address)[0] == 200
            out, err = second.communicate("quit\n", timeout=SECONDS)
    assert "is not served" not in out
    assert "Traceback" not in err
