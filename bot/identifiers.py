"""arXiv ids: found in anything that a person may paste, and brought to their one canonical form.

Source of the two schemes: https://info.arxiv.org/help/arxiv_identifier.html
"""

import re
from urllib.parse import unquote

# The archives that gave out old-style ids (until March 2007).
_ARCHIVES = [
    "acc-phys",
    "adap-org",
    "alg-geom",
    "ao-sci",
    "astro-ph",
    "atom-ph",
    "bayes-an",
    "chao-dyn",
    "chem-ph",
    "cmp-lg",
    "comp-gas",
    "cond-mat",
    "cs",
    "dg-ga",
    "funct-an",
    "gr-qc",
    "hep-ex",
    "hep-lat",
    "hep-ph",
    "hep-th",
    "math",
    "math-ph",
    "mtrl-th",
    "nlin",
    "nucl-ex",
    "nucl-th",
    "patt-sol",
    "physics",
    "plasm-ph",
    "q-alg",
    "q-bio",
    "quant-ph",
    "solv-int",
    "supr-con",
]
_VERSION = r"(?:v(?P<version>[1-9][0-9]{0,2}))?"
_MONTH = r"(?:0[1-9]|1[0-2])"
_NEW = rf"[0-9]{{2}}{_MONTH}\.[0-9]{{4,5}}"
_OLD = rf"(?:{'|'.join(_ARCHIVES)})(?:\.[a-z]{{2}})?/[0-9]{{2}}{_MONTH}[0-9]{{3}}"
# Neither a longer number, a decimal nor a word may touch the id; a sentence may end right after it.
_BEFORE = r"(?<![0-9a-z_-])(?<![0-9]\.)"
_AFTER = r"(?![0-9a-z_-])(?!\.[0-9])"
_CASE = re.ASCII | re.IGNORECASE  # ASCII, or the long s of other alphabets would be an s
_ID = re.compile(rf"{_BEFORE}(?P<id>{_NEW}|{_OLD}){_VERSION}(?:\.pdf)?{_AFTER}", _CASE)
_URL = re.compile(r"(?:https?://|[a-z0-9-]+\.[a-z0-9.-]*[a-z]/)\S+", _CASE)
_PREFIX = re.compile(r"(?:doi:\s*)?10\.48550/arxiv\.|arxiv:\s*", _CASE)  # the first is that of its DOIs
# What a PDF has in its margin behind the id: `[cs.CL] 2 Aug 2023`.
_STAMP = re.compile(r"\[[a-z-]+(?:\.[a-z-]+)?\](?:\s+[0-9]{1,2} [a-z]{3} [0-9]{4})?", _CASE)
_LIKE_ID = re.compile(r"(?:\S*[:/])?[0-9]{4}\.[0-9]{3,}(?:v[0-9]+)?(?:\.pdf)?", _CASE)

_NUMBER = re.compile(r"[0-9]{3,4}\.[0-9]{1,5}")
_FIVE_DIGITS_SINCE = 1501  # ids of four digits ended with December 2014
_FIRST_NEW_STYLE = 704  # April 2007
_OLD_YEARS = {*range(91, 100), *range(8)}  # 1991 to 2007


def canonical(text: str) -> str | None:
    """The id without version that `text` is, or None when it is not exactly one id."""
    match = _ID.fullmatch(text.strip())
    return _checked(match["id"]) if match else None


def find(text: str) -> tuple[str, ...]:
    """Every paper that `text` names by id or URL, each once, in the order of the text."""
    readable = _PREFIX.sub(" ", unquote(text))
    found = (_checked(match["id"]) for match in _ID.finditer(readable))
    return tuple(dict.fromkeys(id_ for id_ in found if id_))


def only(text: str) -> tuple[str, ...]:
    """The ids in `text` when each of its words is an id or a URL of one, else none."""
    words = _STAMP.sub("", _PREFIX.sub("", unquote(text))).split()
    found = [find(word) for word in words]
    if words and all(len(ids) == 1 and _is_reference(word) for ids, word in zip(found, words, strict=True)):
        return tuple(dict.fromkeys(ids[0] for ids in found))
    return ()


def version(text: str) -> int | None:
    """The version that the first id in `text` carries, or None."""
    match = _ID.search(unquote(text))
    return int(match["version"]) if match and match["version"] else None


def looks_like_one(text: str) -> bool:
    """Whether somebody may mean `text` as an id or the URL of one, be it right or not (`2401.123`, `2413.12345`)."""
    return _LIKE_ID.fullmatch(text.strip()) is not None


def repaired(text: str) -> str | None:
    """As `canonical`, but an id that was once kept as a number gets its lost zeros back: `704.001` is `0704.0010`.

    More than a quarter of the records of one public archive of arXiv are damaged so (SOURCES).
    """
    if not _NUMBER.fullmatch(text):
        return canonical(text)
    month, _, number = text.partition(".")
    digits = 5 if int(month) >= _FIVE_DIGITS_SINCE else 4
    return canonical(f"{month:0>4}.{number:0<{digits}}")


def is_old_style(id_: str) -> bool:
    """Whether the canonical id is of the scheme before April 2007, such as `hep-th/9901001`."""
    return "/" in id_


def _is_reference(word: str) -> bool:
    bare = word.strip("<>()[]{},;:.!?…\"'/")
    return canonical(bare) is not None or _URL.fullmatch(bare) is not None


def _checked(id_: str) -> str | None:
    """The canonical spelling of a matched id, or None where the scheme never gave out such a number."""
    id_ = id_.lower()
    if "/" in id_:
        archive, number = id_.split("/")
        return f"{archive.split('.')[0]}/{number}" if int(number[:2]) in _OLD_YEARS else None
    month, number = id_.split(".")
    if int(month) < _FIRST_NEW_STYLE:
        return None
    return id_ if len(number) == (5 if int(month) >= _FIVE_DIGITS_SINCE else 4) else None
