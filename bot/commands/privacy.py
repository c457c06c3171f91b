"""privacy"""

from bot import views
from bot.cards import Card
from bot.commands.request import Request


async def privacy(request: Request) -> Card:  # noqa: ARG001 - every command takes a request
    """Say what is kept of people."""
    return views.privacy()
