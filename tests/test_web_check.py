"""`check` of what surrounds the bot: its page, its disk, and Slack's tokens, in words that somebody can act on."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path
from types import SimpleNamespace

import pytest

from adapters.web.metrics import Metrics
from adapters.web.server import serving as page_serving
from adapters.web.site import Site
from bot import config
from bot.cli import check, wiring
from bot.cli.payloads import PAYLOADS
from bot.config import Config
from bot.health import Health
from bot.store import FileLock
from tests.slack_server import serving
from tests.slack_state import APP_TOKEN, BOT_TOKEN
from tests.test_web_run import taken_port


@pytest.fixture
def settings(tmp_path: Path) -> Config:
    return config.load({"DATA_DIR": str(tmp_path), "HTTP_PORT": "0"})


async def test_a_page_that_can_be_served_is_said_to_be_for_this_machine_alone(settings: Config) -> None:
    assert await check._page(settings) == (check.OK, "port 0 of 127.0.0.1, for this machine alone, without a token")


async def test_a_page_for_everybody_is_said_to_be_guarded_and_the_token_is_not_repeated(settings: Config) -> None:
    token = "sixteen-and-more-letters"
    verdict, sentence = await check._page(replace(settings, http_host="0.0.0.0", http_token=token))
    assert (verdict, sentence) == (check.OK, "port 0 of 0.0.0.0, for other machines too, guarded by HTTP_TOKEN")


@pytest.fixture
def running(settings: Config) -> Iterator[None]:
    """A bot on the same database."""
    lock = FileLock.take(settings.database_path)
    assert lock
    yield
    lock.release()


@contextmanager
def another_program() -> Iterator[int]:
    """The port of one that answers whatever it is asked, as a web server does."""
    with HTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            serving.join()


async def test_a_port_that_is_taken_is_a_warning_where_no_bot_runs(settings: Config) -> None:
    with taken_port() as port:
        verdict, sentence = await check._page(replace(settings, http_port=str(port)))
    assert (verdict, "set HTTP_PORT" in sentence) == (check.WARNING, True)


@pytest.mark.usefixtures("running")
async def test_a_port_that_the_bot_itself_has_is_well(settings: Config) -> None:
    site = Site(wiring.now, PAYLOADS, Health(), Metrics())
    async with page_serving(site, "127.0.0.1", 0) as address:
        verdict, sentence = await check._page(replace(settings, http_port=address.rstrip("/").rpartition(":")[2]))
    assert (verdict, "another Paper Round" in sentence) == (check.OK, True)


@pytest.mark.usefixtures("running")
async def test_a_port_that_another_program_has_is_a_warning_though_a_bot_runs(settings: Config) -> None:
    with another_program() as port:
        verdict, sentence = await check._page(replace(settings, http_port=str(port)))
    assert (verdict, "set HTTP_PORT" in sentence) == (check.WARNING, True)


@pytest.mark.usefixtures("running")
@pytest.mark.parametrize("host", ["nonsense.invalid", "192.0.2.1"])
async def test_a_host_that_is_not_ours_is_a_warning_though_a_bot_runs(settings: Config, host: str) -> None:
    verdict, sentence = await check._page(replace(settings, http_host=host))
    assert (verdict, "set HTTP_HOST" in sentence) == (check.WARNING, True)


async def test_a_disk_that_fills_up_is_a_warning(settings: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await check._disk(settings))[0] == check.OK
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000_000))  # the machine's, not ours
    verdict, sentence = await check._disk(settings)
    assert (verdict, sentence.startswith("only 1 MB are free in")) == (check.WARNING, True)
    assert "copies the database" not in sentence  # there is none yet
    settings.database_path.write_bytes(bytes(4_000))
    assert (await check._disk(settings))[1].endswith("because an upgrade copies the database (4 kB) first")


@pytest.mark.parametrize(
    ("bot_token", "app_token", "verdict", "said"),
    [
        (BOT_TOKEN, APP_TOKEN, check.OK, "both tokens work"),
        ("xoxb-wrong-token", APP_TOKEN, check.BAD, "SLACK_BOT_TOKEN"),
        (BOT_TOKEN, "xapp-wrong-token", check.BAD, "SLACK_APP_TOKEN"),
    ],
)
async def test_of_slacks_tokens_the_one_that_is_wrong_is_named_and_not_repeated(
    settings: Config, bot_token: str, app_token: str, verdict: str, said: str
) -> None:
    async with serving() as server:
        tokens = replace(settings, slack_bot_token=bot_token, slack_app_token=app_token, slack_api_url=server.url)
        found, sentence = await check._slack(tokens)
    assert (found, said in sentence) == (verdict, True), sentence
    assert "wrong" not in sentence


async def test_a_slack_out_of_reach_is_one_sentence(settings: Config) -> None:
    with taken_port() as port:
        pass
    away = replace(
        settings, slack_bot_token=BOT_TOKEN, slack_app_token=APP_TOKEN, slack_api_url=f"http://127.0.0.1:{port}/api/"
    )
    verdict, sentence = await check._slack(away)
    assert (verdict, "look at the network" in sentence) == (check.BAD, True)
