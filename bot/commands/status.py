"""status"""

from bot import views
from bot.cards import Card
from bot.commands.request import Request


async def status(request: Request) -> Card:
    """Say what is stored, how fresh it is, and how the digests of this channel do."""
    return views.status(await request.core.status(request.asker.channel, request.now), request.now)
