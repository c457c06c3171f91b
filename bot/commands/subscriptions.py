"""subscriptions"""

from bot import views
from bot.cards import Card
from bot.commands.request import Request


async def subscriptions(request: Request) -> Card:
    """Show what is subscribed in this channel."""
    standings = await request.subscribing.standings(request.asker.channel, request.now)
    return views.subscriptions(standings, request.now)
