"""Card -> the payload of a Slack message (Block Kit). Pure.

Limits: https://docs.slack.dev/reference/block-kit/blocks
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from adapters.slack import mrkdwn
from bot import views
from bot.cards import Button, Card, Link, PaperItem
from bot.excerpts import shorten

MOST_BLOCKS = 50
_LONGEST_TEXT, _LONGEST_FALLBACK, _LONGEST_HEADER = 3_000, 3_900, 150
_LONGEST_LABEL, _LONGEST_VALUE, _LONGEST_OPTION, _LONGEST_URL = 75, 2_000, 150, 3_000
_MOST_IN_ROW, _MOST_OPTIONS = 5, 5
_MOST_WITH_CONTEXT = 20  # papers with a line of their own for who and when

Json = dict[str, Any]


def render(card: Card, *, share: str = "") -> Json:
    """The message; `share` is the command that shows the same to everybody."""
    found = [*_head(card), *_papers(card), *_tail(card), *_rows(_buttons(card, share))]
    return {
        "text": _fallback(card),
        "blocks": found[:MOST_BLOCKS],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _fallback(card: Card) -> str:
    """The card as text, for notifications and screen readers; its own addresses stay what they are."""
    lines = [
        *map(mrkdwn.plain, filter(None, (card.title, card.text))),
        *(
            f"{number}. {mrkdwn.plain(item.title)} {item.url}"
            for number, item in enumerate(card.papers, card.first_number)
        ),
        *(f"{mrkdwn.plain(row.name)}: {mrkdwn.plain(row.text)}" for row in card.rows),
        *map(mrkdwn.plain, filter(None, (card.code, *card.notes))),
    ]
    return shorten("\n".join(lines), _LONGEST_FALLBACK) or "…"


def _head(card: Card) -> Iterator[Json]:
    is_alone = len(card.papers) == 1 and card.papers[0].title == card.title and not card.text
    if not is_alone:
        if len(card.title) <= _LONGEST_HEADER:
            yield {"type": "header", "text": {"type": "plain_text", "text": card.title or "…", "emoji": False}}
        else:
            yield from _sections(f"*{mrkdwn.plain(card.title)}*")
    yield from _sections(mrkdwn.plain(card.text))


def _papers(card: Card) -> Iterator[Json]:
    is_list = len(card.papers) > 1
    for number, item in enumerate(card.papers, card.first_number):
        lead = f"{number}. " if is_list else ""
        section = {"type": "section", "text": _mrkdwn(_paper(item, lead))}
        options = _options(item.buttons) if is_list else []
        if len(options) > 1:  # a menu of one is refused
            section["accessory"] = {"type": "overflow", "action_id": f"say-{item.id}", "options": options}
        yield section
        if len(card.papers) <= _MOST_WITH_CONTEXT and item.byline:
            yield _context([item.byline])
    if len(card.papers) == 1:
        [item] = card.papers
        yield from _rows([*_pressable(item.buttons), *_leading(item.links)])


def _paper(item: PaperItem, lead: str) -> str:
    label = f"_{mrkdwn.plain(item.summary_label)}:_ " if item.summary_label else ""
    links = "  ".join(mrkdwn.link(one.label, one.url) for one in item.links)
    parts = (
        f"*{lead}{mrkdwn.link(item.title, item.url)}*",
        f"{label}{mrkdwn.plain(item.summary)}" if item.summary else "",
        "  ".join(filter(None, (item.numbers, mrkdwn.plain(item.badge), links))),
    )
    return "\n".join(filter(None, parts))


def _tail(card: Card) -> Iterator[Json]:
    rows = [f"*{mrkdwn.plain(row.name)}*  {mrkdwn.plain(row.text)}" for row in card.rows]
    yield from _sections("\n".join(rows))
    if card.code:
        room = _LONGEST_TEXT - 10
        for start in range(0, len(card.code), room // 2):  # entities make it longer
            yield {"type": "section", "text": _mrkdwn(mrkdwn.block(card.code[start : start + room // 2]))}
    if card.notes:
        yield _context(card.notes)


def _sections(text: str) -> Iterator[Json]:
    """The text in as many sections as it needs, cut at the ends of lines where there are some."""
    while text:
        if len(text) <= _LONGEST_TEXT:
            part, text = text, ""
        else:
            end = max(text.rfind("\n", 0, _LONGEST_TEXT), text.rfind(" ", 0, _LONGEST_TEXT))
            part, text = (text[:end], text[end + 1 :]) if end > 0 else (text[:_LONGEST_TEXT], text[_LONGEST_TEXT:])
        if part.strip():
            yield {"type": "section", "text": _mrkdwn(part)}


def _context(lines: Iterable[str]) -> Json:
    elements = [_mrkdwn(shorten(mrkdwn.plain(line), 2_000)) for line in lines if line]
    return {"type": "context", "elements": elements[:10]}


def _buttons(card: Card, share: str) -> Sequence[Json]:
    shared = (Button(views.SHARE, share),) if share else ()
    return [*_pressable(card.buttons), *_pressable(shared, "share")]


def _pressable(buttons: Iterable[Button], kind: str = "") -> Iterator[Json]:
    for number, button in enumerate(buttons):
        if len(button.command) <= _LONGEST_VALUE:
            made = {
                "type": "button",
                "text": _label(button.label),
                "action_id": f"{kind or ('turn' if button.replaces else 'say')}-{number}",
                "value": button.command,
            }
            yield made | ({"style": "primary"} if button.label == views.CONFIRM else {})


def _leading(links: Iterable[Link]) -> Iterator[Json]:
    for number, one in enumerate(links):
        if len(one.url) <= _LONGEST_URL and urlsplit(one.url).scheme in ("http", "https"):
            yield {"type": "button", "text": _label(one.label), "action_id": f"open-{number}", "url": one.url}


def _options(buttons: Iterable[Button]) -> list[Json]:
    fitting = [button for button in buttons if len(button.command) <= _LONGEST_OPTION]
    return [{"text": _label(button.label), "value": button.command} for button in fitting[:_MOST_OPTIONS]]


def _rows(buttons: Iterable[Json]) -> Iterator[Json]:
    found = list(buttons)
    for start in range(0, len(found), _MOST_IN_ROW):
        yield {"type": "actions", "elements": found[start : start + _MOST_IN_ROW]}


def _label(text: str) -> Json:
    return {"type": "plain_text", "text": shorten(text, _LONGEST_LABEL), "emoji": False}


def _mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": shorten(text, _LONGEST_TEXT), "verbatim": True}
