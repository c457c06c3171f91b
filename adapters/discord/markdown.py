"""Text as Discord shows it unchanged. Pure."""

import re
from urllib.parse import quote

# A backslash before a sign is not shown, and takes its meaning away. In order: signs that mean something anywhere,
# those that do at the beginning of a line, and the colon of a bare address or of `:the name of an emoji:`.
_ANYWHERE = re.compile(r"[\\*_~`|\[\]()<>#@]")
_BEGINNING = re.compile(r"^(\s*)([-+]|\d+(?=\.))", re.MULTILINE)
_COLON = re.compile(r":(?=\S)")
_FENCES = re.compile(r"`{3,}")
_SAFE_IN_URL = "/:?&=%#+,;@~!$*'.-_"


def plain(text: str) -> str:
    """The text with nothing in it that formats, links or pings."""
    escaped = _ANYWHERE.sub(lambda match: f"\\{match[0]}", text)
    escaped = _BEGINNING.sub(_at_beginning, escaped)
    return _COLON.sub(r"\\:", escaped)


def link(text: str, url: str) -> str:
    """The text on one line, leading to the address."""
    return f"[{plain(' '.join(text.split()))}]({quote(url, safe=_SAFE_IN_URL)})"


def block(text: str) -> str:
    """The text in a block of code, out of which it cannot break."""
    return "```\n" + _FENCES.sub(lambda fence: "\u200b".join(fence[0]), text) + "\n```"


def _at_beginning(match: re.Match[str]) -> str:
    space, sign = match.groups()
    return f"{space}{sign}\\" if sign.isdigit() else f"{space}\\{sign}"
