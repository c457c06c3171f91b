"""Bulk files: arXiv's metadata snapshot (JSON lines) and saved days of the feed (JSON), plain or compressed by gzip.

What a file holds is told by its content, not by its name. The layout of the snapshot:
https://www.kaggle.com/datasets/Cornell-University/arxiv
"""

import gzip
import json
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import IO, Any

from bot import identifiers, typed
from bot.errors import SourceError
from bot.models import Batch, Paper
from bot.sources.huggingface import day_of, parse_batch

AT_ONCE = 2_000  # papers in a portion
LONGEST_LINE = 10_000_000  # bytes; the longest real record has some 100,000
LONGEST_DAY = 50_000_000  # bytes of a saved day; the largest real one has some 200,000
_GZIP = b"\x1f\x8b"
_MARK = b"\xef\xbb\xbf"  # of the byte order, as some editors write it
_PROBE = 1_000
_MOST_AUTHORS = 5_000
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Portion:
    """Some of what a file holds: papers, or a batch of the feed; `read` bytes of the file lie behind it."""

    read: int
    papers: tuple[Paper, ...] = ()
    batch: Batch | None = None


def size(path: Path) -> int:
    """Bytes on disk. Raises SourceError when it is no file that can be read."""
    if path.is_dir():
        raise SourceError(f"{path} is a folder: name the files in it")
    try:
        return path.stat().st_size
    except OSError as error:
        raise SourceError(f"{path} cannot be read ({error.strerror}): check its name") from error


def portions(path: Path, report: Report) -> Iterator[Portion]:
    """What the file holds, piece by piece; lines that cannot be read are reported with their number and left out.

    Raises SourceError when it is no such file, or ends too early; what was given out before is whole.
    """
    try:
        with _opened(path) as (file, content):
            probe = content.read(_PROBE).removeprefix(_MARK).lstrip()
        if not probe:
            raise SourceError(f"{path} is empty")
        if probe[:1] == b"[":
            yield Portion(size(path), batch=_saved_day(path))
        elif probe[:1] == b"{":
            with _opened(path) as (file, content):
                yield from _snapshot(file, content, report)
        else:
            raise SourceError(f"{path} holds neither arXiv's snapshot (JSON lines) nor a saved day of the feed (JSON)")
    except EOFError as error:
        raise SourceError(
            f"{path} ends too early: what stood before its end is imported; get the file again"
        ) from error
    except (OSError, zlib.error) as error:
        raise SourceError(f"{path} cannot be read ({error}): what stood before is imported") from error


@contextmanager
def _opened(path: Path) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """The file as it lies on disk, and its content, decompressed where that is needed."""
    with path.open("rb") as file:
        is_compressed = file.read(len(_GZIP)) == _GZIP
        file.seek(0)
        if not is_compressed:
            yield file, file
            return
        with gzip.open(file) as content:
            yield file, content  # type: ignore[misc]  # it reads like any binary file


def _snapshot(file: IO[bytes], content: IO[bytes], report: Report) -> Iterator[Portion]:
    papers: list[Paper] = []
    for number, line in _lines(content):
        try:
            papers.append(_paper(line))
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            report(f"line {number}: {_reason(error)}")
        if len(papers) == AT_ONCE:
            yield Portion(file.tell(), tuple(papers))
            papers = []
    yield Portion(file.tell(), tuple(papers))


def _lines(content: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """The lines that are not blank, with their numbers; of one that is too long only its beginning, which is no JSON."""
    number = 0
    while line := content.readline(LONGEST_LINE):
        number += 1
        rest = line
        while len(rest) == LONGEST_LINE and not rest.endswith(b"\n"):
            rest = content.readline(LONGEST_LINE)
        if stripped := line.removeprefix(_MARK).strip():
            yield number, stripped


def _paper(line: bytes) -> Paper:
    """The paper of one line. Raises ValueError and its like."""
    found = json.loads(line)
    id_ = identifiers.repaired(str(found["id"]))
    title = typed.visible(found["title"])
    if not id_ or not title:
        raise ValueError(f"no arXiv id or no title: {str(found['id'])[:40]!r}")
    versions = found.get("versions") or [{}]
    return Paper(
        id=id_,
        title=title,
        abstract=typed.visible(found.get("abstract") or ""),
        authors=_authors(found),
        published=_day(versions[0].get("created") or found.get("update_date")),
        categories=tuple((found.get("categories") or "").split()),
        version=len(versions),
    )


def _authors(found: dict[str, Any]) -> tuple[str, ...]:
    """First name, last name and suffix of each author, as the snapshot has taken them apart."""
    parsed = (found.get("authors_parsed") or [])[:_MOST_AUTHORS]
    names = (typed.visible(" ".join(filter(None, (first, last, suffix)))) for last, first, suffix, *_ in parsed)
    return tuple(filter(None, names))


def _day(text: str | None) -> date | None:
    """A day from `2026-01-31` or from the date of a mail, as the two forms of the snapshot have it."""
    if not text:
        return None
    if _DAY.fullmatch(text):
        return date.fromisoformat(text)
    return parsedate_to_datetime(text).astimezone(UTC).date()


def _saved_day(path: Path) -> Batch:
    with _opened(path) as (_, content):
        text = content.read(LONGEST_DAY + 1)
    if len(text) > LONGEST_DAY:
        raise SourceError(f"{path} is too large for a saved day of the feed")
    try:
        entries = json.loads(text.removeprefix(_MARK))
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{path} is no JSON ({_reason(error)}): get the file again") from error
    named = _DAY.search(path.name)
    day = _day(named[0]) if named else day_of(entries)
    if day is None:
        raise SourceError(f"{path} does not say of which day it is: name it like 2026-01-31.json")
    return parse_batch(entries, day)


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"it is no JSON, {error.msg.lower()}"
    return f"it is no paper, {type(error).__name__}: {str(error)[:80]}"
