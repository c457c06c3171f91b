"""pause NAME"""

from typing import Annotated

from bot import schedules, views
from bot.cards import Card
from bot.commands.parameters import SubscriptionName
from bot.commands.request import Request
from bot.grammar import Like

Until = Annotated[str, "the day on which it goes on by itself", Like("2026-12-01")]


async def pause(request: Request, name: SubscriptionName = "", *, until: Until = "") -> Card:
    """Send nothing for a subscription until it is resumed, or until a day.

    For example: “pause robots until:2026-12-01”.
    """
    subscription = await request.subscribing.named(name, request.asker.channel)
    last = schedules.day("until", until) if until else None
    return views.stopped(await request.subscribing.pause(subscription, last, request.now))
