"""The verbs of the chat, one file each; a new one is a file and a line here."""

from bot.commands.cite import cite
from bot.commands.help import help_
from bot.commands.privacy import privacy
from bot.commands.request import Request
from bot.commands.search import search
from bot.commands.show import show
from bot.commands.similar import similar
from bot.commands.status import status
from bot.commands.trending import trending
from bot.grammar import Command, command

COMMANDS: dict[str, Command] = {
    read.name: read
    for read in (command(verb) for verb in (search, show, trending, similar, cite, status, help_, privacy))
}

__all__ = ["COMMANDS", "Request"]
