"""Digests on the strict local Slack, which fails in every way that Slack is known to."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.platform import Slack
from adapters.slack.posts import METADATA, NAME, Posts
from bot.cards import Card
from bot.errors import ConfigError, DeliveryError, Outcome
from bot.subscriptions import Channel
from tests.papers import NOON
from tests.slack_emulator import (
    APP_TOKEN,
    BOT_TOKEN,
    MISSING,
    TEAM,
    Emulator,
    complaints,
    everything_said,
    mark,
)
from tests.slack_guests import Guest, visiting
from tests.slack_people import Answer, somebody

pytestmark = [pytest.mark.skipif(bool(MISSING), reason=MISSING), pytest.mark.asyncio(loop_scope="module")]
LOST = ["500", "502", "503", "disconnect", "fatal_error", "internal_error", "request_timeout"]


@pytest_asyncio.fixture(loop_scope="module")
async def guest(workspace: Emulator, tmp_path: Path) -> AsyncIterator[Guest]:
    """A bot of its own; Slack has nothing to complain of afterwards."""
    before = await mark(workspace)
    async with visiting(workspace, tmp_path) as visitor:
        yield visitor
    await workspace.heal()
    assert await complaints(workspace, before) == []


async def failing(workspace: Emulator, kind: str, method: str, **more: Any) -> None:
    if kind in ("500", "502", "503", "disconnect", "timeout", "ratelimited"):
        await workspace.fail(kind, method, **more)
    else:
        await workspace.fail("error", method, error=kind, **more)


async def test_a_digest_is_posted_once_with_a_mark_that_says_nothing(guest: Guest, workspace: Emulator) -> None:
    ada = await somebody(workspace)
    await guest.order(ada, "films of ada", query="video")
    await guest.post()
    await guest.later(minutes=10)
    [shown] = await workspace.shown(ada.channel)
    [row] = await guest.rows(ada.place)
    assert await guest.ends(ada.place) == [("sent", None)]
    assert row.message_id == shown["message"]["ts"]
    assert shown["message"]["metadata"] == {"event_type": METADATA, "event_payload": {"k": row.key}}
    assert "films" not in row.key
    assert ada.channel not in row.key
    assert shown["unfurl_links"] is False


@pytest.mark.parametrize("done", [True, False])
@pytest.mark.parametrize("kind", LOST)
async def test_an_answer_that_is_lost_is_looked_for_before_it_is_posted_again(
    kind: str, guest: Guest, workspace: Emulator, *, done: bool
) -> None:
    ada, before = await somebody(workspace), len(await workspace.see("log"))
    await guest.order(ada)
    await failing(workspace, kind, "chat.postMessage", apply=done)
    await guest.post()
    assert await guest.ends(ada.place) == [("pending", None)]
    await guest.later(minutes=2)
    assert await guest.ends(ada.place) == [("sent", None)]
    assert len(await workspace.shown(ada.channel)) == 1
    assert len(await workspace.calls("conversations.history", before)) == 1
    assert len(await workspace.calls("chat.postMessage", before)) == 2 - done


@pytest.mark.parametrize("done", [True, False])
async def test_an_answer_that_does_not_come_in_time_is_looked_for(
    guest: Guest, workspace: Emulator, *, done: bool
) -> None:
    ada = await somebody(workspace)
    await guest.order(ada)
    guest.impatient()
    await workspace.fail("timeout", "chat.postMessage", apply=done, seconds=2)
    await guest.post()
    await guest.later(minutes=2)
    assert await guest.ends(ada.place) == [("sent", None)]
    assert len(await workspace.shown(ada.channel)) == 1


@pytest.mark.parametrize("kind", ["500", "disconnect", "fatal_error", "ratelimited"])
async def test_a_history_that_cannot_be_read_this_time_is_read_later(
    kind: str, guest: Guest, workspace: Emulator
) -> None:
    ada = await somebody(workspace)
    await guest.order(ada)
    await workspace.fail("500", "chat.postMessage", apply=True)
    await failing(workspace, kind, "conversations.history")
    await guest.post()
    await guest.later(minutes=2)
    assert await guest.ends(ada.place) == [("pending", None)]
    await guest.later(minutes=10)
    assert await guest.ends(ada.place) == [("sent", None)]
    assert len(await workspace.shown(ada.channel)) == 1


@pytest.mark.parametrize("done", [True, False])
async def test_without_the_right_to_look_nothing_is_posted_twice_and_the_owner_decides(
    guest: Guest, workspace: Emulator, *, done: bool
) -> None:
    ada = await somebody(workspace)
    await guest.order(ada)
    await workspace.control("token", scopes_remove=["channels:history"])
    await workspace.fail("500", "chat.postMessage", apply=done)
    await guest.post()
    await guest.later(minutes=2)
    await guest.later(minutes=30)
    assert await guest.ends(ada.place) == [("uncertain", "blind")]
    [told] = await workspace.told(ada.id)
    assert "may be missing" in told
    assert len(await workspace.shown(ada.channel)) == done


async def test_the_button_of_the_owner_posts_a_digest_again_after_all(guest: Guest, workspace: Emulator) -> None:
    ada = await somebody(workspace)
    await guest.order(ada)
    await workspace.control("token", scopes_remove=["channels:history"])
    await workspace.fail("500", "chat.postMessage")
    await guest.post()
    await guest.later(minutes=2)
    await guest.connect()
    direct = next(
        one["response"] for one in await workspace.calls("chat.postMessage") if one["args"]["channel"] == ada.id
    )
    ada.channel, papers = direct["channel"], ada.channel
    [message] = [Answer(one) for one in await workspace.everything(ada.channel)]
    answer = await ada.press(message, "Post today's digest")
    assert answer.is_private
    await guest.later(minutes=1)
    assert len(await workspace.shown(papers)) == 1
    assert await guest.ends(Channel(NAME, TEAM, papers)) == [("sent", None)]


@pytest.mark.parametrize(("retry_after", "least"), [("7", 7.0), ("", 30.0), ("soon", 30.0), ("-5", 0.0)])
async def test_a_limit_is_obeyed(retry_after: str, least: float, guest: Guest, workspace: Emulator) -> None:
    ada = await somebody(workspace)
    await guest.order(ada)
    await workspace.fail("ratelimited", "chat.postMessage", retry_after=retry_after)
    await guest.post()
    [row] = await guest.rows(ada.place)
    assert row.attempts == 0  # which certainly sent nothing
    await guest.later(seconds=max(0.0, least - 0.5))
    if least:
        assert await guest.ends(ada.place) == [("pending", None)]
    await guest.later(minutes=5)
    assert await guest.ends(ada.place) == [("sent", None)]
    assert len(await workspace.shown(ada.channel)) == 1


@pytest.mark.parametrize("kind", ["ratelimited", "rate_limited"])
async def test_a_limit_that_is_only_named_is_a_limit_too(kind: str, guest: Guest, workspace: Emulator) -> None:
    ada = await somebody(workspace)
    await guest.order(ada)
    await workspace.fail("error", "chat.postMessage", error=kind)
    await guest.post()
    assert [row.attempts for row in await guest.rows(ada.place)] == [0]


async def test_a_channel_gets_one_post_a_second_and_others_do_not_wait_for_it(
    guest: Guest, workspace: Emulator
) -> None:
    ada, grace = await somebody(workspace), await somebody(workspace)
    posts = Posts(guest.slack.posts.client, guest.time.now)
    sent = (posts.post(one.place, Card("Hello"), key=key) for one, key in ((ada, "a"), (ada, "b"), (grace, "c")))
    await asyncio.gather(*sent)
    [first, second], [other] = await workspace.shown(ada.channel), await workspace.shown(grace.channel)
    assert second["created"] - first["created"] >= 1.0
    assert other["created"] - first["created"] < 0.5


@pytest.mark.parametrize("code", ["restricted_action", "not_in_channel", "ekm_access_denied", "missing_scope"])
async def test_a_channel_that_may_not_be_posted_to_is_paused_and_its_owner_told_once(
    code: str, guest: Guest, workspace: Emulator
) -> None:
    ada = await somebody(workspace)
    for name in ("films", "papers"):
        await guest.order(ada, name)
    await workspace.fail("error", "chat.postMessage", error=code)
    await guest.post()
    await guest.later(hours=3)
    assert {one.standing.value for one in await guest.orders(ada.place)} == {"paused"}
    assert await workspace.shown(ada.channel) == []
    [told] = await workspace.told(ada.id)
    assert "films" in told
    assert "papers" in told


async def test_a_card_that_slack_does_not_take_goes_out_as_text(guest: Guest, workspace: Emulator) -> None:
    ada = await somebody(workspace)
    await guest.order(ada)
    await workspace.fail("error", "chat.postMessage", error="block_mismatch")
    await guest.post()
    assert await guest.ends(ada.place) == [("sent", None)]
    assert len(await workspace.shown(ada.channel)) == 1


async def test_the_numbers_are_brought_up_to_date_in_silence(guest: Guest, workspace: Emulator) -> None:
    ada = await somebody(workspace)
    await guest.order(ada)
    await guest.post()
    guest.time.advance(hours=6, minutes=1)
    await guest.outbox.settle()
    [shown] = await workspace.shown(ada.channel)
    assert len(shown["history"]) == 1
    assert shown["message"]["metadata"]["event_payload"]["k"]
    assert everything_said(shown["message"]) == everything_said({"blocks": shown["history"][0]["blocks"]})


@pytest.mark.parametrize("code", ["message_not_found", "cant_update_message", "edit_window_closed"])
async def test_to_edit_a_message_that_is_gone_is_harmless(code: str, guest: Guest, workspace: Emulator) -> None:
    ada = await somebody(workspace)
    message = await guest.slack.posts.post(ada.place, Card("Hello"), key="k")
    await workspace.fail("error", "chat.update", error=code)
    await guest.slack.posts.edit(ada.place, message, Card("Bye"), key="k")
    assert len(await workspace.shown(ada.channel)) == 1


async def test_what_stands_in_a_long_history_is_found_or_nobody_can_tell(guest: Guest, workspace: Emulator) -> None:
    ada, posts = await somebody(workspace), guest.slack.posts
    message = await posts.post(ada.place, Card("Hello"), key="k")
    page = {"ok": True, "messages": [], "response_metadata": {"next_cursor": "more"}}
    await workspace.fail("error", "conversations.history", times=2, error="", extra=page)
    assert await posts.find(ada.place, key="k", since=NOON) == message
    assert await posts.find(ada.place, key="another", since=NOON) is None
    await workspace.fail("error", "conversations.history", times=9, error="", extra=page)
    with pytest.raises(DeliveryError) as raised:
        await posts.find(ada.place, key="k", since=NOON)
    assert raised.value.outcome is Outcome.BLIND


async def test_a_token_that_is_revoked_in_the_middle_pauses_the_whole_workspace_once(
    guest: Guest, workspace: Emulator
) -> None:
    people = [await somebody(workspace) for _ in range(3)]
    for person in people:
        await guest.order(person)
    await guest.planner.tick(guest.time.now())
    guest.time.advance(minutes=20)
    before = len(await workspace.see("log"))
    await workspace.control("token", revoked=True)
    await guest.turn()
    await guest.later(hours=2)
    for person in people:
        assert await guest.standing(person.place) == ("paused", "tenant-lost")
        assert await workspace.shown(person.channel) == []
    tried = Counter(one["args"]["channel"] for one in await workspace.calls("chat.postMessage", before))
    assert max(tried.values()) == 1


async def test_a_refused_token_ends_the_bot_with_one_sentence(guest: Guest, workspace: Emulator) -> None:
    for bot, app, setting in (("xoxb-no", APP_TOKEN, "SLACK_BOT_TOKEN"), (BOT_TOKEN, "xapp-no", "SLACK_APP_TOKEN")):
        slack = Slack(AsyncWebClient(bot, workspace.api_url), lambda: guest.core, guest.records, guest.time.now)
        with pytest.raises(ConfigError) as raised:
            async with asyncio.timeout(5):
                await slack.run(app, workspace.api_url)
        [problem] = raised.value.problems
        assert setting in problem
        assert "-no" not in problem


@pytest.mark.parametrize(
    ("method", "kind"),
    [("auth.test", "500"), ("auth.test", "ratelimited"), ("apps.connections.open", "disconnect")],
)
async def test_when_slack_is_down_at_the_start_it_is_tried_again(
    method: str, kind: str, guest: Guest, workspace: Emulator
) -> None:
    ada = await somebody(workspace)
    await failing(workspace, kind, method)
    await guest.connect()
    assert (await ada.say("help")).text
