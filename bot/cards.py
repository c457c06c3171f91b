"""What the bot says, before any platform.

A card is plain data: no markup of any platform is in it, and every text in it is to be shown as it
is, never interpreted. Each adapter has one pure function from a card to its payload.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, TypeVar

T = TypeVar("T")


class Tone(StrEnum):
    """What kind of answer a card is."""

    ANSWER = "answer"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Link:
    """A labelled address outside the bot."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Button:
    """Pressing it says `command` to the bot, as if the person had typed it."""

    label: str
    command: str
    replaces: bool = False  # the answer takes the place of the card that has the button


@dataclass(frozen=True, slots=True)
class PaperItem:
    """One paper on a card."""

    id: str
    title: str
    url: str
    byline: str = ""  # organisation, authors, date
    summary: str = ""
    summary_label: str = ""  # whose summary it is, where it is not the authors'
    numbers: str = ""  # votes, comments, stars
    badge: str = ""  # why it stands out
    thumbnail_url: str = ""
    links: tuple[Link, ...] = ()
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A name and what is to be said of it, as in a table of two columns."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Card:
    """One answer or post."""

    title: str
    text: str = ""
    papers: tuple[PaperItem, ...] = ()
    first_number: int = 1  # of the first paper, where the card is a later page of a list
    rows: tuple[Row, ...] = ()
    code: str = ""  # shown as it is, with nothing wrapped, for copying
    notes: tuple[str, ...] = ()  # footer lines
    buttons: tuple[Button, ...] = ()
    tone: Tone = Tone.ANSWER
    about: str = ""  # the argument that a failure is about, where it is about one

    @property
    def plain(self) -> str:
        """The card as text: for notifications, logs and platforms without cards."""
        papers = (f"- {item.title} {item.url}" for item in self.papers)
        rows = (f"{row.name}: {row.text}" for row in self.rows)
        parts = (self.title, self.text, *papers, *rows, self.code, *self.notes)
        return "\n".join(part for part in parts if part)


def to_json(card: Card) -> str:
    """The card as one JSON object on one line; each element of `papers` carries the paper's `id`."""
    return json.dumps(asdict(card), ensure_ascii=False)


def from_json(text: str) -> Card:
    """The card that `to_json` wrote. Raises ValueError, TypeError or LookupError when it did not."""
    found = json.loads(text)
    papers = tuple(
        PaperItem(**{**item, "links": _all(Link, item["links"]), "buttons": _all(Button, item["buttons"])})
        for item in found["papers"]
    )
    parts = {
        "papers": papers,
        "rows": _all(Row, found["rows"]),
        "buttons": _all(Button, found["buttons"]),
        "notes": tuple(found["notes"]),
        "tone": Tone(found["tone"]),
    }
    return Card(**{**found, **parts})


def _all(kind: type[T], found: Iterable[Mapping[str, Any]]) -> tuple[T, ...]:
    return tuple(kind(**one) for one in found)
