"""The Interactions port in portable SQL."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.store.database import Database
from bot.store.rows import seconds

KEPT = timedelta(days=90)
SEEN = timedelta(hours=26)  # Slack repeats events for a day, and some hours late


class SqlInteractions:
    """What platforms with buttons need, on any Database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, commands: Mapping[str, str], now: datetime) -> None:
        """Keep commands under their hashes, for 90 days from now."""
        sql = (
            "INSERT INTO kept_commands (hash, command, kept_at) VALUES ($1, $2, $3) "
            "ON CONFLICT (hash) DO UPDATE SET kept_at = excluded.kept_at"
        )
        if commands:
            async with self._database.transaction() as tx:
                await tx.execute_many(sql, [[hash_, command, seconds(now)] for hash_, command in commands.items()])

    async def kept(self, hash_: str, now: datetime) -> str | None:
        """The command that was kept under the hash; None when it was too long ago."""
        sql = "SELECT command FROM kept_commands WHERE hash = $1 AND kept_at >= $2"
        async with self._database.reading() as reader:
            found = await reader.fetch(sql, hash_, seconds(now - KEPT))
        return str(found[0][0]) if found else None

    async def is_new(self, key: str, now: datetime) -> bool:
        """Whether nothing was handled under the key within the last 26 hours; from now on something was."""
        sql = (
            "INSERT INTO inbound_seen (key, seen_at) VALUES ($1, $2) "
            "ON CONFLICT (key) DO UPDATE SET seen_at = excluded.seen_at WHERE inbound_seen.seen_at < $3 RETURNING key"
        )
        async with self._database.transaction() as tx:
            return bool(await tx.fetch(sql, key, seconds(now), seconds(now - SEEN)))

    async def fact(self, name: str) -> str | None:
        """What was remembered under the name."""
        async with self._database.reading() as reader:
            found = await reader.fetch("SELECT value FROM facts WHERE name = $1", name)
        return str(found[0][0]) if found else None

    async def remember(self, name: str, value: str) -> None:
        """Remember it."""
        sql = "INSERT INTO facts (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        async with self._database.transaction() as tx:
            await tx.execute(sql, name, value)

    async def purge(self, now: datetime) -> None:
        """Forget what is past its time."""
        async with self._database.transaction() as tx:
            await tx.execute("DELETE FROM kept_commands WHERE kept_at < $1", seconds(now - KEPT))
            await tx.execute("DELETE FROM inbound_seen WHERE seen_at < $1", seconds(now - SEEN))
