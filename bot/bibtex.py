"""BibTeX entries of papers, which TeX, BibTeX and biber can read whatever is in the titles and the names."""

import re
import unicodedata

from unicodeit.data import REPLACEMENTS  # type: ignore[import-untyped]

from bot.identifiers import is_old_style
from bot.models import Paper
from bot.readable import readable

# BibTeX counts every brace, escaped or not, so that single ones must be spelt out.
_ESCAPES = str.maketrans(
    {sign: f"\\{sign}" for sign in "&%$#_"}
    | {"{": r"\textbraceleft{}", "}": r"\textbraceright{}", "\\": r"\textbackslash{}"}
    | {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)
_FORMULA = re.compile(r"(?<!\\)\$((?:[^$\\]|\\.)+)\$(?=(\d?))")
_SIGN = re.compile(r"\\[A-Za-z]+|\\.|.")
_COMMAND = re.compile(r"\\[A-Za-z]+")
_PROSE = re.compile(r"[A-Za-z]{2,},? [A-Za-z]{2,}|^\d[\d.,]*[A-Za-z]* .*[A-Za-z]{2}|^ | $")
# Commands that only typeset: no title may read a file or define anything.
_STRUCTURE = (
    "arg bar bf boldsymbol cal cdots check cos ddot deg det dim dot dots exp frac gcd hat hom inf ker left lg lim ln log "
    "mathbb mathbf mathcal mathfrak mathit mathrm mathscr mathsf mathtt max mbox min operatorname overline right rm sin "
    "sup tan text textbf textit textrm textsc textsf texttt tilde underline vec widehat widetilde"
)
_TYPESETTING = frozenset(f"\\{name}" for name in _STRUCTURE.split()).union(
    *(_COMMAND.findall(symbol) for symbol, _ in REPLACEMENTS), (f"\\{sign}" for sign in "%&$#_{},;:!| ")
)
_MISUNDERSTOOD_NAME = re.compile(r"[,=]|(?:^|\s)(?:and|others)(?:\s|$)|^[\W_]*$", re.IGNORECASE)
_SUFFIX = re.compile(r"jr|sr|ii|iii|iv")
_LONGEST_SURNAME = 30
_UNDECOMPOSED = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
_FIRST_YEAR = 91  # of arXiv: https://info.arxiv.org/help/arxiv_identifier.html


def key(paper: Paper) -> str:
    """The entry's key, such as `yang2024-2412.15115`, of the characters `a-z0-9.-` alone.

    It is unique because it ends in the arXiv id, and stable because the year is the id's: the date of a
    paper may become known later, and may lie in the month before.
    """
    return f"{_surname(paper)}{_id_year(paper.id)}-{paper.id.replace('/', '-')}"


def entry(paper: Paper) -> str:
    """The paper as an `@misc` entry with arXiv's fields; what is not known is left out.

    The fields are those of https://info.arxiv.org/help/hypertex/bibstyles/. Formulas of the title stay TeX.
    """
    archive = paper.id.split("/")[0] if is_old_style(paper.id) else ""
    fields = {
        "title": _protected(_title(paper.title)),
        "author": " and ".join(filter(None, map(_author, paper.authors))),
        "year": str(paper.published.year if paper.published else _id_year(paper.id)),
        "eprint": paper.id,
        "archivePrefix": "arXiv",
        "primaryClass": _escaped(_clean(paper.categories[0])) if paper.categories else archive,
        "url": f"https://arxiv.org/abs/{paper.id}",
    }
    lines = (f"  {name} = {{{value}}}" for name, value in fields.items() if value)
    return f"@misc{{{key(paper)},\n" + ",\n".join(lines) + "\n}"


def _id_year(id_: str) -> int:
    year = int(id_.rsplit("/", maxsplit=1)[-1][:2])
    return year + (1900 if year >= _FIRST_YEAR else 2000)


def _surname(paper: Paper) -> str:
    """The ASCII letters of the first author's last name, or `paper` where there are none."""
    name = paper.authors[0] if paper.authors else ""
    words = [_ascii_letters(word) for word in name.split(",")[0].split()]
    surnames = [word for word in words if word and not _SUFFIX.fullmatch(word)]
    return surnames[-1][:_LONGEST_SURNAME] if surnames else "paper"


def _ascii_letters(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word.lower().translate(_UNDECOMPOSED))
    return "".join(char for char in decomposed if "a" <= char <= "z")


def _clean(text: str) -> str:
    kept = (char for char in text if char.isspace() or unicodedata.category(char) not in ("Cc", "Cf", "Cs"))
    return " ".join("".join(kept).split())


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES)


def _protected(text: str) -> str:
    """The text in braces, which keep its capitals."""
    # BibTeX takes an opening brace and a backslash for an accented letter, and changes its capitals.
    return f"{{{{}}{text}}}" if text.startswith("\\") else f"{{{text}}}"


def _title(title: str) -> str:
    """The title escaped, besides the formulas that TeX can surely read."""
    text = _clean(title)
    parts = []
    at = 0
    while formula := _FORMULA.search(text, at):
        is_kept = _is_typesetting(formula[1], is_before_digit=bool(formula[2]))
        # After a dollar that is only a dollar, the next one may begin a formula.
        end = formula.end() if is_kept else formula.start() + 1
        parts += [_escaped_text(text[at : formula.start()]), formula[0] if is_kept else r"\$"]
        at = end
    return "".join(parts) + _escaped_text(text[at:])


def _escaped_text(text: str) -> str:
    r"""The text escaped, with TeX that stands outside formulas made readable first: `X^{2}` as X², `R\&D` as R&D."""
    before, after = (" " if edge.isspace() else "" for edge in (text[:1], text[-1:]))
    return _escaped(f"{before}{readable(text)}{after}" if text.strip() else text)


def _is_typesetting(formula: str, *, is_before_digit: bool) -> bool:
    """Whether TeX can read it as mathematics, and it is not the text between two amounts of money."""
    signs = _SIGN.findall(formula)
    is_harmless = all(sign in _TYPESETTING if sign[0] == "\\" else sign not in "%&#" for sign in signs)
    # TeX leaves escaped braces out of its count, BibTeX does not.
    is_balanced = _is_balanced(signs) and _is_balanced(list(formula))
    is_amount = is_before_digit and not re.search(r"[\\^_]", formula)
    is_prose = not _COMMAND.search(formula) and (is_amount or _PROSE.search(formula))
    return is_harmless and is_balanced and not is_prose and "^^" not in formula


def _is_balanced(signs: list[str]) -> bool:
    depth = 0
    for sign in signs:
        depth += (sign == "{") - (sign == "}")
        if depth < 0:
            return False
    return depth == 0


def _author(name: str) -> str:
    """The name, in braces where BibTeX would take a part of it for its own syntax."""
    cleaned = _clean(name)
    escaped = _escaped(cleaned)
    is_plain = escaped == cleaned and not _MISUNDERSTOOD_NAME.search(cleaned)
    # biber takes a bare equals sign, even within braces, for its own `family=Yang, given=An`.
    return escaped if is_plain or not escaped else _protected(escaped.replace("=", "{=}"))
