"""resume NAME"""

from typing import Annotated

from bot import schedules, views
from bot.cards import Card
from bot.commands.parameters import SubscriptionName
from bot.commands.request import Request
from bot.grammar import Internal

Again = Annotated[str, "a day whose digest is to be posted after all", Internal()]


async def resume(request: Request, name: SubscriptionName = "", *, again: Again = "") -> Card:
    """Go on with a subscription that was paused."""
    subscription = await request.subscribing.named(name, request.asker.channel)
    if again:
        day = schedules.day("again", again)
        await request.subscribing.again(subscription, day, request.now)
        return views.sent_again(subscription, day)
    active, first = await request.subscribing.resume(subscription, request.now)
    return views.going_on(active, first, request.now)
