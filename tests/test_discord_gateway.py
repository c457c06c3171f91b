"""The gateway of the strict local Discord under faults, and what every answer of its REST API means."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import discord
import httpx
import pytest
import pytest_asyncio

from adapters.discord.rest import Rest
from bot.errors import ConfigError, DeliveryError, Outcome
from bot.feed_days import newest_batch_day
from bot.store import FileLock, SqliteDatabase, SqlStore, records
from bot.subscriptions import Order, Schedule, Subscription
from tests import emulator as emulators
from tests.emulator import MISSING, TOKEN, Emulator, complaints, serving
from tests.guests import Guest, Person, known, server
from tests.library import HYBRID, SHOTSTREAM
from tests.papers import batch
from tests.programs import Program
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    if MISSING:
        pytest.skip(MISSING)
    with serving() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def ada(guest: Guest, emulator: Emulator) -> AsyncIterator[Person]:
    """The owner of a new server."""
    before = len(await emulator.log())
    person = await server(emulator)
    await known(guest, person)
    yield person
    assert [one for one in await complaints(emulator, before) if "429" not in one] == []


def answered(status: int, body: Any = None, **headers: str) -> Rest:
    """A client of a Discord that always answers so."""
    content = {"json": body} if body is not None else {"text": "<html></html>"}
    transport = httpx.MockTransport(lambda _: httpx.Response(status, headers=headers, **content))
    return Rest(httpx.AsyncClient(transport=transport), "http://127.0.0.1:9/api/v10", "token")


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (404, {"code": 10003}, Outcome.GONE),
        (404, {"code": 10004}, Outcome.TENANT_LOST),
        (403, {"code": 50001}, Outcome.FORBIDDEN),
        (403, {"code": 50013}, Outcome.FORBIDDEN),
        (403, {"code": 160005}, Outcome.FORBIDDEN),
        (400, {"code": 50083}, Outcome.FORBIDDEN),
        (400, {"code": 50035}, Outcome.REFUSED),
        (413, {"code": 40005}, Outcome.REFUSED),
        (400, {"code": 20028}, Outcome.NOT_SENT),
        (429, {"code": 20016, "retry_after": 1}, Outcome.NOT_SENT),
        (403, {"code": 40333}, Outcome.NOT_SENT),
        (401, {"code": 0}, Outcome.NOT_SENT),
        (401, {"code": 50027}, Outcome.REFUSED),
        (503, {"code": 130000}, Outcome.AMBIGUOUS),
        (502, None, Outcome.AMBIGUOUS),
        (200, None, Outcome.AMBIGUOUS),
        (302, None, Outcome.AMBIGUOUS),
        (403, None, Outcome.NOT_SENT),  # by Cloudflare or a proxy: nothing is known of the channel
        (404, None, Outcome.NOT_SENT),
        (404, {"code": 0, "message": "404: Not Found"}, Outcome.NOT_SENT),
    ],
)
async def test_every_answer_means_something_for_the_message(status: int, body: Any, outcome: Outcome) -> None:
    with pytest.raises(DeliveryError) as caught:
        await answered(status, body).call("POST", "/channels/1/messages", {})
    assert caught.value.outcome is outcome


@pytest.mark.parametrize(
    ("body", "header", "seconds"),
    [
        ({"retry_after": 3.5}, "9", 3.5),
        ({"message": "slow"}, "9", 9),
        ({"message": "slow"}, None, 5),
        ({"retry_after": -1}, None, 0),
        ({"retry_after": "nan"}, None, 5),
        ({"retry_after": 99_999}, None, 3_600),
        ({"message": "slow"}, "Wed, 21 Oct 2026 07:28:00 GMT", 5),
        (None, "600", 600),
        (None, None, 5),
    ],
)
async def test_a_limit_says_how_long_to_wait_in_one_way_or_another(
    body: Any, header: str | None, seconds: float
) -> None:
    rest = answered(429, body, **({"Retry-After": header} if header else {}))
    with pytest.raises(DeliveryError) as caught:
        await rest.call("POST", "/channels/1/messages", {})
    assert (caught.value.outcome, caught.value.retry_after) == (Outcome.NOT_SENT, seconds)


@pytest.mark.parametrize(
    ("body", "headers", "others", "interactions"),
    [
        ({"retry_after": 9}, {}, False, False),
        ({"retry_after": 9}, {"X-RateLimit-Scope": "shared"}, False, False),
        ({"retry_after": 9, "global": True}, {}, True, False),
        ({"retry_after": 9}, {"X-RateLimit-Scope": "global"}, True, False),
        (None, {"Retry-After": "9"}, True, True),
    ],
)
async def test_a_limit_holds_up_what_it_concerns(
    *, body: Any, headers: dict[str, str], others: bool, interactions: bool
) -> None:
    rest = answered(429, body, **headers)
    paths = ("/channels/1/messages", "/channels/1/messages", "/channels/2/messages", "/interactions/1/t/callback")
    waited = []
    for path in paths:
        with pytest.raises(DeliveryError) as caught:
            await rest.call("POST", path, {})
        waited.append("asked us to wait" in str(caught.value))
    assert waited[:2] == [False, True]
    assert waited[2:] == [others, interactions]


async def test_after_five_thousand_refusals_nothing_more_is_sent() -> None:
    rest = answered(403, {"code": 50013})
    for _ in range(4_999):
        rest._invalid.count()
    for expected in (Outcome.FORBIDDEN, Outcome.NOT_SENT):
        with pytest.raises(DeliveryError) as caught:
            await rest.call("POST", "/channels/1/messages", {})
        assert caught.value.outcome is expected
    assert caught.value.retry_after > 500


async def test_a_token_that_is_refused_is_not_tried_again_for_each_channel() -> None:
    rest = answered(401, {"message": "401: Unauthorized", "code": 0})
    said = []
    for channel in (1, 2):
        with pytest.raises(DeliveryError) as caught:
            await rest.call("POST", f"/channels/{channel}/messages", {})
        said.append(str(caught.value))
    assert said == ["401: Unauthorized (401)", "Discord asked us to wait"]


async def _at_once(*_: object, initial: bool) -> None:
    """The library waits five seconds before it identifies itself anew."""


@pytest.mark.parametrize("action", ["close", "abort", "reconnect", "invalid_session"])
async def test_the_gateway_comes_back_by_itself(
    action: str, ada: Person, guest: Guest, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discord.Client, "before_identify_hook", _at_once)
    await emulator.control("gateway", action=action)

    async def is_back() -> bool:
        return any(one["connected"] for one in (await emulator.see("state"))["sessions"])

    await asyncio.sleep(0.1)
    await until(is_back, "the connection")
    assert "Out of Sight" in (await ada.say("papers show", paper=HYBRID.id)).text


async def test_a_gateway_that_acknowledges_nothing_is_left(ada: Person, guest: Guest, emulator: Emulator) -> None:
    await guest.disconnect()
    await emulator.control("gateway", action="heartbeat", ms=300)
    await guest.connect(patience=1.0)
    before = len(await emulator.see("gateway_log"))
    await emulator.control("gateway", action="zombie", on=True)

    async def is_left() -> bool:
        return any(one["event"] == "CONNECT" for one in (await emulator.see("gateway_log"))[before:] if "event" in one)

    try:
        await until(is_left, "another connection")
    finally:
        await emulator.control("gateway", action="zombie", on=False)
        await emulator.control("gateway", action="heartbeat", ms=41_250)
        await guest.restart()
    assert "Out of Sight" in (await ada.say("papers show", paper=HYBRID.id)).text


async def test_a_gateway_that_refuses_at_the_start_is_tried_again(
    ada: Person, guest: Guest, emulator: Emulator
) -> None:
    await guest.disconnect()
    await emulator.control("gateway", action="refuse", seconds=0.5)
    await guest.connect()
    assert "Out of Sight" in (await ada.say("papers show", paper=HYBRID.id)).text


@pytest.mark.parametrize("code", [4004, 4011, 4014])
async def test_a_fatal_close_ends_with_a_sentence(code: int, ada: Person, guest: Guest, emulator: Emulator) -> None:
    before = (await emulator.see("state"))["identifies"]
    await emulator.control("gateway", action="close", code=code)
    assert guest.running
    with pytest.raises(ConfigError, match=rf"DISCORD_TOKEN: Discord refuses .*\({code}\)"):
        await asyncio.wait_for(asyncio.shield(guest.running), 10)
    assert (await emulator.see("state"))["identifies"] == before
    await guest.restart()


async def test_a_token_that_is_not_valid_ends_with_a_sentence(guest: Guest, emulator: Emulator) -> None:
    await guest.disconnect()
    await emulator.control("config", token_valid=False)
    try:
        with pytest.raises(ConfigError, match="the token is not valid"):
            await asyncio.wait_for(guest.discord.run(emulator.api_url), 10)
    finally:
        await emulator.control("config", token_valid=True)
        await guest.restart()


async def test_the_program_itself_posts_what_is_due_and_answers(
    guest: Guest, emulator: Emulator, tmp_path: Path
) -> None:
    """It was due two minutes ago, when the program did not run."""
    await guest.disconnect()
    there, program, now = await server(emulator), Program(tmp_path), datetime.now(UTC)
    program.data.mkdir()
    path = program.data / "paper-round.db"
    store = SqlStore(await SqliteDatabase.open(path, lock=FileLock.take(path)))
    await store.save_batch(batch(newest_batch_day(now), HYBRID, SHOTSTREAM), now)
    due = Schedule((now - timedelta(minutes=2)).time().replace(second=0, microsecond=0))
    order = Subscription("one", there.place, Order("papers", schedule=due), since=now - timedelta(minutes=9))
    assert await records(store).subscriptions.add(order)
    await store.close()
    before = len(await emulator.log())
    settings = {"DISCORD_TOKEN": TOKEN, "DISCORD_API_URL": emulator.api_url}
    with program.start("run", **settings) as process:
        try:

            async def is_connected() -> bool:
                sessions = (await emulator.see("state"))["sessions"]
                return len([one for one in sessions if one["connected"]]) == 1

            await until(is_connected, "the connection")
            assert "ShotStream" in (await there.say("papers show", paper=SHOTSTREAM.id)).text

            async def is_posted() -> bool:
                return bool(await emulator.shown(there.channel))

            await until(is_posted, "the digest", seconds=30)
        finally:
            process.terminate()
            process.communicate(timeout=20)
            await guest.restart()
    [message] = await emulator.shown(there.channel)
    assert "Out of Sight" in emulators.text(message)
    assert await complaints(emulator, before) == []
