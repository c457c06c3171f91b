"""Papers that were kept for a delivery and are free again, in portable SQL."""

from collections.abc import Sequence
from typing import TypeVar

from bot.planning import LATEST
from bot.store.database import Row, Transaction, Value

T = TypeVar("T")
_AT_ONCE = 200  # rows in one statement
# What is posted after all has a longer time than what was planned, and goes out as it was.
LATEST_SECONDS = int(LATEST.total_seconds())
PLANNED = f"expires_at <= due_at + {LATEST_SECONDS}"


async def release(tx: Transaction, keys: Sequence[Value]) -> None:
    """Free the papers of deliveries that have ended or are gone, and let what left them out be composed anew.

    That is what waits in the same channel with its card and was never attempted.
    """
    places: set[tuple[Value, ...]] = set()
    for some in _some(keys):
        sql = f"DELETE FROM posted WHERE delivery IN ({marks(some)}) RETURNING platform, tenant, channel"
        places |= {tuple(row) for row in await tx.fetch(sql, *some)}
    for here in _some([*places]):
        values = ", ".join(f"(${3 * n + 1}, ${3 * n + 2}, ${3 * n + 3})" for n in range(len(here)))
        sql = (
            "UPDATE deliveries SET payload = '', digest = '', batch = NULL, papers = '[]', left_out = 0 "
            f"WHERE state = 'pending' AND attempts = 0 AND payload <> '' AND {PLANNED} "
            f"AND (platform, tenant, channel) IN (VALUES {values}) RETURNING key"
        )
        composed: list[Row] = await tx.fetch(sql, *(part for place in here for part in place))
        await tx.execute_many("DELETE FROM posted WHERE delivery = $1", composed)


def marks(values: Sequence[object], first: int = 1) -> str:
    """`$1, $2, $3`: a mark for each of the values."""
    return ", ".join(f"${n}" for n in range(first, first + len(values)))


def _some(values: Sequence[T]) -> list[Sequence[T]]:
    return [values[n : n + _AT_ONCE] for n in range(0, len(values), _AT_ONCE)]
