"""Show what would be posted of a day, and post nothing."""

import argparse
import json
from collections.abc import Callable
from datetime import date

from adapters.console.render import render
from adapters.discord import render as message
from adapters.slack import render as blocks
from bot import typed, views
from bot.cards import Card
from bot.cli import progress, wiring
from bot.commands import orders
from bot.config import Config
from bot.errors import UserError
from bot.store import FileLock
from bot.subscriptions import Layout, Order


def _discord(card: Card, settings: Config) -> str:
    """The message, but for the key of a delivery: its nonce, and the beginning of the first id."""
    payload = message.render(card).payload
    if settings.discord_silent == "yes":
        payload["flags"] = payload.get("flags", 0) | message.SILENT
    return json.dumps(payload, ensure_ascii=False, indent=2)


def _slack(card: Card, _: Config) -> str:
    """What is posted, but for the channel and the metadata with the key of a delivery."""
    return json.dumps(blocks.render(card), ensure_ascii=False, indent=2)


_FORMS: dict[str, Callable[[Card, Config], str]] = {
    "text": lambda card, _: render(card),
    "discord": _discord,
    "slack": _slack,
}  # each platform adds its payload


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("query", metavar="QUERY", nargs="*", help="a filter, as in `subscribe`; none for every paper")
    parser.add_argument("--date", metavar="D", type=_day, help="the feed day, YYYY-MM-DD; the newest without it")
    parser.add_argument("--as", dest="form", choices=tuple(_FORMS), default="text", help="as text or as a payload")
    parser.add_argument("--top", metavar="N", type=int, choices=range(1, 21), default=5, help="papers at most, 1 to 20")
    parser.add_argument("--layout", choices=tuple(Layout), default=Layout.CARDS, help="how much of each paper")


async def main(options: argparse.Namespace, settings: Config) -> int:
    """Print it; the status is 1 when there is nothing to post."""
    order = Order("papers", orders.query(typed.clean(" ".join(options.query))), options.top, Layout(options.layout))
    lock = FileLock.take(settings.database_path)
    with progress.indexing() as rebuilding:
        async with wiring.library(settings, lock, rebuilding) as library:
            if library.indexer:
                await library.indexer.catch_up()
            has_papers = False
            try:
                edition = await library.core.subscribing.sample(order, options.date, wiring.now())
            except UserError as error:
                card = views.failure(error)
            else:
                has_papers = bool(edition.papers)
                card = views.digest(edition) if has_papers else views.sample(edition)
    print(_FORMS[options.form](card, settings) if has_papers else render(card))
    return int(not has_papers)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is no day such as 2026-11-20") from error
