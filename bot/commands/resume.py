"""resume NAME"""

from typing import Annotated

from bot import views
from bot.cards import Card
from bot.commands.parameters import SubscriptionName
from bot.commands.request import Request
from bot.grammar import Internal
from bot.subscriptions import Standing

Again = Annotated[str, "the key of a digest that is to be posted after all", Internal()]


async def resume(request: Request, name: SubscriptionName = "", *, again: Again = "") -> Card:
    """Go on with a subscription that was paused."""
    if again:  # a button that is pressed elsewhere carries its channel, and whoever presses it stands for that one
        return views.sent_again(await request.subscribing.again(again, request.asker, request.now))
    subscription = await request.subscribing.named(name, request.asker.channel)
    if subscription.standing is Standing.ACTIVE:
        first = await request.subscribing.next_due(subscription, request.now)
        return views.not_paused(subscription, first, request.now)
    active, first = await request.subscribing.resume(subscription, request.now)
    return views.going_on(active, first, request.now)
