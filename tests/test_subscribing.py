"""What is typed to order digests and what is read back, through the real store and the real index."""

import re
from datetime import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import dispatch
from bot.cards import Tone
from bot.commands import COMMANDS, orders
from bot.core import Core
from bot.grammar import Value
from bot.store import SqlStore, records
from bot.subscriptions import Kind, Layout
from tests.library import indexed
from tests.papers import MONDAY, NOON, batch, later, paper
from tests.rooms import Room
from tests.thorough import EXAMPLES

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def room(opened: tuple[Core, SqlStore]) -> Room:
    return Room(opened[0])


async def test_what_would_have_come_is_shown_before_anything_is_ordered(room: Room) -> None:
    card = await room.say("subscribe model top:2 at:9pm tz:paris")

    assert card.title == "Subscribe “model” here?"
    assert card.text == (
        "The 2 papers with the most votes for “model”, every day at 21:00 (Europe/Paris). "
        "The next one is due in 7 hours, on Mon 30 Mar 2026, 21:00 (Europe/Paris). "
        "The last 3 batches would have brought 1.3 papers a day:"
    )
    assert [row.name for row in card.rows] == ["Mon 30 Mar 2026", "Fri 27 Mar 2026", "Wed 18 Mar 2026"]
    assert card.rows[0].text.startswith("2 of 5: Out of Sight but Not Out of Mind")
    assert card.rows[2].text == "nothing of 1 paper"
    assert await room.orders() == {}


async def test_confirm_gives_the_order_that_was_previewed(room: Room) -> None:
    said = "subscribe world models top:3 at:8.30 tz:paris days:mon,wed layout:compact min-votes:10 name:Worlds"
    preview = await room.say(said)
    card = await room.press(preview)

    [given_] = (await room.orders()).values()
    order = given_.order
    assert card.title == "Subscribed: worlds"
    assert preview.text.split(". ")[0] == card.text.split(". ")[0]
    assert (order.name, order.query, order.top, order.layout) == ("worlds", "world models", 3, Layout.COMPACT)
    assert (order.min_votes, order.schedule.at, order.schedule.zone) == (10, time(8, 30), "Europe/Paris")
    assert (order.schedule.days, order.schedule.kind) == ((1, 3), Kind.DAILY)
    assert (given_.created_by, given_.channel, given_.since) == ("ada", room.asker.channel, NOON)


_TOKENS = st.sampled_from(
    [
        *("limit=3", "limit:3", "name:x", "name=x", "top=3", "Top: of", "confirm:yes", "confirm=yes", "tz=utc", "at:9"),
        *('"a phrase"', '"', '"tz=utc"', "“curly”", "''tex''", "author:lecun", 'author:"yann lecun"', "-word", "a|b"),
        *("votes:1", "has:code", "days=", "page=2", "<https://arxiv.org/abs/1|x>", "`code`", "all", "x:y", "layout="),
        *("世界", "مرحبا", "\u202eevil", "a\u200bb", "\ud800", "|", "-", ":", "=", '=""', "min-votes=4", "{0}", "%s"),
    ]
)
_FOUND = st.sampled_from(
    [
        *("model", "memory|video", "limit=3|model", "video|page=2", "page=2|memory", "last=x|model", "Limit=3|video"),
        *("-limit=3", "-speech", "since:1y", "votes:2", 'author:"kaijin chen"|luo', "top=3|model", "name=x|video"),
    ]
)
_QUERIES = st.lists(_FOUND, max_size=3).map(" ".join) | st.lists(_TOKENS | st.text(max_size=6), max_size=6).map(
    " ".join
)
_ARGUMENTS = st.fixed_dictionaries(
    {"query": _QUERIES},
    optional={
        "top": st.integers(1, 20),
        "at": st.sampled_from(["9", "9 pm", "08:30", "21.15"]),
        "tz": st.sampled_from(["new york", "Europe/Paris", "utc"]),
        "days": st.sampled_from(["daily", "mon, wed", "weekly:fri", "weekends"]),
        "layout": st.sampled_from(["cards", "COMPACT"]),
        "min-votes": st.integers(0, 50),
        "name": st.sampled_from(["x", "Ärger", "İx", "a.b-c"]),
    },
)


