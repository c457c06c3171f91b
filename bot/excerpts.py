"""The beginning of a text, cut where a reader would cut it."""

import re

from bot.marks import extends, without_mark_floods

_FLAG_LETTERS = "".join(map(chr, range(0x1F1E6, 0x1F200)))  # two of them make a flag
# Abbreviations are matched so that their full stops are passed over.
_SENTENCE_END = re.compile(
    r"\b(?:[A-Za-z]|al|vs|cf|resp|approx|[Ff]igs?|[Tt]ab|[Ee]qs?|[Ss]ecs?|[Rr]efs?|No|Dr|Prof|Mrs?|Ms|St|Jr)\."
    r"|(?P<end>(?<![.!?…])[.!?…]++[\"'”’)\]]*+(?=\s+[^a-z\s])|[。！？]+[」』”’）]*)"
)


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters (1 or more) of the text, ending in `…` where something was cut off.

    Cuts between words where the last third allows it, never within an emoji or a letter with marks; caps floods of marks.
    """
    text = without_mark_floods(text)
    if len(text) <= limit:
        return text
    cut = limit - 1
    while cut and _is_within_cluster(text, cut):
        cut -= 1
    space = text.rfind(" ", 2 * limit // 3, cut + 1)
    return text[: cut if space < 0 else space].rstrip(" ,;:-–—(") + "…"


def first_sentences(text: str, limit: int) -> str:
    """As many whole sentences as fit into `limit` characters (1 or more); a longer first one is shortened."""
    text = text.strip()
    if len(text) <= limit:
        return text
    fitting = 0
    for match in _SENTENCE_END.finditer(text):
        if match["end"] and match.end() > limit:
            return text[:fitting] if fitting else shorten(text[: match.end()], limit)
        fitting = match.end() if match["end"] else fitting
    return text[:fitting] if fitting else shorten(text, limit)


def _is_within_cluster(text: str, at: int) -> bool:
    """A simple form of the rules of https://unicode.org/reports/tr29/ for cutting before `text[at]`."""
    flags = at - len(text[:at].rstrip(_FLAG_LETTERS)) if text[at] in _FLAG_LETTERS else 0
    return extends(text[at]) or text[at - 1] == "\u200d" or flags % 2 == 1
