"""Digests on Discord: post, look back, edit (the Platform port)."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import uuid4

from adapters.discord import rights
from adapters.discord.render import SILENT, Rendered, render
from adapters.discord.rest import UNKNOWN_MESSAGE, Rest, RestError
from adapters.discord.rights import Place
from bot import buttons, views
from bot.cards import Card
from bot.errors import DeliveryError, Outcome, StoreError
from bot.ports import Interactions
from bot.subscriptions import Channel

NAME = "discord"
REMEMBERS = 120.0  # seconds for which Discord surely knows a nonce: it says "the past few minutes"
PER_SECOND = 40  # of the 50 calls; the rest is for answers
_EPOCH_MS = 1_420_070_400_000  # of its ids
_PAGE, _MOST_PAGES = 100, 10
_UNCONNECTED_SECONDS = 10.0  # until Discord's gateway may have told more


class Known(Protocol):
    """What the gateway knows of channels."""

    def __call__(self, channel: Channel, parent: str = "") -> Place | None:
        """What it knows of one, or of a thread in its `parent`; None when that is nothing.

        Raises DeliveryError where nothing in the whole server can be posted to.
        """


@dataclass(frozen=True, slots=True)
class Posts:
    """Posts as one bot."""

    rest: Rest
    place: Known
    interactions: Interactions
    now: Callable[[], datetime]
    is_silent: bool = False
    name: str = NAME
    remembers: float = REMEMBERS
    per_second: int = PER_SECOND

    async def post(self, channel: Channel, card: Card, *, key: str) -> str:
        """Post the card and return the id of the message; empty when it was posted and has been deleted already."""
        _refuse(self.place(channel))
        payload = await self._payload(card, key)
        payload |= {"nonce": key, "enforce_nonce": True}
        if self.is_silent:
            payload["flags"] = payload.get("flags", 0) | SILENT
        try:
            message = await self.rest.call("POST", f"/channels/{channel.id}/messages", payload)
        except RestError as error:
            if error.code == UNKNOWN_MESSAGE:  # its nonce is known, and its message was deleted (PLATFORMS 0.3)
                return ""
            raise
        return _id(message)

    async def find(self, channel: Channel, *, key: str, since: datetime) -> str | None:
        """The id of our message that carries the key; without the right to read, an empty history says nothing."""
        place = self.place(channel) or await self._thread(channel)
        if place is None:
            raise DeliveryError(
                Outcome.NOT_SENT, "the connection to Discord is not there yet", retry_after=_UNCONNECTED_SECONDS
            )
        if not place.can_read_history:
            raise DeliveryError(Outcome.BLIND, views.missing_rights((rights.HISTORY,), place.name))
        after = str((int(since.timestamp() * 1000) - _EPOCH_MS) << 22)
        for _ in range(_MOST_PAGES):
            path, params = f"/channels/{channel.id}/messages", {"after": after, "limit": _PAGE}
            messages = await self.rest.call("GET", path, params=params)
            if not isinstance(messages, list):
                raise DeliveryError(Outcome.AMBIGUOUS, "Discord's answer cannot be read")
            for message in messages:
                if str(message["author"]["id"]) == place.own_id and _carries(message, key):
                    return _id(message)
            if len(messages) < _PAGE:
                return None
            after = str(max(int(message["id"]) for message in messages))
        raise DeliveryError(Outcome.BLIND, views.too_much_history())

    async def edit(self, channel: Channel, message_id: str, card: Card, *, key: str) -> None:
        """Replace the card of a message, silently; nothing happens when the message is gone."""
        if not message_id:
            return
        payload = await self._payload(card, key)
        try:
            await self.rest.call_again("PATCH", f"/channels/{channel.id}/messages/{message_id}", payload)
        except RestError as error:
            if error.code != UNKNOWN_MESSAGE:
                raise

    async def check(self, channel: Channel) -> None:
        """Raises DeliveryError when a post there could not succeed, as far as can be seen without posting."""
        _refuse(self.place(channel) or await self._thread(channel))

    def is_blind(self, channel: Channel) -> bool:
        """Whether it is known that the history of the channel may not be read."""
        with suppress(DeliveryError):
            place = self.place(channel)
            return place is not None and not place.can_read_history
        return False

    async def tell(self, person: str, channel: Channel, card: Card) -> None:
        """Tell the person in a direct message, whose buttons are about the channel."""
        opened = await self.rest.call_again("POST", "/users/@me/channels", {"recipient_id": person})
        payload = await self._payload(buttons.about(card, channel), "") | {
            "nonce": uuid4().hex[:24],
            "enforce_nonce": True,
        }
        await self.rest.call_again("POST", f"/channels/{_id(opened)}/messages", payload)

    async def ahead(self) -> float | None:
        """By how many seconds our clock is ahead of Discord's."""
        return await self.rest.clock.asked(self.now, lambda: self.rest.call("GET", "/gateway"))

    async def _payload(self, card: Card, key: str) -> dict[str, Any]:
        rendered: Rendered = render(card, key=key)
        try:
            await self.interactions.keep(rendered.kept, self.now())
        except StoreError as error:
            raise DeliveryError(Outcome.NOT_SENT, f"its buttons could not be kept: {error}") from error
        return rendered.payload

    async def _thread(self, channel: Channel) -> Place | None:
        """What the gateway does not know may be an archived thread, for which the rights in its channel count."""
        found = await self.rest.call("GET", f"/channels/{channel.id}")
        parent = found.get("parent_id") if isinstance(found, dict) else None
        return self.place(channel, str(parent)) if parent else None


def _refuse(place: Place | None) -> None:
    """Raises DeliveryError for what the gateway knows to fail: a forbidden call counts against the whole bot."""
    if place and place.refusal:
        raise DeliveryError(Outcome.FORBIDDEN, views.no_place(place.refusal))
    if place and place.missing:
        raise DeliveryError(Outcome.FORBIDDEN, views.missing_rights(place.missing, place.name))


def _carries(message: dict[str, Any], key: str) -> bool:
    return any(str(made).startswith(buttons.marker(key)) for made in _custom_ids(message.get("components") or []))


def _custom_ids(components: list[dict[str, Any]]) -> Iterator[str]:
    for component in components:
        if made := component.get("custom_id"):
            yield made
        yield from _custom_ids(component.get("components") or [])


def _id(found: Any) -> str:
    try:
        return str(found["id"])
    except (TypeError, LookupError) as error:
        raise DeliveryError(Outcome.AMBIGUOUS, "Discord's answer cannot be read") from error
