"""The life of a workspace on the strict local Slack: channels close and open, sockets break, the app is thrown out."""

from collections.abc import AsyncIterator, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.subscriptions import Pause
from tests.slack_emulator import BOT, MISSING, Emulator, complaints, mark, serving
from tests.slack_guests import Guest, visiting
from tests.slack_people import Person, somebody
from tests.waiting import until

pytestmark = [pytest.mark.skipif(bool(MISSING), reason=MISSING), pytest.mark.asyncio(loop_scope="module")]


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with serving("--retry-delays", "0.3,0.6,1.5") as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def guest(emulator: Emulator, tmp_path: Path) -> AsyncIterator[Guest]:
    """A bot of its own; Slack has nothing to complain of afterwards but events that it had to repeat."""
    async with visiting(emulator, tmp_path) as visitor:
        before = await mark(emulator)
        await visitor.connect()
        yield visitor
    await emulator.heal()
    assert [one for one in await complaints(emulator, before) if "events_api" not in one] == []


@pytest_asyncio.fixture(loop_scope="module")
async def ada(guest: Guest, emulator: Emulator) -> Person:
    """Somebody who has ordered a digest in a new channel."""
    person = await somebody(emulator)
    await guest.order(person, "papers")
    return person


async def happens(emulator: Emulator, **event: Any) -> None:
    delivered = await emulator.control("event", event=event)
    assert delivered, f"{event['type']} is not in the manifest"
    assert delivered[-1]["acked"]


CLOSED = [
    ({"archived": True}, {"archived": False}, "archived"),
    ({"bot_member": False}, {"bot_member": True}, "not in the channel"),
]


@pytest.mark.parametrize(("closed", "opened", "why"), CLOSED)
async def test_a_channel_that_closes_is_paused_with_the_reason_and_goes_on_by_itself(
    closed: dict[str, bool], opened: dict[str, bool], why: str, ada: Person, guest: Guest, emulator: Emulator
) -> None:
    await emulator.control("channel_state", channel=ada.channel, **closed)
    await guest.comes_to(ada.place, "paused", "permission")
    await until(lambda: emulator.told(ada.id), "a word to the owner")
    [told] = await emulator.told(ada.id)
    assert why in told
    if "archived" not in closed:
        assert "not a member, or archived" in (await ada.say("subscriptions")).text
    await guest.post()
    assert await emulator.shown(ada.channel) == []
    await emulator.control("channel_state", channel=ada.channel, **opened)
    await guest.is_looked_at(ada.place)
    await guest.turn()
    assert await guest.standing(ada.place) == ("active", None)
    guest.time.advance(days=1)
    assert len(await emulator.told(ada.id)) == 1


@pytest.mark.parametrize(("closed", "opened", "why"), CLOSED)
async def test_what_closed_while_nobody_listened_is_found_by_the_post_and_goes_on_by_itself(
    closed: dict[str, bool], opened: dict[str, bool], why: str, ada: Person, guest: Guest, emulator: Emulator
) -> None:
    await emulator.control("channel_state", channel=ada.channel, notify=False, **closed)
    await guest.post()
    assert await guest.standing(ada.place) == ("paused", "permission")
    [told] = await emulator.told(ada.id)
    assert why in told
    await emulator.control("channel_state", channel=ada.channel, notify=False, **opened)
    await guest.later(days=1)
    assert await guest.standing(ada.place) == ("active", None)


async def test_a_channel_that_was_deleted_ends_its_orders_and_their_owner_is_told(
    ada: Person, guest: Guest, emulator: Emulator
) -> None:
    await emulator.control("channel_state", channel=ada.channel, deleted=True)
    await guest.comes_to(ada.place, "gone", "channel-gone")
    await until(lambda: emulator.told(ada.id), "a word to the owner")
    [told] = await emulator.told(ada.id)
    assert "deleted" in told


@pytest.mark.parametrize("kind", ["member_left_channel", "member_joined_channel"])
async def test_it_is_nothing_to_the_bot_when_somebody_else_comes_or_goes(
    kind: str, ada: Person, guest: Guest, emulator: Emulator
) -> None:
    before = len(await emulator.see("log"))
    await happens(emulator, type=kind, user=ada.id, channel=ada.channel, channel_type="C", team="T0EMU00001")
    await ada.say("help")
    assert await guest.standing(ada.place) == ("active", None)
    assert await emulator.calls("conversations.info", before) == []


@pytest.mark.parametrize("kind", ["member_left_channel", "channel_left", "group_left", "group_archive"])
async def test_an_event_that_comes_late_does_not_pause_what_is_open(
    kind: str, ada: Person, guest: Guest, emulator: Emulator
) -> None:
    before = len(await emulator.see("log"))
    await happens(emulator, type=kind, channel=ada.channel, **({"user": BOT} if "member" in kind else {}))
    await until(lambda: emulator.calls("conversations.info", before), "a look")
    await ada.say("help")
    assert await guest.standing(ada.place) == ("active", None)


async def test_a_channel_that_is_renamed_is_the_same(ada: Person, guest: Guest, emulator: Emulator) -> None:
    await happens(emulator, type="channel_rename", channel={"id": ada.channel, "name": "new", "created": 1})
    await guest.post()
    assert len(await emulator.shown(ada.channel)) == 1


