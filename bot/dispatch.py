"""From what was said to a card. An error never reaches a person as a traceback."""

import asyncio
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot import events, identifiers, query, schedules, typed, views
from bot.cards import Card
from bot.commands import COMMANDS, Request
from bot.commands.request import CHAT_PAGE
from bot.core import MOST_COMPLETIONS, Core
from bot.errors import BotError, Problem, ReadOnly, UserError
from bot.events import Answered, CommandAnswered
from bot.grammar import Arguments, Command, Completes
from bot.subscriptions import TERMINAL, Asker

LONGEST_TEXT = 20_000  # characters that are looked at of what somebody typed
ANSWER_SECONDS = 20.0
_ADDRESS = re.compile(r"/(?:papers\b)?\s*", re.IGNORECASE)  # as people call the bot where it has a slash command

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Choice:
    """One completion: what is filled in, and what is shown of it."""

    value: str
    label: str


async def run_text(
    text: str, core: Core, now: datetime, *, page_size: int = CHAT_PAGE, asker: Asker = TERMINAL
) -> Card:
    """The answer to a typed line; what begins with no verb shows the papers whose ids or URLs it has, or is a search."""
    asked = _Asked(core, now, page_size, asker)
    verb, said = split(text)
    if verb:
        command = COMMANDS[verb]
        return await _answered(command, lambda: command.read(said), asked)
    if not said:
        return await _answered(COMMANDS["help"], dict, asked)
    command = COMMANDS["show" if identifiers.find(said) or identifiers.looks_like_one(said) else "search"]
    card = await _answered(command, lambda: command.read(said), asked)
    word, _, rest = said.partition(" ")
    near = _near_verb(word.lower())
    return views.with_hint(card, f"{near} {rest}".strip()) if near else card


def split(text: str) -> tuple[str, str]:
    """The verb with which a typed line begins, empty where it begins with none, and the rest of it, cleaned."""
    said = typed.clean(text[:LONGEST_TEXT])
    address = _ADDRESS.match(said)
    said = said[address.end() :] if address else said
    verb, _, rest = said.partition(" ")
    return (verb.lower(), rest) if verb.lower() in COMMANDS else ("", said)


async def run(
    verb: str,
    arguments: Arguments,
    core: Core,
    now: datetime,
    *,
    page_size: int = CHAT_PAGE,
    asker: Asker = TERMINAL,
) -> Card:
    """The answer to a known verb with arguments by name, as platforms with typed options give them."""
    return await _answered(COMMANDS[verb], lambda: arguments, _Asked(core, now, page_size, asker))


def _near_verb(word: str) -> str | None:
    """The verb that the first word of a search may have been meant as.

    One mistake and never in the first letter, or `how` and `deep` would begin every other search with a hint.
    """
    verbs = [verb for verb in COMMANDS if verb.startswith(word[:1])]
    near = process.extractOne(word, verbs, scorer=OSA.distance, score_cutoff=1)
    return near[0] if near else None


async def complete(verb: str, parameter: str, text: str, core: Core, asker: Asker = TERMINAL) -> list[Choice]:
    """What a parameter may be, from what was typed of it so far: at most 25, the likeliest first."""
    wanted = next((p for p in COMMANDS[verb].parameters if p.name == parameter), None)
    if wanted is None:
        return []
    begun = typed.clean(text[:LONGEST_TEXT])
    if wanted.completes is Completes.PAPER:
        return [Choice(hit.id, views.title_choice(hit)) for hit in await core.titles_starting(begun)]
    if wanted.completes is Completes.QUERY:
        return await _query_choices(begun, core)
    if wanted.completes is Completes.ZONE:
        return [Choice(zone, zone) for zone in schedules.zones_starting(begun, MOST_COMPLETIONS)]
    values = wanted.choices
    if wanted.completes is Completes.VERB:
        values = tuple(COMMANDS)
    elif wanted.completes is Completes.SUBSCRIPTION:
        values = await core.subscription_names(asker.channel)
    return [Choice(value, value) for value in values if value.startswith(text.lower())][:MOST_COMPLETIONS]


async def _query_choices(begun: str, core: Core) -> list[Choice]:
    """Whole queries that the one so far can become: names behind `author:`, `org:` and `cat:`, else titles."""
    if field := query.field_begun(begun):
        before, name = begun[: len(begun) - len(field.text)], field.text.lstrip('"')
        values = await core.names_starting(field.field, name)
        return [Choice(f"{before}{query.quoted(value)}", views.name_choice(value)) for value in values]
    hits = await core.titles_starting(begun)
    return [Choice(query.literal(hit.title), views.title_choice(hit)) for hit in hits]


async def complete_text(text: str, core: Core, asker: Asker = TERMINAL) -> tuple[int, list[Choice]]:
    """Completions of a typed line, and how many of its last characters each of them replaces."""
    verb, space, rest = text.lstrip().partition(" ")
    if not space:
        found = [name for name in COMMANDS if name.startswith(verb.lower())]
        return len(verb), [Choice(name, COMMANDS[name].usage) for name in found]
    command = COMMANDS.get(verb.lower())
    if command is None:
        return 0, []
    parameter, begun = _parameter_begun(command, rest)
    return len(begun), await complete(command.name, parameter, begun, core, asker)


def _parameter_begun(command: Command, text: str) -> tuple[str, str]:
    """Which parameter is being typed at the end of what stands behind the verb, and what there is of it."""
    last = text.rpartition(" ")[2]
    name, colon, value = last.partition(":")
    if colon and any(p.by_name and not p.internal and p.name == name.lower() for p in command.parameters):
        return name.lower(), value
    positional = [p for p in command.parameters if not p.by_name]
    word, space, more = text.partition(" ")
    if space and len(positional) > 1:  # a choice that may be left out is left out by another word
        is_given = not positional[0].choices or word.lower() in positional[0].choices
        positional, text = positional[1:], more if is_given else text
    return (positional[0].name, text) if positional else ("", "")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is known of a question besides its words."""

    core: Core
    now: datetime
    page_size: int
    asker: Asker


async def _answered(command: Command, read: Callable[[], Arguments], asked: _Asked) -> Card:
    """The card of the command, of which one line is logged."""
    began, where = perf_counter(), asked.asker.channel
    card, outcome = await _tried(command, read, asked)
    took = perf_counter() - began
    events.tell(CommandAnswered(command.name, outcome, took, where.platform, where.tenant, where.id))
    return card


async def _tried(command: Command, read: Callable[[], Arguments], asked: _Asked) -> tuple[Card, Answered]:
    """The card of the command, and how it ended; whatever goes wrong becomes a card too."""
    try:
        arguments = command.bind(read())
        request = Request(asked.core, asked.now, command, arguments, COMMANDS, asked.page_size, asked.asker)
        async with asyncio.timeout(ANSWER_SECONDS):
            given = {name.replace("-", "_"): value for name, value in arguments.items()}
            return await command.run(request, **given), Answered.ANSWER
    except UserError as error:
        return views.failure(error), Answered.REFUSAL
    except TimeoutError:
        return views.failure(UserError(Problem.TOO_SLOW)), Answered.SLOW
    except ReadOnly:
        return views.failure(UserError(Problem.READ_ONLY)), Answered.REFUSAL
    except BotError as error:
        log.warning("%s: %s", command.name, error)
        return views.failure(UserError(Problem.OUT_OF_ORDER)), Answered.FAILURE
    except Exception:  # the outermost edge of a request: everything into the log, nothing to the person
        log.exception("%s failed", command.name)
        return views.failure(UserError(Problem.BUG)), Answered.BUG