@given(_ARGUMENTS)
@settings(max_examples=EXAMPLES)
async def test_whatever_the_filter_is_confirm_orders_what_was_previewed(
    opened: tuple[Core, SqlStore], arguments: dict[str, Value]
) -> None:
    room = Room(opened[0])
    preview = await room.run("subscribe", arguments)
    if preview.tone is Tone.FAILURE:
        assert "my fault" not in preview.title
        return
    card = await room.press(preview)

    assert card.title.startswith("Subscribed: ")
    assert card.text.startswith(preview.text.split(" The next one is due")[0])
    [subscription] = (await room.orders()).values()
    wanted = orders.order(COMMANDS["subscribe"].bind(arguments), room.asker)
    kept = subscription.order
    assert (kept.top, kept.layout, kept.min_votes, kept.schedule) == (
        *(wanted.top, wanted.layout, wanted.min_votes, wanted.schedule),
    )
    assert kept.query.replace('"', "") == wanted.query.replace('"', "")  # words that look like options are quoted
    assert kept.name == wanted.name or not wanted.name
    assert f"“{kept.name}”" in preview.title
    assert kept == (await room.core.subscribing.named(kept.name, room.asker.channel)).order


@given(_QUERIES)
@settings(max_examples=EXAMPLES)
async def test_show_all_of_a_digest_lists_what_passed_its_filter(opened: tuple[Core, SqlStore], query: str) -> None:
    room = Room(opened[0])
    preview = await room.run("preview", {"query": query})
    if not preview.papers:
        return
    shown = await dispatch.run_text(preview.buttons[0].command, room.core, NOON, asker=room.asker, page_size=25)

    assert {item.id for item in preview.papers} <= {item.id for item in shown.papers}
    assert len(shown.papers) == int(re.findall(r"of (\d+) paper", preview.text)[0])


async def test_the_zone_of_the_asker_is_the_default_and_is_shown(room: Room) -> None:
    preview = await room.beside("bo", "Asia/Tokyo").say("subscribe name:tokyo")

    assert "every day at 09:00 (Asia/Tokyo)" in preview.text
    await room.press(preview)  # by somebody elsewhere: what was shown is what is ordered
    assert (await room.orders())["tokyo"].order.schedule.zone == "Asia/Tokyo"


async def test_a_zone_that_a_platform_calls_by_an_unknown_name_is_utc(room: Room) -> None:
    assert "at 09:00 (UTC)" in (await room.beside("bo", "Mars/Olympus").say("subscribe")).text
    assert (await room.beside("bo", "Mars/Olympus").say("preview")).title == "Papers of Mon 30 Mar 2026"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("subscribe at:25", "25 is no time of day"),
        ("subscribe at:", "There is no time of day behind the colon"),
        ("subscribe at:9:60", "9:60 is no time of day"),
        ("subscribe tz:mars", "mars is no time zone that I know"),
        ("subscribe tz:Pariss", "Did you mean Europe/Paris"),
        ("subscribe days:someday", "someday is no choice of days: write daily"),
        ("subscribe days:weekly:mon,tue", "(one day for weekly)"),
        ("subscribe name:a/b", "a/b is no name: take one word"),
        ("subscribe top:21", "“top” goes from 1 to 20; 21 is outside."),
        ("subscribe top:many", "“top” is a whole number from 1 to 20, not many."),
        ("subscribe min-votes:-1", "“min-votes” goes from 0"),
        ("subscribe layout:poster", "“layout” is cards or compact, not poster."),
        ("subscribe -", "There is no word to look for"),
        ("subscribe auther:x", "did you mean author:?"),
        ('subscribe "open', "is not closed"),
        ("subscribe since:2026-01-02 before:2026-01-01", "change one of them"),
        ("edit robots", "Nothing is subscribed in this channel: say “subscribe”"),
        ("pause", "Nothing is subscribed in this channel"),
        ("resume x", "Nothing is subscribed in this channel"),
        ("unsubscribe", "Nothing is subscribed in this channel"),
        ("status now", "“now” is too much here: say “status”"),
    ],
)
async def test_what_cannot_be_ordered_is_told_in_a_sentence(room: Room, typed: str, said: str) -> None:
    card = await room.say(typed)

    assert said in card.title
    assert card.title[-1] in ".?"
    assert card.tone is Tone.FAILURE
    assert await room.orders() == {}


