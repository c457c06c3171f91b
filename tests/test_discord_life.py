"""What happens to servers, channels and rights, as the strict local Discord tells of it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from bot.subscriptions import Pause, Standing, Subscription
from tests.emulator import MISSING, Emulator, Json, complaints
from tests.guests import Guest, Person, another, denied, joined, known
from tests.waiting import until

pytestmark = [pytest.mark.skipif(bool(MISSING), reason=MISSING), pytest.mark.asyncio(loop_scope="module")]
NEWS, THREAD, FORUM = 5, 11, 15


@pytest_asyncio.fixture(loop_scope="module")
async def ada(guest: Guest, emulator: Emulator) -> AsyncIterator[Person]:
    """The owner of a new server, who has ordered a digest in its only channel."""
    before = len(await emulator.log())
    person = await joined(guest)
    guest.renew()  # as the time was put back behind the one of the test before
    await guest.order(person.place, person.id)
    wall, steady = guest.time.wall, guest.time.steady
    yield person
    await guest.forget()
    guest.time.wall, guest.time.steady = wall, steady  # some tests take a month
    assert await complaints(emulator, before) == []


async def one(guest: Guest, person: Person) -> Subscription:
    [found] = await guest.orders(person.place)
    return found


async def becomes(guest: Guest, person: Person, standing: Standing) -> None:
    async def is_so() -> bool:
        return (await one(guest, person)).standing is standing

    await until(is_so, standing)


async def happens(guest: Guest, event: str, data: Json) -> None:
    """An event of the gateway that the emulator cannot send, given to discord.py as it comes."""
    client = guest.discord._client
    assert client is not None
    getattr(client._connection, f"parse_{event}")(data)
    await asyncio.sleep(0)


async def thread(guest: Guest, person: Person) -> Person:
    """The same person in a new thread, with a digest ordered there."""
    path = f"/channels/{person.channel}/threads"
    made = await asyncio.to_thread(person.emulator.as_the_bot, "POST", path, {"name": "papers", "type": THREAD})
    there = replace(person, channel=made["id"])
    await guest.order(there.place, there.id)
    return there


async def test_whoever_owns_a_new_server_is_greeted_in_private_and_once(
    ada: Person, guest: Guest, emulator: Emulator
) -> None:
    assert any("I was added to Lab" in text for text in await emulator.told(ada.id))
    assert await emulator.shown(ada.channel) == []
    before = len(await emulator.log())
    await guest.restart()
    assert await emulator.calls("POST", "", before) == []


async def test_a_server_that_the_bot_left_keeps_its_orders_paused_and_they_go_on_when_it_comes_back(
    ada: Person, guest: Guest, emulator: Emulator
) -> None:
    await emulator.control("guild_remove", guild_id=ada.guild)
    await becomes(guest, ada, Standing.PAUSED)
    assert (await one(guest, ada)).pause is Pause.TENANT_LOST
    before = len(await emulator.log())
    await guest.post()
    await guest.again(days=1, hours=1)
    assert (await one(guest, ada)).standing is Standing.PAUSED
    assert {call["path"] for call in await emulator.log(before)} <= {"/gateway"}  # only what time it is
    await emulator.control("guild_rejoin", guild_id=ada.guild)
    await known(guest, ada)

    async def goes_on() -> bool:
        await guest.planner.resume(guest.time.now())
        return (await one(guest, ada)).standing is Standing.ACTIVE

    await until(goes_on, "the order")


async def test_after_thirty_days_away_nothing_is_looked_at_any_more(
    ada: Person, guest: Guest, emulator: Emulator
) -> None:
    await emulator.control("guild_remove", guild_id=ada.guild)
    await becomes(guest, ada, Standing.PAUSED)
    for _ in range(33):
        guest.time.advance(days=1)
        await guest.planner.resume(guest.time.now())
    assert {found.standing for found in await guest.orders(ada.place)} <= {Standing.GONE}


async def test_an_outage_is_not_leaving_and_the_digest_comes_afterwards(
    ada: Person, guest: Guest, emulator: Emulator
) -> None:
    await guest.planner.tick(guest.time.now())
    await emulator.control("guild_remove", guild_id=ada.guild, unavailable=True)
    client = guest.discord._client
    assert client

    async def is_out() -> bool:
        found = client.get_guild(int(ada.guild))
        return bool(found and found.unavailable)

    await until(is_out, "the outage")
    before = len(await emulator.log())
    await guest.post()
    assert await emulator.calls("POST", ada.channel, before) == []
    assert (await one(guest, ada)).standing is Standing.ACTIVE
    assert await guest.ends(ada.place) == [("pending", None)]
    await emulator.control("guild_rejoin", guild_id=ada.guild, available=True)

    async def is_back() -> bool:
        return not await is_out()

    await until(is_back, "the server")
    await guest.again(minutes=1)
    assert await guest.ends(ada.place) == [("sent", None)]
    assert len(await emulator.shown(ada.channel)) == 1


async def test_a_deleted_channel_ends_its_orders_and_whoever_gave_them_is_told_once(
    ada: Person, guest: Guest, emulator: Emulator
) -> None:
    there = await another(guest, ada, "other")
    told = len([text for text in await emulator.told(ada.id) if "was deleted" in text])
    await emulator.control("channel_delete", channel_id=there.channel)
    await becomes(guest, there, Standing.GONE)
    assert (await one(guest, there)).pause is Pause.CHANNEL_GONE
    assert (await one(guest, ada)).standing is Standing.ACTIVE

    async def is_told() -> bool:
        return len([text for text in await emulator.told(ada.id) if "was deleted" in text]) == told + 1

    await until(is_told, "the message")


async def test_a_channel_whose_deletion_nobody_told_of_costs_one_call(
    ada: Person, guest: Guest, emulator: Emulator
) -> None:
    await guest.planner.tick(guest.time.now())
    await emulator.fail("error", f"{ada.channel}/messages", times=9, status=404, code=10003, message="Unknown Channel")
    before = len(await emulator.log())
    await guest.post()
    await guest.again(hours=1)
    await emulator.heal()
    assert len(await emulator.calls("POST", ada.channel, before)) == 1
    assert (await one(guest, ada)).standing is Standing.GONE
    assert await guest.ends(ada.place) == [("dead", "channel")]


async def test_a_thread_is_posted_to_and_ends_when_it_is_deleted(ada: Person, guest: Guest, emulator: Emulator) -> None:
    there = await thread(guest, ada)
    await guest.post()
    assert len(await emulator.shown(there.channel)) == 1
    gone = {"id": there.channel, "guild_id": there.guild, "parent_id": ada.channel, "type": THREAD}
    await happens(guest, "thread_delete", gone)
    await becomes(guest, there, Standing.GONE)


async def test_an_archived_thread_is_looked_through_before_a_second_attempt(
    ada: Person, guest: Guest, emulator: Emulator
) -> None:
    there = await thread(guest, ada)
    client = guest.discord._client
    assert client

    async def is_known() -> bool:
        return client.get_channel(int(there.channel)) is not None

    await until(is_known, "the thread")
    found = await asyncio.to_thread(emulator.as_the_bot, "GET", f"/channels/{there.channel}")
    found["thread_metadata"]["archived"] = True
    await happens(guest, "thread_update", found)
    assert client.get_channel(int(there.channel)) is None  # the gateway has forgotten it
    await emulator.fail("disconnect", f"{there.channel}/messages", method="POST", apply=True)
    before = len(await emulator.log())
    await guest.post()
    await guest.again()
    assert await guest.ends(there.place) == [("sent", None)]
    assert len(await emulator.calls("POST", f"{there.channel}/messages", before)) == 1


async def test_in_a_thread_the_right_to_post_in_threads_counts(ada: Person, guest: Guest, emulator: Emulator) -> None:
    there = await thread(guest, ada)
    await denied(guest, ada, "SEND_MESSAGES")
    await guest.discord.posts.check(there.place)
    await denied(guest, ada, "SEND_MESSAGES_IN_THREADS")
    assert "Send Messages in Threads" in (await there.say("papers subscribe", query="video")).text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("VIEW_CHANNEL", "View Channel"),
        ("SEND_MESSAGES", "Send Messages"),
        ("EMBED_LINKS", "Embed Links"),
    ],
)
async def test_a_right_that_is_lost_pauses_without_a_call_and_one_that_is_regained_resumes(
    name: str, shown: str, ada: Person, guest: Guest, emulator: Emulator
) -> None:
    await guest.planner.tick(guest.time.now())
    await denied(guest, ada, name)
    before, told = len(await emulator.log()), len(await emulator.told(ada.id))
    await guest.post()
    paused = await one(guest, ada)
    assert (paused.standing, paused.pause) == (Standing.PAUSED, Pause.PERMISSION)
    assert await emulator.calls("POST", f"{ada.channel}/messages", before) == []
    news = (await emulator.told(ada.id))[told:] if told else await emulator.told(ada.id)
    where = f"{shown} in \\#papers"  # a private message is read elsewhere, so it says in which channel
    assert len([text for text in await emulator.told(ada.id) if "Digests paused" in text and where in text]) >= 1, news
    await denied(guest, ada)

    async def goes_on() -> bool:
        await guest.planner.resume(guest.time.now())
        return (await one(guest, ada)).standing is Standing.ACTIVE

    await until(goes_on, "the order")


async def test_a_channel_that_cannot_be_looked_back_into_is_told_so_and_can_subscribe(
    ada: Person, guest: Guest
) -> None:
    assert "Read Message History" not in (await ada.say("papers subscribe", query="video")).text
    await denied(guest, ada, "READ_MESSAGE_HISTORY")
    answer = await ada.say("papers subscribe", query="video")
    assert "I lack the permission Read Message History in this channel" in answer.text
    assert "Confirm" in answer.buttons


async def test_what_is_missing_is_said_exactly_when_somebody_subscribes(ada: Person, guest: Guest) -> None:
    await denied(guest, ada, "SEND_MESSAGES")
    answer = await ada.say("papers subscribe", query="video")
    assert "I lack the permission Send Messages in \\#papers." in answer.text
    assert "Confirm" not in answer.buttons


async def test_a_channel_may_be_renamed_and_become_an_announcement_channel(
    ada: Person, guest: Guest, emulator: Emulator
) -> None:
    found = await asyncio.to_thread(emulator.as_the_bot, "GET", f"/channels/{ada.channel}")
    await happens(guest, "channel_update", {**found, "name": "renamed"})
    await happens(guest, "channel_update", {**found, "name": "renamed", "type": NEWS})
    await guest.post()
    assert await guest.ends(ada.place) == [("sent", None)]


async def test_an_announcement_channel_is_posted_to(ada: Person, guest: Guest, emulator: Emulator) -> None:
    there = await another(guest, ada, "news", NEWS)
    await guest.post()
    assert len(await emulator.shown(there.channel)) == 1


async def test_a_forum_is_refused_with_a_sentence(ada: Person, guest: Guest, emulator: Emulator) -> None:
    there = await another(guest, ada, "forum", FORUM)
    answer = await there.say("papers subscribe", query="video", name="films")
    assert "I cannot post in a forum channel yet: subscribe in a text channel or in a thread." in answer.text
    assert "Confirm" not in answer.buttons


async def test_whether_there_is_a_connection_can_be_asked(ada: Person, guest: Guest) -> None:
    assert guest.discord.is_connected()
    await guest.disconnect()
    assert not guest.discord.is_connected()
    await guest.connect()
    assert guest.discord.is_connected()
    await known(guest, ada)
