"""Fetch the newest batches of the feed now."""

import argparse
import sys
from collections.abc import Sequence
from datetime import date

from bot import feed_days
from bot.cli import progress, wiring
from bot.config import Config
from bot.errors import ConfigError
from bot.ingest import Synced
from bot.views.wording import count

DEFAULT_DAYS = 7
_MOST_DAYS = 20_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--days", type=_days, default=DEFAULT_DAYS, metavar="N", help="the last N weekdays of the feed (7)"
    )
    which.add_argument("--date", type=_date, metavar="YYYY-MM-DD", help="one day of the feed")


async def main(options: argparse.Namespace, settings: Config) -> int:
    """Fetch, store and index; the status is 1 when a day could not be fetched."""
    days = _wanted(options)
    with progress.indexing() as rebuilding:
        async with wiring.library(settings, wiring.locked(settings), rebuilding) as library:
            assert library.indexer
            with progress.fetching(len(days)) as done:
                synced = await library.ingest.sync(days, done)
            await library.indexer.catch_up()
    print(summary(synced))
    for sentence in failures(synced, library.ingest.source_name):
        print(f"paper-round: {sentence}", file=sys.stderr)
    return int(bool(synced.failed))


def summary(synced: Synced) -> str:
    """What is new, in one line."""
    saved = synced.saved
    new = f"{count(len(saved.added), 'new paper')}, {len(saved.changed):,} changed, {saved.counted:,} with new counts"
    unreadable = f"; {synced.skipped:,} entries could not be read" if synced.skipped else ""
    empty = f" ({synced.empty:,} without a batch)" if synced.empty else ""
    return f"{count(len(synced.fetched), 'day')} fetched{empty}: {new}{unreadable}."


def failures(synced: Synced, source: str) -> list[str]:
    """What was not fetched and why, in one sentence; none when all was."""
    if not synced.failed:
        return []
    day, error = synced.failed[0]
    more = len(synced.failed) - 1 + synced.given_up
    others = f" and {more:,} more {'days' if more > 1 else 'day'}" if more else ""
    return [f"{source} gave no batch for {day}{others}: {error}. Run `python -m bot sync` again later."]


def _wanted(options: argparse.Namespace) -> Sequence[date]:
    now = wiring.now()
    if options.date is None:
        return feed_days.last_batch_days(now, options.days)
    last = feed_days.feed_day(now)
    if not feed_days.FIRST_DAY <= options.date <= last:
        raise ConfigError([f"--date: the feed has days from {feed_days.FIRST_DAY} to {last}, not {options.date}"])
    return (options.date,)


def _days(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= _MOST_DAYS:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days from 1 to {_MOST_DAYS}")
    return int(text)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date such as 2026-01-31") from None
