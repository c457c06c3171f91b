"""The query language: what it means, and what is said about text that means nothing."""

from contextlib import suppress
from datetime import date, timedelta
from timeit import repeat
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot import query, typed
from bot.errors import Problem, UserError
from bot.query import Clause, Field, Query, Term

TODAY = date(2026, 3, 31)
MOST_SECONDS = 0.05

pieces = st.sampled_from(
    [
        *"\"|-: '.a1é世",
        " ",
        "author:",
        "since:",
        "votes:10",
        "30d",
        '"a b"',
        "a|b",
        "has:code",
        "-",
        "x:y",
        "2026-02-30",
    ]
)
anything = st.text(st.characters(), max_size=300) | st.lists(pieces, max_size=40).map("".join)


def parsed(text: str) -> Query:
    return query.parse(typed.clean(text), TODAY)


def word(text: str, field: Field = Field.TEXT) -> Clause:
    return Clause(field, (Term(text),))


def phrase(text: str, field: Field = Field.TEXT) -> Clause:
    return Clause(field, (Term(text, is_phrase=True),))


def either(*terms: str | Term, field: Field = Field.TEXT) -> Clause:
    return Clause(field, tuple(Term(term) if isinstance(term, str) else term for term in terms))


def without(clause: Clause) -> Clause:
    return Clause(clause.field, clause.terms, excluded=True)


def problem(text: str) -> UserError:
    with pytest.raises(UserError) as caught:
        parsed(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("world models", [word("world"), word("models")]),
        ('"world models" video', [phrase("world models"), word("video")]),
        ("“world\u00a0models” video", [phrase("world models"), word("video")]),
        ('"  world   models "', [phrase("world models")]),
        ('"lora"', [phrase("lora")]),  # one word in quotes must be there as well
        ("-survey", [without(word("survey"))]),
        ('-"in context"', [without(phrase("in context"))]),
        ("a|b", [either("a", "b")]),
        ("a | b", [either("a", "b")]),
        ("a |b| c d", [either("a", "b", "c"), word("d")]),
        ('"x y"|z', [either(Term("x y", is_phrase=True), "z")]),
        ('z | "x y" w', [either("z", Term("x y", is_phrase=True)), word("w")]),
        ('"a | b" c', [phrase("a | b"), word("c")]),
        ("-a|b", [without(either("a", "b"))]),
        ("|a| || b|", [either("a", "b")]),
        ("a || b", [either("a", "b")]),
        ("author:lecun", [word("lecun", Field.AUTHOR)]),
        ('author:"yann lecun"', [phrase("yann lecun", Field.AUTHOR)]),
        ("Author:LeCun", [word("LeCun", Field.AUTHOR)]),
        ("-author:x", [without(word("x", Field.AUTHOR))]),
        ("author:lecun|hinton", [either("lecun", "hinton", field=Field.AUTHOR)]),
        ('author:"yann lecun" | hinton', [either(Term("yann lecun", is_phrase=True), "hinton", field=Field.AUTHOR)]),
        ("cat:cs.CV|cat:cs.LG", [either("cs.CV", "cs.LG", field=Field.CATEGORY)]),
        ("org:nvidia video", [word("nvidia", Field.ORGANIZATION), word("video")]),
        ("author:o'brien", [word("o'brien", Field.AUTHOR)]),
        ("author：lecun｜hinton", [either("lecun", "hinton", field=Field.AUTHOR)]),
    ],
)
def test_words_phrases_and_filters_become_clauses(text: str, clauses: list[Clause]) -> None:
    assert parsed(text).clauses == tuple(clauses)


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("since:30d", {"first_day": TODAY - timedelta(30)}),
        ("since:2w", {"first_day": TODAY - timedelta(14)}),
        ("since:6m", {"first_day": TODAY - timedelta(180)}),
        ("since:1y", {"first_day": TODAY - timedelta(365)}),
        ("Since:30D", {"first_day": TODAY - timedelta(30)}),
        ("since:0d", {"first_day": TODAY}),
        ("since:9999y", {"first_day": date.min}),
        ("since:today", {"first_day": TODAY}),
        ("since:yesterday", {"first_day": TODAY - timedelta(1)}),
        ("since:2026-01-31", {"first_day": date(2026, 1, 31)}),
        ("since:2026-01", {"first_day": date(2026, 1, 1)}),
        ("since:2026", {"first_day": date(2026, 1, 1)}),
        ("since:2026-1", {"first_day": date(2026, 1, 1)}),
        ("since:2026-1-3", {"first_day": date(2026, 1, 3)}),
        ("since:2026-01-3", {"first_day": date(2026, 1, 3)}),
        ('since:"2026-01-31"', {"first_day": date(2026, 1, 31)}),
        ("after:2026-01-31", {"first_day": date(2026, 1, 31)}),
        ("before:2026-01", {"before_day": date(2026, 1, 1)}),
        ("before:30d", {"before_day": TODAY - timedelta(30)}),
        ("since:2026-01 before:2026-02", {"first_day": date(2026, 1, 1), "before_day": date(2026, 2, 1)}),
        ("since:30d after:7d since:2w", {"first_day": TODAY - timedelta(7)}),
        ("before:2026-03 before:2026-01", {"before_day": date(2026, 1, 1)}),
        ("has:code", {"has_code": True}),
        ("-has:code", {"has_code": False}),
        ("HAS:Code", {"has_code": True}),
        ("votes:10", {"min_votes": 10}),
        ("votes:10 votes:3", {"min_votes": 10}),
        ("votes:0", {}),
    ],
)
def test_bounds_hold_all_at_once(text: str, bounds: dict[str, Any]) -> None:
    assert parsed(text) == Query(text=typed.clean(text), **bounds)


