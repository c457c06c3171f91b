"""What people say about orders that were given, and what they read."""

from dataclasses import replace
from datetime import time
from typing import Any

import pytest
import pytest_asyncio

from bot import dispatch
from bot.cards import Card, Row, Tone
from bot.commands import COMMANDS
from bot.core import Core
from bot.store import FileLock, SqliteDatabase, SqlStore, records
from bot.subscribing import Subscribing
from bot.subscriptions import Layout
from tests.library import indexed, shelved
from tests.papers import NOON
from tests.rooms import Room

pytestmark = pytest.mark.asyncio(loop_scope="module")
CARD = Card("A digest")


@pytest_asyncio.fixture(loop_scope="module")
async def room(opened: tuple[Core, SqlStore]) -> Room:
    return await Room(opened[0]).ordered()


async def test_only_what_is_said_changes(room: Room) -> None:
    before = (await room.orders())["models"].order
    steps: list[tuple[str, dict[str, Any]]] = [
        ("edit models top:10", {"top": 10}),
        ("edit models video memory", {"query": "video memory"}),
        ("edit MODELS layout:compact", {"layout": Layout.COMPACT}),
        ("edit models min-votes:0", {"min_votes": 0}),
        ("edit models at:08:30", {"schedule": replace(before.schedule, at=time(8, 30))}),
        ("edit models tz:paris", {"schedule": replace(before.schedule, at=time(8, 30), zone="Europe/Paris")}),
        ("edit top:2", {"top": 2}),  # there is only one
        ("edit models rename:Videos", {"name": "videos"}),
        ("edit videos all", {"query": ""}),
    ]
    for said, changed in steps:
        card = await room.say(said)
        before = replace(before, **changed)
        assert [one.order for one in (await room.orders()).values()] == [before]
        assert card.title == f"Changed: {before.name}"


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("edit models", "Say what is to change, as in “edit models top:10 at:08:30”."),
        ("edit models top:3", "Say what is to change, as in “edit models top:10 at:08:30”."),
        ("edit model top:4", "This channel has no subscription model. Did you mean models?"),
        ("edit xyzzy top:4", "This channel has no subscription xyzzy. It has models."),
        ("edit models at:99", "99 is no time of day: write one such as 09:00 or 9pm."),
        ("edit models auther:x", "author:"),
        ("edit models -", "There is no word to look for: say at least one word, phrase or filter."),
        ("edit models rename:a/b", "a/b is no name"),
        ("pause models until:soon", "until:soon is no day: write one such as 2026-12-01."),
        ("pause until:2026-03-29", "Sun 29 Mar 2026 is not in the future: write a later day, as in until:2026-04-06."),
        ("pause until:2026-03-30", "is not in the future"),
        ("pause until:0001-01-01", "until:0001-01-01 is no day"),
        ("pause until:9999-12-31", "until:9999-12-31 is no day"),
        ("resume again:abc", "That digest needs no second post"),
        ("unsubscribe modls", "This channel has no subscription modls. Did you mean models?"),
    ],
)
async def test_a_bad_change_is_told_and_changes_nothing(room: Room, said: str, answer: str) -> None:
    before = await room.orders()
    card = await room.say(said)

    assert answer in card.title
    assert card.tone is Tone.FAILURE
    assert await room.orders() == before


async def test_where_there_are_several_the_name_is_asked_for(room: Room) -> None:
    await room.say("subscribe name:all-of-them confirm:yes")

    for said in ("pause", "resume", "unsubscribe", "edit top:3"):
        assert (await room.say(said)).title == (
            "This channel has several subscriptions: say which one, all-of-them or models."
        )
    assert (await room.say("edit models rename:all-of-them")).title.startswith("This channel has a subscription")


async def test_a_pause_is_shown_until_it_is_ended(room: Room) -> None:
    card = await room.say("pause")
    assert (card.title, card.text) == ("Paused: models", "Nothing is sent until somebody resumes it.")
    assert "Paused: “resume models” goes on. Nothing posted yet." in await room.shown()
    assert "It is paused: “resume models” goes on." in (await room.say("edit models top:1")).text

    card = await room.say("pause models until:2026-04-02")
    assert card.text == "Nothing is sent before Thu 2 Apr 2026, when it goes on by itself."
    assert "“resume models” goes on; it goes on by itself on Thu 2 Apr 2026." in await room.shown()

    card = await room.say("resume")
    assert card.title == "Resumed: models"
    assert card.text == "The next one is due in 1 hour, on Mon 30 Mar 2026, 13:00 (UTC)."
    assert "Next: Mon 30 Mar 2026, 13:00 (UTC). Nothing posted yet." in await room.shown()


