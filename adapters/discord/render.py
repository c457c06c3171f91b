"""Card -> the payload of a Discord message (Components V2), or embeds for long text. Pure.

Limits: https://discord.com/developers/docs/components/reference and .../resources/message
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from adapters.discord import markdown
from bot import buttons, views
from bot.buttons import Press
from bot.cards import Button, Card, Link, PaperItem, Tone
from bot.excerpts import shorten

COMPONENTS_V2, EPHEMERAL, SILENT = 1 << 15, 1 << 6, 1 << 12
MOST_TEXT, MOST_EMBEDDED = 4_000, 5_999
_LONGEST_DESCRIPTION = 4_095  # and an ellipsis
_LONGEST_LABEL, _LONGEST_OPTION, _LONGEST_URL, _LONGEST_PICTURE_URL = 80, 100, 512, 2_048
_LONGEST_ID, _MOST_IN_ROW, _MOST_OPTIONS = 100, 5, 25
_LONGEST_HEADING = 150  # what is longer is in bold letters
_MOST_PICTURES = 8  # papers with one; more would need over 40 components
_ROW, _BUTTON, _SELECT, _SECTION, _TEXT, _THUMBNAIL, _CONTAINER = 1, 2, 3, 9, 10, 11, 17
_PRIMARY, _SECONDARY, _LINK = 1, 2, 5
_BLUE, _AMBER = 0x2F6FDE, 0xD9822B
_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rendered:
    """A payload, and the commands of its buttons that are too long for their ids, by the hash they are kept under."""

    payload: Json
    kept: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Room:
    """How much is shown: characters of each paper's title, byline and summary, whether its links are, and of other texts."""

    title: int
    byline: int
    summary: int
    links: bool
    text: int = 0  # of each paragraph; 0 for all of it


_ROOMS = (
    _Room(300, 300, 300, links=True),
    _Room(200, 200, 200, links=True),
    _Room(160, 120, 120, links=True),
    _Room(120, 100, 60, links=True),
    _Room(120, 80, 0, links=True),
    _Room(100, 0, 0, links=False),
    _Room(60, 0, 0, links=False),
    _Room(30, 0, 0, links=False),
)
_CUT = tuple(
    _Room(100 if text > 200 else 30, 0, 0, links=False, text=text)  # noqa: PLR2004
    for text in (5_500, 4_000, 3_000, 2_500, 2_000, 1_600, 1_300, 1_000, 800, 600, 500, 400, 300, 200, 100, 50)
)


@dataclass(slots=True)
class _Ids:
    """Makes the ids of the buttons of one message: none twice, and only the first carries the key of a digest."""

    key: str
    used: set[tuple[Press, str]] = field(default_factory=set)
    kept: dict[str, str] = field(default_factory=dict)

    def take(self, press: Press, command: str, *, in_menu: bool = False) -> str | None:
        """The id for a command, None when the message has it already; in a menu none carries the key."""
        if (press, command) in self.used or not command:
            return None
        self.used.add((press, command))
        key, self.key = ("", self.key) if in_menu else (self.key, "")
        made = buttons.id_of(press, command, _LONGEST_ID, key)
        if (read := buttons.read(made)) and read.kept:
            self.kept[read.kept] = command
        return made


def render(card: Card, *, key: str = "", share: str = "") -> Rendered:
    """The message; `key` marks that of a digest, `share` is the command that shows the same to everybody."""
    made = _Ids(key)
    below = _card_buttons(card, share, made)
    rows = [*_about(card, made), *below]
    if made.key:  # nothing carries it yet, and something must
        help_ = {
            "type": _BUTTON,
            "style": _SECONDARY,
            "emoji": {"name": "❔"},
            "custom_id": made.take(Press.SAY, "help"),
        }
        rows.append({"type": _ROW, "components": [help_]})
    fitting = next((found for room in _ROOMS if _length((found := _texts(card, room)).all) <= MOST_TEXT), None)
    if fitting:
        payload: Json = {"flags": COMPONENTS_V2, "components": [_container(card, fitting, rows)]}
    else:
        payload = {"embeds": _embeds(card), "components": rows}
    return Rendered({**payload, "allowed_mentions": {"parse": []}}, made.kept)