@pytest.mark.parametrize(
    ("typed", "doubt"),
    [
        ("before:2026-03-30 model", "This can never bring anything: it wants papers from before Mon 30 Mar 2026."),
        ("before:today", "This can never bring anything: it wants papers from before Mon 30 Mar 2026."),
        ("xyzzy", "No stored paper has ever passed this filter, so it may never bring anything: look for a mistake."),
        ("transformer", "Nothing in these batches passes: on days without a match nothing is posted."),
        (
            "model min-votes:1000",
            "No stored paper has ever passed this filter, so it may never bring anything: look for a mistake.",
        ),
        ("atention", "I read “atention” as “attention”."),
    ],
)
async def test_a_filter_that_will_bring_nothing_is_told_with_the_preview(room: Room, typed: str, doubt: str) -> None:
    card = await room.say(f"subscribe {typed}")

    assert doubt in card.notes
    assert card.buttons[0].label == "Confirm"


async def test_a_filter_that_ends_in_the_future_is_no_doubt(room: Room) -> None:
    assert len((await room.say("subscribe before:2026-03-31")).notes) == 1


async def test_a_week_without_papers_is_told(room: Room) -> None:
    card = await room.say("subscribe model", now=later(days=60))

    assert "No batch of the last month is stored here, so there is nothing to look at yet." in card.notes
    assert card.rows == ()


async def test_a_weekly_order_shows_its_week_as_one(room: Room) -> None:
    card = await room.say("subscribe days:weekly:fri top:3")

    assert "The 3 papers with the most votes of the week, every Friday at 09:00 (UTC)." in card.text
    assert card.text.endswith("The last 3 batches would have brought 3 papers:")
    assert [row.name for row in card.rows] == ["18 Mar to 30 Mar 2026"]


async def test_a_channel_may_have_twenty_five_subscriptions_and_is_told_so(room: Room) -> None:
    said = [(await room.say(f"subscribe name:n{n} confirm:yes")).title for n in range(50)]

    assert said[:25] == [f"Subscribed: n{n}" for n in range(25)]
    assert len({*said[25:]}) == 1
    assert said[25] == (
        "A channel can have 25 subscriptions, and this one has them: end one with “unsubscribe”, "
        "or widen the filter of another with “edit”."
    )
    assert "can have 25 subscriptions" in (await room.say("subscribe")).title


async def test_the_same_name_is_not_given_twice_however_it_is_written(room: Room) -> None:
    await room.say("subscribe name:Robots confirm:yes")

    for again in ("subscribe name:robots", "subscribe name:ROBOTS confirm:yes", "subscribe x name:rObots"):
        assert (await room.say(again)).title.startswith("This channel has a subscription robots already")
    assert (await room.say("subscribe robots")).title == "Subscribe “robots-2” here?"
    assert [*await room.orders()] == ["robots"]


async def test_confirm_pressed_twice_orders_once(room: Room) -> None:
    preview = await room.say("subscribe model")

    assert (await room.press(preview)).title == "Subscribed: model"
    assert (await room.press(preview)).tone is Tone.FAILURE
    assert len(await room.orders()) == 1


async def test_while_the_index_is_being_rebuilt_nobody_can_tell_what_passes(store: SqlStore, tmp_path: Path) -> None:
    await store.save_batch(batch(MONDAY, paper()), NOON)
    async with indexed(store, tmp_path / "index") as index:
        await index.rebuild(await store.identity())
        room = Room(Core(records(store), index))

        for said in ("subscribe model", "preview model"):
            assert (await room.say(said)).title.startswith("The search index is being rebuilt: try again in a minute")
        assert (await room.say("preview")).papers


@pytest.mark.parametrize("said", ["subscribe", "preview"])
async def test_before_the_first_batch_there_is_a_sentence(store: SqlStore, tmp_path: Path, said: str) -> None:
    async with indexed(store, tmp_path / "index") as index:
        card = await Room(Core(records(store), index)).say(said)

    assert "stored" in (card.notes[0] if said == "subscribe" else card.title)
