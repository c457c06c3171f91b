"""Papers as rows and back."""

import json
from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime
from operator import attrgetter
from typing import Any

from bot.models import Paper
from bot.store.database import Row, Value

PAPER_COLUMNS = tuple(f.name for f in fields(Paper))
PAPER_SELECT = ", ".join(f"p.{name}" for name in PAPER_COLUMNS)
_NONE = "[]"


def paper_row(paper: Paper) -> Row:
    """The values of the paper in the order of PAPER_COLUMNS."""
    values = _values_of(paper)
    return [write(value) if write else value for write, value in zip(_WRITERS, values, strict=True)]


def read_paper(row: Row) -> Paper:
    """The paper from a row in the order of PAPER_COLUMNS."""
    return Paper(*[read(value) if read else value for read, value in zip(_READERS, row, strict=True)])  # type: ignore[arg-type]


def seconds(moment: datetime) -> int:
    """A time as it is stored: whole UTC epoch seconds."""
    return int(moment.timestamp())


def time(stored: Value) -> datetime:
    """A stored time, aware, in UTC."""
    return datetime.fromtimestamp(float(stored or 0), UTC)


def time_or_none(stored: Value) -> datetime | None:
    """A stored time that may be missing."""
    return None if stored is None else time(stored)


def seconds_or_none(moment: datetime | None) -> int | None:
    """A time that may be missing, as it is stored."""
    return None if moment is None else seconds(moment)


def day_or_none(value: date | None) -> str | None:
    """A day that may be missing, as it is stored."""
    return value.isoformat() if value else None


def day(stored: Value) -> date | None:
    """A stored day."""
    return None if stored is None else date.fromisoformat(str(stored))


def _written_list(value: Sequence[str]) -> Value:
    return _encode(value) if value else _NONE


def _read_list(value: Value) -> tuple[str, ...]:
    return () if value == _NONE else tuple(json.loads(str(value)))


def _written_day(value: date | None) -> Value:
    return value.isoformat() if value else None


# How a column is written and read, where it is not stored as it is; in the order of the columns, because imports
# of millions of papers spend their time here.
_LISTS, _DAYS = {"authors", "categories", "keywords"}, {"published", "batch"}
_encode = json.JSONEncoder(ensure_ascii=False).encode  # `dumps` would make an encoder for each list
_values_of = attrgetter(*PAPER_COLUMNS)
_WRITERS: list[Callable[[Any], Value] | None] = [
    _written_list if name in _LISTS else _written_day if name in _DAYS else None for name in PAPER_COLUMNS
]
_READERS: list[Callable[[Any], Any] | None] = [
    _read_list if name in _LISTS else day if name in _DAYS else None for name in PAPER_COLUMNS
]
