"""Papers as rows and back."""

import json
from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any

from bot.models import Paper
from bot.store.database import Row, Value

PAPER_COLUMNS = tuple(f.name for f in fields(Paper))
PAPER_SELECT = ", ".join(f"p.{name}" for name in PAPER_COLUMNS)
_LISTS = {"authors", "categories", "keywords"}
_DAYS = {"published", "batch"}


def paper_row(paper: Paper) -> Row:
    """The values of the paper in the order of PAPER_COLUMNS."""
    return [_value(name, getattr(paper, name)) for name in PAPER_COLUMNS]


def read_paper(row: Row) -> Paper:
    """The paper from a row in the order of PAPER_COLUMNS."""
    known: dict[str, Any] = {name: _read(name, value) for name, value in zip(PAPER_COLUMNS, row, strict=True)}
    return Paper(**known)


def seconds(moment: datetime) -> int:
    """A time as it is stored: whole UTC epoch seconds."""
    return int(moment.timestamp())


def time(stored: Value) -> datetime:
    """A stored time, aware, in UTC."""
    return datetime.fromtimestamp(float(stored or 0), UTC)


def time_or_none(stored: Value) -> datetime | None:
    """A stored time that may be missing."""
    return None if stored is None else time(stored)


def day(stored: Value) -> date | None:
    """A stored day."""
    return None if stored is None else date.fromisoformat(str(stored))


def _value(name: str, value: Any) -> Value:
    if name in _LISTS:
        return json.dumps(value, ensure_ascii=False)
    if name in _DAYS:
        return value.isoformat() if value else None
    stored: Value = value
    return stored


def _read(name: str, value: Value) -> Any:
    if name in _LISTS:
        return tuple(json.loads(str(value)))
    return day(value) if name in _DAYS else value
