"""status"""

from bot import views
from bot.cards import Card
from bot.commands.request import Request


async def status(request: Request) -> Card:
    """Say what is stored and how fresh it is."""
    return views.status(await request.core.status(request.asker.channel, request.now), request.now)
