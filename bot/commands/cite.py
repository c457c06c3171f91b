"""cite PAPER"""

from bot import bibtex, views
from bot.cards import Card
from bot.commands.parameters import PaperText
from bot.commands.request import Request


async def cite(request: Request, paper: PaperText) -> Card:
    """Give the BibTeX entry of a paper.

    Several can be cited by their ids.
    """
    named = await request.core.certainly_named(paper, request.now)
    return views.citation(named, "\n\n".join(map(bibtex.entry, named.papers)))
