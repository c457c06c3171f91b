"""The verbs of the chat, one file each; a new one is a file and a line here."""

from collections.abc import Awaitable, Callable

from bot.cards import Card
from bot.commands.cite import cite
from bot.commands.edit import edit
from bot.commands.forget_me import forget_me
from bot.commands.help import help_
from bot.commands.pause import pause
from bot.commands.preview import preview
from bot.commands.privacy import privacy
from bot.commands.request import Request
from bot.commands.resume import resume
from bot.commands.search import search
from bot.commands.show import show
from bot.commands.similar import similar
from bot.commands.status import status
from bot.commands.subscribe import subscribe
from bot.commands.subscriptions import subscriptions
from bot.commands.trending import trending
from bot.commands.unsubscribe import unsubscribe
from bot.grammar import Command, command

_VERBS: tuple[Callable[..., Awaitable[Card]], ...] = (
    *(search, show, trending, similar, cite),
    *(subscribe, subscriptions, edit, pause, resume, unsubscribe, preview),
    *(status, help_, privacy, forget_me),
)
COMMANDS: dict[str, Command] = {read.name: read for read in map(command, _VERBS)}
MANAGING = ("subscribe", "edit", "pause", "resume", "unsubscribe")  # what changes what a channel gets

__all__ = ["COMMANDS", "MANAGING", "Request"]
