"""search QUERY"""

from bot import views
from bot.cards import Card
from bot.commands.parameters import Limit, PageNumber, QueryText
from bot.commands.request import Request


async def search(request: Request, query: QueryText, *, limit: Limit = 5, page: PageNumber = 1) -> Card:
    """Find papers.

    For example: “search "world model" author:lecun since:6m -survey”.
    """
    found = await request.core.search(query, limit, request.page(page), request.now)
    return views.search_results(query, found, request.turns(found.page))
