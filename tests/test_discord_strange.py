"""Interactions that another version of the bot, or nobody of ours, has made; and a gateway that ends early."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from adapters.discord import platform
from bot import answering, dispatch
from bot.store import SqlStore
from tests.discord_values import EVERYTHING, MANAGE_CHANNELS
from tests.discord_world import HERE, World, connected, shown
from tests.library import HYBRID
from tests.waiting import until

FORGED = ("Subscribe", "SUBSCRIBE", "/papers subscribe", "/subscribe", " subscribe", "\u200bsubscribe", "subscribe\t")


@pytest.fixture
async def world(store: SqlStore, tmp_path: Path) -> AsyncIterator[World]:
    async with connected(store, tmp_path) as world:
        yield world


@pytest.mark.parametrize("verb", [*FORGED, "nonsense"])
async def test_a_button_whose_verb_is_written_as_none_of_ours_does_nothing(world: World, verb: str) -> None:
    asked = await world.server.slash("show", paper=HYBRID.id)
    pressed = {"component_type": 2, "custom_id": f"s:{verb} video confirm:yes"}
    weak = EVERYTHING & ~MANAGE_CHANNELS
    answer = await world.server.interact(3, pressed, message=asked.message, permissions=weak)

    assert "please ask again" in shown(answer.message)
    assert await world.standing() is None


async def test_a_verb_that_this_version_does_not_have_is_answered(world: World) -> None:
    asked = await world.server.slash("nonsense", query="x")
    assert "There is no command “nonsense”" in shown(asked.message)


def typing(verb: str) -> dict[str, Any]:
    option = {"name": "paper", "type": 3, "value": "out", "focused": True}
    return {"id": "1", "type": 1, "name": "papers", "options": [{"type": 1, "name": verb, "options": [option]}]}


async def test_what_is_typed_for_such_a_verb_is_completed_by_nothing(world: World) -> None:
    asked = await world.server.interact(4, typing("nonsense"))
    assert asked.callback == {"type": 8, "data": {"choices": []}}


async def test_what_takes_too_long_to_complete_is_completed_by_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def late(*_: object) -> list[dispatch.Choice]:
        await asyncio.sleep(60)
        return []

    monkeypatch.setattr(answering, "COMPLETED_SECONDS", 0.05)
    monkeypatch.setattr(dispatch, "complete", late)
    asked = await world.server.interact(4, typing("show"))
    assert asked.callback == {"type": 8, "data": {"choices": []}}


async def test_papers_are_found_in_what_a_message_forwards_and_in_the_fields_of_embeds(world: World) -> None:
    address = f"https://arxiv.org/abs/{HYBRID.id}"
    empty: dict[str, Any] = {"content": "", "embeds": [], "components": []}
    for part in (
        {"message_snapshots": [{"message": {**empty, "content": address}}]},
        {"embeds": [{"fields": [{"name": "Paper", "value": address}]}]},
    ):
        said = {**empty, "id": "1", **part}
        data = {"id": "2", "type": 3, "name": "Paper card", "target_id": "1", "resolved": {"messages": {"1": said}}}
        assert HYBRID.title in shown((await world.server.interact(2, data)).message)


async def test_a_server_is_known_before_all_are_there_and_the_wait_for_them_ends_with_the_connection(
    store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(platform, "_NEXT_SERVER_SECONDS", 60.0)
    async with connected(store, tmp_path) as world:

        async def is_known() -> bool:
            return world.bot._place(HERE) is not None

        await until(is_known, "the server")
        gateway = world.bot._client
        assert gateway
        assert not gateway.is_ready()
        waiting = gateway._connection._ready_task
        assert waiting
    assert waiting.done()
    assert not [one for one in caplog.records if one.levelno >= logging.WARNING]
