"""Text as Slack shows it unchanged. Pure.

Slack has no sign that takes away the meaning of another one. `& < >` are written as entities
(https://docs.slack.dev/messaging/formatting-message-text). Whether an invisible character beside `*` keeps it from
formatting depends on the client, so that where it could format, a sign that looks the same is written instead.
"""

import re
from collections.abc import Callable, Iterator
from urllib.parse import quote, urlsplit

from bot.excerpts import shorten

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
TWINS = str.maketrans({"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ", "＊": "﹡", "＿": "⸏", "｀": "ˋ", "|": "¦"})
_APART = "\u200b"  # has no width
_FIRST = "\u00ad"  # is not shown at the beginning of a line
# Between two letters or digits nothing formats, so that snake_case stays as it is.
_FORMATS = re.compile(r"(?<![A-Za-z0-9])[*_~＊＿]|[*_~＊＿](?![A-Za-z0-9])|[`｀]")
_QUOTE = re.compile(r"^(?=\s*(?:&gt;|＞))", re.MULTILINE)
_ADDRESS = re.compile(r"(?<=\w)(?=://)")
_EMOJI = re.compile(r":(?=[\w+'-]+:)")
_FENCES = re.compile("`{3,}")
_SAFE_IN_URL = "/:?&=%#+,;@!$'().-_~"
_LONGEST_URL = 600


def plain(text: str) -> str:
    """The text with nothing in it that formats, links or pings."""
    found = _FORMATS.sub(lambda match: match[0].translate(TWINS), text.translate(_ENTITIES))
    found = _EMOJI.sub(f":{_APART}", _ADDRESS.sub(_APART, found))
    return _QUOTE.sub(_FIRST, found)


def fitted(text: str, limit: int, written: Callable[[str], str] = plain) -> str:
    """The beginning of the text, written with at most `limit` characters; it ends in `…` where something was cut off."""
    room = limit
    while len(found := written(shorten(text, room))) > limit:
        room -= max(1, (len(found) - limit) // 6)  # a character becomes five at most, and one before it
    return found


def pieces(text: str, limit: int, written: Callable[[str], str] = plain) -> Iterator[str]:
    """All of the text in pieces, each written with at most `limit` characters; cut between lines or words if possible."""
    while text := text.strip("\n"):
        end = min(len(text), limit)
        while (excess := len(written(text[:end])) - limit) > 0:
            end -= max(1, excess // 6)
        if end < len(text):
            breaks = (text.rfind("\n", end // 2, end), text.rfind(" ", end // 2, end))
            end = next((at for at in breaks if at > 0), end)
        if text[:end].strip():
            yield written(text[:end])
        text = text[end:]


def web(url: str) -> str:
    """The address with nothing in it that could end it; empty when it leads nowhere."""
    try:
        parts = urlsplit(url)
        leads = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return ""
    return quote(url, safe=_SAFE_IN_URL, errors="replace") if leads else ""


def address(url: str) -> str:
    """The address as it is written in a text; empty when it leads nowhere or is far too long."""
    found = web(url).replace("&", "&amp;")
    return found if len(found) <= _LONGEST_URL else ""


def link(text: str, url: str, limit: int = _LONGEST_URL) -> str:
    """The text on one line, leading to the address; the text alone when the address leads nowhere."""
    leading, shown = address(url), " ".join(text.split()) or "…"
    words = fitted(shown, limit, lambda part: plain(part).replace("|", "|".translate(TWINS)))
    return f"<{leading}|{words}>" if leading else words


def block(text: str) -> str:
    """The text in a block of code, out of which it cannot break."""
    return "```\n" + _FENCES.sub(lambda fence: _APART.join(fence[0]), text.translate(_ENTITIES)) + "\n```"
