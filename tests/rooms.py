"""A channel of its own for each test, on a core that they share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

from bot import dispatch
from bot.cards import Card
from bot.core import Core
from bot.grammar import Value
from bot.subscriptions import Asker, Channel, Subscription
from tests.papers import NOON

_channels = count()


@dataclass(frozen=True, slots=True)
class Room:
    """A channel of its own on a core that all tests share, and somebody in it."""

    core: Core
    asker: Asker = field(default_factory=lambda: Asker(Channel("fake", "guild", str(next(_channels))), "ada"))

    async def say(self, text: str, now: datetime = NOON) -> Card:
        return await dispatch.run_text(text, self.core, now, asker=self.asker)

    async def run(self, verb: str, arguments: Mapping[str, Value]) -> Card:
        return await dispatch.run(verb, arguments, self.core, NOON, asker=self.asker)

    async def press(self, card: Card, label: str = "Confirm") -> Card:
        return await self.say(next(button.command for button in card.buttons if button.label == label))

    async def ordered(self) -> "Room":
        """The same, with one subscription, of papers about models."""
        await self.say("subscribe model name:models top:3 at:13:00 min-votes:2 confirm:yes")
        return self

    async def shown(self, now: datetime = NOON) -> str:
        """What is said of its only subscription."""
        [row] = (await self.say("subscriptions", now)).rows
        return row.text

    async def orders(self) -> dict[str, Subscription]:
        return {one.name: one for one in await self.core.subscribing.of(self.asker.channel)}

    def beside(self, person: str, zone: str = "UTC") -> "Room":
        """The same channel, and somebody else in it."""
        return Room(self.core, Asker(self.asker.channel, person, zone))
