"""What nobody may do or see on Slack."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.platform import Slack
from bot.cards import Button, Card
from bot.store import SqlStore, records
from tests.library import shelved
from tests.papers import NOON
from tests.slack_state import ADA, APP_TOKEN, BOT, BOT_TOKEN, CHANNEL
from tests.slack_world import HERE, World, connected


@pytest.fixture
async def world(store: SqlStore, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> AsyncIterator[World]:
    caplog.set_level(logging.DEBUG)
    async with connected(store, tmp_path) as world:
        yield world


async def test_only_a_message_of_the_bot_leads_to_another_channel_and_never_the_words_that_share_repeats(
    world: World,
) -> None:
    await world.subscribe()
    [order] = await world.orders()
    button = {"type": "button", "action_id": "share-0", "text": {"type": "plain_text", "text": "Share"}}
    button["value"] = f"@{HERE.tenant}.{CHANNEL} unsubscribe {order.name}"
    forged = {"blocks": [{"type": "actions", "elements": [button]}], "kept": {"blocks": []}}

    for place in ({"is_ephemeral": True, "ts": "1.1"}, {"is_ephemeral": False, "ts": "1.2"}):
        await world.server.press({**forged, **place}, "Share")

    assert await world.orders() == [order]
    for members in ([BOT], [BOT, ADA]):
        assert await world.orders() == [order]
        world.server.channel["members"] = members
        await world.bot.posts.tell(ADA, HERE, Card("Uncertain", buttons=(Button("End", f"unsubscribe {order.name}"),)))
        await world.server.press(world.server.messages[ADA][-1], "End", there="D1")
    assert await world.orders() == []


async def test_no_log_tells_what_people_say_or_an_address_by_which_others_could_answer(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    asked = await world.server.slash("search hybrid memory")
    await world.server.hang_up()
    await world.server.press(asked.answer, "Cite")

    said = [one.getMessage() for one in caplog.records if one.name.startswith(("slack", "adapters"))]
    secrets = (APP_TOKEN, BOT_TOKEN, "trigger", "/respond/", "/link", "hybrid")
    assert [one for one in said if any(secret in one for secret in secrets)] == []


async def test_nothing_is_told_of_a_token_that_also_stands_in_the_environment(
    store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", BOT_TOKEN)
    async with shelved(store, tmp_path / "index") as core:
        Slack(AsyncWebClient(BOT_TOKEN), lambda: core, records(store), lambda: NOON)
    assert [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING] == []
