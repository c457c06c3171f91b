"""Titles and names as they are compared, however they are written."""

import re
import unicodedata
from functools import lru_cache

_WHOLE = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})


@lru_cache(maxsize=20_000)  # of 200 titles a search, many come again
def comparable(text: str) -> str:
    """The text as titles are compared: letters and digits only, no case, no accents."""
    if text.isascii():
        return " ".join(re.findall(r"\w+", text.lower()))
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(_WHOLE)  # those that have no accent to take off
    return " ".join(re.findall(r"\w+", "".join(c for c in plain if not unicodedata.combining(c))))


def is_name(typed: str, written: str) -> bool:
    """Whether both may be the name of one person: initials may stand for first names on either side."""
    words, parts = comparable(typed).split(), comparable(written).split()
    letters = {part[0] for part in parts[:-1]}
    first = all(word in parts or word in letters or word[0] in parts[:-1] for word in words[:-1])
    return bool(words) and first and words[-1] in parts
