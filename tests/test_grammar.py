"""A command is an annotated function: how it is typed, read, checked and written again."""

from typing import Annotated, Any, Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot import typed
from bot.cards import Card
from bot.commands import COMMANDS
from bot.errors import Problem, UserError
from bot.grammar import Between, Command, Completes, Internal, command, shielded

Text = Annotated[str, "words"]
Few = Annotated[int, "how many", Between(1, 25)]
Size = Annotated[Literal["small", "large"], "which size"]


async def order(request: object, size: Size = "small", what: Text = "", *, many: Few = 5, note: Text = "") -> Card:
    """Order something.

    It takes
    a while.
    """
    return Card(f"{many} {size} {what} ({note})")


async def find_(
    request: object,
    what: Annotated[str, "words", Completes.PAPER],
    *,
    page: Annotated[int, "which page", Between(1, 9), Internal()] = 1,
) -> Card:
    """Find something."""
    return Card(f"{what} {page}")


async def pick(request: object, size: Size) -> Card:
    """Pick a size."""
    return Card(size)


async def ping_pong(request: object) -> Card:
    """Answer."""
    return Card("pong")


ORDER, FIND, PICK, PING = command(order), command(find_), command(pick), command(ping_pong)

said_words = st.sampled_from(
    [
        "week",
        "today",
        "a",
        '"',
        "-b",
        'c"d',
        "|",
        "limit:3",
        "limit=3",
        "Page:",
        'page:"3',
        "Part:",
        '"limit:3',
        '"a b"',
        "é",
    ]
)
texts = st.one_of(st.text(st.characters()), st.lists(said_words, max_size=8).map(" ".join)).map(typed.clean)


def understood(said: Command, text: str) -> dict[str, Any]:
    return dict(said.bind(said.read(typed.clean(text))))


def problem(said: Command, text: str) -> UserError:
    with pytest.raises(UserError) as caught:
        understood(said, text)
    return caught.value


@pytest.mark.parametrize(
    ("said", "usage"),
    [
        (ORDER, "order [small|large] [WHAT] [many:5] [note:]"),
        (FIND, "find WHAT"),
        (PICK, "pick small|large"),
        (PING, "ping-pong"),
        (COMMANDS["trending"], "trending [today|week|month] [QUERY] [limit:5]"),
    ],
)
def test_the_usage_line_shows_what_people_may_say(said: Command, usage: str) -> None:
    assert said.usage == usage


def test_a_command_is_described_by_its_docstring_and_its_signature() -> None:
    assert (ORDER.name, ORDER.summary, ORDER.details) == ("order", "Order something.", "It takes\na while.")
    assert [p.name for p in ORDER.parameters] == ["size", "what", "many", "note"]
    assert [p.by_name for p in ORDER.parameters] == [False, False, True, True]
    assert [p.default for p in FIND.parameters] == [None, 1]
    assert [p.internal for p in FIND.parameters] == [False, True]
    assert FIND.parameters[0].completes is Completes.PAPER
    assert FIND.parameters[1].description == "which page"
    assert PICK.parameters[0].choices == ("small", "large")


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("", {}),
        ("large", {"size": "large"}),
        ("LARGE red hats", {"size": "large", "what": "red hats"}),
        ("red hats", {"what": "red hats"}),
        ("red large hats", {"what": "red large hats"}),
        ("small large hats", {"what": "large hats"}),
        ("hats many:7", {"what": "hats", "many": 7}),
        ("many=7 hats", {"what": "hats", "many": 7}),
        ("Many:7 hats NOTE:now", {"what": "hats", "many": 7, "note": "now"}),
        ("many:7 hats many:9", {"what": "hats", "many": 9}),
        ("many:+7", {"many": 7}),
        ('many:"7" note:"at once"', {"many": 7, "note": "at once"}),
        ("note:a:b=c", {"note": "a:b=c"}),
        ('"many:7" hats', {"what": '"many:7" hats'}),
        ("The Many: A Study", {"what": "The Many: A Study"}),
        ('27" hats many:7', {"what": '27" hats', "many": 7}),
        ('"red hats many:7', {"what": '"red hats', "many": 7}),
        ("large “red\u00a0hats”", {"size": "large", "what": '"red hats"'}),
        ("colour:red x=many:7", {"what": "colour:red x=many:7"}),
    ],
)
def test_arguments_are_read_by_place_and_by_name(text: str, arguments: dict[str, Any]) -> None:
    assert understood(ORDER, text) == {"size": "small", "what": "", "many": 5, "note": "", **arguments}


