"""Digests and the gateway of the strict local Discord under faults."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from bot.deliveries import State
from bot.subscriptions import Pause, Standing
from tests import emulator as emulators
from tests.emulator import MISSING, Emulator, complaints, serving
from tests.guests import Guest, Person, another, denied, known, server
from tests.secrets_of_tests import ASKED
from tests.waiting import hurried, until

pytestmark = [pytest.mark.skipif(bool(MISSING), reason=MISSING), pytest.mark.asyncio(loop_scope="module")]
POSTS = r"/channels/\d+/messages$"


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with serving() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def ada(guest: Guest, emulator: Emulator) -> AsyncIterator[Person]:
    """The owner of a server, who has ordered a digest in a new channel of it."""
    before = len(await emulator.log())
    guilds = [id_ for id_, one in (await emulator.see("state"))["guilds"].items() if one["present"]]
    if guilds:
        owner = (await emulator.see("info"))["owner_id"]
        person = await another(guest, Person(emulator, owner, "", guilds[0]))
    else:
        person = await server(emulator)
        await guest.ready()
        await guest.order(person.place, person.id, "", query=f"-{ASKED}")
        await known(guest, person)
    yield person
    await emulator.heal()
    await guest.forget()
    assert [one for one in await complaints(emulator, before) if "429" not in one] == []


async def posts(emulator: Emulator, channel: str) -> int:
    return len(await emulator.calls("POST", f"/channels/{channel}/messages"))


async def ends(guest: Guest, person: Person) -> None:
    """The digest is there once, and the ledger knows which message it is."""
    [row] = await guest.rows(person.place)
    [message] = await guest.emulator.shown(person.channel)
    assert (row.state, row.message_id) == (State.SENT, message["id"])


async def test_a_digest_is_posted_once_with_its_key_as_nonce(ada: Person, guest: Guest, emulator: Emulator) -> None:
    await guest.post()
    await guest.again(hours=1)
    await ends(guest, ada)
    [call] = await emulator.calls("POST", f"/channels/{ada.channel}/messages")
    [row] = await guest.rows(ada.place)
    assert (call["body"]["nonce"], call["body"]["enforce_nonce"]) == (row.key, True)
    assert call["body"]["allowed_mentions"] == {"parse": []}
    assert any(id_.startswith(f"dg:{row.key}") for id_ in emulators.custom_ids(call["body"]))


@pytest.mark.parametrize("kind", ["500", "502", "503", "504", "disconnect", "malformed"])
@pytest.mark.parametrize("done", ["done", "not done"])
async def test_a_post_that_fails_is_looked_for_and_repeated_only_when_it_is_not_there(
    kind: str, done: str, ada: Person, guest: Guest, emulator: Emulator
) -> None:
    await emulator.fail(kind, f"{ada.channel}/messages$", method="POST", apply=done == "done")
    await guest.post()
    assert await guest.ends(ada.place) == [("pending", None)]
    await guest.again()
    await guest.again()
    await ends(guest, ada)
    assert await posts(emulator, ada.channel) == (1 if done == "done" else 2)


@pytest.mark.parametrize("kind", ["500", "503", "disconnect", "malformed"])
async def test_a_look_back_that_fails_is_repeated_before_anything_is_posted(
    kind: str, ada: Person, guest: Guest, emulator: Emulator
) -> None:
    await emulator.fail("502", f"{ada.channel}/messages$", method="POST", apply=True)
    await emulator.fail(kind, f"{ada.channel}/messages$", method="GET")
    await guest.post()
    for _ in range(4):
        await guest.again(minutes=2)
    await ends(guest, ada)
    assert await posts(emulator, ada.channel) == 1


async def test_a_process_that_is_killed_in_the_middle_leaves_a_post_that_is_found(
    ada: Person, guest: Guest, emulator: Emulator
) -> None:
    await emulator.fail("timeout", f"{ada.channel}/messages$", method="POST", apply=True)
    sending = asyncio.create_task(guest.post())

    async def is_stored() -> bool:
        return bool(await emulator.shown(ada.channel))

    await until(is_stored, "the post")
    sending.cancel()  # its answer never comes
    await asyncio.gather(sending, return_exceptions=True)
    guest.renew()
    await guest.outbox.take_over()
    await guest.again()
    await ends(guest, ada)
    assert await posts(emulator, ada.channel) == 1


async def test_an_answer_that_is_late_counts_as_none(ada: Person, guest: Guest, emulator: Emulator) -> None:
    await emulator.fail("timeout", f"{ada.channel}/messages$", method="POST", apply=True, seconds=1.5)
    with hurried(guest.rest):
        await guest.post()
    await guest.again()
    await ends(guest, ada)
    assert await posts(emulator, ada.channel) == 1


async def test_a_history_that_may_not_be_read_is_not_believed_and_the_nonce_is_relied_on(
    ada: Person, guest: Guest, emulator: Emulator
) -> None:
    await denied(guest, ada, "READ_MESSAGE_HISTORY")
    await emulator.fail("disconnect", f"{ada.channel}/messages$", method="POST", apply=True)
    await guest.post()
    await guest.again()
    await ends(guest, ada)
    assert await posts(emulator, ada.channel) == 2
    assert await emulator.calls("GET", f"{ada.channel}/messages") == []


async def test_when_the_nonce_is_too_old_it_is_uncertain_and_a_button_posts_it_from_the_direct_message(
    ada: Person, guest: Guest, emulator: Emulator
) -> None:
    await denied(guest, ada, "READ_MESSAGE_HISTORY")
    await emulator.fail("disconnect", f"{ada.channel}/messages$", method="POST")
    await guest.post()
    before = len(await emulator.log())
    await guest.again(minutes=4)
    assert await guest.ends(ada.place) == [("uncertain", "blind")]
    assert await posts(emulator, ada.channel) == 1
    [told] = await emulator.calls("POST", "/messages", before)
    dm = Person(emulator, ada.id, told["response"]["channel_id"])
    answer = await dm.press(told["response"], "Post today's digest")
    assert answer.text.strip()
    await guest.again()
    await ends(guest, ada)


async def test_a_post_that_was_deleted_before_it_was_known_counts_as_delivered(
    ada: Person, guest: Guest, emulator: Emulator
) -> None:
    await emulator.fail("disconnect", f"{ada.channel}/messages$", method="POST", apply=True)
    await guest.post()
    [message] = await emulator.shown(ada.channel)
    await emulator.control("message_delete", channel_id=ada.channel, message_id=message["id"])
    await guest.again()
    await guest.again(hours=1)
    assert await guest.ends(ada.place) == [("sent", None)]
    assert await emulator.shown(ada.channel) == []
    assert [one["status"] for one in await emulator.calls("POST", f"{ada.channel}/messages")] == ["disconnect", 404]
    guest.time.advance(hours=6)
    await guest.outbox.settle()


@pytest.mark.parametrize("is_deleted", [False, True], ids=["there", "deleted"])
async def test_hours_later_its_numbers_are_edited_in_silence_where_it_still_is(
    *, is_deleted: bool, ada: Person, guest: Guest, emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    await guest.post()
    [message] = await emulator.shown(ada.channel)
    if is_deleted:
        await emulator.control("message_delete", channel_id=ada.channel, message_id=message["id"])
    guest.time.advance(hours=6, minutes=1)
    await guest.outbox.settle()
    [call] = await emulator.calls("PATCH", f"{ada.channel}/messages/{message['id']}")
    assert call["status"] == (404 if is_deleted else 200)
    assert any(id_.startswith("dg:") for id_ in emulators.custom_ids(call["body"]))
    assert [one for one in caplog.records if one.levelname in ("WARNING", "ERROR")] == []


@pytest.mark.parametrize("kind", ["500", "503", "disconnect", "malformed"])
async def test_an_edit_that_fails_is_repeated(kind: str, ada: Person, guest: Guest, emulator: Emulator) -> None:
    await guest.post()
    await emulator.fail(kind, f"{ada.channel}/messages/", method="PATCH", apply=True)
    guest.time.advance(hours=6, minutes=1)
    await guest.outbox.settle()
    assert len(await emulator.calls("PATCH", ada.channel)) == 2


@pytest.mark.parametrize("limit", [{}, {"global": True}, {"scope": "shared"}], ids=["route", "global", "shared"])
async def test_a_limit_is_waited_for_and_the_digest_comes_once(
    limit: dict[str, Any], ada: Person, guest: Guest, emulator: Emulator
) -> None:
    await emulator.fail("429", f"{ada.channel}/messages$", method="POST", retry_after=0.4, **limit)
    began = asyncio.get_running_loop().time()
    await guest.post()
    await guest.again(minutes=5)
    assert await posts(emulator, ada.channel) == 1  # nothing is asked before

    async def is_sent() -> bool:
        await guest.again(minutes=5)
        return await guest.ends(ada.place) == [("sent", None)]

    await until(is_sent, "the digest")
    assert asyncio.get_running_loop().time() - began >= 0.4
    assert await posts(emulator, ada.channel) == 2
    await ends(guest, ada)


async def test_of_many_forbidden_channels_each_costs_one_call_and_its_owner_is_told_once(
    ada: Person, guest: Guest, emulator: Emulator
) -> None:
    channels = [ada, *[await another(guest, ada) for _ in range(9)]]
    owners = [(await emulator.control("user", name=f"owner{n}", guild_id=ada.guild))["id"] for n in range(3)]
    forbidden = channels[:3]
    for place, owner in zip(forbidden, owners, strict=True):
        [order] = await guest.orders(place.place)
        assert await guest.records.subscriptions.change(replace(order, created_by=owner), replan=False)
        await emulator.fail("error", f"{place.channel}/messages", times=99, status=403, code=50013, message="No")
    before = len(await emulator.log())
    await guest.post()
    for _ in range(3):
        await guest.again(hours=1)
    refused = [one["path"] for one in await emulator.log(before) if one["status"] in (401, 403, 429)]
    assert len(refused) == len(set(refused)) == 3
    for place in forbidden:
        [order] = await guest.orders(place.place)
        assert (order.standing, order.pause) == (Standing.PAUSED, Pause.PERMISSION)
    for place in channels[3:]:
        await ends(guest, place)
    assert [len(await emulator.told(owner)) for owner in owners] == [1, 1, 1]


async def test_an_address_that_cloudflare_has_banned_asks_nothing_more(
    ada: Person, guest: Guest, emulator: Emulator
) -> None:
    other = await another(guest, ada)
    await emulator.fail("cloudflare_429", POSTS, method="POST", times=9)
    before = len(await emulator.log())
    try:
        await guest.post()
        await guest.again(minutes=20)
    finally:
        await emulator.heal()
        await guest.restart()
    assert len(await emulator.calls("POST", "/messages", before)) <= 2  # both began at once
    await guest.again(minutes=20)
    for place in (ada, other):
        await ends(guest, place)
