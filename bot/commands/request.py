"""What a command is given besides its arguments."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.core import Core
from bot.grammar import Command, Value
from bot.results import Page, Turns
from bot.subscribing import Subscribing
from bot.subscriptions import TERMINAL, Asker

CHAT_PAGE = 5  # cards that are shown at once in a chat


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody said `command` with `arguments`; `page_size` is how many papers an answer may hold at once."""

    core: Core
    now: datetime
    command: Command
    arguments: Mapping[str, Value]
    commands: Mapping[str, Command]  # all that there are
    page_size: int = CHAT_PAGE
    asker: Asker = TERMINAL

    @property
    def subscribing(self) -> Subscribing:
        """What can be done with the subscriptions of the channel."""
        return self.core.subscribing

    def page(self, number: int) -> Page:
        """The page of that number, counted from 1."""
        return Page(number, self.page_size)

    def turns(self, page: Page) -> Turns:
        """What says the same for the pages before and after this one; empty where there is none."""
        before = self.command.typed({**self.arguments, "page": page.number - 1}) if page.number > 1 else ""
        after = self.command.typed({**self.arguments, "page": page.number + 1}) if page.has_next else ""
        return Turns(before, after)
