"""Interactions of the strict local Discord in bad moments: too late, twice, a locked store, answers that are lost."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio

from adapters.discord import platform
from adapters.discord.posts import NAME
from bot.cards import Card
from bot.subscriptions import Channel
from tests import emulator as emulators
from tests.emulator import MISSING, Emulator, complaints
from tests.guests import Guest, Person, joined
from tests.library import ATTENTION, HYBRID
from tests.waiting import hurried, until

pytestmark = [pytest.mark.skipif(bool(MISSING), reason=MISSING), pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(loop_scope="module")
async def ada(guest: Guest, emulator: Emulator) -> AsyncIterator[Person]:
    """The owner of a new server; Discord has nothing to complain of afterwards."""
    before = len(await emulator.log())
    person = await joined(guest)
    yield person
    assert await complaints(emulator, before) == []
    assert max(person.acknowledged, default=0.0) < 500


@pytest.fixture(autouse=True)
def _hurried(guest: Guest) -> Iterator[None]:
    with hurried(guest.rest):
        yield


async def test_an_interaction_that_comes_to_two_processes_is_answered_once(
    ada: Person, guest: Guest, emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    """Or one that the gateway repeats when it resumes."""
    answer = await ada.say("papers status")
    [acknowledged] = await emulator.calls("POST", f"/interactions/{answer.id}/")
    before = len(await emulator.log())
    client = guest.discord._client
    assert client is not None
    _, _, id_, token, _ = acknowledged["path"].split("/")
    user = {"id": ada.id, "username": "ada", "discriminator": "0", "avatar": None, "global_name": None}
    data = {"id": "1", "name": "papers", "type": 1, "options": [{"name": "status", "type": 1}]}
    repeated: Any = {
        **{"id": id_, "token": token, "application_id": str(client.application_id), "type": 2, "version": 1},
        **{"data": data, "user": user, "channel_id": ada.channel, "entitlements": [], "locale": "en-US"},
        **{"authorizing_integration_owners": {"0": "0"}, "context": 1, "attachment_size_limit": 1},
    }
    client._connection.parse_interaction_create(repeated)

    async def came() -> bool:
        return any(one.get("status") for one in await emulator.calls("POST", f"/interactions/{id_}/", before))

    await until(came, "the second acknowledgement")
    assert [one["status"] for one in await emulator.log(before)] == [400]
    await ada.say("papers status")  # by when whatever there was to say of the other has been said
    assert [one for one in caplog.records if one.levelname in ("WARNING", "ERROR")] == []


async def test_an_interaction_that_has_expired_is_swallowed_without_noise(
    ada: Person, emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    before = len(await emulator.log())

    async def came() -> bool:
        return any(one.get("status") for one in await emulator.calls("POST", "/callback", before))

    await emulator.control("config", interaction_deadline=0)
    try:
        found = await emulator.control(
            "slash", name="papers status", options={}, user_id=ada.id, channel_id=ada.channel
        )
        await until(came, "the late acknowledgement")
    finally:
        await emulator.control("config", interaction_deadline=3)
    assert not found["acked"]
    answers = [one["response"] for one in await emulator.calls("POST", "/callback", before)]
    assert [one["code"] for one in answers] == [10062]
    assert [one for one in caplog.records if one.levelname in ("WARNING", "ERROR")] == []


async def test_while_the_store_is_locked_for_a_second_interactions_are_acknowledged_at_once(
    ada: Person, guest: Guest
) -> None:
    shown = await ada.say("papers show", paper=ATTENTION.id)
    held = asyncio.Event()

    async def hold() -> None:
        async with guest.store.database.transaction():
            held.set()
            await asyncio.sleep(1)

    locking = asyncio.create_task(hold())
    await held.wait()
    answers = await asyncio.gather(
        ada.say("papers subscribe", query="video", name="films"),
        ada.press(shown, "Abstract"),
        ada.complete("papers search", "query", query="out of"),
    )
    await locking
    assert max(ada.acknowledged) < 500
    assert "without recurrence" in answers[1].text


@pytest.mark.parametrize("kind", ["500", "502", "503", "504", "disconnect", "malformed", "timeout"])
@pytest.mark.parametrize("done", ["done", "not done"])
@pytest.mark.parametrize("path", ["/callback$", "/webhooks/.*@original"])
async def test_an_answer_survives_one_failure_of_discord(
    path: str,
    done: str,
    kind: str,
    ada: Person,
    emulator: Emulator,
) -> None:
    await emulator.fail(kind, path, apply=done == "done", seconds=1.2)
    answer = await ada.say("papers show", paper=HYBRID.id)
    assert "Out of Sight" in emulators.text(answer.message)
    ada.acknowledged.clear()  # it took a second try


LIMITS: dict[str, dict[str, Any]] = {"route": {}, "global": {"global": True}, "shared": {"scope": "shared"}}
FAULTS: list[tuple[str, dict[str, Any]]] = [
    *(("429", {"retry_after": 0.2, **limit}) for limit in LIMITS.values()),
    *((kind, {"apply": done}) for kind in ("500", "502", "503", "504", "disconnect") for done in (True, False)),
    *(("timeout", {"apply": done, "seconds": 1.2}) for done in (True, False)),
]
NAMES = [f"{kind}-{'-'.join(map(str, more.values()))}" for kind, more in FAULTS]


@pytest.mark.parametrize(("kind", "more"), FAULTS, ids=NAMES)
async def test_what_is_typed_is_completed_after_one_failure_of_discord(
    kind: str, more: dict[str, Any], ada: Person, emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    await emulator.fail(kind, "/callback$", **more)
    assert HYBRID.id in await ada.complete("papers show", "paper", paper="out of sight")
    assert [one for one in caplog.records if one.levelname in ("WARNING", "ERROR")] == []
    ada.acknowledged.clear()  # it took a second try


@pytest.mark.parametrize(("kind", "more"), FAULTS, ids=NAMES)
@pytest.mark.parametrize("path", ["/users/@me/channels$", r"/channels/\d+/messages$"], ids=["opened", "written"])
async def test_a_direct_message_is_told_once_after_one_failure_of_discord(
    path: str, kind: str, more: dict[str, Any], guest: Guest, emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    person = await emulator.control("user", name="grace")
    await emulator.fail(kind, path, method="POST", **more)
    await guest.discord.posts.tell(person["id"], Channel(NAME, "1", "2"), Card("Hello"))
    assert len(await emulator.told(person["id"])) == 1
    assert [one for one in caplog.records if one.levelname in ("WARNING", "ERROR")] == []


@pytest.mark.parametrize(("kind", "more"), FAULTS, ids=NAMES)
async def test_the_commands_are_registered_after_one_failure_of_discord(
    kind: str, more: dict[str, Any], guest: Guest, emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    app = int((await emulator.see("info"))["app_id"])
    before = (await emulator.see("state"))["commands"]["global"]
    await guest.records.interactions.remember(f"discord-commands-{app}", "of another version")
    await emulator.fail(kind, "/commands$", method="PUT", **more)
    assert await guest.discord.register(app)
    assert await guest.records.interactions.fact(f"discord-commands-{app}") != "of another version"
    assert [one["name"] for one in (await emulator.see("state"))["commands"]["global"]] == [
        one["name"] for one in before
    ]
    assert [one for one in caplog.records if one.levelname in ("WARNING", "ERROR")] == []


async def test_commands_that_could_not_be_registered_are_again_later(
    guest: Guest, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = int((await emulator.see("info"))["app_id"])
    await guest.records.interactions.remember(f"discord-commands-{app}", "of another version")
    await emulator.fail("500", "/commands$", method="PUT", times=4)
    monkeypatch.setattr(platform, "_REGISTERED_AGAIN_SECONDS", 0.1)
    await guest.restart()

    async def is_registered() -> bool:
        return await guest.records.interactions.fact(f"discord-commands-{app}") != "of another version"

    await until(is_registered, "the registration")
    await emulator.heal()
