"""Answer one command and exit; with --json and the text `-`, one command a line."""

import argparse
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from adapters.console.lines import standard_input
from adapters.console.render import render
from bot import cards, dispatch
from bot.cards import Tone
from bot.cli import progress, understanding, wiring
from bot.cli.wiring import Library
from bot.commands.request import CHAT_PAGE
from bot.config import Config
from bot.core import Core
from bot.errors import ModelError
from bot.store import FileLock

_WHOLE_LIST = 25  # a program reads the whole list at once; a person reads it by pages

log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument(
        "text", metavar="TEXT", help='what to say, such as "search world models"; - reads lines (with --json)'
    )
    parser.add_argument("--json", action="store_true", help="print the card as one JSON object")


async def main(options: argparse.Namespace, settings: Config) -> int:
    """Print the answer; the status is 1 when there is none."""
    if options.text == "-" and not options.json:
        print("paper-round: `ask -` reads lines only with --json", file=sys.stderr)
        return 2
    async with _answering(settings) as core:
        if options.text == "-":
            return await _answer_lines(core)
        page_size = _WHOLE_LIST if options.json else CHAT_PAGE
        card = await dispatch.run_text(options.text, core, wiring.now(), page_size=page_size)
        print(cards.to_json(card) if options.json else render(card))
        return int(card.tone is Tone.FAILURE)


async def _answer_lines(core: Core) -> int:
    """One object a line; what could not be answered is said in its object, not in the exit status."""
    async for line in standard_input():
        if line.strip():
            card = await dispatch.run_text(line, core, wiring.now(), page_size=_WHOLE_LIST)
            print(cards.to_json(card), flush=True)
    return 0


@asynccontextmanager
async def _answering(settings: Config) -> AsyncIterator[Core]:
    """The core on what is stored, or on the sample while nothing is."""
    async with AsyncExitStack() as stack:
        rebuilding = stack.enter_context(progress.indexing())
        lock = FileLock.take(settings.database_path)
        library = stored = await stack.enter_async_context(wiring.library(settings, lock, rebuilding))
        if stored.indexer:
            await stored.indexer.catch_up()
        await _understand(stack, settings, stored)
        if (await stored.store.stock()).papers == 0:
            health = await stored.store.source_health()
            library = await stack.enter_async_context(wiring.built_in_sample(settings, health, stored))
        yield library.core


async def _understand(stack: AsyncExitStack, settings: Config, stored: Library) -> None:
    """Find papers by what they mean, as far as that is known; nothing is downloaded or read for one question."""
    try:
        meaning = await understanding.found(settings)
    except ModelError as error:
        log.warning("words alone are compared, because %s", error)
        return
    if meaning:
        stack.push_async_callback(meaning.close)
        await understanding.taught(stored, meaning)
