"""Between a platform and the commands: what somebody says or presses becomes the card that they are to see."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot import dispatch, identifiers, typed, views
from bot.buttons import Pressed
from bot.cards import Card, Tone
from bot.commands import COMMANDS, MANAGING
from bot.core import Core
from bot.errors import BotError, DeliveryError, Outcome, Problem, UserError
from bot.grammar import Arguments
from bot.ports import Interactions, Platform
from bot.subscriptions import Asker

COMPLETED_SECONDS = 1.5  # then nothing is suggested: platforms wait for three
_SURE = (Outcome.FORBIDDEN, Outcome.GONE, Outcome.TENANT_LOST)  # that a post would fail
_SHOWN = ("text", "content", "url", "title", "description", "name", "value")  # what people read of a message
_NOT_SAID = ("author", "referenced_message")  # what a message holds of others

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says, as text; `given` are its arguments where the platform has them typed."""

    text: str
    asker: Asker
    given: Arguments | None = None

    @property
    def verb(self) -> str:
        """The verb that it says, empty where it begins with none."""
        return dispatch.split(self.text)[0]


@dataclass(frozen=True, slots=True)
class Answering:
    """Answers on one platform. `core` may give another one each time."""

    platform: Platform
    core: Callable[[], Core]
    interactions: Interactions
    now: Callable[[], datetime]

    async def answer(self, said: Said, refusal: Card | None = None) -> Card:
        """The card; `refusal` is it where they say what would change what the channel gets, and may not."""
        if refusal and said.verb in MANAGING:
            return refusal
        if said.verb in ("subscribe", "resume") and (hindered := await self._hindered(said.asker)):
            return hindered
        if said.given is None:
            return await dispatch.run_text(said.text, self.core(), self.now(), asker=said.asker)
        return await dispatch.run(said.verb, said.given, self.core(), self.now(), asker=said.asker)

    async def command_of(self, pressed: Pressed | None) -> str | Card:
        """What a button says; a card that says so where that is not known any more."""
        try:
            command = pressed and (pressed.command or await self.interactions.kept(pressed.kept, self.now()))
        except BotError as error:
            log.warning("a button could not be looked up: %s", error)
            return views.failure(UserError(Problem.OUT_OF_ORDER))
        return command or views.button_expired()

    async def keep(self, commands: Mapping[str, str]) -> None:
        """Keep what is too long for the ids of an answer; where that fails, those buttons will say that they are old."""
        try:
            await self.interactions.keep(commands, self.now())
        except BotError as error:
            log.warning("the buttons of an answer could not be kept: %s", error)

    async def choices(self, verb: str, parameter: str, begun: str, asker: Asker) -> list[dispatch.Choice]:
        """What a parameter can become, while somebody types it; nothing where that is not known in time."""
        try:
            async with asyncio.timeout(COMPLETED_SECONDS):
                known = verb in COMMANDS
                return await dispatch.complete(verb, parameter, begun, self.core(), asker) if known else []
        except (BotError, TimeoutError) as error:
            log.warning("nothing could be suggested: %s", error or "it took too long")
        except Exception:  # the outermost edge of a request
            log.exception("nothing could be suggested")
        return []

    async def _hindered(self, asker: Asker) -> Card | None:
        """Why nothing can be ordered here; what cannot be seen now, the first post tells."""
        try:
            await self.platform.check(asker.channel)
        except DeliveryError as error:
            return views.cannot_post_here(str(error)) if error.outcome in _SURE else None
        return None


def papers_of(message: Any) -> str:
    """The text that shows the papers which a message links, given as the platform's JSON; empty where there are none."""
    found = identifiers.find(typed.clean(" ".join(_read(message))))
    return f"show {' '.join(found)}" if found else ""


def shared_by(card: Card, text: str) -> str:
    """What *Share* under an answer to the text says; empty where there is nothing to share."""
    return text if card.papers and card.tone is not Tone.FAILURE else ""


def _read(message: Any) -> Iterator[str]:
    """All that people read of it, however deep."""
    if isinstance(message, list):
        for one in message:
            yield from _read(one)
    elif isinstance(message, dict):
        for name, value in message.items():
            if isinstance(value, str) and name in _SHOWN:
                yield value
            elif name not in _NOT_SAID:
                yield from _read(value)
