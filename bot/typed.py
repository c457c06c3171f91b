"""What people type, brought to plain text: quotes of every script, odd spaces, links as Slack writes them."""

import re
import unicodedata

_QUOTES = str.maketrans({**dict.fromkeys("“”„‟«»＂", '"'), **dict.fromkeys("‘’‚‛", "'"), "：": ":", "｜": "|"})
_SLACK_LINK = re.compile(r"<(https?://[^<>|\s]+)(?:\|[^<>]*)?>")


def clean(text: str) -> str:
    """The text on one line: straight quotes, single spaces, nothing invisible, Slack's `<url|label>` as the url."""
    return visible(_SLACK_LINK.sub(r" \1 ", text.translate(_QUOTES)))


def visible(text: str) -> str:
    """The text on one line in normal form C, without controls, marks of direction and other invisible characters."""
    line = " ".join(unicodedata.normalize("NFC", text).split())
    if line.isprintable():
        return line
    return " ".join("".join(" " if c.isspace() else c for c in line if c.isspace() or c.isprintable()).split())


def words(text: str) -> tuple[str, ...]:
    """The text cut at spaces, except inside double quotes; quotes stay, and an open one runs to the end."""
    return tuple(re.findall(r'(?:[^\s"]|"[^"]*(?:"|$))+', text))
