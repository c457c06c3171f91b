"""What an admin looks at."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from bot.board import Backlog, Curve, Orders


class Board(Protocol):
    """Reads over all channels; nothing is ever written. Every failure is a StoreError."""

    async def orders(self, first: date, last: date, limit: int) -> Orders:
        """Subscriptions of all channels (`limit` of them, the most troubled first), and their deliveries of the local days."""

    async def backlog(self, now: datetime) -> Backlog:
        """How many deliveries there are, and what waits."""

    async def curves(self, papers: Sequence[str], since: datetime) -> Mapping[str, Curve]:
        """How the votes of each paper went; papers without a count are left out."""