@pytest.mark.parametrize(
    ("text", "wrong", "details"),
    [
        ('"left open', Problem.OPEN_QUOTE, {"text": '"left open'}),
        ('a "b', Problem.OPEN_QUOTE, {"text": '"b'}),
        ('a|"b c', Problem.OPEN_QUOTE, {"text": '"b c'}),
        ('author:"yann lecun', Problem.OPEN_QUOTE, {"text": 'author:"yann lecun'}),
        ('-"left open', Problem.OPEN_QUOTE, {"text": '"left open'}),
        ("auther:lecun", Problem.UNKNOWN_FILTER, {"text": "auther:lecun", "name": "auther", "near": "author"}),
        ("vote:10", Problem.UNKNOWN_FILTER, {"text": "vote:10", "name": "vote", "near": "votes"}),
        ("category:cs.CV", Problem.UNKNOWN_FILTER, {"text": "category:cs.CV", "name": "category", "near": ""}),
        ("author:", Problem.EMPTY_FILTER, {"name": "author"}),
        ("author: lecun", Problem.EMPTY_FILTER, {"name": "author"}),
        ("votes:!", Problem.EMPTY_FILTER, {"name": "votes"}),
        ('cat:""', Problem.EMPTY_FILTER, {"name": "cat"}),
        ("since:yesterdayish", Problem.BAD_DATE, {"name": "since", "value": "yesterdayish"}),
        ("before:30", Problem.BAD_DATE, {"name": "before", "value": "30"}),
        ("after:2026-02-30", Problem.BAD_DATE, {"name": "after", "value": "2026-02-30"}),
        ("since:2026-13", Problem.BAD_DATE, {"name": "since", "value": "2026-13"}),
        ("since:0000", Problem.BAD_DATE, {"name": "since", "value": "0000"}),
        ("since:-30d", Problem.BAD_DATE, {"name": "since", "value": "-30d"}),
        ("votes:many", Problem.BAD_VOTES, {"value": "many"}),
        ("votes:-1", Problem.BAD_VOTES, {"value": "-1"}),
        ("votes:9999999999", Problem.BAD_VOTES, {"value": "9999999999"}),
        ("votes:٣", Problem.BAD_VOTES, {"value": "٣"}),
        ("has:data", Problem.BAD_HAS, {"value": "data"}),
        ("votes:1|2", Problem.BAD_EXCLUSION, {"name": "votes", "text": "votes:1|2"}),
        ("-votes:10", Problem.BAD_EXCLUSION, {"name": "votes", "text": "-votes:10"}),
        ("-since:30d", Problem.BAD_EXCLUSION, {"name": "since", "text": "-since:30d"}),
        ("a|author:b", Problem.BAD_EXCLUSION, {"name": "author", "text": "a|author:b"}),
        ("author:a|org:b", Problem.BAD_EXCLUSION, {"name": "org", "text": "author:a|org:b"}),
        ("since:7d before:30d", Problem.EMPTY_WINDOW, {"first": date(2026, 3, 24), "before": date(2026, 3, 1)}),
        ("since:today before:today", Problem.EMPTY_WINDOW, {"first": TODAY, "before": TODAY}),
        ("x" * 10_000, Problem.TOO_LONG, {"length": 10_000, "limit": 1_000}),
        ("word " * 151, Problem.TOO_MANY_WORDS, {"limit": 150}),
        ("|".join("abcdefghijklm" * 12), Problem.TOO_MANY_WORDS, {"limit": 150}),
    ],
)
def test_what_means_nothing_is_named(text: str, wrong: Problem, details: dict[str, object]) -> None:
    error = problem(text)

    assert (error.problem, error.details) == (wrong, details)


