"""Cards beside the papers on them: titles, places in a list, corrections, the state of things, help."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from bot import __version__, views
from bot.cards import Row
from bot.commands import COMMANDS
from bot.models import Hit, IndexState, Paper, SourceHealth, Stock, Why, Window
from bot.results import Condition, Named, Page, Results, Status, Trend, Turns
from tests.papers import MONDAY, NOON, later, paper, papers

FRIDAY = MONDAY - timedelta(days=3)
FRESH = Condition(is_sample=False, newest_batch=MONDAY, expected_batch=MONDAY)
SAMPLE = Condition(is_sample=True, newest_batch=FRIDAY, expected_batch=MONDAY)
REBUILDING = Condition(is_sample=False, newest_batch=MONDAY, expected_batch=MONDAY, indexed=1_000, to_index=7_384)


def stale(newest: date | None, expected: date) -> Condition:
    return Condition(is_sample=False, newest_batch=newest, expected_batch=expected)


def results(*listed: Paper, total: int = 0, number: int = 1, size: int = 5, **more: Any) -> Results:
    return Results(listed, Page(number, size, total or len(listed)), more.pop("condition", FRESH), **more)


def named(*listed: Paper, **more: Any) -> Named:
    return Named(listed, more.pop("condition", FRESH), **more)


def rows(state: Status) -> dict[str, str]:
    return {row.name: row.text for row in views.status(state, NOON).rows}


@pytest.mark.parametrize(
    ("condition", "note"),
    [
        (FRESH, None),
        (SAMPLE, "From the built-in sample, because no batch was fetched yet."),
        (REBUILDING, "The search index is being rebuilt (1,000 of 7,384 papers so far), so something may be missing."),
        (stale(None, MONDAY), None),
        (stale(FRIDAY, MONDAY), None),  # one day behind is nothing: a batch fills during its day
        (stale(FRIDAY, MONDAY + timedelta(days=1)), "The newest batch here is that of Fri 27 Mar 2026"),
        (stale(FRIDAY - timedelta(days=1), MONDAY), "The newest batch here is that of Thu 26 Mar 2026"),
        (stale(MONDAY + timedelta(days=1), MONDAY), None),
    ],
)
def test_no_answer_hides_what_would_mislead(condition: Condition, note: str | None) -> None:
    found = results(paper(), condition=condition)
    cards = [
        views.search_results("x", found),
        views.trending("", Trend(found, Window(MONDAY, MONDAY))),
        views.similar_papers(named(paper()), found),
        views.named_papers("x", named(paper(), condition=condition)),
    ]

    for card in cards:
        assert len(card.notes) == (note is not None)
        assert all(said.startswith(note or "") for said in card.notes)


def test_a_search_says_what_was_asked_and_what_was_corrected() -> None:
    found = results(paper(), corrections=(("atention", "attention"), ("lecum", "lecun")))
    card = views.search_results("Atention author:lecum -x", found)

    assert card.title == "Papers for “attention author:lecun -x”"
    assert card.text == (
        "Showing results for “attention author:lecun -x”: corrected “atention” to “attention” and “lecum” to “lecun”."
    )
    assert views.search_results("attention", results(paper())).text == ""


@pytest.mark.parametrize(
    ("total", "number", "note"),
    [(5, 1, ()), (12, 1, ("1 to 5 of 12",)), (12, 2, ("6 to 10 of 12",)), (12, 3, ("11 to 12 of 12",))],
)
def test_a_part_of_a_list_says_which_part(total: int, number: int, note: tuple[str, ...]) -> None:
    assert views.search_results("x", results(paper(), total=total, number=number)).notes == note


def test_the_next_page_is_a_button_where_there_is_one() -> None:
    (button,) = views.search_results("x", results(paper()), Turns(next="search x page:2")).buttons

    assert (button.label, button.command) == ("Next", "search x page:2")
    assert views.search_results("x", results(paper())).buttons == ()


@pytest.mark.parametrize(
    ("window", "query", "title"),
    [
        (Window(MONDAY, MONDAY), "", "Most votes, batch of Mon 30 Mar 2026"),
        (Window.ending(MONDAY, 7), "", "Most votes, batches of 24 Mar to 30 Mar 2026"),
        (Window.ending(date(2026, 1, 5), 7), "", "Most votes, batches of 30 Dec 2025 to 5 Jan 2026"),
        (Window(MONDAY, MONDAY), "has:code", "Most votes, batch of Mon 30 Mar 2026 for “has:code”"),
    ],
)
def test_a_trend_says_of_which_days_it_is(window: Window, query: str, title: str) -> None:
    assert views.trending(query, Trend(results(paper()), window)).title == title


def test_a_rising_paper_says_by_how_much() -> None:
    one, other = papers(2)
    card = views.trending("", Trend(results(one, other), Window(MONDAY, MONDAY), {one.id: 1_234}))

    assert [shown.badge for shown in card.papers] == ["rising: +1,234 votes since yesterday", ""]


def test_papers_that_were_not_found_are_named_beside_those_that_were() -> None:
    card = views.named_papers("", named(*papers(2), missing=("2401.00001", "2401.00002")))

    assert card.title == "2 papers"
    assert card.notes == ("Not found here: 2401.00001 and 2401.00002.",)


def test_a_guess_is_said_to_be_one() -> None:
    assert (
        views.named_papers("attention", named(paper(), is_guess=True)).title
        == "No title is “attention”. The nearest ones are:"
    )


def test_several_abstracts_and_citations_keep_their_titles() -> None:
    one, other = papers(2, abstract="It works.")

    assert views.abstract(named(one)).text == "It works."
    assert views.abstract(named(one, other)).text == f"{one.title}\nIt works.\n\n{other.title}\nIt works."
    assert views.citation(named(one, other), "@misc{}").title == f"BibTeX for “{one.title}” and “{other.title}”"
    assert views.citation(named(one), "@misc{}").code == "@misc{}"


def test_a_completion_is_a_readable_title_of_a_hundred_characters_at_most() -> None:
    assert views.title_choice(Hit("2401.00001", "On $L_2$ norms", 0.0, 0, None)) == "On L₂ norms"
    assert len(views.title_choice(Hit("2401.00001", "word " * 100, 0.0, 0, None))) <= 100


def test_the_status_says_how_much_there_is_and_how_old_it_is() -> None:
    stock = Stock(7_384, 480, date(2024, 5, 27), MONDAY, later(minutes=-3))
    sources = (
        SourceHealth("Hugging Face", answered_at=later(hours=-2)),
        SourceHealth("arXiv", answered_at=later(days=-2), failed_at=later(seconds=-9), error="it answered 503"),
        SourceHealth("Elsewhere", failed_at=later(hours=-1), error="it cannot be reached"),
    )

    assert rows(Status(stock, sources, IndexState(7_384, 9), FRESH)) == {
        "Papers": "7,384",
        "Batches": "480 batches, 27 May 2024 to 30 Mar 2026",
        "Last fetched": "2026-03-30 11:57 UTC, 3 minutes ago",
        "Hugging Face": "answered 2 hours ago",
        "arXiv": "failed just now (it answered 503); answered 2 days ago",
        "Elsewhere": "failed 1 hour ago (it cannot be reached); has not answered yet",
        "Search index": "7,384 papers",
        "Search by meaning": "off; words alone are compared",
        "Version": __version__,
    }


@pytest.mark.parametrize(
    ("index", "said"),
    [
        (None, "cannot be read, and is being rebuilt"),
        (IndexState(1_000, 9, rebuilding=True), "1,000 papers of 7,384, being rebuilt"),
        (IndexState(1, 9), "1 paper"),
    ],
)
def test_the_status_says_how_the_index_does(index: IndexState | None, said: str) -> None:
    state = Status(Stock(7_384, 0, None, None, None), (), index, REBUILDING)

    assert rows(state)["Search index"] == said
    assert "Batches" not in rows(state)
    assert views.status(state, NOON).notes


@pytest.mark.parametrize(
    ("read", "said"),
    [
        (None, "off; words alone are compared"),
        (0, "0 of 7,384 papers read"),
        (1_234, "1,234 of 7,384 papers read"),
    ],
)
def test_the_status_says_of_how_many_papers_the_meaning_is_known(read: int | None, said: str) -> None:
    state = Status(Stock(7_384, 0, None, None, None), (), IndexState(7_384, 9, read=read), FRESH)

    assert rows(state)["Search by meaning"] == said
    assert rows(replace(state, index=None))["Search by meaning"] == "off; words alone are compared"


@pytest.mark.parametrize(
    ("why", "badge"),
    [(Why.TITLE, "title match"), (Why.AUTHOR, "author"), (Why.MEANING, "similar meaning"), (None, "")],
)
def test_a_result_says_briefly_why_it_is_there(why: Why | None, badge: str) -> None:
    found = results(*papers(2), reasons={"2506.00002": why} if why else {})

    assert [shown.badge for shown in views.search_results("x", found).papers] == ["", badge]


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (later(seconds=-59), "just now"),
        (later(seconds=-60), "1 minute ago"),
        (later(hours=-25), "1 day ago"),
        (later(hours=1), "just now"),  # a clock that is wrong is no reason to fail
    ],
)
def test_times_are_said_as_people_say_them(moment: datetime, said: str) -> None:
    state = Status(Stock(1, 1, MONDAY, MONDAY, moment), (), IndexState(1, 1), FRESH)

    assert rows(state)["Last fetched"].endswith(said)
    assert rows(state)["Batches"] == "1 batch, Mon 30 Mar 2026"


def test_help_lists_every_command_and_the_whole_query_language() -> None:
    card = views.overview(tuple(COMMANDS.values()))
    names = [row.name for row in card.rows]

    assert names[: len(COMMANDS)] == [command.usage for command in COMMANDS.values()]
    assert {'"a phrase"', "-word", "a|b", "author:lecun", "since:30d", "before:2026-02-01", "has:code", "votes:10"} <= {
        *names
    }
    assert "part:" not in card.plain
    assert "page:" not in card.plain


@pytest.mark.parametrize("verb", COMMANDS)
def test_help_for_a_command_says_how_it_is_used(verb: str) -> None:
    card = views.command_help(COMMANDS[verb])

    assert card.title == COMMANDS[verb].usage
    assert card.text.startswith(COMMANDS[verb].summary)
    assert "\n" not in card.text
    assert [row.name for row in card.rows][: card.title.count(" ")] == card.title.split(" ")[1:]


def test_help_says_that_words_rank_in_a_search_and_decide_in_a_trend() -> None:
    assert Row("words", "must all be there") in views.command_help(COMMANDS["trending"]).rows
    assert "any of them may match" in views.command_help(COMMANDS["search"]).plain


def test_privacy_says_what_is_kept_and_how_it_is_deleted() -> None:
    assert "no name and no question is stored" in views.privacy().text
    assert "“forget-me” deletes your id" in views.privacy().text
    assert "on the bot's own page, by your browser, until you close the tab" in views.privacy().text
