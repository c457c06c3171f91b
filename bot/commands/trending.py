"""trending [today|week|month] [QUERY]"""

from typing import Annotated, Literal

from bot import views
from bot.cards import Card
from bot.commands.parameters import Limit, PageNumber, QueryText
from bot.commands.request import Request

WindowName = Annotated[Literal["today", "week", "month"], "the newest batch, or those of a week or a month"]


async def trending(
    request: Request, window: WindowName = "today", query: QueryText = "", *, limit: Limit = 5, page: PageNumber = 1
) -> Card:
    """Show the papers with the most votes.

    For example: `trending week diffusion has:code`.
    """
    trend = await request.core.trending(window, query, limit, request.page(page), request.now)
    return views.trending(query, trend, request.next_command(trend.results.page))