@dataclass(frozen=True, slots=True)
class _Texts:
    """The texts of a message in their order: title, paragraphs, papers, rows, code, notes.

    A card about one paper has its title as that of the paper, and its paragraphs behind it.
    """

    title: str
    before: tuple[str, ...]
    papers: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        return (self.title, *self.before, *self.papers, *self.after)


def _length(texts: Iterable[str]) -> int:
    """Of all of them, with the ends of lines."""
    return sum(_size(text) + 1 for text in texts)


def _size(text: str) -> int:
    """In UTF-16, as the strictest reader would count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _texts(card: Card, room: _Room) -> _Texts:
    def cut(text: str) -> str:
        return markdown.plain(shorten(text, room.text) if room.text else text)

    is_alone = len(card.papers) == 1 and card.papers[0].title == card.title
    title = cut(" ".join(card.title.split())) or "…"
    paragraphs = tuple(cut(paragraph) for paragraph in card.text.split("\n\n") if paragraph.strip())
    spaced = tuple(f"{text}\n" for text in paragraphs[:-1]) + paragraphs[-1:]
    papers = tuple(
        _paper(item, number if len(card.papers) > 1 else None, room)
        for number, item in enumerate(card.papers, card.first_number)
    )
    codes = (card.code.split("\n\n") if room.text else [card.code]) if card.code else []
    after = (
        *(f"**{cut(row.name)}** {cut(row.text)}" for row in card.rows),
        *(markdown.block(shorten(code, room.text) if room.text else code) for code in codes),
        *(f"-# {cut(note)}" for note in card.notes),
    )
    if is_alone:
        return _Texts("", (), papers, spaced + after)
    is_sentence = card.tone is Tone.FAILURE or len(title) > _LONGEST_HEADING
    return _Texts(f"**{title}**" if is_sentence else f"### {title}", spaced, papers, after)


def _paper(item: PaperItem, number: int | None, room: _Room) -> str:
    title = shorten(item.title or item.id, room.title) or "…"
    label = f"*{markdown.plain(item.summary_label)}:* " if item.summary_label else ""
    summary = shorten(item.summary, room.summary) if room.summary and item.summary else ""
    shows_links = room.links and number is not None  # a paper on its own has buttons with them
    links = "  ".join(markdown.link(one.label, one.url) for one in item.links if shows_links and _is_web(one.url))
    byline = shorten(item.byline, room.byline) if room.byline and item.byline else ""
    said = (markdown.plain(shorten(text, _LONGEST_OPTION)) for text in (item.numbers, item.badge))
    return _lines(
        [
            f"**{'' if number is None else f'{number}. '}{_linked(title, item.url)}**",
            f"-# {markdown.plain(byline)}" if byline else "",
            f"{label}{markdown.plain(summary)}" if summary else "",
            "  ".join(filter(None, (*said, links))),
        ]
    )


def _linked(title: str, url: str) -> str:
    return markdown.link(title, url) if _is_web(url) else markdown.plain(title)


def _container(card: Card, texts: _Texts, rows: Sequence[Json]) -> Json:
    with_pictures = len(card.papers) <= _MOST_PICTURES
    parts = [
        *_text(_lines([texts.title, *texts.before])),
        *(_section(item, text, with_pictures) for item, text in zip(card.papers, texts.papers, strict=True)),
        *_text(_lines(texts.after)),
        *rows,
    ]
    return {"type": _CONTAINER, "accent_color": _colour(card), "components": parts}


def _section(item: PaperItem, text: str, with_pictures: bool) -> Json:  # noqa: FBT001 - private
    shown: Json = {"type": _TEXT, "content": text}
    if not with_pictures or not _is_picture(item.thumbnail_url):
        return shown
    picture = {"type": _THUMBNAIL, "media": {"url": item.thumbnail_url}, "description": shorten(item.title or "…", 200)}
    return {"type": _SECTION, "components": [shown], "accessory": picture}


def _about(card: Card, made: _Ids) -> list[Json]:
    """What can be asked about the papers: buttons where there is one, else a list to choose from."""
    if len(card.papers) == 1:
        [item] = card.papers
        return _rows((*_buttons(item.buttons, made), *_links(item.links))[: 2 * _MOST_IN_ROW])
    each = _MOST_OPTIONS // max(1, len(card.papers)) or 1
    options = [
        {"label": shorten(f"{number}. {button.label}: {item.title}", _LONGEST_OPTION), "value": value}
        for number, item in enumerate(card.papers, card.first_number)
        for button in item.buttons[:each]
        if (value := made.take(Press.SAY, button.command, in_menu=True))
    ]
    if not options:
        return []
    menu = {"type": _SELECT, "custom_id": made.take(Press.SAY, "about"), "options": options[:_MOST_OPTIONS]}
    return [{"type": _ROW, "components": [{**menu, "placeholder": views.ABOUT_A_PAPER}]}]


def _card_buttons(card: Card, share: str, made: _Ids) -> list[Json]:
    shown = list(_buttons(card.buttons, made))[: _MOST_IN_ROW - 1]
    if shared := _button(views.SHARE, made.take(Press.SHARE, share)):
        shown.append(shared)
    return _rows(shown)


def _buttons(buttons: Iterable[Button], made: _Ids) -> Iterator[Json]:
    for button in buttons:
        press = Press.TURN if button.replaces else Press.SAY
        if shown := _button(button.label, made.take(press, button.command)):
            yield shown


def _button(label: str, custom_id: str | None) -> Json | None:
    style = _PRIMARY if label == views.CONFIRM else _SECONDARY
    shown = {"type": _BUTTON, "style": style, "label": shorten(label, _LONGEST_LABEL) or "…", "custom_id": custom_id}
    return shown if custom_id else None


def _links(links: Iterable[Link]) -> Iterator[Json]:
    for one in links:
        if len(one.url) <= _LONGEST_URL and _is_web(one.url):
            yield {"type": _BUTTON, "style": _LINK, "label": shorten(one.label, _LONGEST_LABEL) or "…", "url": one.url}


def _rows(buttons: Sequence[Json]) -> list[Json]:
    starts = range(0, len(buttons), _MOST_IN_ROW)
    return [{"type": _ROW, "components": list(buttons[at : at + _MOST_IN_ROW])} for at in starts]


def _embeds(card: Card) -> list[Json]:
    """Text that is too long for components: embeds have half as much room again; more than that is cut fairly."""
    for room in _CUT:
        texts = _texts(card, room)
        pieces = tuple(filter(None, texts.all))
        if _length(pieces) <= MOST_EMBEDDED and max(map(_size, pieces), default=0) <= _LONGEST_DESCRIPTION:
            break
    return [{"description": text, "color": _colour(card)} for text in _packed(pieces)]


def _packed(pieces: Iterable[str]) -> list[str]:
    """The pieces in as few descriptions as they fit into; those that have no room at all are left out."""
    packed, room = [""], MOST_EMBEDDED
    for piece in pieces:
        room -= _size(piece) + 1
        if room < 0:
            packed[-1] += "…"
            break
        joined = _lines([packed[-1], piece])
        packed[-1:] = [joined] if _size(joined) <= _LONGEST_DESCRIPTION else [packed[-1], piece]
    return [text or "…" for text in packed]


def _colour(card: Card) -> int:
    return _AMBER if card.tone is Tone.FAILURE else _BLUE


def _text(content: str) -> list[Json]:
    return [{"type": _TEXT, "content": content}] if content else []


def _lines(parts: Iterable[str]) -> str:
    return "\n".join(part for part in parts if part)


def _is_picture(url: str) -> bool:
    return len(url) <= _LONGEST_PICTURE_URL and _is_web(url) and urlsplit(url).path.lower().endswith(_PICTURES)


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    is_plain = url.isascii() and url.isprintable() and not set(url) & set(' <>"')
    return parts.scheme in ("http", "https") and bool(parts.hostname) and is_plain
