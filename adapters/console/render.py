"""Card -> text for a terminal or a pipe. Pure."""

import re
import textwrap
from dataclasses import dataclass

from bot.cards import Button, Card, PaperItem, Row

BOLD, DIM, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"
# Cards are clean; this is the last door before a terminal that would obey what it is sent: controls, line separators
# and marks of direction, and surrogates, which cannot even be written.
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_NARROWEST = 40
_ROW_NAME = 26


@dataclass(frozen=True, slots=True)
class Screen:
    """How wide lines may be (None: never wrapped), and whether bold and dim can be shown."""

    width: int | None = None
    styled: bool = False

    def lines(self, text: str, indent: str = "", style: str = "", first: str | None = None) -> list[str]:
        """The text as lines, each behind `indent`, the first one behind `first` where that is given."""
        lead = indent if first is None else first
        found = []
        for part in filter(None, _clean(text).split("\n")):
            found += self._wrapped(part, lead, indent)
            lead = indent
        return [f"{style}{line}{_PLAIN}" if self.styled and style else line for line in found]

    def _wrapped(self, text: str, lead: str, indent: str) -> list[str]:
        if self.width is None:
            return [lead + text]
        width = max(self.width, _NARROWEST)
        wrapper = textwrap.TextWrapper(width, lead, indent, break_long_words=False, break_on_hyphens=False)
        return wrapper.wrap(text)


def render(card: Card, screen: Screen = Screen()) -> str:
    """The whole card."""
    is_repeated = not card.text and [item.title for item in card.papers] == [card.title]
    blocks = [
        [*screen.lines("" if is_repeated else card.title, style=BOLD), *screen.lines(card.text)],
        *(_paper(item, number, screen) for number, item in enumerate(card.papers, card.first_number)),
        [line for row in card.rows for line in _row(row, screen)],
        [_clean(card.code)] if card.code else [],
        [line for note in card.notes for line in screen.lines(note, style=DIM)],
        [line for button in buttons(card) for line in screen.lines(f"{button.label}: {button.command}", style=DIM)],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def buttons(card: Card) -> tuple[Button, ...]:
    """What can be pressed by its name: the buttons of the card, and those of its paper when that is the only one."""
    return (*card.buttons, *(card.papers[0].buttons if len(card.papers) == 1 else ()))


def _paper(item: PaperItem, number: int, screen: Screen) -> list[str]:
    """Title, who and when, what it says, how it does, where it leads."""
    lead = f"{number}. "
    indent = " " * len(lead)
    label = f"{item.summary_label}: " if item.summary_label else ""
    links = "  ".join(f"{link.label} {link.url}" for link in item.links)
    return [
        *screen.lines(item.title, indent, BOLD, first=lead),
        *screen.lines(item.byline, indent, DIM),
        *screen.lines(f"{label}{item.summary}" if item.summary else "", indent),
        *screen.lines("  ".join(filter(None, (item.numbers, item.badge))), indent),
        *screen.lines(f"{item.url}  {links}".strip(), indent, DIM),
    ]


def _row(row: Row, screen: Screen) -> list[str]:
    """Two columns; a name too long for its column gets a line of its own."""
    name, indent = " ".join(_clean(row.name).split()), " " * _ROW_NAME
    if row.text and len(name) < _ROW_NAME - 1:
        return screen.lines(row.text, indent, first=f"{name:<{_ROW_NAME}}")
    return [*screen.lines(name), *screen.lines(row.text, indent)]


def _clean(text: str) -> str:
    return _CONTROLS.sub("", text)
