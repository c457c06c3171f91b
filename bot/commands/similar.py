"""similar PAPER"""

from bot import views
from bot.cards import Card
from bot.commands.parameters import Limit, PageNumber, PaperText
from bot.commands.request import Request


async def similar(request: Request, paper: PaperText, *, limit: Limit = 5, page: PageNumber = 1) -> Card:
    """Find papers like one or several others.

    For example: “similar 2506.08007”, or “similar 2506.08007 2401.12345” for papers that are close to both.
    """
    named, found = await request.core.similar(paper, limit, request.page(page), request.now)
    return views.similar_papers(named, found, request.turns(found.page))