def test_as_much_as_a_query_may_have_is_read() -> None:
    assert len(parsed("word " * 150).clauses) == 150
    assert len(parsed("x" * 1_000).clauses) == 1


@pytest.mark.parametrize("text", ["", " ", "-", '"', "|", "-- ?! |", '""', "- - -", "…", "😀"])
def test_text_without_a_word_leaves_nothing_out(text: str) -> None:
    assert parsed(text).is_everything


@pytest.mark.parametrize(
    "text", ["a", "-a", "since:30d", "before:2026", "votes:1", "has:code", "-has:code", "cat:cs.CV"]
)
def test_a_word_or_a_filter_leaves_something_out(text: str) -> None:
    assert not parsed(text).is_everything


@pytest.mark.parametrize(
    "title",
    [
        "BERT: Pre-training of Deep Bidirectional Transformers",
        "LoRA:Low-Rank Adaptation — a second look",
        "CAT: Cross Attention in Vision Transformer",
        "Attention Is All You Need - in Speech Separation",
        "Re:Zero 3:1 and https://example.org/x",
        '27" monitors and 5" x 7" prints',
        "LLMs’ ability isn't what it's said to be: O'Neil's law",
        "Don’t stop --- pretraining",
        "C++ / C# & <html> at 50% (of $5)",
        "What?! No… really",
        "p(y,x) → 世界模型：概论",
    ],
)
def test_a_pasted_title_is_only_words(title: str) -> None:
    wanted = parsed(title)

    assert all(clause.is_plain for clause in wanted.clauses)
    assert len(wanted.clauses) == sum(any(map(str.isalnum, word)) for word in typed.clean(title).split())
    assert (wanted.first_day, wanted.before_day, wanted.has_code, wanted.min_votes) == (None, None, None, 0)


@pytest.mark.parametrize(
    ("title", "clauses"),
    [
        ("“Why Should I Trust You?”: Explained", [phrase("Why Should I Trust You?"), word("Explained")]),
        ('"Deep learning"-based methods', [phrase("Deep learning"), word("-based"), word("methods")]),
        ("The ``Aha'' Moment", [word("The"), phrase("Aha"), word("Moment")]),
        ("Foo | Bar", [either("Foo", "Bar")]),
    ],
)
def test_a_pasted_title_with_quotes_or_bars_is_read_as_it_stands(title: str, clauses: list[Clause]) -> None:
    assert parsed(title).clauses == tuple(clauses)


def test_a_title_is_compared_with_what_is_asked_for_and_nothing_else() -> None:
    assert parsed('vision -survey "world model" a|b author:lecun since:1y').wanted == "vision world model a b"


def test_only_bare_words_rank() -> None:
    assert [clause.is_plain for clause in parsed('a "b" c|d -e author:f').clauses] == [True, False, False, False, False]


def test_the_words_of_a_title_have_no_special_meaning() -> None:
    found = query.words('-Author:x | "open cat:cs.CV, since:2')

    assert found.wanted == "Author x open cat cs CV since 2"
    assert all(clause.is_plain for clause in found.clauses)
    assert len(query.words("a " * 500).clauses) == 150
    assert query.words("?!").is_everything


@given(anything)
@example('author:"')
@example('|"|-|:|')
@example("ſince:x -\u212aas:x")
def test_any_text_is_a_query_or_a_problem_of_the_person_who_typed_it(text: str) -> None:
    for said in (text, typed.clean(text)):
        with suppress(UserError):
            found = query.parse(said, TODAY)
            assert found.text == said
            assert all(clause.terms and all(term.text for term in clause.terms) for clause in found.clauses)


@given(st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), min_size=1, max_size=20))
def test_plain_words_are_asked_for_as_they_are_typed(typed_words: list[str]) -> None:
    assert parsed(" ".join(typed_words)).wanted == " ".join(typed_words)


@pytest.mark.parametrize(
    "unit", ['"', "|", "-", ":", ' "', ' "a', "a|", "| ", '"|', "a:", '":', '|"a', 'author:"', "   "]
)
@pytest.mark.parametrize("length", [1_000, 10_000])
def test_long_text_is_read_or_refused_at_once(unit: str, length: int) -> None:
    text = (unit * length)[:length]

    def read() -> None:
        with suppress(UserError):
            query.parse(text, TODAY)

    assert min(repeat(read, number=1, repeat=3)) < MOST_SECONDS
