"""What is stored, how fresh it is, and what a reader must know of it."""

from datetime import datetime, timedelta

from bot import __version__
from bot.cards import Card, Row
from bot.feed_days import is_batch_day
from bot.models import SourceHealth
from bot.results import Condition, Status
from bot.views import wording
from bot.views.subscriptions import standing_row

_LATE_BATCHES = 1  # the newest batch fills during its day, so one that is missing says nothing


def notes(condition: Condition) -> tuple[str, ...]:
    """What an answer must not hide: a sample, old data, an index that is not whole."""
    found = []
    if condition.is_sample:
        found.append("From the built-in sample, because no batch was fetched yet.")
    elif condition.newest_batch and _batches_behind(condition) > _LATE_BATCHES:
        found.append(
            f"The newest batch here is that of {wording.day(condition.newest_batch)}; later ones are not fetched yet."
        )
    if condition.to_index:
        done = f"{condition.indexed:,} of {condition.to_index:,}"
        found.append(f"The search index is being rebuilt ({done} papers so far), so something may be missing.")
    return tuple(found)


def status(state: Status, now: datetime) -> Card:
    """The state of everything, one line each."""
    stock, condition = state.stock, state.condition
    rows = [Row("Papers", f"{stock.papers:,}")]
    if stock.first_day and stock.last_day:
        span = wording.days(stock.first_day, stock.last_day)
        rows.append(Row("Batches", f"{wording.count(stock.batches, 'batch')}, {span}"))
    if stock.fetched_at:
        rows.append(Row("Last fetched", f"{stock.fetched_at:%Y-%m-%d %H:%M} UTC, {wording.ago(stock.fetched_at, now)}"))
    rows += [Row(health.source, _health(health, now)) for health in state.sources]
    rows.append(Row("Search index", _index(state)))
    rows.append(Row("Search by meaning", _meaning(state)))
    rows.append(Row("Version", __version__))
    orders = (standing_row(order, now) for order in state.orders)
    rows += [Row(f"Digest {row.name}", row.text) for row in orders]
    return Card("Status", rows=tuple(rows), notes=notes(condition))


def _index(state: Status) -> str:
    if state.index is None:
        return "cannot be read, and is being rebuilt"
    rebuilding = f" of {state.condition.to_index:,}, being rebuilt" if state.index.rebuilding else ""
    return f"{wording.count(state.index.papers, 'paper')}{rebuilding}"


def _meaning(state: Status) -> str:
    if state.index is None or state.index.read is None:
        return "off; words alone are compared"
    return f"{state.index.read:,} of {wording.count(state.stock.papers, 'paper')} read"


def _health(health: SourceHealth, now: datetime) -> str:
    answered = f"answered {wording.ago(health.answered_at, now)}" if health.answered_at else "has not answered yet"
    if health.is_well or health.failed_at is None:
        return answered
    return f"failed {wording.ago(health.failed_at, now)} ({health.error}); {answered}"


def _batches_behind(condition: Condition) -> int:
    """How many days that can have a batch lie after the newest stored one."""
    newest = condition.newest_batch or condition.expected_batch
    days = (newest + timedelta(days=n) for n in range(1, (condition.expected_batch - newest).days + 1))
    return sum(map(is_batch_day, days))
