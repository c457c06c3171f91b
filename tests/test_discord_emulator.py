"""People talk to the bot on the strict local Discord, with the real discord.py in between."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from bot.commands import COMMANDS
from tests.emulator import MISSING, Emulator, complaints
from tests.guests import Guest, Person, joined, newcomer
from tests.library import HYBRID, SHOTSTREAM

pytestmark = [pytest.mark.skipif(bool(MISSING), reason=MISSING), pytest.mark.asyncio(loop_scope="module")]
LONG = " or ".join(f"author:somebody-with-a-long-name-{n}" for n in range(6)).replace(" or ", "|")


@pytest_asyncio.fixture(loop_scope="module")
async def ada(guest: Guest, emulator: Emulator) -> AsyncIterator[Person]:
    """The owner of a new server; Discord has nothing to complain of afterwards."""
    before = len(await emulator.log())
    person = await joined(guest)
    yield person
    assert await complaints(emulator, before) == []
    assert max(person.acknowledged, default=0.0) < 500


SAID: dict[str, dict[str, Any]] = {
    "search": {"query": "video"},
    "show": {"paper": HYBRID.id},
    "trending": {"window": "week"},
    "similar": {"paper": HYBRID.id},
    "cite": {"paper": HYBRID.id},
    "subscribe": {"query": "video", "top": 3, "at": "08:30", "tz": "Europe/Paris", "days": "weekdays"},
    "subscriptions": {},
    "edit": {"name": "papers", "top": 4},
    "pause": {"name": "papers"},
    "resume": {"name": "papers"},
    "unsubscribe": {"name": "papers"},
    "preview": {},
    "status": {},
    "help": {},
    "privacy": {},
    "forget-me": {},
}


async def test_every_verb_is_among_those_that_are_tried() -> None:
    assert set(SAID) == set(COMMANDS)


@pytest.mark.parametrize("verb", COMMANDS)
async def test_every_verb_is_a_command_that_is_answered_in_private(verb: str, ada: Person, guest: Guest) -> None:
    await guest.order(ada.place, ada.id)
    answer = await ada.say(f"papers {verb}", **SAID[verb])
    assert answer.is_private
    assert answer.text.strip()
    assert "went wrong" not in answer.text


@pytest.mark.parametrize("verb", ["subscribe", "edit", "pause", "resume", "unsubscribe"])
async def test_what_manages_is_in_a_group_of_its_own_too(verb: str, ada: Person, guest: Guest) -> None:
    await guest.order(ada.place, ada.id)
    answer = await ada.say(f"papers-manage {verb}", **SAID[verb])
    assert answer.is_private
    assert "may manage" not in answer.text


@pytest.mark.parametrize(
    ("command", "focused", "begun", "expected"),
    [
        ("papers show", "paper", "out of sight", HYBRID.id),
        ("papers cite", "paper", "hybrid mem", HYBRID.id),
        ("papers subscribe", "tz", "par", "Europe/Paris"),
        ("papers pause", "name", "pa", "papers"),
        ("papers search", "query", "org:shanda", 'org:"Shanda AI Research Tokyo"'),
        ("papers search", "query", "cat:cs", "cat:cs.CL"),
        ("papers help", "verb", "tre", "trending"),
        ("papers search", "query", "nothing begins like this", None),
        ("papers search", "query", "x" * 900, None),
    ],
)
async def test_what_is_being_typed_is_completed(
    command: str, focused: str, begun: str, expected: str | None, ada: Person, guest: Guest
) -> None:
    await guest.order(ada.place, ada.id)
    found = await ada.complete(command, focused, **{focused: begun})
    assert found[:1] == [expected] or expected in found or (expected is None and found == [])


async def test_the_menu_of_a_message_finds_the_papers_in_it(ada: Person) -> None:
    posted = await ada.post(
        f"Look: https://arxiv.org/abs/{HYBRID.id}v2 and https://huggingface.co/papers/{SHOTSTREAM.id}!"
    )
    answer = await ada.menu(posted)
    assert answer.is_private
    assert "Out of Sight" in answer.text
    assert "ShotStream" in answer.text


async def test_the_menu_of_a_message_without_papers_says_so(ada: Person) -> None:
    assert "No paper is linked" in (await ada.menu(await ada.post("@everyone hello"))).text


@pytest.mark.parametrize(
    ("label", "expected"), [("Abstract", "A hybrid memory keeps them"), ("Similar", "Papers like"), ("Cite", "@misc")]
)
async def test_one_paper_has_buttons(label: str, expected: str, ada: Person) -> None:
    answer = await ada.press(await ada.say("papers show", paper=HYBRID.id), label)
    assert answer.is_private
    assert expected in answer.text


@pytest.mark.parametrize(("label", "expected"), [("1. Abstract", "A hybrid memory"), ("2. Cite", "@misc")])
async def test_papers_of_a_list_are_asked_about_in_its_select(label: str, expected: str, ada: Person) -> None:
    answer = await ada.choose(await ada.say("papers trending"), label)
    assert answer.is_private
    assert expected in answer.text


async def test_next_replaces_the_page_that_has_it(ada: Person) -> None:
    first = await ada.say("papers trending", window="month", limit=10)
    second = await ada.press(first, "Next")
    assert second.message["id"] == first.message["id"]
    assert second.text != first.text
    third = await ada.press(second, "Previous") if "Previous" in second.buttons else first
    assert third.message["id"] == first.message["id"]


async def test_share_shows_the_same_to_everybody(ada: Person, emulator: Emulator) -> None:
    private = await ada.say("papers show", paper=HYBRID.id)
    shared = await ada.press(private, "Share")
    assert not shared.is_private
    assert "Share" not in shared.buttons
    assert [one["id"] for one in await emulator.shown(ada.channel)] == [shared.message["id"]]
    grace = await newcomer(ada)
    hers = await grace.press(shared, "Abstract")
    assert hers.is_private


async def test_the_next_page_of_a_shared_list_is_for_whoever_asks_and_leaves_it_as_it_is(ada: Person) -> None:
    shared = await ada.press(await ada.say("papers trending", window="month", limit=10), "Share")
    grace = await newcomer(ada)
    hers = await grace.press(shared, "Next")
    assert hers.is_private
    assert hers.message["id"] != shared.message["id"]


async def test_a_subscription_is_looked_at_first_and_confirmed_by_a_button(ada: Person, guest: Guest) -> None:
    preview = await ada.say("papers subscribe", query="video", name="films")
    assert await guest.orders(ada.place) == []
    assert "Subscribed" in (await ada.press(preview, "Confirm")).text
    [order] = await guest.orders(ada.place)
    assert (order.name, order.created_by) == ("films", ada.id)


@pytest.mark.parametrize("verb", ["subscribe", "edit", "pause", "resume", "unsubscribe"])
async def test_those_who_may_not_manage_the_channel_are_told_so(verb: str, ada: Person, guest: Guest) -> None:
    await guest.order(ada.place, ada.id)
    [before] = await guest.orders(ada.place)
    grace = await newcomer(ada)
    answer = await grace.say(f"papers {verb}", **SAID[verb])
    assert "Only those who may manage this channel" in answer.text
    assert "/papers-manage" in answer.text
    assert await guest.orders(ada.place) == [before]


async def test_whom_the_admins_allow_the_managing_group_can_order_and_confirm(
    ada: Person, guest: Guest, emulator: Emulator
) -> None:
    app = (await emulator.see("info"))["app_id"]
    commands = (await emulator.see("state"))["commands"]["global"]
    [group] = [one for one in commands if one["name"] == "papers-manage"]
    path, manage = f"/applications/{app}/commands/{group['id']}", group["default_member_permissions"]
    await asyncio.to_thread(emulator.as_the_bot, "PATCH", path, {"default_member_permissions": None})  # as admins do it
    try:
        grace = await newcomer(ada)
        preview = await grace.say("papers-manage subscribe", query="video", name="films")
        assert "Subscribed" in (await grace.press(preview, "Confirm")).text
    finally:
        await asyncio.to_thread(emulator.as_the_bot, "PATCH", path, {"default_member_permissions": manage})
    assert [(one.name, one.created_by) for one in await guest.orders(ada.place)] == [("films", grace.id)]


async def test_in_a_direct_message_questions_are_answered_and_nothing_is_ordered(
    ada: Person, emulator: Emulator, guest: Guest
) -> None:
    opened = await emulator.control("channel", dm_user=ada.id)
    alone = Person(emulator, ada.id, opened["id"])
    assert "PackForcing" in (await alone.say("papers search", query="packforcing")).text
    assert "Abstract" in (await alone.say("papers show", paper=HYBRID.id)).buttons
    assert "servers that I was added to" in (await alone.say("papers subscribe", query="video")).text
    assert await guest.orders(alone.place) == []


async def test_names_that_ping_or_format_are_shown_as_they_are(ada: Person) -> None:
    answer = await ada.say("papers search", query="@everyone **bold** <@1>")
    assert "\\@everyone" in answer.text


async def test_buttons_work_after_a_restart_and_long_ones_for_ninety_days(ada: Person, guest: Guest) -> None:
    short = await ada.say("papers show", paper=HYBRID.id)
    long = await ada.say("papers search", query=f"{LONG}|author:chen")
    assert "p#" in long.buttons["Share"]
    await guest.restart()
    assert "A hybrid memory keeps them" in (await ada.press(short, "Abstract")).text
    assert "Out of Sight" in (await ada.press(long, "Share")).text
    now = guest.time.wall
    guest.time.wall = now + timedelta(days=91)
    try:
        assert "more than 90 days old" in (await ada.press(long, "Share")).text
    finally:
        guest.time.wall = now


async def test_commands_are_registered_only_when_they_have_changed(guest: Guest, emulator: Emulator) -> None:
    before = len(await emulator.log())
    await guest.restart()
    assert await emulator.calls("PUT", "/commands", before) == []
    [name] = [f"discord-commands-{(await emulator.see('info'))['app_id']}"]
    await guest.records.interactions.remember(name, "of another version")
    await guest.restart()
    assert len(await emulator.calls("PUT", "/commands", before)) == 1
