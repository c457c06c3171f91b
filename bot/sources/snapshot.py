"""Bulk files: arXiv's metadata snapshot (JSON lines) and saved days of the feed (JSON), plain or compressed by gzip.

What a file holds is told by its content, not by its name. The layout of the snapshot:
https://www.kaggle.com/datasets/Cornell-University/arxiv
"""

import gzip
import json
import re
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import IO

from bot import identifiers, typed
from bot.errors import SourceError
from bot.models import Batch, Paper
from bot.sources.huggingface import day_of, parse_batch

AT_ONCE, HEAVIEST = 2_000, 20_000_000  # lines and bytes in a portion
LONGEST_LINE = 2_000_000  # bytes; the longest real record has some 100,000
LONGEST_DAY = 5_000_000  # bytes of a saved day; the largest real one has some 200,000
_GZIP = b"\x1f\x8b"
_MARK = b"\xef\xbb\xbf"  # of the byte order, as some editors write it
_PROBE = 1_000
_BUFFER = 1 << 17  # bytes; an endless line is read eight times as fast as with the usual 8,192
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
    try:
        found = path.stat()
    except OSError as error:
        raise SourceError(f"{path} cannot be read ({error.strerror}): check its name") from error
    if stat.S_ISDIR(found.st_mode):
        raise SourceError(f"{path} is a folder: name the files in it")
    if not stat.S_ISREG(found.st_mode):
        raise SourceError(f"{path} is a pipe or a device: save what it gives as a file")
    return found.st_size


def portions(path: Path, report: Report) -> Iterator[Portion]:
    """What the file holds, piece by piece; lines that cannot be read are reported with their number and left out.

    Raises SourceError when it is no such file, or ends too early; what was given out before is whole.
    """
    try:
        with _opened(path) as (_, content):
            beginning = _beginning(content)
        if not beginning:
            raise SourceError(f"{path} is empty")
        if beginning == b"[":
            yield Portion(size(path), batch=_saved_day(path))
        elif beginning == b"{":
            with _opened(path) as (file, content):
                yield from _snapshot(file, content, report)
        else:
            raise SourceError(f"{path} holds neither arXiv's snapshot (JSON lines) nor a saved day of the feed (JSON)")
    except EOFError as error:
        raise SourceError(f"{path} ends too early: what stands before its end is kept; get the file again") from error
    except (OSError, zlib.error) as error:
        raise SourceError(f"{path} cannot be read ({error}): what stands before is kept; get the file again") from error


@contextmanager
def _opened(path: Path) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """The file as it lies on disk, and its content, decompressed where that is needed."""
    with path.open("rb", _BUFFER) as file:
        is_compressed = file.read(len(_GZIP)) == _GZIP
        file.seek(0)
        if not is_compressed:
            yield file, file
            return
        with gzip.open(file) as content:
            yield file, content  # type: ignore[misc]  # it reads like any binary file


def _beginning(content: IO[bytes]) -> bytes:
    """The first character that is not blank; empty when there is none."""
    while line := content.readline(_PROBE):
        if text := line.removeprefix(_MARK).strip():
            return text[:1]
    return b""


def _snapshot(file: IO[bytes], content: IO[bytes], report: Report) -> Iterator[Portion]:
    papers: list[Paper] = []
    weight = 0
    failures: list[Exception] = []
    for number, line in _lines(content, failures):
        papers += _readable(number, line, report)
        weight += len(line)
        if number % AT_ONCE == 0 or weight > HEAVIEST:
            yield Portion(file.tell(), tuple(papers))
            papers, weight = [], 0
    yield Portion(file.tell(), tuple(papers))
    for failure in failures:
        raise failure


def _lines(content: IO[bytes], failures: list[Exception]) -> Iterator[tuple[int, bytes]]:
    """The lines with their numbers; of one that is too long only its beginning. What ends them too early is a failure."""
    number = 0
    try:
        while line := content.readline(LONGEST_LINE):
            number += 1
            rest = line
            while len(rest) == LONGEST_LINE and not rest.endswith(b"\n"):
                rest = content.readline(LONGEST_LINE)
            yield number, line
    except (EOFError, OSError, zlib.error) as error:
        failures.append(error)


def _readable(number: int, line: bytes, report: Report) -> list[Paper]:
    """The paper of one line; none where it is blank, or cannot be read and is reported."""
    text = line.removeprefix(_MARK).strip()
    try:
        return [_paper(text)] if text else []
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError) as error:
        report(f"line {number}: {_reason(error, line)}")
        return []


def _paper(line: bytes) -> Paper:
    """The paper of one line. Raises ValueError and its like."""
    found = json.loads(line)
    if not isinstance(found, dict):
        raise TypeError("no object")
    id_ = identifiers.repaired(str(found["id"]))
    title = _text(found["title"], 1_000)
    if not id_ or not title:
        raise ValueError(f"no arXiv id or no title: {str(found['id'])[:40]!r}")
    versions = found.get("versions") or []
    return Paper(
        id=id_,
        title=title,
        abstract=_text(found.get("abstract"), 20_000),
        authors=tuple(filter(None, map(_name, (found.get("authors_parsed") or [])[:_MOST_AUTHORS]))),
        published=_day(versions[0]["created"] if versions else found.get("update_date")),
        categories=tuple(_text(found.get("categories"), 1_000).split()),
        version=len(versions) or None,
    )


def _name(parts: list[str | None]) -> str:
    """First name, last name and suffix of an author, whom the snapshot has taken apart; an affiliation may follow."""
    last, first, suffix = (parts + [None] * 3)[:3]
    return _text(" ".join(filter(None, (first, last, suffix))), 300)


def _text(value: str | None, longest: int) -> str:
    """One line of visible text, cut at a length that no real one reaches."""
    return typed.visible((value or "")[: 2 * longest])[:longest].strip()


def _day(text: str | None) -> date | None:
    """A day from `2026-01-31` or from the date of a mail, as the two forms of the snapshot have it."""
    if not text:
        return None
    if _DAY.fullmatch(text):
        return date.fromisoformat(text)
    moment = parsedate_to_datetime(text)
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC).date()


def _saved_day(path: Path) -> Batch:
    with _opened(path) as (_, content):
        text = content.read(LONGEST_DAY + 1)
    if len(text) > LONGEST_DAY:
        raise SourceError(f"{path} is too large for a saved day of the feed")
    try:
        entries = json.loads(text.removeprefix(_MARK))
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{path} is no saved day of the feed, {_reason(error, text)}: get the file again") from error
    day = _named_day(path) or day_of(entries)
    if day is None:
        raise SourceError(f"{path} does not say of which day it is: name it like 2026-01-31.json")
    return parse_batch(entries, day)


def _named_day(path: Path) -> date | None:
    try:
        return date.fromisoformat(_DAY.findall(path.name)[0])
    except (LookupError, ValueError):
        return None


def _reason(error: Exception, text: bytes) -> str:
    if len(text) >= LONGEST_LINE:
        return f"it is longer than {LONGEST_LINE:,} bytes"
    if isinstance(error, (json.JSONDecodeError, UnicodeDecodeError, RecursionError)):
        return f"it is no JSON, {typed.visible(str(error).lower())}"
    return f"it is no paper, {type(error).__name__}: {typed.visible(str(error))[:80]}"