async def test_what_has_ended_is_gone_and_its_name_is_free(room: Room) -> None:
    card = await room.say("unsubscribe")

    assert (card.title, card.text) == ("Ended: models", "Nothing more is sent for it.")
    assert await room.orders() == {}
    assert (await room.say("subscribe name:models confirm:yes")).title == "Subscribed: models"


async def test_of_two_people_who_change_at_once_one_is_told(room: Room) -> None:
    subscribing: Subscribing = room.core.subscribing
    seen = await subscribing.named("models", room.asker.channel)  # by the one who is slower
    await room.beside("bo").say("edit models top:9")
    with pytest.raises(Exception, match="changed-meanwhile"):
        await subscribing.edit(seen, replace(seen.order, top=1), NOON)
    with pytest.raises(Exception, match="changed-meanwhile"):
        await subscribing.pause(seen, None, NOON)

    assert (await room.orders())["models"].order.top == 9


async def test_forget_me_deletes_who_ordered_and_nothing_else(room: Room) -> None:
    assert (await room.beside("bo").say("forget-me")).title == "Nothing was kept of you."
    before = (await room.orders())["models"]
    ada = room.beside(f"ada {room.asker.channel.id}")
    await ada.say("subscribe name:mine confirm:yes")
    card = await ada.say("forget-me")

    assert card.title == "Forgotten: who gave 1 order."
    assert (await room.orders())["mine"].created_by == ""
    assert (await room.orders())["models"] == before
    assert (await ada.say("forget-me")).title == "Nothing was kept of you."


async def test_privacy_tells_what_is_kept_with_a_subscription_and_until_when(room: Room) -> None:
    text = (await room.say("privacy")).text

    for part in ("the platform's ids of the channel and of you", "until “unsubscribe”", "“forget-me” deletes your id"):
        assert part in text
    assert "Nothing is kept" not in text


async def test_preview_shows_what_would_be_posted_to_the_asker_alone(room: Room) -> None:
    card = await room.say("preview")
    assert card.title == "Papers of Mon 30 Mar 2026 for “model”"
    assert card.text.startswith("3 of 3 papers that pass the filter, of 5 in all · votes as of Mon 30 Mar 2026, 11:00")
    assert card.notes == ("A preview: nothing was posted for it.",)
    assert await room.say("preview MODELS") == card

    assert len((await room.say("preview models top:1")).papers) == 1
    assert len((await room.say("preview video")).papers) == 3
    assert (await room.say("preview models layout:compact")).papers[0].summary == ""
    nothing = await room.say("preview models min-votes:999")
    assert nothing.title == "Papers of Mon 30 Mar 2026 for “model”: nothing would be posted"
    assert nothing.text == "Nothing passes the filter, of 5 papers in all."
    assert (await room.orders())["models"].order.top == 3


@pytest.mark.parametrize("verb", ["edit", "pause", "resume", "unsubscribe", "preview"])
async def test_the_names_of_the_channel_are_completed(room: Room, verb: str) -> None:
    await room.say("subscribe name:robots confirm:yes")
    parameter = COMMANDS[verb].parameters[0].name

    for begun, names in (("", ["models", "robots"]), ("MO", ["models"]), ("x", [])):
        choices = await dispatch.complete(verb, parameter, begun, room.core, room.asker)
        assert [choice.value for choice in choices] == names
    assert await dispatch.complete(verb, parameter, "", room.core, Room(room.core).asker) == []


async def test_every_verb_is_explained(room: Room) -> None:
    for name, command in COMMANDS.items():
        card = await room.say(f"help {name}")
        assert card.title == command.usage
        assert card.text.startswith(command.summary)
        assert all(isinstance(one, Row) and one.text for one in card.rows)
    assert (await room.say("help edit")).title.startswith("edit [NAME] [QUERY] [top:5] [at:09:00] [tz:Europe/Paris]")


async def test_what_would_change_something_is_refused_beside_a_running_bot(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("both")
    path = folder / "papers.db"
    writing = SqlStore(await SqliteDatabase.open(path, lock=FileLock.take(path)))
    async with shelved(writing, folder / "index") as core:
        await Room(core).say("subscribe name:x confirm:yes")
        store = SqlStore(await SqliteDatabase.open(path, lock=None))
        async with indexed(writing, folder / "other") as index:
            room = Room(Core(records(store), index))
            assert (await room.say("subscribe model")).tone is Tone.ANSWER
            card = await room.say("subscribe model confirm:yes")
            assert (await room.say("subscriptions")).title == "Nothing is subscribed here."
        await store.close()
    await writing.close()

    assert card.title == "The bot is running in another process, which alone can change something: say it there."
