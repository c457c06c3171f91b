"""unsubscribe NAME"""

from bot import views
from bot.cards import Card
from bot.commands.parameters import SubscriptionName
from bot.commands.request import Request


async def unsubscribe(request: Request, name: SubscriptionName = "") -> Card:
    """End a subscription."""
    subscription = await request.subscribing.named(name, request.asker.channel)
    await request.subscribing.unsubscribe(subscription)
    return views.unsubscribed(subscription)
