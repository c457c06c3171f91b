"""Whoever ordered a digest is told what became of it: once, and again where that failed."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice

from bot import views
from bot.cards import Card
from bot.ports import Platform, Subscriptions
from bot.subscriptions import Channel, Pause, Subscription

PATIENCE_SECONDS = 10.0  # that a platform may take
FIRST_AGAIN, AGAIN_EVERY, GIVEN_UP_AFTER = timedelta(minutes=10), timedelta(hours=1), timedelta(hours=4)
AT_ONCE = 20

log = logging.getLogger(__name__)


class Owners:
    """Those who gave the orders of all channels."""

    def __init__(self, subscriptions: Subscriptions, patience: float = PATIENCE_SECONDS) -> None:
        self._subscriptions = subscriptions
        self._patience = patience
        self._tried: dict[str, datetime] = {}  # by the id of the subscription, when it was tried again

    async def tell_of_pause(
        self, platform: Platform, channel: Channel, paused: Sequence[Subscription], error: str, now: datetime
    ) -> None:
        """Each owner hears of all that was paused with one message, by way of the channel where it showed."""
        for person in {one.created_by for one in paused if one.created_by}:
            theirs = [one for one in paused if one.created_by == person]
            names = tuple(sorted({one.name for one in theirs}))
            card = views.paused(names, theirs[0].pause or Pause.PERMISSION, error)
            if await self.tell(platform, person, channel, card):
                await self._subscriptions.told(theirs, now)

    async def tell(self, platform: Platform, person: str, channel: Channel, card: Card) -> bool:
        """Tell somebody something; whether it worked."""
        try:
            async with asyncio.timeout(self._patience):
                await platform.tell(person, channel, card)
        except Exception as error:  # noqa: BLE001 - whatever it is, what happened to the digest is written down
            log.warning("the owner of what is sent to %s could not be told: %s", channel, error)
            return False
        return True

    async def tell_again(self, platforms: Mapping[str, Platform], now: datetime) -> None:
        """Try again with those who could not be told of a pause, every hour for some hours."""
        untold = await self._subscriptions.untold(now - GIVEN_UP_AFTER, now - FIRST_AGAIN)
        self._tried = {one.id: self._tried[one.id] for one in untold if one.id in self._tried}
        groups: dict[tuple[Channel, Pause | None], list[Subscription]] = {}
        for one in untold:
            if one.channel.platform in platforms and not self._was_tried(one, now):
                groups.setdefault((one.channel, one.pause), []).append(one)
        some = list(islice(groups.values(), AT_ONCE))
        self._tried |= {one.id: now for group in some for one in group}
        await asyncio.gather(
            *(self.tell_of_pause(platforms[g[0].channel.platform], g[0].channel, g, "", now) for g in some)
        )

    def _was_tried(self, one: Subscription, now: datetime) -> bool:
        return one.id in self._tried and now - self._tried[one.id] < AGAIN_EVERY
