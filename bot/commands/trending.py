"""trending [today|week|month] [QUERY]"""

from typing import Annotated, Literal

from bot import schedules, views
from bot.cards import Card
from bot.commands.parameters import Limit, PageNumber, QueryText
from bot.commands.request import Request
from bot.grammar import Internal
from bot.results import Trending

LastDay = Annotated[str, "the batch with which it ends", Internal()]
WindowName = Annotated[Literal["today", "week", "month"], "the newest batch, or those of a week or a month"]


async def trending(
    request: Request,
    window: WindowName = "today",
    query: QueryText = "",
    *,
    limit: Limit = 5,
    page: PageNumber = 1,
    last: LastDay = "",
) -> Card:
    """Show the papers with the most votes.

    For example: “trending week diffusion has:code”.
    """
    wanted = Trending(window, schedules.day("last", last) if last else None)
    trend = await request.core.trending(wanted, query, limit, request.page(page), request.now)
    return views.trending(query, trend, request.turns(trend.results.page))
