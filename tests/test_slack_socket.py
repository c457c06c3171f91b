"""The socket to the strict local Slack moves and breaks, and nothing is lost that Slack repeats."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.slack_emulator import MISSING, Emulator, complaints, mark
from tests.slack_guests import Guest
from tests.slack_people import Person, somebody
from tests.waiting import until

pytestmark = [pytest.mark.skipif(bool(MISSING), reason=MISSING), pytest.mark.asyncio(loop_scope="module")]
FORGIVEN = ("events_api", "no socket connection", "answers to")  # what had to be said again while there was none


@pytest_asyncio.fixture(loop_scope="module")
async def ada(colleague: Guest, workspace: Emulator) -> AsyncIterator[Person]:
    """Somebody in a new channel."""
    await until(workspace.is_connected, "the connection")
    before = await mark(workspace)
    yield await somebody(workspace)
    await workspace.heal()
    found = await complaints(workspace, before)
    assert [one for one in found if not any(word in one for word in FORGIVEN)] == []


@pytest.mark.parametrize("reason", ["refresh_requested", "warning"])
async def test_when_slack_asks_for_a_new_socket_nothing_is_lost(
    reason: str, ada: Person, colleague: Guest, workspace: Emulator
) -> None:
    await workspace.control("socket", action="disconnect", reason=reason, after=0.1)
    await ada.mention("packforcing", retries=[0.3, 0.6, 1.5])
    await until(workspace.is_connected, "the new socket")
    assert (await ada.say("packforcing")).is_private
    assert len(await workspace.shown(ada.channel)) == 1


async def test_a_socket_that_breaks_is_made_again_and_what_slack_repeats_is_answered(
    ada: Person, colleague: Guest, workspace: Emulator
) -> None:
    await workspace.control("socket", action="abort")
    await ada.mention("packforcing", retries=[0.5, 1.5, 1.5])
    assert (await ada.say("packforcing")).is_private
    assert len(await workspace.shown(ada.channel)) == 1


@pytest.mark.parametrize(
    "move", [{"action": "disconnect", "reason": "refresh_requested", "after": 0.1}, {"action": "abort"}]
)
async def test_a_command_in_the_moment_in_which_the_socket_moves_is_refused_by_slack_and_answered_when_it_is_repeated(
    move: dict[str, Any], ada: Person, colleague: Guest, workspace: Emulator
) -> None:
    """Slack repeats no command: it tells the person that the app did not answer."""
    before = len(await workspace.see("deliveries"))
    await workspace.control("socket", **move)

    async def is_acknowledged() -> bool:
        return bool((await workspace.control("slash", **ada.slash("packforcing"), settle=0))["acked"])

    await until(is_acknowledged, "the connection")
    await until(ada.answers, "the answer")
    *refused, heard = [
        one for one in await workspace.see("deliveries", since=before) if one["kind"] == "slash_commands"
    ]
    assert {one["error"] for one in refused} <= {"no socket connection"}
    assert heard["acked"]
    assert len(await ada.answers()) == 1


async def test_an_address_of_a_socket_that_is_used_up_is_left_for_a_new_one(
    ada: Person, colleague: Guest, workspace: Emulator
) -> None:
    """The library alone would try that address for ever."""
    stale = {"ok": True, "url": workspace.address.replace("http", "ws") + "/link/?ticket=used"}
    await workspace.fail("error", "apps.connections.open", error="", extra=stale)
    await workspace.control("socket", action="disconnect", reason="refresh_requested", after=0.1)
    await until(workspace.is_connected, "the new socket")
    assert (await ada.say("packforcing")).is_private


async def test_a_token_that_is_revoked_later_ends_nothing_and_the_bot_comes_back(
    ada: Person, colleague: Guest, workspace: Emulator
) -> None:
    """Other platforms are served meanwhile."""
    before = len(await workspace.see("log"))
    await workspace.control("token", revoked=True)
    await workspace.control("socket", action="abort")
    await until(lambda: workspace.calls("auth.test", before), "another try")
    assert colleague.running is not None
    assert not colleague.running.done()
    await workspace.heal()
    await until(workspace.is_connected, "the new socket")
    assert (await ada.say("packforcing")).is_private


async def test_whether_there_is_a_connection_can_be_asked(ada: Person, colleague: Guest) -> None:
    async def is_connected() -> bool:
        return colleague.slack.is_connected()

    await until(is_connected, "the connection")
    await colleague.disconnect()
    assert not colleague.slack.is_connected()
    await colleague.connect()
    await until(is_connected, "the connection")
