"""The bot on Slack from end to end: the real client, against a small Slack on this machine."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cli import wiring
from bot.config import Config
from bot.errors import ConfigError, DeliveryError, Outcome
from bot.store import SqlStore, records
from bot.subscriptions import Pause, Standing
from tests.every_card import ANSWERS, several
from tests.library import HYBRID, SHOTSTREAM, shelved
from tests.papers import NOON
from tests.slack_rules import labels
from tests.slack_server import serving
from tests.slack_state import ADA, APP_TOKEN, BOT, BOT_TOKEN, CHANNEL, SECONDS, Fault
from tests.slack_world import HERE, World, connected, shown, unconnected
from tests.waiting import until

KEY = "a2b3c4d5e6f7a2b3c4d5e6f7"
DIGEST = ANSWERS["digest"](several(5))
BEFORE = NOON - timedelta(hours=1)


@pytest.fixture
async def world(store: SqlStore, tmp_path: Path) -> AsyncIterator[World]:
    async with connected(store, tmp_path) as world:
        yield world


async def test_a_question_is_acknowledged_with_nothing_and_answered_to_the_asker_alone(world: World) -> None:
    asked = await world.server.slash("search hybrid memory")

    assert asked.acknowledged == {}
    assert asked.answer["response_type"] == "ephemeral"
    assert HYBRID.title in shown(asked.answer)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("", "What you can say"),
        ("help", "What you can say"),
        (HYBRID.id, HYBRID.title),
        ("hybrid memory", HYBRID.title),
        ("search auther:x", "did you mean author:?"),
        ("show &lt;https://arxiv.org/abs/2603.25746&gt;", SHOTSTREAM.title),
    ],
)
async def test_what_is_typed_is_read_as_everywhere(world: World, text: str, answer: str) -> None:
    assert answer in shown((await world.server.slash(text)).answer)


async def test_buttons_and_menus_answer_turn_the_page_and_share(world: World) -> None:
    listed = (await world.server.slash("trending limit:5")).answer
    cited = (await world.server.press(listed, "Cite")).answer
    alone = (await world.server.slash(f"show {HYBRID.id}")).answer
    abstract = (await world.server.press(alone, "Abstract")).answer
    shared = (await world.server.press(alone, "Share")).answer

    assert f"{HYBRID.id}" in shown(cited)
    assert "A hybrid memory keeps them." in shown(abstract)
    assert abstract["replace_original"] is False
    assert [one["response_type"] for one in (cited, abstract, shared)] == ["ephemeral", "ephemeral", "in_channel"]
    assert HYBRID.title in shown(shared)
    assert "Share" not in labels(shared)


async def test_the_next_page_takes_the_place_of_the_one_before(world: World) -> None:
    listed = (await world.server.slash("trending month limit:7")).answer
    following = (await world.server.press(listed, "Next")).answer

    assert following["replace_original"] is True
    assert "*6. " in str(following)


async def test_pages_are_turned_and_shared_as_quickly_as_somebody_presses(world: World) -> None:
    page = (await world.server.slash("trending month limit:7")).answer
    for label, number in (("Next", "6"), ("Previous", "1"), ("Next", "6"), ("Previous", "1"), ("Share", "1")):
        page = {**(await world.server.press(page, label)).answer, "ts": page["ts"]}  # one message, replaced
        assert f"*{number}. " in str(page)
    assert page["response_type"] == "in_channel"


async def test_the_menu_of_a_message_shows_the_papers_that_it_links(world: World) -> None:
    link = {"type": "link", "url": f"https://arxiv.org/abs/{HYBRID.id}v2"}
    rich = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [link]}]}
    found = await world.server.shortcut({"ts": "1.2", "text": "look", "blocks": [rich]})
    without = await world.server.shortcut({"ts": "1.3", "text": "hello"})

    assert HYBRID.title in shown(found.answer)
    assert "No paper is linked in that message" in shown(without.answer)


async def test_an_order_is_seen_first_then_confirmed_and_kept(world: World) -> None:
    previewed = await world.server.slash("subscribe world models")
    assert "Nothing is ordered yet" in shown(previewed.answer)
    assert "Europe/Paris" in shown(previewed.answer)
    assert await world.orders() == []

    await world.server.press(previewed.answer, "Confirm")
    [order] = await world.orders()
    assert (order.order.query, order.created_by, order.channel) == ("world models", ADA, HERE)


async def test_an_order_is_given_in_a_window_with_a_preview(world: World) -> None:
    opened = await world.server.slash("subscribe")
    assert opened.view
    assert "Europe/Paris" in await world.server.suggest("zone", "pari")
    wrong = await world.server.submit(opened.view, {"query": "auther:x"})
    pushed = await world.server.submit(opened.view, {"query": "world models", "top": "3"})
    confirmed = await world.server.submit(pushed["view"], {})

    assert wrong["response_action"] == "errors"
    assert "did you mean author:?" in wrong["errors"]["query"]
    assert pushed["response_action"] == "push"
    assert "Nothing is ordered yet" in shown(pushed["view"])
    assert confirmed == {"response_action": "clear"}

    async def is_told() -> bool:
        return bool(world.server.messages[CHANNEL])

    await until(is_told, "a word")
    [told], [order] = world.server.messages[CHANNEL], await world.orders()
    assert told["for"] == ADA
    assert (order.order.query, order.order.top, order.order.schedule.zone) == ("world models", 3, "Europe/Paris")


async def test_a_mention_is_answered_once_in_a_thread_however_often_slack_tells_of_it(world: World) -> None:
    event = {"type": "app_mention", "channel": CHANNEL, "user": ADA, "ts": "7.1", "text": f"<@{BOT}> hybrid memory"}
    for _ in range(3):
        await world.server.event(event, "Ev1")
    await world.server.event({**event, "ts": "7.2", "bot_id": "B9"}, "Ev2")
    await world.server.event({**event, "ts": "7.3"}, "Ev3")

    async def are_two() -> bool:
        return len(world.server.messages[CHANNEL]) >= 2

    await until(are_two, "two answers")
    await world.server.slash("status")  # nothing more comes
    assert sorted(message["thread_ts"] for message in world.server.messages[CHANNEL]) == ["7.1", "7.3"]
    assert all(HYBRID.title in shown(message) for message in world.server.messages[CHANNEL])


async def test_a_digest_is_posted_found_again_and_edited(world: World) -> None:
    posts = world.bot.posts
    assert await posts.find(HERE, key=KEY, since=BEFORE) is None
    first = await posts.post(HERE, DIGEST, key=KEY)
    assert await posts.find(HERE, key=KEY, since=BEFORE) == first
    assert await posts.find(HERE, key="b" * 24, since=BEFORE) is None
    await posts.edit(HERE, first, ANSWERS["digest"](several(2)), key=KEY)
    await posts.edit(HERE, "999.0", DIGEST, key=KEY)

    [message] = world.server.messages[CHANNEL]
    assert (message["unfurl_links"], message["unfurl_media"]) == (False, False)
    assert "*2. " in str(message)
    assert "*3. " not in str(message)
    assert message["metadata"]["event_payload"] == {"k": KEY}
    assert await posts.find(HERE, key=KEY, since=BEFORE) == first


@pytest.mark.parametrize(
    ("fault", "outcome", "is_there"),
    [
        (Fault("chat.postMessage", 500, {}, done=True), Outcome.AMBIGUOUS, True),
        (Fault("chat.postMessage", 200, {"ok": False, "error": "fatal_error"}), Outcome.AMBIGUOUS, False),
        (Fault("chat.postMessage", 429, {"ok": False, "error": "ratelimited"}), Outcome.NOT_SENT, False),
        (Fault("chat.postMessage", 200, {"ok": False, "error": "not_in_channel"}), Outcome.FORBIDDEN, False),
        (Fault("chat.postMessage", 200, {"ok": False, "error": "token_revoked"}), Outcome.TENANT_LOST, False),
        (Fault("chat.postMessage", 200, {"ok": False, "error": "invalid_blocks"}), Outcome.REFUSED, False),
    ],
)
async def test_a_post_that_failed_is_tried_once_and_says_whether_it_may_be_there(
    world: World, fault: Fault, outcome: Outcome, *, is_there: bool
) -> None:
    world.server.faults.append(fault)
    with pytest.raises(DeliveryError) as raised:
        await world.bot.posts.post(HERE, DIGEST, key=KEY)

    assert raised.value.outcome is outcome
    assert [method for method, _ in world.server.requests].count("chat.postMessage") == 1
    assert bool(await world.bot.posts.find(HERE, key=KEY, since=BEFORE)) is is_there


async def test_slack_says_how_long_to_wait(world: World) -> None:
    limited = {"ok": False, "error": "ratelimited"}
    world.server.faults.append(Fault("chat.postMessage", 429, limited, headers={"Retry-After": "17"}))
    with pytest.raises(DeliveryError) as raised:
        await world.bot.posts.post(HERE, DIGEST, key=KEY)
    assert raised.value.retry_after == 17


async def test_a_channel_is_archived_and_brought_back(world: World) -> None:
    await world.subscribe()
    world.server.channel["is_archived"] = True
    await world.server.event({"type": "channel_archive", "channel": CHANNEL, "user": ADA})
    await world.comes_to(Standing.PAUSED, Pause.PERMISSION)

    async def is_told() -> bool:
        return bool(world.server.messages.get(ADA))

    await until(is_told, "a word")
    assert "Digests paused" in shown(world.server.messages[ADA][0])

    world.server.channel["is_archived"] = False
    await world.server.event({"type": "channel_unarchive", "channel": CHANNEL, "user": ADA})

    async def is_looked_at() -> bool:
        [one] = await world.orders()
        return one.probe_at is not None and one.probe_at <= NOON

    await until(is_looked_at, "another look")


async def test_what_a_deleted_channel_had_ordered_has_ended(world: World) -> None:
    await world.subscribe()
    await world.server.event({"type": "channel_deleted", "channel": CHANNEL})
    await world.comes_to(Standing.GONE, Pause.CHANNEL_GONE)


@pytest.mark.parametrize(
    ("user", "standing"), [(BOT, Standing.PAUSED), (ADA, Standing.ACTIVE)], ids=["the bot", "somebody else"]
)
async def test_only_when_the_bot_leaves_is_the_channel_paused(world: World, user: str, standing: Standing) -> None:
    await world.subscribe()
    world.server.channel["is_member"] = user != BOT
    await world.server.event({"type": "member_left_channel", "channel": CHANNEL, "user": user})
    await world.server.slash("status")  # everything before has been handled
    await world.comes_to(standing, Pause.PERMISSION if user == BOT else None)


async def test_when_the_app_is_removed_everything_of_the_workspace_is_paused(world: World) -> None:
    await world.subscribe()
    await world.server.event({"type": "tokens_revoked", "tokens": {"oauth": [ADA]}})
    await world.server.slash("status")
    await world.comes_to(Standing.ACTIVE, None)
    await world.server.event({"type": "app_uninstalled"})
    await world.comes_to(Standing.PAUSED, Pause.TENANT_LOST)


async def test_the_settings_say_where_slack_is_for_both_tokens(store: SqlStore, tmp_path: Path) -> None:
    async with serving() as server, shelved(store, tmp_path / "index") as core, AsyncExitStack() as stack:
        settings = Config(slack_bot_token=BOT_TOKEN, slack_app_token=APP_TOKEN, slack_api_url=server.url)
        [front] = await wiring.fronts(settings, lambda: core, records(store), stack)
        task = asyncio.create_task(front.run())
        asked = await server.slash(f"show {HYBRID.id}")
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    assert front.platform.name == "slack"
    assert HYBRID.title in shown(asked.answer)


async def test_a_lost_connection_is_made_again(world: World) -> None:
    await world.server.slash("status")
    await world.server.hang_up()
    asked = await world.server.slash(f"show {HYBRID.id}")

    assert HYBRID.title in shown(asked.answer)
    assert world.server.connections == 2


@pytest.mark.parametrize(("token", "setting"), [("xoxb-wrong", "SLACK_BOT_TOKEN"), (BOT_TOKEN, "SLACK_APP_TOKEN")])
async def test_a_token_that_is_refused_ends_it_with_one_sentence(
    store: SqlStore, tmp_path: Path, token: str, setting: str
) -> None:
    async with unconnected(store, tmp_path, token) as world:
        with pytest.raises(ConfigError, match=setting) as raised:
            await asyncio.wait_for(world.bot.run("xapp-wrong", world.server.url), SECONDS)
    assert "xapp-wrong" not in str(raised.value)
    assert token not in str(raised.value)
