"""The Vectors port in portable SQL."""

from collections.abc import Mapping, Sequence

from bot.models import Readable
from bot.store.database import Database, Value
from bot.store.readable import readable

# A vector that is damaged counts as missing: 384 bytes are whole, and only bytes are not less than none of them ($4).
_AFTER = (
    "SELECT v.paper, v.vector FROM vectors v WHERE v.model = $1 AND v.paper > $2 "
    "AND LENGTH(v.vector) = 384 AND v.vector >= $4 ORDER BY v.paper LIMIT $3"
)
_MISSING = (
    "SELECT p.id, p.changed, p.title, p.abstract FROM papers p WHERE p.changed > $2 AND NOT EXISTS "
    "(SELECT 1 FROM vectors v WHERE v.paper = p.id AND v.model = $1 AND LENGTH(v.vector) = 384 AND v.vector >= $4) "
    "ORDER BY p.batch IS NULL, COALESCE(p.batch, p.published) DESC, p.id DESC LIMIT $3"
)
_SAVE = (
    "INSERT INTO vectors (paper, model, vector) SELECT $1, $2, $3 FROM papers p WHERE p.id = $1 AND p.changed = $4 "
    "ON CONFLICT (paper) DO UPDATE SET model = excluded.model, vector = excluded.vector"
)


class SqlVectors:
    """Vectors, on any Database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @readable
    async def after(self, model: str, paper: str, limit: int) -> Mapping[str, bytes]:
        """The next vectors of the model behind that paper, in the order of their ids."""
        async with self._database.reading() as reader:
            return {str(id_): _bytes(vector) for id_, vector in await reader.fetch(_AFTER, model, paper, limit, b"")}

    @readable
    async def missing(self, model: str, since: int, limit: int) -> tuple[Readable, ...]:
        """The newest papers that have no vector of the model, of those that changed after the cursor `since`."""
        async with self._database.reading() as reader:
            rows = await reader.fetch(_MISSING, model, since, limit, b"")
        return tuple(
            Readable(str(id_), int(changed or 0), f"{title!s}. {text!s}") for id_, changed, title, text in rows
        )

    async def save(self, model: str, read: Sequence[tuple[Readable, bytes]]) -> None:
        """Keep the vectors of those that have not changed since they were read."""
        async with self._database.transaction() as tx:
            await tx.execute_many(_SAVE, [[one.id, model, vector, one.changed] for one, vector in read])

    async def count(self, model: str) -> int:
        """How many papers have a vector of the model."""
        async with self._database.reading() as reader:
            return int((await reader.fetch("SELECT COUNT(*) FROM vectors WHERE model = $1", model))[0][0] or 0)

    @readable
    async def count_of_others(self, model: str) -> int:
        """How many papers have a vector of another model, which is of no use to this one."""
        async with self._database.reading() as reader:
            return int((await reader.fetch("SELECT COUNT(*) FROM vectors WHERE model <> $1", model))[0][0] or 0)


def _bytes(value: Value) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError(f"a vector is stored as {type(value).__name__}")
    return value
