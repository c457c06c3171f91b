"""Numbered migrations, recorded by name, one transaction each, forward only."""

from importlib import resources
from uuid import uuid4

import aiosqlite

from bot.errors import StoreError

_APPLIED = "CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY)"


def available() -> dict[str, str]:
    """The SQL of every migration by its name, in order."""
    files = [file for file in (resources.files("bot.store") / "migrations").iterdir() if file.name.endswith(".sql")]
    return {file.name: file.read_text("utf-8") for file in sorted(files, key=lambda file: file.name)}


async def migrate(connection: aiosqlite.Connection) -> None:
    """Bring the database to the newest schema. Raises StoreError for a database of a newer version."""
    await connection.execute(_APPLIED)
    known = available()
    for name in await waiting(connection):
        await _apply(connection, name, known[name])


async def waiting(connection: aiosqlite.Connection) -> list[str]:
    """The migrations that are still to be applied, in order: all of them for an empty file.

    Raises StoreError when some were applied that are not known here.
    """
    [[tables]] = await connection.execute_fetchall("SELECT COUNT(*) FROM sqlite_master")
    rows = await connection.execute_fetchall("SELECT name FROM migrations") if tables else ()
    applied = {row[0] for row in rows}
    unknown = sorted(applied - available().keys())
    if unknown:
        raise StoreError(
            f"The database was written by a newer version of Paper Round (it has {unknown[-1]}): "
            "install that version, or restore an older backup."
        )
    return [name for name in available() if name not in applied]


async def _apply(connection: aiosqlite.Connection, name: str, sql: str) -> None:
    await connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in _statements(sql):
            await connection.execute(statement)
        await connection.execute("INSERT INTO migrations (name) VALUES (?1)", (name,))
        # Every database has a name of its own, so that an index never follows the wrong one.
        identity = "INSERT INTO facts (name, value) VALUES ('identity', ?1) ON CONFLICT (name) DO NOTHING"
        await connection.execute(identity, (uuid4().hex,))
        await connection.commit()
    except BaseException:
        await connection.rollback()
        raise


def _statements(sql: str) -> list[str]:
    """The statements of a file; comments may hold anything, a semicolon ends a statement at a line's end."""
    lines = [line.partition("--")[0].rstrip() for line in sql.splitlines()]
    statements = "\n".join(line for line in lines if line).split(";\n")
    return [statement.rstrip(";\n") for statement in statements if statement.strip(";\n ")]
