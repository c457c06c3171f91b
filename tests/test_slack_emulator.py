"""People talk to the bot on the strict local Slack, with the real slack-bolt in between."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.commands import COMMANDS
from tests.library import ATTENTION, HYBRID, SHOTSTREAM
from tests.slack_emulator import MISSING, TEAM, Emulator, complaints, elements, mark
from tests.slack_guests import Guest
from tests.slack_people import Person, somebody
from tests.waiting import until

pytestmark = [pytest.mark.skipif(bool(MISSING), reason=MISSING), pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(loop_scope="module")
async def ada(colleague: Guest, workspace: Emulator) -> AsyncIterator[Person]:
    """Somebody in a new channel; Slack has nothing to complain of afterwards."""
    before = await mark(workspace)
    person = await somebody(workspace)
    yield person
    assert await complaints(workspace, before) == []
    assert max(person.acknowledged, default=0.0) < 500


SAID = {
    "search": "search video",
    "show": f"show {HYBRID.id}",
    "trending": "trending week",
    "similar": f"similar {HYBRID.id}",
    "cite": f"cite {HYBRID.id}",
    "subscribe": "subscribe video top:3 at:08:30 tz:Europe/Paris days:weekdays",
    "subscriptions": "subscriptions",
    "edit": "edit papers top:4",
    "pause": "pause papers",
    "resume": "resume papers",
    "unsubscribe": "unsubscribe papers",
    "preview": "preview",
    "status": "status",
    "help": "help",
    "privacy": "privacy",
    "forget-me": "forget-me",
}


async def test_every_verb_is_among_those_that_are_tried() -> None:
    assert set(SAID) == set(COMMANDS)


@pytest.mark.parametrize("verb", COMMANDS)
async def test_every_verb_is_answered_in_private(verb: str, ada: Person, colleague: Guest) -> None:
    await colleague.order(ada)
    answer = await ada.say(SAID[verb])
    assert answer.is_private
    assert answer.text.strip()
    assert "went wrong" not in answer.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("packforcing", "PackForcing"),
        ("", "search"),
        ("  HELP ", "search"),
        (f"<https://arxiv.org/abs/{HYBRID.id}v2|arxiv.org>", "Out of Sight"),
        ("serach video", "Did you mean"),
        ("search xyzzy &lt;!channel&gt; @everyone <!here> <@U123>", "xyzzy"),
    ],
)
async def test_what_is_no_verb_is_a_search_and_nothing_is_a_call_for_help(
    text: str, expected: str, ada: Person
) -> None:
    answer = await ada.say(text)
    assert answer.is_private
    assert expected in answer.text


async def test_names_that_ping_or_format_are_shown_as_they_are(ada: Person) -> None:
    answer = await ada.say("search <!channel> *bold* &lt;@U1&gt;")
    assert "&lt;!channel&gt;" in answer.message["text"]
    assert "&amp;" not in answer.text


async def test_the_shortcut_of_a_message_finds_the_papers_in_it(ada: Person) -> None:
    links = f"<https://arxiv.org/abs/{HYBRID.id}v2> and <https://huggingface.co/papers/{SHOTSTREAM.id}|this>!"
    answer = await ada.use_shortcut(await ada.write(f"Look: {links}"))
    assert answer.is_private
    assert "Out of Sight" in answer.text
    assert "ShotStream" in answer.text


async def test_the_shortcut_of_a_message_without_papers_says_so(ada: Person) -> None:
    assert "No paper is linked" in (await ada.use_shortcut(await ada.write("hello <!channel>"))).text


async def test_a_mention_is_answered_in_a_thread(ada: Person, workspace: Emulator) -> None:
    asked = await ada.write("hello")
    answer = await ada.mention("search packforcing")
    assert "PackForcing" in answer.text
    assert not answer.is_private
    assert answer.thread
    assert answer.thread != asked["ts"]
    [shown] = await workspace.shown(ada.channel)
    assert shown["unfurl_links"] is False


async def test_a_mention_in_a_thread_is_answered_in_that_thread(ada: Person) -> None:
    asked = await ada.write("What do you think?")
    assert (await ada.mention("packforcing", asked["ts"])).thread == asked["ts"]


async def test_what_is_pressed_in_a_thread_is_answered_there(ada: Person) -> None:
    asked = await ada.write("What do you think?")
    answer = await ada.press(await ada.mention(f"show {HYBRID.id}", asked["ts"]), "Abstract")
    assert answer.is_private
    assert answer.thread == asked["ts"]


async def test_a_mention_by_a_bot_is_not_answered(ada: Person, workspace: Emulator) -> None:
    event = {"type": "app_mention", "channel": ada.channel, "ts": "1.1", "text": "<@U0BOT00001> hello"}
    for more in ({"bot_id": "B1", "user": "U2"}, {"bot_id": "B1"}, {"subtype": "x"}):
        await workspace.control("event", event={**event, **more})
    assert (await ada.mention("help")).text  # all before were handled by now
    assert len(await workspace.shown(ada.channel)) == 1


async def test_an_event_that_slack_sends_four_times_is_answered_once_even_after_a_restart(
    ada: Person, colleague: Guest, workspace: Emulator
) -> None:
    answer = await ada.mention("packforcing")
    sent = next(one for one in reversed(await workspace.see("deliveries")) if one["event"] == "app_mention")
    for number in range(1, 4):
        if number == 3:
            await colleague.restart()
        assert await colleague.repeat(sent, number) == 200
    assert (await ada.mention("help")).text
    assert len([one for one in await workspace.shown(ada.channel) if one["message"]["thread_ts"] == answer.thread]) == 1


@pytest.mark.parametrize(
    ("label", "expected"), [("Abstract", "A hybrid memory keeps them"), ("Similar", "Similar"), ("Cite", "@misc")]
)
async def test_one_paper_has_buttons(label: str, expected: str, ada: Person) -> None:
    answer = await ada.press(await ada.say(f"show {HYBRID.id}"), label)
    assert answer.is_private
    assert expected in answer.text


@pytest.mark.parametrize(("number", "label", "expected"), [(1, "Abstract", "hybrid memory"), (2, "Cite", "@misc")])
async def test_papers_of_a_list_have_a_menu_each(number: int, label: str, expected: str, ada: Person) -> None:
    answer = await ada.choose(await ada.say("trending"), number, label)
    assert answer.is_private
    assert expected in answer.text


async def test_next_replaces_the_private_page_that_has_it(ada: Person) -> None:
    first = await ada.say("trending month limit:10")
    second = await ada.press(first, "Next")
    assert second.message["ts"] == first.message["ts"]
    assert second.text != first.text
    assert second.is_private


async def test_the_next_page_of_a_shared_list_is_for_whoever_asks_and_leaves_it_as_it_is(ada: Person) -> None:
    shared = await ada.press(await ada.say("trending month limit:10"), "Share")
    second = await ada.press(shared, "Next")
    assert second.is_private
    assert second.message["ts"] != shared.message["ts"]


@pytest.mark.parametrize("is_member", [True, False])
async def test_share_shows_the_same_to_everybody_also_where_the_bot_is_no_member(
    workspace: Emulator, colleague: Guest, *, is_member: bool
) -> None:
    person = await somebody(workspace, bot=is_member, private=not is_member)
    private = await person.say(f"show {HYBRID.id}")
    shared = await person.press(private, "Share")
    assert not shared.is_private
    assert "Share" not in shared.buttons
    assert [one["message"]["ts"] for one in await workspace.shown(person.channel)] == [shared.message["ts"]]
    assert (await person.press(shared, "Abstract")).is_private


async def test_buttons_work_after_a_restart(ada: Person, colleague: Guest) -> None:
    shown = await ada.say(f"show {HYBRID.id}")
    await colleague.restart()
    assert "A hybrid memory keeps them" in (await ada.press(shown, "Abstract")).text


@pytest.mark.parametrize("label", ["Share", "Abstract"])
async def test_a_double_click_is_handled_once(label: str, ada: Person, workspace: Emulator) -> None:
    shown = await ada.say(f"show {HYBRID.id}")
    click = ada.click(shown, label)
    await asyncio.gather(workspace.control("action", **click), workspace.control("action", **click))

    async def is_answered() -> bool:
        return len(await ada.answers()) == 2

    await until(is_answered, "the answer")
    assert (await ada.say("help")).text  # by when a second one would have come
    assert len(await ada.answers()) == 3


async def test_a_subscription_by_text_is_looked_at_first_and_confirmed_by_a_button(
    ada: Person, colleague: Guest
) -> None:
    preview = await ada.say("subscribe video name:films at:08:30")
    assert await colleague.orders(ada.place) == []
    assert "Subscribed" in (await ada.press(preview, "Confirm")).text
    [order] = await colleague.orders(ada.place)
    assert (order.name, order.created_by, order.channel.tenant) == ("films", ada.id, TEAM)


@pytest.mark.parametrize("private", [True, False])
async def test_where_the_bot_is_no_member_nothing_is_ordered(
    workspace: Emulator, colleague: Guest, *, private: bool
) -> None:
    person = await somebody(workspace, bot=False, private=private)
    assert "Nothing was changed" in (await person.say("subscribe video")).text
    assert await colleague.orders(person.place) == []


async def test_the_zone_of_the_profile_is_that_of_an_order(ada: Person, workspace: Emulator, colleague: Guest) -> None:
    await workspace.lives_in("Asia/Tokyo")
    await ada.press(await ada.say("subscribe video"), "Confirm")
    [order] = await colleague.orders(ada.place)
    assert order.order.schedule.zone == "Asia/Tokyo"


@pytest.mark.parametrize("kind", ["timeout", "500", "error"])
async def test_without_a_profile_everything_is_answered(kind: str, ada: Person, workspace: Emulator) -> None:
    await workspace.fail(kind, "users.info", error="user_not_found", seconds=1.5)
    assert "PackForcing" in (await ada.say("packforcing")).text


async def test_an_answer_that_comes_after_half_an_hour_is_swallowed(
    ada: Person, workspace: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    before = len(await workspace.see("log"))
    await workspace.control("config", response_url_ttl=-1)
    try:
        await workspace.control("slash", command="/papers", text="help", channel=ada.channel, user=ada.id, settle=0)

        async def came() -> bool:
            return bool(await workspace.calls("response_url", before))

        await until(came, "the late answer")
    finally:
        await workspace.control("config", response_url_ttl=1800)
    assert (await ada.say("help")).text
    assert [one.message for one in caplog.records if one.levelname in ("WARNING", "ERROR")] == []


async def test_while_the_store_is_locked_for_two_seconds_everything_is_acknowledged_at_once(
    ada: Person, colleague: Guest, workspace: Emulator
) -> None:
    shown, before = await ada.say(f"show {ATTENTION.id}"), await mark(workspace)
    view = await ada.open()
    held = asyncio.Event()

    async def hold() -> None:
        async with colleague.store.database.transaction():
            held.set()
            await asyncio.sleep(2)

    locking = asyncio.create_task(hold())
    await held.wait()
    mentioned = asyncio.create_task(ada.mention("packforcing"))
    body = {"user": ada.id, "view_id": view["id"], "values": {"at": "09:00"}, "settle": 0}
    done, pressed = await asyncio.gather(
        workspace.control("view_submit", **body), workspace.control("action", **ada.click(shown, "Abstract"))
    )
    await locking
    assert max(done["ms"], pressed["ms"]) < 2_500
    assert (await mentioned).text

    async def is_answered() -> bool:
        return len(await ada.answers()) == 3

    await until(is_answered, "the abstract")
    events = [one for one in await workspace.see("deliveries", since=before.deliveries) if one["event"]]
    assert max(one["ms"] for one in events) < 500


async def test_every_link_button_of_a_paper_is_heard(ada: Person, workspace: Emulator) -> None:
    shown = await ada.say(f"show {HYBRID.id}")
    leading = [one for one in elements(shown.message) if "url" in one]
    assert leading
    where = {"channel": ada.channel, "ts": shown.message["ts"], "user": ada.id, "settle": 0}
    for one in leading:
        done = await workspace.control("action", action_id=one["action_id"], block_id=one["block_id"], **where)
        assert done["acked"]
