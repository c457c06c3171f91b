"""All that the bot remembers, on SQLite."""

from bot.ports import Records
from bot.store.board import SqlBoard
from bot.store.interactions import SqlInteractions
from bot.store.ledger import SqlLedger
from bot.store.lock import FileLock
from bot.store.sql import SqlStore
from bot.store.sqlite import SqliteDatabase
from bot.store.subscriptions import SqlSubscriptions
from bot.store.vectors import SqlVectors

__all__ = [
    "FileLock",
    "SqlBoard",
    "SqlInteractions",
    "SqlLedger",
    "SqlStore",
    "SqlSubscriptions",
    "SqlVectors",
    "SqliteDatabase",
    "records",
]


def records(store: SqlStore) -> Records:
    """Everything that lies in the database of the store."""
    there = store.database
    return Records(store, SqlVectors(there), SqlSubscriptions(there), SqlLedger(there), SqlInteractions(there))
