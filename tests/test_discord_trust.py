"""What nobody may do on Discord: by buttons that stayed when the right to what they do went, or in servers without the bot."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.cards import Button, Card
from bot.store import SqlStore, records
from bot.subscriptions import Standing
from tests.discord_state import Fault, Interaction
from tests.discord_values import ADA, CHANNEL, EPHEMERAL, EVERYTHING, GUILD, MANAGE_CHANNELS, MEMBER, OWNER, guild, user
from tests.discord_world import HERE, World, connected, shown
from tests.library import HYBRID
from tests.waiting import until

WEAK = EVERYTHING & ~MANAGE_CHANNELS
ELSEWHERE = "999"  # a server without the bot
ON_HER_OWN = {"authorizing_integration_owners": {"1": ADA}}  # Ada has added the bot to her account
MINUTES = 60 * 1_000 << 22  # in ids, which begin with the time in milliseconds


@pytest.fixture
async def world(store: SqlStore, tmp_path: Path) -> AsyncIterator[World]:
    async with connected(store, tmp_path) as world:
        yield world


async def told(world: World) -> dict[str, Any]:
    """The direct message to Ada whose button ends what her channel has ordered."""
    [order] = await records(world.store).subscriptions.of(HERE)
    await world.bot.posts.tell(ADA, HERE, Card("Doubt", buttons=(Button("End", f"unsubscribe {order.name}"),)))
    return world.server.messages[f"9{ADA}"][-1]


async def test_a_button_in_a_direct_message_ends_what_its_presser_may_manage(world: World) -> None:
    await world.subscribe()
    answer = await world.server.press(await told(world), "End", in_guild=False)
    assert "Ended" in shown(answer.message)
    assert await world.standing() is None


async def test_it_does_nothing_for_somebody_who_has_left_the_server_since(world: World) -> None:
    await world.subscribe()
    message = await told(world)
    world.server.members.remove(ADA)
    answer = await world.server.press(message, "End", in_guild=False)
    assert "Only those who may manage this channel" in shown(answer.message)
    assert await world.standing() is Standing.ACTIVE


async def test_it_does_nothing_for_somebody_who_may_not_manage_the_channel_any_more(world: World) -> None:
    await world.subscribe()
    message, [channel] = await told(world), guild()["channels"]
    denied = {"id": GUILD, "type": 0, "allow": "0", "deny": str(MANAGE_CHANNELS)}
    await world.server.dispatch("CHANNEL_UPDATE", {**channel, "permission_overwrites": [denied]})

    async def is_known() -> bool:
        client = world.bot._client
        found: Any = client.get_channel(int(CHANNEL)) if client else None
        return bool(found and found.overwrites)

    await until(is_known, "the change")
    for _ in range(2):
        answer = await world.server.press(message, "End", in_guild=False)
        assert "Only those who may manage this channel" in shown(answer.message)
    assert await world.standing() is Standing.ACTIVE
    owner = await world.server.press(message, "End", in_guild=False, user=OWNER)
    assert "Ended" in shown(owner.message)


@pytest.mark.parametrize("status", [403, 500])
async def test_it_does_nothing_while_discord_does_not_say_what_somebody_may_do(
    world: World, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.subscribe()
    message = await told(world)
    world.server.faults += [Fault("GET", "/members/", status, {"message": "no", "code": 0}) for _ in range(5)]
    monkeypatch.setattr("discord.http.asyncio.sleep", _at_once)
    answer = await world.server.press(message, "End", in_guild=False)
    assert "Only those who may manage this channel" in shown(answer.message)
    assert await world.standing() is Standing.ACTIVE


async def _at_once(_: float) -> None:
    """The library waits for a second and more between its tries."""


async def preview_of_the_group(world: World) -> dict[str, Any]:
    """What somebody sees who may not manage the channel, and whom the admins let use the managing group."""
    allowed = await world.server.slash("subscribe", "papers-manage", query="world models", permissions=WEAK)
    assert allowed.message
    return allowed.message


async def test_whom_the_admins_let_use_the_group_can_press_what_it_answers(world: World) -> None:
    await world.server.press(await preview_of_the_group(world), "Confirm", permissions=WEAK)
    assert await world.standing() is Standing.ACTIVE


async def test_they_cannot_for_longer_than_some_minutes_nor_where_others_see_it_nor_elsewhere(world: World) -> None:
    message = await preview_of_the_group(world)
    denied = {"id": GUILD, "type": 0, "allow": "0", "deny": str(MANAGE_CHANNELS)}
    [channel] = guild()["channels"]
    await world.server.dispatch("CHANNEL_UPDATE", {**channel, "permission_overwrites": [denied]})
    old = {**message, "id": str(int(message["id"]) - 16 * MINUTES)}
    public = {**message, "flags": message["flags"] & ~EPHEMERAL}
    answers = [await world.server.press(one, "Confirm", permissions=WEAK) for one in (old, public)]
    answers.append(await world.server.press(message, "Confirm", permissions=WEAK, channel={**channel, "id": "401"}))
    for answer in answers:
        assert "Only those who may manage this channel" in shown(answer.message)
    assert await world.standing() is None


def elsewhere(context: int) -> dict[str, Any]:
    """Where Ada talks to the bot of her account: in a server without it, in its direct messages, or among friends."""
    if context:
        return {"in_guild": False, "context": context, **ON_HER_OWN}
    member = {"user": user(ADA), "permissions": str(EVERYTHING), **MEMBER}
    return {"guild_id": ELSEWHERE, "member": member, "channel_id": "888", "context": context, **ON_HER_OWN}


async def says(world: World, context: int, verb: str, /, **options: str) -> Interaction:
    given = [{"name": name, "type": 3, "value": value} for name, value in options.items()]
    data = {"id": "1", "type": 1, "name": "papers", "options": [{"type": 1, "name": verb, "options": given}]}
    return await world.server.interact(2, data, **elsewhere(context))


@pytest.mark.parametrize("context", [0, 1, 2], ids=["a server", "its own messages", "among friends"])
async def test_the_bot_of_an_account_answers_wherever_its_person_is(world: World, context: int) -> None:
    asked = await says(world, context, "show", paper=HYBRID.id)
    assert asked.is_private
    assert asked.message
    abstract = await world.server.press(asked.message, "Abstract", **elsewhere(context))
    option = {"name": "paper", "type": 3, "value": "out of", "focused": True}
    data = {"id": "1", "type": 1, "name": "papers", "options": [{"type": 1, "name": "show", "options": [option]}]}
    typed = await world.server.interact(4, data, **elsewhere(context))

    assert HYBRID.title in shown(asked.message)
    assert "A hybrid memory keeps them." in shown(abstract.message)
    assert typed.callback
    assert [one["value"] for one in typed.callback["data"]["choices"]] == [HYBRID.id]


@pytest.mark.parametrize("context", [0, 1, 2], ids=["a server", "its own messages", "among friends"])
@pytest.mark.parametrize("verb", ["subscribe", "edit", "pause", "resume", "unsubscribe"])
async def test_the_bot_of_an_account_orders_nothing_and_changes_nothing(
    world: World, verb: str, context: int, caplog: pytest.LogCaptureFixture
) -> None:
    await world.subscribe()
    answer = await says(world, context, verb)
    pressed = {"component_type": 2, "custom_id": f"s:{verb} world-models"}
    again = await world.server.interact(3, pressed, message=answer.message, **elsewhere(context))
    for said in (answer, again):
        assert "in channels of servers that I was added to" in shown(said.message)
    assert await world.standing() is Standing.ACTIVE
    assert [one for one in caplog.records if one.levelname in ("WARNING", "ERROR")] == []
