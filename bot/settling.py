"""Some hours after a post its numbers are brought up to date, once and silently."""

import asyncio
import logging
from datetime import datetime

from bot import editor
from bot.deliveries import Delivery, digest_key
from bot.errors import BotError
from bot.limits import SlidingWindow
from bot.ports import Platform, Records

log = logging.getLogger(__name__)


class Settling:
    """What was posted on one platform; an edit takes `seconds` at most."""

    def __init__(self, platform: Platform, records: Records, pace: SlidingWindow, seconds: float) -> None:
        self._platform = platform
        self._ledger = records.ledger
        self._subscriptions = records.subscriptions
        self._store = records.papers
        self._pace = pace
        self._seconds = seconds

    async def settle(self, now: datetime, limit: int) -> int:
        """Edit what is due; how many messages that were."""
        due = await self._ledger.claim_settling(self._platform.name, now, limit)
        await asyncio.gather(*map(self._settle, due))
        return len(due)

    async def _settle(self, delivery: Delivery) -> None:
        """Whatever happens, the message stays as it is: old numbers are no harm."""
        try:
            await self._edit(delivery)
        except (BotError, TimeoutError) as error:
            log.info("the numbers of %s in %s stay as they are: %s", delivery.key, delivery.channel, error)
        except Exception:  # one message never holds up the others
            log.exception("the numbers of %s in %s stay as they are", delivery.key, delivery.channel)

    async def _edit(self, delivery: Delivery) -> None:
        here = await self._subscriptions.of(delivery.channel)
        one = next((one for one in here if one.id == delivery.subscription), None)
        digest = await self._ledger.digest(delivery.digest)
        if one is None or digest is None or digest_key(digest.days, one.order, delivery.due_at) != digest.key:
            return  # of another order than what was posted, more than numbers would change
        card = await editor.settled(self._store, digest, delivery)
        if card is None:
            return
        await self._pace.take()
        async with asyncio.timeout(self._seconds):
            await self._platform.edit(delivery.channel, delivery.message_id, card, key=delivery.key)
