"""help [VERB]"""

from typing import Annotated

from bot import views
from bot.cards import Card
from bot.commands.request import Request
from bot.errors import Problem, UserError
from bot.grammar import Completes

Verb = Annotated[str, "a command", Completes.VERB]


async def help_(request: Request, verb: Verb = "") -> Card:
    """Explain the commands."""
    if not verb:
        return views.overview(tuple(request.commands.values()))
    if verb.lower() not in request.commands:
        raise UserError(Problem.UNKNOWN_VERB, verb=verb, verbs=tuple(request.commands))
    return views.command_help(request.commands[verb.lower()])
