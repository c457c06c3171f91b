"""Every word that the bot says: papers on cards, what went wrong, and what must not be hidden."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bot import bibtex, typed, views
from bot.cards import Card, PaperItem, Tone, to_json
from bot.errors import Problem, UserError
from bot.models import Paper, Window
from bot.results import Asked, Condition, Named, Page, Results, Trend, Turns
from tests.hostile import TEXTS
from tests.papers import FULL, MONDAY, TUESDAY, paper, papers

FRESH = Condition(is_sample=False, newest_batch=MONDAY, expected_batch=MONDAY)
BOUNDS = {"name": "limit", "low": 1, "high": 25}

# What each problem is said with: its details, and a part of the sentence that names what to do.
DOWN = (Asked("Hugging Face", failure="it answered 503"),)
PROBLEMS: dict[Problem, tuple[dict[str, Any], str]] = {
    Problem.MISSING_ARGUMENT: ({"name": "query", "usage": "search QUERY [limit:5]"}, "say “search QUERY [limit:5]”"),
    Problem.NOT_A_NUMBER: ({**BOUNDS, "value": "abc"}, "a whole number from 1 to 25, not abc"),
    Problem.OUT_OF_RANGE: ({**BOUNDS, "value": "99"}, "goes from 1 to 25; 99 is outside"),
    Problem.NOT_A_CHOICE: ({"name": "size", "value": "s", "choices": ("small", "large")}, "is small or large, not s"),
    Problem.SURPLUS_TEXT: ({"text": "of it", "usage": "status"}, "“of it” is too much here: say “status”"),
    Problem.TOO_LONG: ({"length": 10_000, "limit": 1_000}, "10,000 characters; a query may have 1,000"),
    Problem.TOO_MANY_WORDS: ({"limit": 64}, "64 words at most"),
    Problem.NO_WORDS: ({"text": "?!"}, "say at least one word"),
    Problem.OPEN_QUOTE: ({"text": '"left open'}, 'The quotation mark in "left open is not closed: close it'),
    Problem.UNKNOWN_FILTER: ({"text": "auther:x", "name": "auther", "near": "author"}, "did you mean author:?"),
    Problem.EMPTY_VALUE: ({"name": "tz", "usage": "tz:Europe/Paris"}, "as in tz:Europe/Paris"),
    Problem.EMPTY_FILTER: ({"name": "cat"}, "as in cat:cs.CV"),
    Problem.BAD_DATE: ({"name": "since", "value": "then"}, "Write 30d,"),
    Problem.BAD_VOTES: ({"value": "many"}, "as in votes:10, not many"),
    Problem.BAD_HAS: ({"value": "data"}, "only knows has:code"),
    Problem.BAD_EXCLUSION: ({"name": "votes", "text": "-votes:10"}, "write votes: on its own"),
    Problem.EMPTY_WINDOW: ({"first": MONDAY, "before": MONDAY}, "2026-03-30: change one of them"),
    Problem.NOTHING_FOUND: ({"text": "xyzzy"}, "“xyzzy”. Try fewer or other words"),
    Problem.NOTHING_TRENDING: ({"text": "xyzzy", "window": Window(MONDAY, MONDAY)}, "longer time: “trending week”"),
    Problem.UNKNOWN_PAPER: ({"ids": ("2401.12345",), "asked": (Asked("arXiv"),)}, "here or at arXiv. Check the number"),
    Problem.UNKNOWN_TITLE: ({"text": "on string", "nearest": ("On Strings", "On $S$")}, "mean “On Strings” or “On S”?"),
    Problem.UNREACHABLE_PAPER: ({"ids": ("2401.12345",), "asked": DOWN}, "it answered 503. Try again later"),
    Problem.MALFORMED_ID: ({"text": "2413.12345"}, "write one such as 2506.08007"),
    Problem.UNKNOWN_VERB: ({"verb": "dance", "verbs": ("search", "show")}, "“dance”. There are search and show"),
    Problem.NO_BATCHES: ({}, "“python -m bot sync”"),
    Problem.PAGE_BEYOND: ({"page": 9}, "Go back"),
    Problem.INDEX_REBUILDING: ({}, "try again in a minute"),
    Problem.BAD_TIME: ({"value": "25:00"}, "25:00 is no time of day: write one such as 09:00"),
    Problem.BAD_ZONE: ({"value": "Pariss", "near": ("Europe/Paris",)}, "Did you mean Europe/Paris?"),
    Problem.BAD_DAYS: ({"value": "someday"}, "someday is no choice of days: write daily"),
    Problem.BAD_DAY: ({"name": "until", "value": "soon"}, "until:soon is no day: write one such as"),
    Problem.BAD_NAME: ({"value": "a/b", "longest": 40}, "a/b is no name: take one word"),
    Problem.NAME_TAKEN: ({"name": "robots"}, "change it with “edit robots”, or give the other one another name"),
    Problem.NO_SUBSCRIPTIONS: ({}, "say “subscribe”"),
    Problem.NO_SUCH_SUBSCRIPTION: ({"value": "robts", "near": "robots", "names": ("robots",)}, "Did you mean robots?"),
    Problem.WHICH_SUBSCRIPTION: ({"names": ("a", "b")}, "say which one, a or b"),
    Problem.TOO_MANY_SUBSCRIPTIONS: ({"limit": 25}, "end one with “unsubscribe”"),
    Problem.CHANGED_MEANWHILE: ({"name": "robots"}, "look with “subscriptions”, then try again"),
    Problem.NOTHING_TO_CHANGE: ({"name": "robots"}, "as in “edit robots top:10 at:08:30”"),
    Problem.DAY_IS_PAST: ({"day": MONDAY, "later": date(2026, 4, 7)}, "write a later day, as in until:2026-04-07"),
    Problem.NOT_UNCERTAIN: ({}, "needs no second post"),
    Problem.NO_SUCH_BATCH: ({"day": MONDAY}, "can fetch others with “python -m bot sync”"),
    Problem.READ_ONLY: ({}, "The bot is running in another process, which alone can change something: say it there"),
    Problem.TOO_SLOW: ({}, "try again in a minute"),
    Problem.OUT_OF_ORDER: ({}, "Try again later"),
    Problem.BUG: ({}, "try something else"),
}


def named(*listed: Paper, **more: Any) -> Named:
    return Named(listed, more.pop("condition", FRESH), **more)


def results(*listed: Paper, total: int = 0, number: int = 1, size: int = 5, **more: Any) -> Results:
    return Results(listed, Page(number, size, total or len(listed)), more.pop("condition", FRESH), **more)


def item(one: Paper) -> PaperItem:
    return views.named_papers("", named(one)).papers[0]


def every_card_of(one: Paper) -> list[Card]:
    """Each way in which a paper is shown."""
    trend = Trend(results(one), Window(MONDAY, TUESDAY), {one.id: 1_234})
    said = typed.clean(one.title)
    return [
        views.search_results(said, results(one, corrections=(("a", "b"),)), Turns(next=f"search {said} page:2")),
        views.trending(said, trend),
        views.similar_papers(named(one), results(one)),
        views.named_papers(said, named(one)),
        views.named_papers(said, named(one, one, is_guess=True)),
        views.abstract(named(one)),
        views.abstract(named(one, one)),
        views.citation(named(one), bibtex.entry(one)),
    ]


@pytest.mark.parametrize("problem", Problem)
def test_every_problem_says_what_to_do(problem: Problem) -> None:
    details, advice = PROBLEMS[problem]
    card = views.failure(UserError(problem, **details))

    assert advice in card.title
    assert card.title[-1] in ".?"
    assert card.tone is Tone.FAILURE


@pytest.mark.parametrize(
    ("problem", "details", "advice"),
    [
        (Problem.NOT_A_NUMBER, {**BOUNDS, "value": ""}, "right behind the colon: limit:25."),
        (Problem.NOT_A_CHOICE, {"name": "size", "value": "", "choices": ("s", "l")}, "“size” is s or l."),
        (Problem.UNKNOWN_FILTER, {"text": "x:y", "name": "x", "near": ""}, "There are author:, org:"),
        (Problem.UNKNOWN_TITLE, {"text": "xyzzy", "nearest": ()}, "Check the words, or give the arXiv id."),
        (Problem.BAD_TIME, {"value": ""}, "There is no time of day behind the colon: write one such as 09:00"),
        (Problem.BAD_ZONE, {"value": "x", "near": ()}, "America/New_York or UTC."),
        (Problem.BAD_DAYS, {"value": ""}, "There is no choice of days behind the colon: write daily,"),
        (
            Problem.NO_SUCH_SUBSCRIPTION,
            {"value": "x", "near": "", "names": ("a", "b")},
            "It has a and b. To look for words, say “search” before them.",
        ),
    ],
)
def test_a_problem_without_a_value_reads_as_well(problem: Problem, details: dict[str, Any], advice: str) -> None:
    assert advice in views.failure(UserError(problem, **details)).title


def test_what_was_typed_is_repeated_in_short_and_what_to_do_in_full() -> None:
    usage = f"subscribe {'[WORD] ' * 40}[name:x]"

    assert len(views.failure(UserError(Problem.NOTHING_FOUND, text="long " * 2_000)).title) < 250
    assert usage in views.failure(UserError(Problem.SURPLUS_TEXT, text="x", usage=usage)).title
    assert len(views.failure(UserError(Problem.UNKNOWN_TITLE, text="x", nearest=("long " * 2_000,) * 5)).title) < 700


@pytest.mark.parametrize(
    ("authors", "byline"),
    [
        ((), ""),
        (("Ada Lovelace",), "Ada Lovelace"),
        (("Ada", "Alan"), "Ada and Alan"),
        (("Ada", "Alan", "Emmy"), "Ada, Alan and Emmy"),
        (("Ada", "Alan", "Emmy", "Kurt"), "Ada, Alan, Emmy and 1 more"),
        (tuple(f"Author {n}" for n in range(1_667)), "Author 0, Author 1, Author 2 and 1,664 more"),
    ],
)
def test_the_first_three_authors_are_named_and_the_others_counted(authors: tuple[str, ...], byline: str) -> None:
    assert item(paper(authors=authors)).byline == byline


def test_a_paper_of_which_everything_is_known_shows_it() -> None:
    shown = item(replace(FULL, comments=2, stars=1_049))

    assert shown.byline == "The Institute · Ada Lovelace and Grace Hopper · batch of Mon 30 Mar 2026"
    assert (shown.summary, shown.summary_label) == ("Strings are pulled.", "AI summary by Hugging Face")
    assert shown.numbers == "▲ 5  💬 2  ⭐ 1,049"
    assert shown.url == "https://huggingface.co/papers/hep-th/9901001"
    assert [(link.label, link.url) for link in shown.links] == [
        ("arXiv", "https://arxiv.org/abs/hep-th/9901001"),
        ("Code", "https://example.org/code"),
        ("Project", "https://example.org/project"),
    ]
    assert [button.label for button in shown.buttons] == ["Abstract", "Similar", "Cite"]


def test_a_paper_of_which_only_the_title_is_known_shows_nothing_that_is_not() -> None:
    shown = item(paper())

    assert (shown.byline, shown.summary, shown.summary_label, shown.numbers) == ("", "", "", "")
    assert shown.url == "https://arxiv.org/abs/2506.08007"
    assert [link.label for link in shown.links] == ["arXiv"]
    assert [button.label for button in shown.buttons] == ["Similar", "Cite"]
    assert views.abstract(named(paper())).text == "No abstract is known."


@pytest.mark.parametrize(
    ("known", "numbers"),
    [
        ({"votes": 0}, "▲ 0"),
        ({"votes": None, "comments": 3}, "💬 3"),
        ({"votes": 7, "comments": 0, "stars": 0}, "▲ 7"),
        ({"votes": 12_345, "stars": 10}, "▲ 12,345  ⭐ 10"),
    ],
)
def test_numbers_that_are_not_known_are_left_out(known: dict[str, Any], numbers: str) -> None:
    assert item(paper(**known)).numbers == numbers


def test_the_authors_abstract_is_shown_where_there_is_no_ai_summary() -> None:
    shown = item(paper(abstract="We show $L_2$ first. " + "Then we show more of it. " * 40, published=date(1999, 1, 2)))

    assert shown.summary.startswith("We show L₂ first. Then we show")
    assert shown.summary.endswith("more of it.")
    assert len(shown.summary) <= 300
    assert (shown.summary_label, shown.byline) == ("", "arXiv, Sat 2 Jan 1999")


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_hostile_text_becomes_one_harmless_line_on_every_card(text: str) -> None:
    one = replace(FULL, title=text, abstract=text, authors=(text,) * 5, organization=text, ai_summary=text)

    for card in every_card_of(one):
        lines = [card.title, *card.text.split("\n"), *card.notes, *(button.command for button in card.buttons)]
        lines += [part for shown in card.papers for part in (shown.title, shown.byline, shown.summary)]
        assert all(line.replace("\u200d", "").isprintable() for line in lines)  # which emoji need
        assert all(shown.title for shown in card.papers)
        assert len(card.title) < 400
        assert all(len(shown.title) <= 300 and len(shown.byline) < 400 for shown in card.papers)
        assert "\n" not in to_json(card)
        assert [shown["id"] for shown in json.loads(to_json(card))["papers"]] == [shown.id for shown in card.papers]


def test_a_card_is_one_line_of_json_with_the_id_of_each_paper() -> None:
    said = to_json(views.trending("", Trend(results(*papers(3, abstract="Two\nlines")), Window(MONDAY, MONDAY))))

    assert "\n" not in said
    assert [one["id"] for one in json.loads(said)["papers"]] == ["2506.00001", "2506.00002", "2506.00003"]
