"""What people type, brought to plain text: quotes of every script, odd spaces, links as Slack writes them."""

import re
import unicodedata

from bot.marks import without_mark_floods

_QUOTES = str.maketrans(
    {**dict.fromkeys("“”„‟«»＂「」『』〝〞〟", '"'), **dict.fromkeys("‘’‚‛", "'"), "：": ":", "｜": "|", "－": "-"}
)
_WORD = re.compile(r'(?:(?<![^\s:=|-])"[^"]*"|\S)+')
_SLACK_LINK = re.compile(r"<(https?://[^<>|\s]+)(?:\|[^<>]*)?>")


def clean(text: str) -> str:
    """The text on one line: straight quotes, single spaces, nothing invisible, Slack's `<url|label>` as the url."""
    straight = text.translate(_QUOTES).replace("``", '"').replace("''", '"')  # the last two are TeX's
    return visible(_SLACK_LINK.sub(r" \1 ", straight))


def visible(text: str) -> str:
    """The text on one line in normal form C, without controls, marks of direction and other invisible characters."""
    line = " ".join(text.split())
    if line.isascii() and line.isprintable():  # nearly all text
        return line
    line = " ".join(unicodedata.normalize("NFC", without_mark_floods(line)).split())
    if line.isprintable():
        return line
    return " ".join("".join(" " if c.isspace() else c for c in line if c.isspace() or c.isprintable()).split())


def words(text: str) -> tuple[str, ...]:
    """The text cut at spaces, except inside double quotes, which stay; one that is not closed is a letter like others."""
    return tuple(_WORD.findall(text))
