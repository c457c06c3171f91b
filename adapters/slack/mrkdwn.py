"""Text as Slack shows it unchanged. Pure.

Slack has no sign that takes away the meaning of another one: `& < >` are written as entities
(https://docs.slack.dev/messaging/formatting-message-text), and what formats is set apart from its word.
"""

import re
from urllib.parse import quote

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_APART = "\u200b"  # has no width
_FORMATS = re.compile(r"[*_~`]")
_QUOTE = re.compile(r"^(\s*)(?=&gt;)", re.MULTILINE)
_ADDRESS = re.compile(r"(?<=\w)(?=://)")
_EMOJI = re.compile(r":(?=[\w+-]+:)")
_SAFE_IN_URL = "/:?&=%#+,;@!$'().-_~"


def plain(text: str) -> str:
    """The text with nothing in it that formats, links or pings."""
    entities = text.translate(_ENTITIES)
    apart = _FORMATS.sub(lambda match: f"{_APART}{match[0]}{_APART}", entities)
    apart = _EMOJI.sub(f":{_APART}", _ADDRESS.sub(_APART, apart))
    return _QUOTE.sub(rf"\1{_APART}", apart)


def link(text: str, url: str) -> str:
    """The text, leading to the address."""
    return f"<{quote(url, safe=_SAFE_IN_URL)}|{plain(text).replace('|', '¦')}>"


def block(text: str) -> str:
    """The text in a block of code, out of which it cannot break."""
    return f"```{text.translate(_ENTITIES).replace('```', f'`{_APART}``')}```"
