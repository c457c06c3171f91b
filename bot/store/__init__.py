"""All that the bot remembers, on SQLite."""

from bot.ports import Records
from bot.store.interactions import SqlInteractions
from bot.store.ledger import SqlLedger
from bot.store.lock import FileLock
from bot.store.sql import SqlStore
from bot.store.sqlite import SqliteDatabase
from bot.store.subscriptions import SqlSubscriptions

__all__ = ["FileLock", "SqlInteractions", "SqlLedger", "SqlStore", "SqlSubscriptions", "SqliteDatabase", "records"]


def records(store: SqlStore) -> Records:
    """Everything that lies in the database of the store."""
    return Records(store, SqlSubscriptions(store.database), SqlLedger(store.database), SqlInteractions(store.database))