@pytest.mark.parametrize(
    ("said", "text", "wrong", "details"),
    [
        (ORDER, "many:abc", Problem.NOT_A_NUMBER, {"name": "many", "value": "abc", "low": 1, "high": 25}),
        (ORDER, "many: 7", Problem.NOT_A_NUMBER, {"name": "many", "value": "", "low": 1, "high": 25}),
        (ORDER, "many:7.5", Problem.NOT_A_NUMBER, {"name": "many", "value": "7.5", "low": 1, "high": 25}),
        (ORDER, "many:٧", Problem.NOT_A_NUMBER, {"name": "many", "value": "٧", "low": 1, "high": 25}),
        (ORDER, "many:99", Problem.OUT_OF_RANGE, {"name": "many", "value": "99", "low": 1, "high": 25}),
        (ORDER, "many:0", Problem.OUT_OF_RANGE, {"name": "many", "value": "0", "low": 1, "high": 25}),
        (ORDER, "many:-3", Problem.OUT_OF_RANGE, {"name": "many", "value": "-3", "low": 1, "high": 25}),
        (PICK, "medium", Problem.NOT_A_CHOICE, {"name": "size", "value": "medium", "choices": ("small", "large")}),
        (PICK, "", Problem.MISSING_ARGUMENT, {"name": "size", "usage": "pick small|large"}),
        (FIND, "", Problem.MISSING_ARGUMENT, {"name": "what", "usage": "find WHAT"}),
        (FIND, "page:2", Problem.MISSING_ARGUMENT, {"name": "what", "usage": "find WHAT"}),
        (PING, "is it on", Problem.SURPLUS_TEXT, {"text": "is it on", "usage": "ping-pong"}),
        (PING, "page:2", Problem.SURPLUS_TEXT, {"text": "page:2", "usage": "ping-pong"}),
    ],
)
def test_what_cannot_be_an_argument_is_named(
    said: Command, text: str, wrong: Problem, details: dict[str, object]
) -> None:
    error = problem(said, text)

    assert (error.problem, error.details) == (wrong, details)


def test_a_number_of_any_length_is_refused_and_not_computed() -> None:
    assert problem(ORDER, f"many:{'9' * 5_000}").problem is Problem.NOT_A_NUMBER


@pytest.mark.parametrize(
    ("given_by_name", "arguments"),
    [
        ({"what": " red\u200b  hats ", "many": 7}, {"what": "red hats", "many": 7}),
        ({"size": "LARGE"}, {"size": "large"}),
        ({"many": "7", "note": 3}, {"many": 7, "note": "3"}),
        ({"what": "", "colour": "red"}, {}),
    ],
)
def test_arguments_that_a_platform_gives_by_name_are_checked_as_well(
    given_by_name: dict[str, str | int], arguments: dict[str, Any]
) -> None:
    assert ORDER.bind(given_by_name) == {"size": "small", "what": "", "many": 5, "note": "", **arguments}


