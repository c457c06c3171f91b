"""People subscribe in a window of the strict local Slack."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.subscriptions import DAY_NAMES, Kind, Layout
from tests.slack_emulator import MISSING, Emulator, complaints, elements, everything_said, mark
from tests.slack_guests import Guest
from tests.slack_people import Person, somebody
from tests.waiting import until

pytestmark = [pytest.mark.skipif(bool(MISSING), reason=MISSING), pytest.mark.asyncio(loop_scope="module")]
FIELDS = ["query", "top", "at", "zone", "days", "layout", "name"]


@pytest_asyncio.fixture(loop_scope="module")
async def ada(colleague: Guest, workspace: Emulator) -> AsyncIterator[Person]:
    """Somebody in a new channel; Slack has nothing to complain of afterwards."""
    before = await mark(workspace)
    person = await somebody(workspace)
    yield person
    assert await complaints(workspace, before) == []


def zone(name: str) -> dict[str, object]:
    return {"text": {"type": "plain_text", "text": name}, "value": name}


async def test_subscribe_without_arguments_opens_a_window_with_the_zone_of_the_person(
    ada: Person, workspace: Emulator
) -> None:
    await workspace.lives_in("Asia/Tokyo")
    view = await ada.open()
    assert [block["block_id"] for block in view["blocks"]] == FIELDS
    chosen = next(one for one in elements(view) if one["action_id"] == "zone")
    assert chosen["initial_option"]["value"] == "Asia/Tokyo"
    assert await ada.answers() == []


@pytest.mark.parametrize(
    ("begun", "expected"), [("par", "Europe/Paris"), ("tok", "Asia/Tokyo"), ("nowhere at all", None), ("x" * 300, None)]
)
async def test_zones_are_suggested_while_somebody_types(
    begun: str, expected: str | None, ada: Person, workspace: Emulator
) -> None:
    view = await ada.open()
    found = await workspace.control("suggest", user=ada.id, view_id=view["id"], action_id="zone", value=begun)
    assert found["acked"]
    assert found["errors"] == []
    values = [one["value"] for one in found["response"]["options"]]
    assert (expected in values) if expected else values == []


async def test_what_is_entered_is_previewed_and_ordered_only_when_it_is_confirmed(
    ada: Person, colleague: Guest
) -> None:
    chosen = {"top": "3", "at": "08:30", "zone": zone("Europe/Paris"), "days": "weekly:fri", "layout": "compact"}
    preview = await ada.fill_in(await ada.open(), query="video -diffusion", name="films", **chosen)
    assert "ShotStream" in everything_said(preview)
    assert await colleague.orders(ada.place) == []
    answer = await ada.confirm(preview)
    assert answer.is_private
    assert "Subscribed" in answer.text
    [subscription] = await colleague.orders(ada.place)
    order = subscription.order
    assert (order.name, order.query, order.top, order.layout) == ("films", "video -diffusion", 3, Layout.COMPACT)
    assert (order.schedule.zone, f"{order.schedule.at:%H:%M}") == ("Europe/Paris", "08:30")
    assert (order.schedule.kind, order.schedule.days) == (Kind.WEEKLY, (5,))
    assert subscription.created_by == ada.id


async def test_an_empty_filter_is_every_paper(ada: Person, colleague: Guest) -> None:
    await ada.confirm(await ada.fill_in(await ada.open()))
    [subscription] = await colleague.orders(ada.place)
    assert subscription.order.query == ""


@pytest.mark.parametrize("days", ["daily", "weekdays", *(f"weekly:{day[:3].lower()}" for day in DAY_NAMES)])
async def test_every_choice_of_days_can_be_ordered(days: str, ada: Person) -> None:
    assert (await ada.send(await ada.open(), days=days))["outcome"] == "push"


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("query", "votes:many", "whole number"),
        ("query", '"', ""),
        ("query", "cat:", "cat"),
        ("top", "0", "top"),
        ("top", "99999999999999999999", "top"),
        ("at", "25:99", "25:99"),
        ("zone", zone("Mars/Olympus"), "Mars/Olympus"),
        ("name", "taken", "taken"),
        ("name", "<!channel> " + "x" * 900, ""),
    ],
)
async def test_what_is_wrong_is_said_at_its_field_and_nothing_is_ordered(
    field: str, value: object, expected: str, ada: Person, colleague: Guest
) -> None:
    await colleague.order(ada, "taken")
    done = await ada.send(await ada.open(), **{field: value})
    assert done["outcome"] == "errors", done
    [(shown_at, sentence)] = done["response"]["errors"].items()
    assert shown_at == field
    assert expected in sentence
    assert len(await colleague.orders(ada.place)) == 1


async def test_a_name_that_is_taken_between_preview_and_confirm_is_refused_in_private(
    ada: Person, colleague: Guest
) -> None:
    preview = await ada.fill_in(await ada.open(), query="video", name="films")
    await colleague.order(ada, "films", query="agents")
    answer = await ada.confirm(preview)
    assert answer.is_private
    assert "films" in answer.text
    assert "Subscribed" not in answer.text
    assert [one.order.query for one in await colleague.orders(ada.place)] == ["agents"]


async def test_a_preview_that_is_confirmed_after_its_like_was_deleted_orders_anew(
    ada: Person, colleague: Guest
) -> None:
    await colleague.order(ada, "papers")
    preview = await ada.fill_in(await ada.open(), query="video", name="films")
    await ada.say("unsubscribe papers")
    await ada.confirm(preview)
    assert [one.name for one in await colleague.orders(ada.place)] == ["films"]


async def test_a_window_is_confirmed_once_however_often_it_is_sent(ada: Person, colleague: Guest) -> None:
    preview = await ada.fill_in(await ada.open(), query="video")
    await asyncio.gather(ada.send(preview), ada.send(preview))
    await until(ada.answers, "the answer")
    await ada.say("help")  # both were handled by now
    assert len(await colleague.orders(ada.place)) == 1
    assert len(await ada.answers()) == 2


@pytest.mark.parametrize("gone", [{"deleted": True}, {"bot_member": False}, {"archived": True}])
async def test_a_form_whose_channel_is_gone_says_so_and_orders_nothing(
    gone: dict[str, bool], ada: Person, colleague: Guest, workspace: Emulator
) -> None:
    view = await ada.open()
    await workspace.control("channel_state", channel=ada.channel, notify=False, **gone)
    done = await ada.send(view, query="video")
    assert done["outcome"] == "errors"
    assert "Nothing was changed" in done["response"]["errors"]["query"]
    assert await colleague.orders(ada.place) == []


@pytest.mark.parametrize("gone", [{"deleted": True}, {"archived": True}])
async def test_a_preview_whose_channel_is_gone_orders_nothing_and_says_so_in_a_direct_message(
    gone: dict[str, bool], ada: Person, colleague: Guest, workspace: Emulator
) -> None:
    preview = await ada.fill_in(await ada.open(), query="video")
    await workspace.control("channel_state", channel=ada.channel, notify=False, **gone)
    assert (await ada.send(preview))["outcome"] == "cleared"

    async def told() -> list[str]:
        return await workspace.told(ada.id)

    assert "Nothing was changed" in (await until(told, "the message"))[0]
    assert await colleague.orders(ada.place) == []


@pytest.mark.parametrize("trouble", ["expired", "500", "disconnect", "ratelimited"])
async def test_a_window_that_cannot_be_opened_is_made_up_for_by_text(
    trouble: str, ada: Person, workspace: Emulator
) -> None:
    if trouble == "expired":
        await workspace.control("config", trigger_ttl=-1)
    else:
        await workspace.fail(trouble, "views.open")
    try:
        answer = await ada.say("subscribe")
    finally:
        await workspace.control("config", trigger_ttl=3)
    assert answer.is_private
    assert "in one line" in answer.text
    assert "Confirm" in (await ada.say("subscribe world models top:3 at:08:30 tz:Europe/Paris days:weekdays")).buttons


async def test_a_form_that_takes_too_long_is_acknowledged_in_time(ada: Person, workspace: Emulator) -> None:
    view = await ada.open()
    await workspace.fail("timeout", "conversations.info", seconds=5)
    done = await ada.send(view, query="video")
    assert done["outcome"] == "errors"
    assert done["ms"] < 2_900
