"""`check` of what surrounds the bot: its page, its disk, and Slack's tokens, in words that somebody can act on."""

import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot import config
from bot.cli import check
from bot.config import Config
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


async def test_a_port_that_is_taken_is_a_warning_unless_the_bot_itself_has_it(settings: Config) -> None:
    with taken_port() as port:
        busy = replace(settings, http_port=str(port))
        verdict, sentence = await check._page(busy)
        assert verdict == check.WARNING
        assert "set HTTP_PORT" in sentence
        lock = FileLock.take(settings.database_path)
        assert lock
        verdict, sentence = await check._page(busy)
        lock.release()
    assert (verdict, "another Paper Round" in sentence) == (check.OK, True)


async def test_a_disk_that_fills_up_is_a_warning(settings: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await check._disk(settings))[0] == check.OK
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000_000))  # the machine's, not ours
    verdict, sentence = await check._disk(settings)
    assert (verdict, sentence.startswith("only 1 MB are free in")) == (check.WARNING, True)


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