async def test_a_channel_that_becomes_private_without_the_bot_is_paused_until_it_is_invited(
    guest: Guest, emulator: Emulator
) -> None:
    person = await somebody(emulator, bot=False, private=True)
    await guest.order(person)
    await guest.post()
    assert await guest.standing(person.place) == ("paused", "permission")
    [told] = await emulator.told(person.id)
    assert "private" in told
    await emulator.control("channel_state", channel=person.channel, bot_member=True)
    await guest.is_looked_at(person.place)
    await guest.turn()
    assert await guest.standing(person.place) == ("active", None)


async def test_an_uninstalled_app_pauses_the_whole_workspace_and_forgets_it_after_thirty_days(
    ada: Person, guest: Guest, emulator: Emulator
) -> None:
    grace = await somebody(emulator)
    await guest.order(grace)
    before = len(await emulator.see("log"))
    await emulator.control("uninstall")
    for person in (ada, grace):
        await guest.comes_to(person.place, "paused", "tenant-lost")
    await guest.post()
    for _ in range(29):
        await guest.later(days=1)
    assert len(await guest.orders(ada.place)) == 1
    await guest.later(days=1)
    assert await guest.orders(ada.place) == await guest.orders(grace.place) == []
    assert await emulator.calls("chat.postMessage", before) == []
    assert len(await emulator.calls("conversations.info", before)) <= 2 * 7


async def test_a_workspace_in_which_nothing_was_active_is_forgotten_too(
    ada: Person, guest: Guest, emulator: Emulator
) -> None:
    await ada.say("pause papers")
    await emulator.control("uninstall")
    await guest.comes_to(ada.place, "paused", "tenant-lost")
    for _ in range(30):
        assert len(await guest.orders(ada.place)) == 1
        await guest.later(days=1)
    assert await guest.orders(ada.place) == []


@pytest.mark.parametrize("until_day", [None, date(2026, 12, 1)])
async def test_what_was_paused_by_hand_stays_so_when_the_app_is_installed_again(
    until_day: date | None, ada: Person, guest: Guest, emulator: Emulator
) -> None:
    await ada.say(f"pause papers until:{until_day}" if until_day else "pause papers")
    await emulator.control("uninstall")
    await guest.comes_to(ada.place, "paused", "tenant-lost")
    await emulator.heal()
    await guest.restart()
    await guest.is_looked_at(ada.place)
    await guest.turn()
    [order] = await guest.orders(ada.place)
    assert (order.pause, order.paused_until, order.probe_at) == (Pause.ASKED, until_day, None)


async def test_what_has_ended_is_forgotten_with_its_workspace(ada: Person, guest: Guest, emulator: Emulator) -> None:
    await emulator.control("channel_state", channel=ada.channel, deleted=True)
    await guest.comes_to(ada.place, "gone", "channel-gone")
    await emulator.control("uninstall")

    async def is_forgotten() -> bool:
        return await guest.orders(ada.place) == []

    await until(is_forgotten, "the end")


@pytest.mark.parametrize("kind", ["ratelimited", "500"])
async def test_an_event_is_not_lost_when_slack_does_not_say_at_once_what_became_of_the_channel(
    kind: str, ada: Person, guest: Guest, emulator: Emulator
) -> None:
    await emulator.fail(kind, "conversations.info", retry_after=1)
    await emulator.control("channel_state", channel=ada.channel, archived=True)
    await guest.comes_to(ada.place, "paused", "permission")


async def test_an_app_that_is_installed_again_goes_on_when_it_connects(
    ada: Person, guest: Guest, emulator: Emulator
) -> None:
    await emulator.control("uninstall")
    await guest.comes_to(ada.place, "paused", "tenant-lost")
    await emulator.heal()
    await guest.restart()
    await guest.is_looked_at(ada.place)
    await guest.turn()
    assert await guest.standing(ada.place) == ("active", None)


async def test_a_revoked_token_of_a_person_is_none_of_the_bot(ada: Person, guest: Guest, emulator: Emulator) -> None:
    await happens(emulator, type="tokens_revoked", tokens={"oauth": [ada.id], "bot": []})
    await ada.say("help")
    assert await guest.standing(ada.place) == ("active", None)


async def test_forget_me_forgets_who_ordered_what(ada: Person, guest: Guest, emulator: Emulator) -> None:
    await ada.say("forget-me")
    assert [one.created_by for one in await guest.orders(ada.place)] == [""]
    await emulator.fail("error", "chat.postMessage", error="restricted_action")
    await guest.post()
    assert await emulator.told(ada.id) == []


async def test_an_event_of_a_channel_that_slack_repeats_is_looked_at_once(
    ada: Person, guest: Guest, emulator: Emulator
) -> None:
    before = len(await emulator.see("log"))
    await happens(emulator, type="channel_rename", channel={"id": ada.channel, "name": "new", "created": 1})
    await until(lambda: emulator.calls("conversations.info", before), "a look")
    sent = next(one for one in reversed(await emulator.see("deliveries")) if one["event"] == "channel_rename")
    for number in range(1, 4):
        assert await guest.repeat(sent, number) == 200
    await ada.say("help")  # whatever the repeated ones led to has happened by now
    assert len(await emulator.calls("conversations.info", before)) == 1


async def test_the_menus_and_buttons_of_a_digest_answer_whoever_uses_them_in_private(
    ada: Person, guest: Guest, emulator: Emulator
) -> None:
    await guest.post()
    [digest] = await ada.answers()
    assert not digest.is_private
    answers = [await ada.choose(digest, 1, "Abstract"), *[await ada.press(digest, one) for one in digest.buttons]]
    assert len(answers) > 1
    assert all(one.is_private for one in answers)
    assert [one["message"]["ts"] for one in await emulator.shown(ada.channel)] == [digest.message["ts"]]
