"""Buttons that are about a channel are for those who are in it now."""

import pytest

from bot.cards import Button, Card
from tests.slack_emulator import MISSING, Emulator
from tests.slack_guests import Guest
from tests.slack_people import Person, somebody

pytestmark = [pytest.mark.skipif(bool(MISSING), reason=MISSING), pytest.mark.asyncio(loop_scope="module")]


@pytest.mark.parametrize("private", [True, False])
async def test_a_button_about_a_channel_is_for_its_members(
    colleague: Guest, workspace: Emulator, *, private: bool
) -> None:
    """In a direct message it stays when somebody has left the channel."""
    ada, grace = await somebody(workspace, private=private), await somebody(workspace)
    await colleague.order(ada, "papers")
    for person in (grace, ada):
        card = Card("Doubt", buttons=(Button("End", "unsubscribe papers"), Button("What comes", "subscriptions")))
        await colleague.slack.posts.tell(person.id, ada.place, card)
        told = (await workspace.calls("chat.postMessage"))[-1]["response"]
        there = Person(workspace, person.id, told["channel"])
        [message] = await there.answers()
        for label in ("What comes", "End"):
            answer = await there.press(message, label)
            assert ("Only members of that channel" in answer.text) == (person is grace)
        assert len(await colleague.orders(ada.place)) == (person is grace)


async def test_where_members_cannot_be_seen_a_button_about_a_channel_does_nothing(
    colleague: Guest, workspace: Emulator
) -> None:
    ada = await somebody(workspace)
    await workspace.fail("error", "conversations.members", error="not_in_channel")
    assert not await colleague.slack.posts.has_member(ada.place, ada.id)
    assert await colleague.slack.posts.has_member(ada.place, ada.id)
