"""The query language: text -> Query. Used for searches and for the filters of subscriptions alike.

words  "a phrase"  -word  a|b  author:lecun  org:nvidia  cat:cs.CV
since:30d  after:2026-01-01  before:2026-02-01  has:code  votes:10
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.errors import Problem, UserError

MAX_CHARACTERS = 1000
MAX_TERMS = 64
FILTERS = ("author", "org", "cat", "since", "after", "before", "has", "votes")

_SPAN = re.compile(r"([0-9]{1,4})\s*([dwmy])")
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}
_MOST_VOTES = 10**9


class Field(StrEnum):
    """Where a term is looked for."""

    TEXT = "text"  # title and abstract
    AUTHOR = "author"
    ORGANIZATION = "org"
    CATEGORY = "cat"


_FIELDS = frozenset(field.value for field in Field)


@dataclass(frozen=True, slots=True)
class Term:
    """A word, or several that must stand side by side."""

    text: str
    is_phrase: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """One of `terms` must be found in `field`, or none of them where it is `excluded`."""

    field: Field
    terms: tuple[Term, ...]
    excluded: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it is a bare word: it ranks, where everything else decides."""
        return self.field is Field.TEXT and not self.excluded and len(self.terms) == 1 and not self.terms[0].is_phrase


@dataclass(frozen=True, slots=True)
class Query:
    """What a person looks for; every clause and bound holds at once."""

    text: str = ""  # as typed
    clauses: tuple[Clause, ...] = ()
    first_day: date | None = None  # on or after
    before_day: date | None = None  # before
    has_code: bool | None = None
    min_votes: int = 0

    @property
    def wanted(self) -> str:
        """The words and phrases that are asked for, as one text to compare titles with."""
        clauses = (clause for clause in self.clauses if clause.field is Field.TEXT and not clause.excluded)
        return " ".join(term.text for clause in clauses for term in clause.terms)

    @property
    def is_everything(self) -> bool:
        """Whether it leaves nothing out."""
        return not (self.clauses or self.first_day or self.before_day or self.min_votes) and self.has_code is None


def parse(text: str, today: date) -> Query:
    """The query that the (cleaned) text means; `today` is what `since:30d` counts from.

    Raises UserError for text that means nothing, and says which part.
    """
    if len(text) > MAX_CHARACTERS:
        raise UserError(Problem.TOO_LONG, length=len(text), limit=MAX_CHARACTERS)
    clauses: list[Clause] = []
    bounds: dict[str, object] = {}
    for token in _tokens(text):
        name, values = _filter(token)
        if name in _FIELDS:
            clauses.append(Clause(Field(name), tuple(map(_term, values)), token.excluded))
        else:
            bounds |= _bound(name, values, token, today)
    if sum(len(clause.terms) for clause in clauses) > MAX_TERMS:
        raise UserError(Problem.TOO_MANY_WORDS, limit=MAX_TERMS)
    query = Query(text, tuple(clauses), **bounds)  # type: ignore[arg-type]  # _bound names them
    if query.first_day and query.before_day and query.first_day >= query.before_day:
        raise UserError(Problem.EMPTY_WINDOW, first=query.first_day, before=query.before_day)
    return query


def words(text: str) -> Query:
    """A query for the words of `text` alone, where nothing has a special meaning: for titles."""
    found = re.findall(r"\w+", text[:MAX_CHARACTERS])[:MAX_TERMS]
    return Query(text, tuple(Clause(Field.TEXT, (Term(word),)) for word in found))


@dataclass(frozen=True, slots=True)
class _Token:
    text: str  # as typed, without the leading minus
    excluded: bool


def _tokens(text: str) -> Iterator[_Token]:
    """The text cut at the spaces that are outside quotes; spaces around `|` do not cut."""
    for raw in re.findall(r'(?:"[^"]*"?|[^\s"])+', re.sub(r"""\s*\|\s*(?=(?:[^"]*"[^"]*")*[^"]*$)""", "|", text)):
        token = raw.strip("|")
        excluded = len(token) > 1 and token[0] == "-" and (token[1].isalnum() or token[1] == '"')
        bare = token[1:] if excluded else token
        if bare.count('"') % 2 and re.match(r'(?:[a-z]+:)?(?:[^"|]*\|)*"', bare, re.IGNORECASE):
            raise UserError(Problem.OPEN_QUOTE, text=bare)
        if any(character.isalnum() for character in bare):
            yield _Token(bare, excluded)


def _filter(token: _Token) -> tuple[str, tuple[str, ...]]:
    """The filter that the token names, `text` where it names none, and its alternatives."""
    name, colon, value = token.text.partition(":")
    known = name.lower()
    if colon and known in FILTERS:
        values = _alternatives(value)
        if not values:
            raise UserError(Problem.EMPTY_FILTER, name=known)
        return known, values
    if colon and value and name.isalpha() and name.islower() and not value.startswith("//"):
        near = process.extractOne(known, FILTERS, scorer=OSA.distance, score_cutoff=2)
        raise UserError(Problem.UNKNOWN_FILTER, text=token.text, name=name, near=near[0] if near else "")
    return Field.TEXT, _alternatives(token.text)


def _alternatives(value: str) -> tuple[str, ...]:
    """`a|"b c"` -> `a`, `"b c"`."""
    found = re.findall(r'"[^"]*"|[^|"]+', value)
    return tuple(text for text in found if any(character.isalnum() for character in text))


def _term(value: str) -> Term:
    text = " ".join(value.strip('"').split())
    return Term(text, is_phrase=value.startswith('"') and len(text.split()) > 1)


def _bound(name: str, values: tuple[str, ...], token: _Token, today: date) -> dict[str, object]:
    """The fields of Query that a filter on a value of the paper sets."""
    value = values[0].strip('"').lower()
    if len(values) > 1 or (token.excluded and name != "has"):
        raise UserError(Problem.BAD_EXCLUSION, name=name, text=token.text)
    match name:
        case "has":
            if value != "code":
                raise UserError(Problem.BAD_HAS, value=value)
            return {"has_code": not token.excluded}
        case "votes":
            if not re.fullmatch(r"[0-9]{1,9}", value):
                raise UserError(Problem.BAD_VOTES, value=value)
            return {"min_votes": min(int(value), _MOST_VOTES)}
        case "before":
            return {"before_day": _day(name, value, today)}
        case _:
            return {"first_day": _day(name, value, today)}


def _day(name: str, value: str, today: date) -> date:
    """`30d`, `2w`, `6m`, `1y`, `today`, `yesterday`, `2026-01-31`, `2026-01` or `2026` as a day."""
    if span := _SPAN.fullmatch(value):
        days = int(span[1]) * _DAYS[span[2]]
        return today - timedelta(days=min(days, today.toordinal() - 1))
    if value in ("today", "yesterday"):
        return today - timedelta(days=value == "yesterday")
    try:
        return date.fromisoformat(value + "0000-01-01"[len(value) :] if re.fullmatch(r"[0-9-]{4,10}", value) else "")
    except ValueError as error:
        raise UserError(Problem.BAD_DATE, name=name, value=value) from error
