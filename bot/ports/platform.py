"""A chat platform, as the outbox sees it."""

from datetime import datetime
from typing import Protocol

from bot.cards import Card
from bot.subscriptions import Channel


class Platform(Protocol):
    """A chat platform, as the outbox sees it. Every failure is a DeliveryError; nothing is retried inside."""

    @property
    def name(self) -> str:
        """What its channels say that they belong to."""

    @property
    def remembers(self) -> float:
        """The seconds for which a second post under the same key is surely dropped; 0 where keys mean nothing to it."""

    @property
    def per_second(self) -> int:
        """How many messages it takes, over all channels."""

    async def post(self, channel: Channel, card: Card, *, key: str) -> str:
        """Post the card and return the id of the message."""

    async def find(self, channel: Channel, *, key: str, since: datetime) -> str | None:
        """The id of the message that was posted under the key, if its channel has one since then.

        Raises DeliveryError with Outcome.BLIND when the history cannot be read.
        """

    async def edit(self, channel: Channel, message_id: str, card: Card, *, key: str) -> None:
        """Replace the card of a message, silently; nothing happens when the message is gone."""

    async def check(self, channel: Channel) -> None:
        """Raises DeliveryError when a post there could not succeed, as far as can be seen without posting."""

    async def tell(self, person: str, channel: Channel, card: Card) -> None:
        """Tell the person something about the channel, privately where that is possible."""

    async def ahead(self) -> float | None:
        """By how many seconds the clock of this machine is ahead of the platform's; None when it has none."""
