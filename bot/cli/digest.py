"""Show what would be posted of a day, and post nothing."""

import argparse
import json
from datetime import date

from adapters.console.render import render
from adapters.discord.render import SILENT
from bot import typed, views
from bot.cards import Card
from bot.cli import progress, wiring
from bot.cli.payloads import PAYLOADS
from bot.commands import orders
from bot.config import Config
from bot.errors import UserError
from bot.store import FileLock
from bot.subscriptions import Layout, Order

_FORMS = ("text", *PAYLOADS)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("query", metavar="QUERY", nargs="*", help="a filter, as in `subscribe`; none for every paper")
    parser.add_argument("--date", metavar="D", type=_day, help="the feed day, YYYY-MM-DD; the newest without it")
    parser.add_argument("--as", dest="form", choices=_FORMS, default="text", help="as text or as a payload")
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
    print(_shown(card, options.form, settings) if has_papers else render(card))
    return int(not has_papers)


def _shown(card: Card, form: str, settings: Config) -> str:
    """As text, or as the payload, but for the channel and the key of a delivery."""
    if form == "text":
        return render(card)
    payload = PAYLOADS[form](card, "")
    if form == "discord" and settings.discord_silent == "yes":
        payload["flags"] = payload.get("flags", 0) | SILENT
    return json.dumps(payload, ensure_ascii=False, indent=2)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is no day such as 2026-11-20") from error
