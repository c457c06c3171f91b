"""All that the bot remembers: portable SQL on one of two engines, of which SQLite is the embedded one."""

from bot.store.lock import FileLock
from bot.store.sql import SqlStore
from bot.store.sqlite import SqliteDatabase

__all__ = ["FileLock", "SqlStore", "SqliteDatabase"]
