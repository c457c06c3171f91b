"""What a platform tells of its channels, and what becomes of the orders there."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot import views
from bot.errors import DeliveryError, Outcome
from bot.owners import Owners
from bot.planning import next_probe
from bot.ports import Platform, Subscriptions
from bot.subscriptions import Block, Channel, Pause, Standing

_TRIES, _PAUSE = 4, 1.0  # looks at a channel of which an event came, and seconds between two of them at least


@dataclass(frozen=True, slots=True)
class Places:
    """The channels of one platform."""

    platform: Platform
    subscriptions: Subscriptions
    now: Callable[[], datetime]

    async def gone(self, channel: Channel) -> None:
        """It was deleted, with what it had ordered; whoever did that order is told."""
        await self._block(channel, Block(Standing.GONE, Pause.CHANNEL_GONE, None), views.CHANNEL_DELETED)

    async def lost(self, tenant: str) -> None:
        """The bot was removed from a server or workspace: its orders are kept, paused."""
        now = self.now()
        block = Block(Standing.PAUSED, Pause.TENANT_LOST, next_probe(now, now), whole_tenant=True)
        await self.subscriptions.block(Channel(self.platform.name, tenant, ""), block, now)

    async def look_again(self, tenant: str) -> None:
        """Something changed there: what could not be posted to is looked at soon."""
        await self.subscriptions.probe(self.platform.name, tenant, self.now())

    async def changed(self, channel: Channel) -> None:
        """Something happened to it; it is looked at, because events come late and in any order."""
        if closed := await self._closed(channel):
            now = self.now()
            await self._block(channel, Block(Standing.PAUSED, Pause.PERMISSION, next_probe(now, now)), closed)
        else:  # by the planner, also where it could not be seen now
            await self.look_again(channel.tenant)

    async def _closed(self, channel: Channel) -> str:
        """Why it cannot be posted to; empty where it can, or where nobody tells within a few tries."""
        for left in reversed(range(_TRIES)):
            try:
                await self.platform.check(channel)
                return ""
            except DeliveryError as error:
                if error.outcome is Outcome.FORBIDDEN:
                    return str(error)
                if left and error.outcome in (Outcome.NOT_SENT, Outcome.AMBIGUOUS):
                    await asyncio.sleep(max(error.retry_after, _PAUSE))
        return ""

    async def _block(self, channel: Channel, block: Block, why: str) -> None:
        """Whoever ordered something there is told, once."""
        paused = await self.subscriptions.block(channel, block, self.now())
        await Owners(self.subscriptions).tell_of_pause(self.platform, channel, paused, why, self.now())
