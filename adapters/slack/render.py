"""Card -> the payload of a Slack message (Block Kit). Pure.

Limits: https://docs.slack.dev/reference/block-kit/blocks; all texts of a message together, which no page says, from
https://github.com/slackapi/bolt-js/issues/2509 and 2867 (`msg_blocks_too_long`).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from adapters.slack import mrkdwn
from bot import views
from bot.cards import Button, Card, Link, PaperItem, Row
from bot.excerpts import shorten

MOST_BLOCKS, MOST_CHARACTERS = 50, 11_000
_LONGEST_TEXT, _LONGEST_FALLBACK, _LONGEST_HEADER = 3_000, 3_900, 150
_LONGEST_LABEL, _LONGEST_VALUE, _LONGEST_OPTION, _LONGEST_URL = 75, 2_000, 150, 3_000
_MOST_IN_ROW, _MOST_OPTIONS, _MOST_IN_CONTEXT = 5, 5, 10
_MOST_WITH_CONTEXT = 20  # papers with a block of their own for who and when
# How many characters of each text are shown: the first number with which all of them fit together.
_DETAILS = (MOST_CHARACTERS, 2_000, 1_200, 800, 500, 300, 250, 200, 160, 130, 100, 80)

Json = dict[str, Any]


def render(card: Card, *, share: str = "") -> Json:
    """The message, with as much of each text as there is room for; `share` is the command that shows it to everybody."""
    sharing = [Button(views.SHARE, share)] if share else []
    below = [*_rows([*_pressable(card.buttons), *_pressable(sharing, "share")])]
    above: list[Json] = []
    for detail in _DETAILS:
        above = [*_head(card, detail), *_papers(card, detail), *_tail(card, detail)]
        if _fits(above + below):
            break
    else:
        more = _context(["…"])
        while above and not _fits([*above, more, *below]):
            above.pop()
        above.append(more)
    return {"text": _fallback(card), "blocks": above + below, "unfurl_links": False, "unfurl_media": False}


def _fits(blocks: list[Json]) -> bool:
    return len(blocks) <= MOST_BLOCKS and _size(blocks) <= MOST_CHARACTERS


def _size(found: object) -> int:
    """How many characters of text there are, however deep."""
    if isinstance(found, Mapping):
        text = found.get("text")
        return (len(text) if isinstance(text, str) else 0) + sum(map(_size, found.values()))
    return sum(map(_size, found)) if isinstance(found, list) else 0


def _fallback(card: Card) -> str:
    """The card as text, for notifications and screen readers; its own addresses stay what they are."""
    found = "\n".join(_lines(card, has_details=True))
    if len(found) <= _LONGEST_FALLBACK:
        return found or "…"
    lines: list[str] = []
    room = _LONGEST_FALLBACK
    for line in _lines(card, has_details=False):
        if (room := room - len(line) - 1) < 0:
            return "\n".join([*lines, "…"])
        lines.append(line)
    return "\n".join(lines)


def _lines(card: Card, *, has_details: bool) -> Iterator[str]:
    yield from (mrkdwn.fitted(text, 2_500) for text in (card.title, card.text) if text)
    for number, item in enumerate(card.papers, card.first_number):
        lead = f"{number}. " if len(card.papers) > 1 else ""
        yield f"{lead}{mrkdwn.fitted(item.title, 300)} {mrkdwn.address(item.url)}".rstrip()
        if has_details:
            yield from (mrkdwn.plain(text) for text in (item.byline, item.summary) if text)
    yield from (mrkdwn.fitted(f"{row.name}: {row.text}", 2_000) for row in card.rows)
    if card.code:
        yield mrkdwn.fitted(card.code, 2_500, mrkdwn.block)
    yield from (mrkdwn.fitted(note, 1_000) for note in card.notes if note)


def _head(card: Card, detail: int) -> Iterator[Json]:
    is_alone = len(card.papers) == 1 and card.papers[0].title == card.title and not card.text
    title = " ".join(card.title.split())
    if not is_alone and len(title) <= _LONGEST_HEADER:
        yield {"type": "header", "text": {"type": "plain_text", "text": title or "…", "emoji": False}}
    elif not is_alone:
        yield _section(f"*{mrkdwn.fitted(title, min(detail, _LONGEST_TEXT - 2))}*")
    paragraphs = card.text.split("\n\n")
    yield from map(_section, mrkdwn.pieces("\n\n".join(shorten(part, detail) for part in paragraphs), _LONGEST_TEXT))


def _papers(card: Card, detail: int) -> Iterator[Json]:
    has_context = len(card.papers) <= _MOST_WITH_CONTEXT
    if len(card.papers) == 1:
        [item] = card.papers
        yield _section(_paper(item, "", detail, has_links=False))
        yield from _bylines(item, detail)
        yield from _rows([*_pressable(item.buttons), *_leading(item.links)])
        return
    for number, item in enumerate(card.papers, card.first_number):
        under = "" if has_context else item.byline
        yield _section(_paper(item, f"{number}. ", detail, under)) | _asking(item)
        if has_context:
            yield from _bylines(item, detail)


def _bylines(item: PaperItem, detail: int) -> Iterator[Json]:
    if item.byline.strip():
        yield _context([mrkdwn.fitted(item.byline, min(detail, 400))])


def _paper(item: PaperItem, lead: str, detail: int, under: str = "", *, has_links: bool = True) -> str:
    """Title, summary and facts; each is cut before it is written, so that no entity and no link is."""

    def fitted(text: str, limit: int) -> str:
        return mrkdwn.fitted(text.strip(), min(detail, limit))

    label = (
        f"_{fitted(f'{item.summary_label.strip()}:', 100)}_ "
        if item.summary_label.strip() and item.summary.strip()
        else ""
    )
    links = [mrkdwn.link(one.label, one.url, _LONGEST_LABEL) for one in item.links if has_links]
    facts = [fitted(item.numbers, 100), fitted(item.badge, 200)]
    above = (
        f"*{lead}{mrkdwn.link(item.title, item.url, min(detail, 400))}*",
        label + fitted(item.summary, 900),
        fitted(under, 400),
    )
    found = "\n".join(filter(None, (*above, "  ".join(filter(None, facts)))))
    for number, one in enumerate(links):
        space = "  " if number or any(facts) else "\n"
        found += f"{space}{one}" if len(found) + len(one) + 2 <= _LONGEST_TEXT else ""
    return found


def _asking(item: PaperItem) -> Json:
    """What can be asked of a paper in a list: a menu, or the one button that there is."""
    options = [
        {"text": _label(button.label), "value": button.command}
        for button in item.buttons
        if 0 < len(button.command) <= _LONGEST_OPTION
    ][:_MOST_OPTIONS]
    action = f"say-{item.id}"[:255]
    if len(options) > 1:  # a menu of one is refused
        return {"accessory": {"type": "overflow", "action_id": action, "options": options}}
    return {"accessory": {"type": "button", "action_id": action, **options[0]}} if options else {}


def _tail(card: Card, detail: int) -> Iterator[Json]:
    yield from map(_section, _packed(_row(row, detail) for row in card.rows))
    code = "\n\n".join(shorten(entry, detail) for entry in card.code.split("\n\n"))
    yield from map(_section, mrkdwn.pieces(code, _LONGEST_TEXT, mrkdwn.block))
    notes = [mrkdwn.fitted(note, min(detail, 1_000)) for note in card.notes if note.strip()]
    for start in range(0, len(notes), _MOST_IN_CONTEXT):
        yield _context(notes[start : start + _MOST_IN_CONTEXT])


def _row(row: Row, detail: int) -> str:
    name, text = (mrkdwn.fitted(part.strip(), min(detail, most)) for part, most in ((row.name, 300), (row.text, 2_500)))
    return "  ".join(filter(None, (f"*{name}*" if name else "", text)))


def _packed(lines: Iterable[str]) -> Iterator[str]:
    """The lines together, in as few texts as they need."""
    text = ""
    for line in lines:
        if text and len(text) + len(line) >= _LONGEST_TEXT:
            yield text
            text = ""
        text += f"\n{line}" if text else line
    if text:
        yield text


def _pressable(buttons: Iterable[Button], kind: str = "") -> Iterator[Json]:
    for number, button in enumerate(buttons):
        if 0 < len(button.command) <= _LONGEST_VALUE:
            action = f"{kind or ('turn' if button.replaces else 'say')}-{number}"
            made = {"type": "button", "text": _label(button.label), "action_id": action, "value": button.command}
            yield made | ({"style": "primary"} if button.label == views.CONFIRM else {})


def _leading(links: Iterable[Link]) -> Iterator[Json]:
    for number, one in enumerate(links):
        if 0 < len(url := mrkdwn.web(one.url)) <= _LONGEST_URL:
            yield {"type": "button", "text": _label(one.label), "action_id": f"open-{number}", "url": url}


def _rows(buttons: Iterable[Json]) -> Iterator[Json]:
    found = list(buttons)
    for start in range(0, len(found), _MOST_IN_ROW):
        yield {"type": "actions", "elements": found[start : start + _MOST_IN_ROW]}


def _section(text: str) -> Json:
    return {"type": "section", "text": _mrkdwn(text)}


def _context(texts: Iterable[str]) -> Json:
    return {"type": "context", "elements": list(map(_mrkdwn, texts))}


def _label(text: str) -> Json:
    return {"type": "plain_text", "text": shorten(text.strip(), _LONGEST_LABEL) or "…", "emoji": False}


def _mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text, "verbatim": True}