@pytest.mark.parametrize(
    ("said", "arguments", "text"),
    [
        (ORDER, {}, "order"),
        (ORDER, {"what": "red hats", "many": 5}, "order small red hats"),
        (ORDER, {"what": "large hats"}, "order small large hats"),
        (ORDER, {"size": "large", "many": 7}, "order large many:7"),
        (ORDER, {"note": "at once"}, 'order note:"at once"'),
        (FIND, {"what": "limit:3 many", "page": 2}, "find limit:3 many page:2"),
        (FIND, {"what": "page:3 and page=4", "page": 2}, 'find "page:3" and "page=4" page:2'),
        (FIND, {"what": '"turn the page:3"', "page": 2}, 'find "turn the page:3" page:2'),
        (PING, {}, "ping-pong"),
    ],
)
def test_a_command_is_written_as_it_would_be_typed(said: Command, arguments: dict[str, Any], text: str) -> None:
    assert said.typed(arguments) == text


@given(texts, st.integers(1, 25), st.integers(1, 25))
@example('limit="a', 7, 2)
@example('"a" limit:"b c"', 7, 2)
def test_a_written_search_is_read_as_the_same_search(text: str, limit: int, page: int) -> None:
    search = COMMANDS["search"]
    arguments = search.bind({"query": text or "x", "limit": limit, "page": page})
    again = understood(search, search.typed(arguments).partition(" ")[2])

    # What looks like an argument is kept where it was by quotes; everything else comes back as it was.
    assert again["query"].replace('"', "") == str(arguments["query"]).replace('"', "")
    assert (again["limit"], again["page"]) == (limit, page)
    assert search.typed(again) == search.typed(arguments)


@given(texts, st.sampled_from(["today", "week", "month"]), st.integers(1, 25))
@example("week ahead", "today", 2)
def test_a_written_trend_is_read_as_the_same_trend(text: str, window: str, page: int) -> None:
    trending = COMMANDS["trending"]
    arguments = trending.bind({"window": window, "query": text, "page": page})
    again = understood(trending, trending.typed(arguments).partition(" ")[2])

    assert again["query"].replace('"', "") == text.replace('"', "")
    assert (again["window"], again["page"]) == (window, page)


@given(st.lists(st.sampled_from(["week", "a", '"b c"', "-d", 'e"', "x:y", "é"]), min_size=1, max_size=8).map(" ".join))
def test_text_without_arguments_inside_comes_back_letter_by_letter(text: str) -> None:
    for name, parameter in (("search", "query"), ("trending", "query"), ("show", "paper"), ("similar", "paper")):
        said = COMMANDS[name]
        assert understood(said, said.typed({parameter: text}).partition(" ")[2])[parameter] == text


@pytest.mark.parametrize(
    "annotation",
    [
        str,
        Annotated[int, "a number without bounds"],
        Annotated[str, "text with bounds", Between(1, 2)],
        Annotated[float, "a fraction"],
        Annotated[Literal[1, 2], "numbers to choose from"],
        Annotated[str | None, "text or nothing"],
    ],
)
def test_wrong_annotations_are_refused_when_the_command_is_made(annotation: Any) -> None:
    async def odd(request: object, what: Any) -> Card:
        return Card(what)

    odd.__annotations__["what"] = annotation

    with pytest.raises(TypeError, match=r"^what: "):
        command(odd)


@pytest.mark.parametrize("said", COMMANDS.values(), ids=COMMANDS)
def test_every_command_and_parameter_says_what_it_is_in_a_line(said: Command) -> None:
    assert said.summary.endswith(".")
    assert len(said.summary) <= 100  # what Discord shows
    assert all(p.description and len(p.description) <= 100 for p in said.parameters)
    assert not said.details or said.details.endswith(".")


@pytest.mark.parametrize(
    ("word", "safe"),
    [
        ("limit:3", '"limit:3"'),
        ("limit=3|model", '"limit=3"|model'),
        ('limit="a b"|c', '"limit=a b"|c'),
        ('limit="a|b"', '"limit=a|b"'),
    ],
)
def test_a_word_that_looks_like_an_argument_is_kept_in_the_text_by_quotes(word: str, safe: str) -> None:
    search = COMMANDS["search"]

    assert shielded(word) == safe
    assert search.read(f"{safe} limit:7") == {"query": safe, "limit": "7"}
