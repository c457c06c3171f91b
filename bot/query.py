"""The query language: text -> Query. Used for searches and for the filters of subscriptions alike.

words  "a phrase"  -word  a|b  author:lecun  org:nvidia  cat:cs.CV
since:30d  after:2026-01-01  before:2026-02-01  has:code  votes:10
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.comparing import is_name
from bot.errors import Problem, UserError
from bot.models import Paper

MAX_CHARACTERS = 1000
MAX_TERMS = 150
FILTERS = ("author", "org", "cat", "since", "after", "before", "has", "votes")

# A phrase, or a word; a quotation mark within a word (`27"`) is a part of it.
_PIECE = re.compile(r'(?:[a-z]+:)?"[^"]*(?:"|$)|[^\s|"][^\s|]*', re.IGNORECASE)
_TOKEN = re.compile(
    rf'(?P<minus>(?<!\S)-(?=[\w"]))?(?P<pieces>(?:{_PIECE.pattern})(?:\s*\|[\s|]*(?:{_PIECE.pattern}))*)', re.IGNORECASE
)
_SPAN = re.compile(r"([0-9]{1,4})([dwmy])")
_BEGUN = re.compile(r'(?:^|[\s|-])(?P<field>author|org|cat):(?:[^\s"|]+\|)*(?P<text>"[^"|]*|[^\s"|]*)$', re.IGNORECASE)
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{1,2}))?(?:-([0-9]{1,2}))?")
_STRICTER: Mapping[str, Callable[..., Any]] = {"first_day": max, "before_day": min, "min_votes": max, "has_code": min}


class Field(StrEnum):
    """Where a term is looked for."""

    TEXT = "text"  # title and abstract
    AUTHOR = "author"
    ORGANIZATION = "org"
    CATEGORY = "cat"


_FIELDS = {"": Field.TEXT, "author": Field.AUTHOR, "org": Field.ORGANIZATION, "cat": Field.CATEGORY}


@dataclass(frozen=True, slots=True)
class Term:
    """A word that ranks; as a phrase, one or several that must be there, side by side."""

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
    def categories(self) -> tuple[str, ...]:
        """Those of which a paper must have one."""
        clauses = (clause for clause in self.clauses if clause.field is Field.CATEGORY and not clause.excluded)
        return tuple(term.text for clause in clauses for term in clause.terms)

    def admits(self, paper: Paper) -> bool:
        """Whether what is known of the paper agrees with bounds, authors and categories.

        Words and organisations are left to whoever found it.
        """
        day = paper.day
        if (self.first_day or self.before_day) and not day:
            return False
        return (
            not (self.first_day and day and day < self.first_day)
            and not (self.before_day and day and day >= self.before_day)
            and self.has_code in (None, bool(paper.code_url))
            and (paper.votes or 0) >= self.min_votes
            and all(_agrees(clause, paper) for clause in self.clauses)
        )

    @property
    def is_only_text(self) -> bool:
        """Whether it asks for nothing but words, phrases and alternatives of them."""
        is_text = all(clause.field is Field.TEXT and not clause.excluded for clause in self.clauses)
        return is_text and replace(self, clauses=(), text="") == Query()

    @property
    def is_everything(self) -> bool:
        """Whether it leaves nothing out."""
        return not (self.clauses or self.first_day or self.before_day or self.min_votes) and self.has_code is None


def _agrees(clause: Clause, paper: Paper) -> bool:
    if clause.field is Field.AUTHOR:
        is_met = any(is_name(term.text, author) for term in clause.terms for author in paper.authors)
    elif clause.field is Field.CATEGORY:
        categories = {category.lower() for category in paper.categories}
        known = categories | {category.partition(".")[0] for category in categories}
        is_met = any(term.text.lower() in known for term in clause.terms)
    else:
        return True
    return is_met is not clause.excluded


def parse(text: str, today: date) -> Query:
    """The query that the (cleaned) text means; `today` is what `since:30d` counts from.

    Raises UserError for text that means nothing, and says which part.
    """
    if len(text) > MAX_CHARACTERS:
        raise UserError(Problem.TOO_LONG, length=len(text), limit=MAX_CHARACTERS)
    clauses: list[Clause] = []
    bounds: dict[str, Any] = {}
    for token in _tokens(text):
        if token.name in _FIELDS:
            clauses.append(Clause(_FIELDS[token.name], tuple(map(_term, token.values)), token.excluded))
        else:
            field, value = _bound(token, today)
            bounds[field] = _STRICTER[field](value, bounds.get(field, value))
    if sum(len(clause.terms) for clause in clauses) > MAX_TERMS:
        raise UserError(Problem.TOO_MANY_WORDS, limit=MAX_TERMS)
    query = Query(text, tuple(clauses), **bounds)
    if query.first_day and query.before_day and query.first_day >= query.before_day:
        raise UserError(Problem.EMPTY_WINDOW, first=query.first_day, before=query.before_day)
    return query


@dataclass(frozen=True, slots=True)
class Begun:
    """A name that is being typed behind a filter."""

    field: Field
    text: str  # with its opening quotation mark


def field_begun(text: str) -> Begun | None:
    """The filter on a name that the text ends in, such as `author:yann` or `author:"yann le`."""
    match = _BEGUN.search(text)
    return Begun(Field(match["field"].lower()), match["text"]) if match else None


def quoted(name: str) -> str:
    """The name as a filter takes it."""
    return f'"{name}"' if " " in name else name


def literal(title: str) -> str:
    """The words of a title, with nothing in them that has a meaning."""
    return " ".join(re.findall(r"\w+", title))


def words(text: str) -> Query:
    """A query for the words of `text` alone, where nothing has a special meaning: for titles."""
    found = re.findall(r"\w+", text[:MAX_CHARACTERS])[:MAX_TERMS]
    return Query(text, tuple(Clause(Field.TEXT, (Term(word),)) for word in found))


@dataclass(frozen=True, slots=True)
class _Token:
    text: str  # as typed
    name: str  # of the filter that it is, else empty
    values: tuple[str, ...]  # the alternatives, each a word or a quoted phrase
    excluded: bool


def _tokens(text: str) -> Iterator[_Token]:
    """The text cut at the spaces that are outside quotes; spaces around `|` do not cut."""
    for match in _TOKEN.finditer(text):
        pieces = [_named(piece) for piece in _PIECE.findall(match["pieces"]) if _has_letters(piece)]
        if not pieces:
            continue
        names, values = zip(*pieces, strict=True)
        if not {*names} <= {names[0], ""}:
            raise UserError(Problem.BAD_EXCLUSION, name=max(names), text=match[0])
        yield _Token(match[0], names[0], values, excluded=bool(match["minus"]))


def _named(piece: str) -> tuple[str, str]:
    """The filter that the piece names, empty where it names none, and its value."""
    name, colon, value = piece.partition(":")
    if colon and name.lower() in FILTERS and (_has_letters(value) or name.islower()):  # `CAT: ...` begins a title
        if not _has_letters(value):
            raise UserError(Problem.EMPTY_FILTER, name=name)
        name = name.lower()
    elif value and name.isalpha() and name.islower() and not value.startswith("//"):
        near = process.extractOne(name, FILTERS, scorer=OSA.distance, score_cutoff=2)
        raise UserError(Problem.UNKNOWN_FILTER, text=piece, name=name, near=near[0] if near else "")
    else:
        name, value = "", piece
    if value[0] == '"' and '"' not in value[1:]:
        raise UserError(Problem.OPEN_QUOTE, text=piece)
    return name, value


def _has_letters(text: str) -> bool:
    return any(character.isalnum() for character in text)


def _term(value: str) -> Term:
    return Term(" ".join(value.strip('"').split()), is_phrase=value[0] == '"')


def _bound(token: _Token, today: date) -> tuple[str, Any]:
    """The field of Query that a filter on a value of the paper sets, and to what."""
    value = token.values[0].strip('"').lower()
    if len(token.values) > 1 or (token.excluded and token.name != "has"):
        raise UserError(Problem.BAD_EXCLUSION, name=token.name, text=token.text)
    match token.name:
        case "has":
            if value != "code":
                raise UserError(Problem.BAD_HAS, value=value)
            return "has_code", not token.excluded
        case "votes":
            if not re.fullmatch(r"[0-9]{1,9}", value):
                raise UserError(Problem.BAD_VOTES, value=value)
            return "min_votes", int(value)
        case "before":
            return "before_day", _day(token.name, value, today)
        case _:
            return "first_day", _day(token.name, value, today)


def _day(name: str, value: str, today: date) -> date:
    """`30d`, `2w`, `6m`, `1y`, `today`, `yesterday`, `2026-01-31`, `2026-01` or `2026` as a day."""
    if span := _SPAN.fullmatch(value):
        days = int(span[1]) * _DAYS[span[2]]
        return today - timedelta(days=min(days, today.toordinal() - 1))
    if value in ("today", "yesterday"):
        return today - timedelta(days=value == "yesterday")
    if written := _DATE.fullmatch(value):
        year, month, day = (int(number or 1) for number in written.groups())
        with suppress(ValueError):  # there is no such day
            return date(year, month, day)
    raise UserError(Problem.BAD_DATE, name=name, value=value)
