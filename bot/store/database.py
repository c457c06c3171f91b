"""What the SQL needs of an engine: transactions, and reads that do not wait for them."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

Value = str | int | float | bytes | None
Row = Sequence[Value]


class Reader(Protocol):
    """Runs SELECTs. Parameters are written `$1`, `$2`, ... Every failure is a StoreError."""

    async def fetch(self, sql: str, *values: Value) -> list[Row]:
        """All rows."""


class Transaction(Reader, Protocol):
    """Also writes; everything in it happens, or nothing."""

    async def execute(self, sql: str, *values: Value) -> None:
        """Run one statement."""

    async def execute_many(self, sql: str, rows: Sequence[Row]) -> None:
        """Run one statement for each row of values."""


class Database(Protocol):
    """An engine with the newest schema in it."""

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Write: one at a time, durable when it ends, undone when it raises or is cancelled."""

    def reading(self) -> AbstractAsyncContextManager[Reader]:
        """Read what was last committed."""

    async def close(self) -> None:
        """Let go of everything."""
