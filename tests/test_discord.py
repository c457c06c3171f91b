"""The bot on Discord from end to end: the real client, against a small Discord on this machine."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.commands import COMMANDS
from bot.errors import ConfigError
from bot.store import SqlStore, records
from bot.subscriptions import Standing
from tests.discord_rules import COMPONENTS_V2
from tests.discord_state import SECONDS, TOKEN, Fault
from tests.discord_values import CHANNEL, EVERYTHING, GUILD, MANAGE_CHANNELS, OWNER, guild
from tests.discord_world import HERE, World, connected, shown, unconnected
from tests.every_card import ANSWERS, several
from tests.library import HYBRID
from tests.papers import NOON
from tests.waiting import until

KEY = "a2b3c4d5e6f7a2b3c4d5e6f7"
DIGEST = ANSWERS["digest"](several(5))
UNKNOWN = {"message": "Unknown Message", "code": 10008}


@pytest.fixture
async def world(store: SqlStore, tmp_path: Path) -> AsyncIterator[World]:
    async with connected(store, tmp_path) as world:
        yield world


async def test_the_commands_are_registered_once_and_again_when_they_have_changed(world: World) -> None:
    [registered] = world.server.commands
    assert [one["name"] for one in registered] == ["papers", "papers-manage", "Paper card"]
    assert [verb["name"] for verb in registered[0]["options"]] == list(COMMANDS)

    await world.bot.register(100)
    assert len(world.server.commands) == 1
    await records(world.store).interactions.remember("discord-commands-100", "those of an older version")
    await world.bot.register(100)
    assert len(world.server.commands) == 2


async def test_a_question_is_acknowledged_privately_and_answered(world: World) -> None:
    asked = await world.server.slash("search", query="hybrid memory")

    assert asked.callback == {"type": 5, "data": {"flags": 64}}
    assert HYBRID.title in shown(asked.message)
    assert asked.message
    assert asked.message["flags"] & COMPONENTS_V2


async def test_a_question_can_be_asked_in_a_direct_message_and_a_mistake_made(world: World) -> None:
    asked = await world.server.slash("search", query="auther:x", in_guild=False)
    assert "did you mean author:?" in shown(asked.message)


@pytest.mark.parametrize(
    ("verb", "name", "begun", "choice"),
    [
        ("show", "paper", "hybrid mem", HYBRID.title),
        ("help", "verb", "sub", "subscribe"),
        ("subscribe", "tz", "pari", "Europe/Paris"),
        ("search", "query", "org:mist", "org:mistralai"),
    ],
)
async def test_what_is_typed_is_completed(world: World, verb: str, name: str, begun: str, choice: str) -> None:
    option = {"name": name, "type": 3, "value": begun, "focused": True}
    data = {"id": "1", "type": 1, "name": "papers", "options": [{"type": 1, "name": verb, "options": [option]}]}
    asked = await world.server.interact(4, data)

    assert asked.callback
    assert asked.callback["type"] == 8
    assert any(choice in one["name"] or choice in one["value"] for one in asked.callback["data"]["choices"])


async def test_the_menu_of_a_message_shows_the_papers_that_it_links(world: World) -> None:
    said = {"id": "1", "content": f"look: <https://arxiv.org/abs/{HYBRID.id}v2>!", "embeds": [], "components": []}
    data = {"id": "2", "type": 3, "name": "Paper card", "target_id": "1", "resolved": {"messages": {"1": said}}}
    found = await world.server.interact(2, data)
    without = await world.server.interact(2, {**data, "resolved": {"messages": {"1": {**said, "content": "hello"}}}})

    assert HYBRID.title in shown(found.message)
    assert "No paper is linked in that message" in shown(without.message)


async def test_buttons_answer_turn_the_page_and_share(world: World) -> None:
    asked = await world.server.slash("show", paper=HYBRID.id)
    listed = await world.server.slash("trending", query="")
    assert asked.message
    assert listed.message
    abstract = await world.server.press(asked.message, "Abstract")
    shared = await world.server.press(asked.message, "Share")

    assert abstract.is_private
    assert "A hybrid memory keeps them." in shown(abstract.message)
    assert not shared.is_private
    assert HYBRID.title in shown(shared.message)
    assert "Share" not in str(shared.message)


async def test_the_same_button_twice_is_two_answers_and_one_that_nobody_knows_has_expired(world: World) -> None:
    asked = await world.server.slash("show", paper=HYBRID.id)
    assert asked.message
    cited = [await world.server.press(asked.message, "Cite") for _ in range(2)]
    strange = {"component_type": 2, "custom_id": "somebody else's"}
    unknown = await world.server.interact(3, strange, message=asked.message)

    assert all(HYBRID.id in shown(one.message) for one in cited)
    assert "please ask again" in shown(unknown.message)


async def test_an_order_is_seen_first_then_confirmed_and_kept(world: World) -> None:
    preview = await world.server.slash("subscribe", query="world models", tz="Europe/Paris")
    assert preview.is_private
    assert "Nothing is ordered yet" in shown(preview.message)
    assert await world.standing() is None

    assert preview.message
    await world.server.press(preview.message, "Confirm")
    assert await world.standing() is Standing.ACTIVE


async def test_what_a_channel_gets_is_for_those_who_manage_it_or_whom_the_admins_let(world: World) -> None:
    weak = EVERYTHING & ~MANAGE_CHANNELS
    refused = await world.server.slash("subscribe", query="x", permissions=weak)
    allowed = await world.server.slash("subscribe", "papers-manage", query="world models", permissions=weak)

    assert "papers-manage" in shown(refused.message)
    assert "Nothing is ordered yet" in shown(allowed.message)


async def test_an_answer_that_came_too_late_or_twice_is_swallowed(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.server.faults.append(Fault("POST", "/callback", 404, {"message": "Unknown interaction", "code": 10062}))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await world.server.slash("status")
    await world.server.slash("status")
    assert not [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")]


async def test_a_digest_is_posted_once_found_again_and_edited(world: World) -> None:
    await world.ready()
    posts = world.bot.posts
    before = NOON - timedelta(hours=1)

    assert await posts.find(HERE, key=KEY, since=before) is None
    first = await posts.post(HERE, DIGEST, key=KEY)
    assert await posts.post(HERE, DIGEST, key=KEY) == first
    assert await posts.find(HERE, key=KEY, since=before) == first
    assert await posts.find(HERE, key="b" * 24, since=before) is None
    await posts.edit(HERE, first, ANSWERS["digest"](several(1)), key=KEY)

    [message] = world.server.messages[CHANNEL]
    assert shown(message).startswith("Papers of")
    assert await posts.find(HERE, key=KEY, since=before) == first


async def test_a_post_of_which_the_answer_was_lost_is_found_again(world: World) -> None:
    await world.ready()
    world.server.faults.append(Fault("POST", f"/channels/{CHANNEL}/messages", 502, {}, done=True))
    with pytest.raises(Exception, match="502"):
        await world.bot.posts.post(HERE, DIGEST, key=KEY)

    [message] = world.server.messages[CHANNEL]
    assert await world.bot.posts.find(HERE, key=KEY, since=NOON - timedelta(hours=1)) == message["id"]


async def test_a_post_that_was_deleted_already_counts_as_posted(world: World) -> None:
    await world.ready()
    world.server.faults.append(Fault("POST", f"/channels/{CHANNEL}/messages", 404, UNKNOWN))
    assert await world.bot.posts.post(HERE, DIGEST, key=KEY) == ""


async def test_a_server_that_is_left_is_paused_and_its_owner_greeted_when_it_is_joined_again(world: World) -> None:
    await world.subscribe()
    await world.ready()

    await world.server.dispatch("GUILD_DELETE", {"id": GUILD, "unavailable": True})
    await world.server.dispatch("GUILD_CREATE", guild())
    assert await world.standing() is Standing.ACTIVE
    await world.server.dispatch("GUILD_DELETE", {"id": GUILD})
    await until(lambda: world.is_standing(Standing.PAUSED), "the pause")

    await world.server.dispatch("GUILD_CREATE", guild())
    await until(world.is_greeted, "the greeting")
    assert "I was added to A server" in shown(world.server.messages[f"9{OWNER}"][0])
    assert world.server.messages[CHANNEL] == []


async def test_what_a_channel_ordered_ends_when_it_is_deleted(world: World) -> None:
    await world.subscribe()
    await world.server.dispatch("CHANNEL_DELETE", guild()["channels"][0])
    await until(lambda: world.is_standing(Standing.GONE), "the end")


async def test_a_connection_that_breaks_is_resumed_and_nothing_is_missed(world: World) -> None:
    await world.server.slash("status")
    await world.server.close(4000)
    asked = await world.server.slash("show", paper=HYBRID.id)

    assert HYBRID.title in shown(asked.message)
    assert (world.server.identified, world.server.resumed) == (1, 1)


@pytest.mark.parametrize("token", ["wrong", TOKEN])
async def test_a_token_that_is_refused_ends_it_with_one_sentence(store: SqlStore, tmp_path: Path, token: str) -> None:
    async with unconnected(store, tmp_path, token) as world:
        task = asyncio.create_task(world.bot.run(world.server.url))
        if token == TOKEN:  # it is withdrawn later
            async with asyncio.timeout(SECONDS):
                await world.server.connected.wait()
            await world.server.close(4004)
        with pytest.raises(ConfigError, match="DISCORD_TOKEN") as raised:
            await asyncio.wait_for(task, SECONDS)
    assert token not in str(raised.value)
