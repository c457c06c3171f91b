"""Records in the layout of arXiv's metadata snapshot, for tests."""

import gzip
import json
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bot.errors import SourceError
from bot.models import Batch, Paper
from bot.sources import snapshot

MEGABYTE = 1_000_000
OLD_LAYOUT, NEW_LAYOUT = "1991-10-31", "Mon, 2 Apr 2007 19:18:42 GMT"


def record(id_: Any = "0704.0001", **fields: Any) -> dict[str, Any]:
    """A record with everything that is read, unless given otherwise; `None` stands for a field that is null."""
    known = {
        "id": id_,
        "title": f"The paper {id_}",
        "abstract": "  We do\n  something.\n",
        "categories": "cs.CL cs.LG",
        "authors": "Ada Lovelace and Grace Hopper",
        "authors_parsed": [["Lovelace", "Ada", ""], ["Hopper", "Grace", "Jr."]],
        "update_date": "2008-01-01",
        "versions": [{"version": "v1", "created": NEW_LAYOUT}],
    }
    return {**known, **fields}


def records(count: int, first: int = 1, **fields: Any) -> list[dict[str, Any]]:
    """Records of as many papers, `0801.0001` and so on, each of a day of its own."""
    return [
        record(f"{801 + n // 9_000:04}.{n % 9_000 + 1:04}", **_own(n), **fields)
        for n in range(first - 1, first - 1 + count)
    ]


def _own(number: int) -> dict[str, Any]:
    day = date(1992, 1, 1) + timedelta(days=number)
    return {"title": f"Study {number} of learning", "versions": [{"version": "v1", "created": day.isoformat()}]}


def lines(values: Iterable[Any]) -> bytes:
    """One JSON value a line."""
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def written(path: Path, *values: Any) -> Path:
    """The file, filled with the values as lines, and compressed where its name ends in `.gz`."""
    content = lines(values)
    path.write_bytes(gzip.compress(content, 1) if path.suffix == ".gz" else content)
    return path


class Read:
    """What came of a file: its papers, the troubles with its lines, and why it ended early."""

    def __init__(self, path: Path) -> None:
        self.papers: list[Paper] = []
        self.batches: list[Batch] = []
        self.troubles: list[str] = []
        self.failure = ""
        try:
            for portion in snapshot.portions(path, self.troubles.append):
                self.papers += portion.papers
                self.batches += [portion.batch] if portion.batch else []
        except SourceError as error:
            self.failure = str(error)


def content_of(folder: Path, content: bytes, name: str = "some.json") -> Read:
    path = folder / name
    path.write_bytes(content)
    return Read(path)
