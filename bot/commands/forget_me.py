"""forget-me"""

from bot import views
from bot.cards import Card
from bot.commands.request import Request


async def forget_me(request: Request) -> Card:
    """Delete what is kept of you."""
    return views.forgotten(await request.subscribing.forget(request.asker))
