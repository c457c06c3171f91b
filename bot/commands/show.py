"""show PAPER"""

from typing import Annotated, Literal

from bot import views
from bot.cards import Card
from bot.commands.parameters import PaperText
from bot.commands.request import Request
from bot.grammar import Internal

Part = Annotated[Literal["card", "abstract"], "the card, or the abstract in full", Internal()]


async def show(request: Request, paper: PaperText, *, part: Part = "card") -> Card:
    """Show a paper.

    For example: “show 2506.08007”, “show https://arxiv.org/abs/2506.08007” or “show towards a medical ai scientist”.
    Several can be shown by their ids.
    """
    named = await request.core.named(paper, request.now)
    return views.abstract(named) if part == "abstract" and not named.is_guess else views.named_papers(paper, named)
