"""The values that the bot works with: frozen, compared by content, with pure methods."""

from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Self


@dataclass(frozen=True, slots=True)
class Paper:
    """One work, by its arXiv id without version.

    Text is as its source gave it, with white space collapsed. `None` or empty means not known.
    """

    id: str
    title: str
    abstract: str = ""
    authors: tuple[str, ...] = ()
    published: date | None = None  # the arXiv date, UTC
    categories: tuple[str, ...] = ()  # the primary one first
    organization: str = ""  # its full name
    organization_handle: str = ""  # its short name at Hugging Face
    ai_summary: str = ""  # Hugging Face's, never ours
    keywords: tuple[str, ...] = ()
    code_url: str = ""
    project_url: str = ""
    thumbnail_url: str = ""
    stars: int | None = None  # of the code repository
    votes: int | None = None
    comments: int | None = None
    batch: date | None = None  # the newest batch that lists it
    version: int | None = None  # of the arXiv record that its text is from

    @property
    def day(self) -> date | None:
        """The day by which it is filtered and sorted: of its batch, else of arXiv.

        The two differ by 2 days in the median and by up to 136 (SOURCES); readers know a paper by its batch.
        """
        return self.batch or self.published

    @property
    def text(self) -> str:
        """What is read of it to know what it means."""
        return f"{self.title}. {self.abstract}"

    def updated_by(self, newer: Self) -> Self:
        """This paper with everything that `newer` knows; what `newer` does not know is kept.

        Where `newer` is of an older version after all, it only fills in what is not known.
        """
        if newer.version and self.version and newer.version < self.version:
            return replace(newer, version=None).updated_by(self)
        known = {f.name: value for f in fields(newer) if (value := getattr(newer, f.name)) not in ("", (), None)}
        if self.batch and newer.batch:
            known["batch"] = max(self.batch, newer.batch)
        return replace(self, **known)


@dataclass(frozen=True, slots=True)
class Readable:
    """What is read of a paper to know what it means; `changed` is the number of the change that wrote it."""

    id: str
    changed: int
    text: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What Hugging Face lists for one feed day, in its order; `skipped` entries could not be read."""

    day: date
    papers: tuple[Paper, ...]
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class BatchInfo:
    """A stored batch without its papers."""

    day: date
    size: int
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class Saved:
    """What storing papers changed: ids that were new, ids of which something besides counts is new."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    counted: int = 0  # papers whose votes, comments or stars moved

    def __add__(self, other: Self) -> "Saved":
        return Saved(self.added + other.added, self.changed + other.changed, self.counted + other.counted)


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """When a source last answered and last failed, and how."""

    source: str
    answered_at: datetime | None = None
    failed_at: datetime | None = None
    error: str = ""

    @property
    def is_well(self) -> bool:
        """Whether its newest answer is newer than its newest failure."""
        return self.failed_at is None or (self.answered_at is not None and self.answered_at >= self.failed_at)


@dataclass(frozen=True, slots=True)
class Stock:
    """How much the store holds."""

    papers: int
    batches: int
    first_day: date | None
    last_day: date | None
    fetched_at: datetime | None  # when a batch was last fetched


@dataclass(frozen=True, slots=True)
class Hit:
    """A paper that the index found: its id, and its title and votes for the ranking."""

    id: str
    title: str
    text_score: float
    votes: int
    day: date | None
    nearness: float | None = None  # in meaning, to what was asked: a cosine; None when it is not known


class Why(StrEnum):
    """By what a paper was found."""

    TITLE = "title"
    AUTHOR = "author"
    MEANING = "meaning"


@dataclass(frozen=True, slots=True)
class Found:
    """What the index found for a query; `corrections` pairs each repaired word with its replacement."""

    hits: tuple[Hit, ...]
    corrections: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Matching:
    """The ids of all papers for which a query holds, and the words of it that were repaired."""

    ids: frozenset[str]
    corrections: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class IndexState:
    """How far the index is: papers in it, the change of the store it has reached, whether it is being rebuilt."""

    papers: int
    cursor: int
    rebuilding: bool = False
    read: int | None = None  # papers whose meaning is known; None while words alone are compared


@dataclass(frozen=True, slots=True)
class Window:
    """A span of feed days, both ends included."""

    first: date
    last: date

    @classmethod
    def ending(cls, last: date, days: int) -> Self:
        """The `days` days that end with `last`."""
        return cls(last - timedelta(days=days - 1), last)
