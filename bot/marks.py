"""Marks that stand on other letters, and what keeps them from flooding a text."""

import unicodedata

_FIRST_MARK = "\u0300"
_MOST_MARKS = 6  # on one letter; Biblical Hebrew and Burmese need five
JOINERS = "\u200c\u200d"  # zero width, but Persian, Indic scripts and emoji need them


def is_without_marks(text: str) -> bool:
    """Whether it is in NFC already and nothing in it extends another character: nearly all text is so simple."""
    return max(text, default="") < _FIRST_MARK


def without_mark_floods(text: str) -> str:
    """The text with no more marks on one letter than any script needs."""
    if is_without_marks(text):
        return text
    kept = []
    run = 0
    for char in text:
        run = run + 1 if extends(char) else 0
        if run <= _MOST_MARKS:
            kept.append(char)
    return "".join(kept)


def extends(char: str) -> bool:
    """Whether the character is shown as part of the one before it."""
    return char in JOINERS or "\U0001f3fb" <= char <= "\U0001f3ff" or unicodedata.category(char)[0] == "M"
