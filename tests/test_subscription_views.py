"""How orders read: before they are given, as they stand, and how they do."""

from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest

from bot import views
from bot.cards import Card
from bot.deliveries import Delivery, Due, State, Why
from bot.results import Preview, Sample, Standings
from bot.subscriptions import DAY_SETS, Kind, Layout, Order, Pause, Schedule, Standing
from bot.views.subscriptions import ordered
from tests.deliveries import HERE, subscription
from tests.papers import MONDAY, NOON, TUESDAY, later, paper, papers
from tests.test_digest_views import check

FIRST = Due(MONDAY, later(hours=1), later(hours=7))
NINE = Schedule()


def standings(**fields: Any) -> Standings:
    known: dict[str, Any] = {"next": later(hours=1), "sent": None, "ended": None, **fields}
    return Standings(known.pop("one", subscription("robots")), **known)


def delivery(state: State, **fields: Any) -> Delivery:
    return Delivery("k", "s", HERE, "robots", MONDAY, Kind.DAILY, NOON, later(hours=6), state, **fields)


def preview(order: Order, *samples: Sample, **fields: Any) -> Preview:
    known: dict[str, Any] = {"passing_ever": 9, "corrections": (), "ended": None, "first": FIRST, **fields}
    return Preview(order, samples, known.pop("batches", len(samples)), **known)


def said(one: Standings) -> str:
    [row] = views.subscriptions((one,), NOON).rows
    check(Card("x", rows=(row,)))
    return row.text


@pytest.mark.parametrize(
    ("order", "text"),
    [
        (Order("x"), "The 5 papers with the most votes, every day at 09:00 (UTC)"),
        (Order("x", top=1), "The paper with the most votes, every day at 09:00 (UTC)"),
        (Order("x", "robots", min_votes=1), "The 5 papers with the most votes for “robots”, with 1 vote or more, every"),
        (Order("x", min_votes=10), "with 10 votes or more"),
        (Order("x", layout=Layout.COMPACT), "The 5 papers with the most votes, without summaries, every day"),
        (Order("x", schedule=Schedule(time(21, 5), "Asia/Tokyo", DAY_SETS["weekdays"])),
         "votes, Monday to Friday at 21:05 (Asia/Tokyo)"),
        (Order("x", schedule=Schedule(days=DAY_SETS["weekends"])), "votes, Saturday and Sunday at 09:00 (UTC)"),
        (Order("x", schedule=Schedule(days=(1, 3, 5))), "votes, on Monday, Wednesday and Friday at 09:00 (UTC)"),
        (Order("x", schedule=Schedule(days=(2,))), "votes, on Tuesday at 09:00 (UTC)"),
        (Order("x", schedule=Schedule(days=(5,), kind=Kind.WEEKLY)), "most votes of the week, every Friday at 09:00"),
        (Order("x", "word " * 100), "word…”, every day"),
    ],
)  # fmt: skip
def test_an_order_is_put_into_words(order: Order, text: str) -> None:
    assert text in ordered(order)


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (5 * [3], "The last 5 batches would have brought 3 papers a day:"),
        ([1], "The last batch would have brought 1 paper a day:"),
        ([1, 0], "The last 2 batches would have brought 0.5 papers a day:"),
        ([0, 0, 0], "The last 3 batches would have brought nothing:"),
        ([2, 1, 1], "The last 3 batches would have brought 1.3 papers a day:"),
    ],
)
def test_a_preview_says_how_much_would_have_come(found: list[int], text: str) -> None:
    samples = [Sample((MONDAY - timedelta(days=n),), one, 20, papers(one)) for n, one in enumerate(found)]
    card = views.subscription_preview(preview(Order("x"), *samples), NOON, "subscribe confirm:yes")

    assert card.text.endswith(text)
    assert [button.command for button in card.buttons] == ["subscribe confirm:yes"]
    check(replace(card, rows=()))


def test_a_preview_names_the_first_papers_of_each_batch() -> None:
    long = paper(title="A very long title of a paper that goes on and on and on until nobody reads it")
    samples = (Sample((MONDAY,), 9, 20, (long, *papers(4))), Sample((TUESDAY,), 0, 1, ()))
    card = views.subscription_preview(preview(Order("x"), *samples), NOON, "")

    assert card.rows[0].text.startswith("5 of 20: A very long title of a paper")
    assert card.rows[0].text.endswith("; The paper 2506.00001; The paper 2506.00002 and 2 more")
    assert card.rows[1].text == "nothing of 1 paper"


@pytest.mark.parametrize(
    ("fields", "note"),
    [
        ({"corrections": (("robotz", "robots"), ("teh", "the"))}, "I read “robotz” as “robots” and “teh” as “the”."),
        ({"ended": MONDAY, "passing_ever": 0}, "This can never bring anything: it wants papers from before Mon 30 Mar"),
        ({"passing_ever": 0}, "No stored paper has ever passed this filter"),
        ({}, "Nothing in these batches passes"),
        ({"batches": 0}, "No batch of the last month is stored here"),
    ],
)
def test_a_preview_tells_its_doubts(fields: dict[str, Any], note: str) -> None:
    shown = preview(Order("x", "robotz"), Sample((MONDAY,), 0, 20, ()), **fields)
    card = views.subscription_preview(shown, NOON, "")

    assert note in card.notes[0]
    assert card.notes[-1].startswith("Nothing is ordered yet: press Confirm")
    check(replace(card, rows=()))


@pytest.mark.parametrize("view", [views.subscribed, views.edited, views.going_on, views.not_paused])
def test_what_was_done_says_when_the_next_one_comes(view: Any) -> None:
    card = view(subscription("robots"), FIRST, NOON)
    assert "The next one is due in 1 hour, on Mon 30 Mar 2026, 13:00 (UTC)." in card.text
    check(card)

    card = view(subscription("robots"), None, NOON)
    assert "No day is left in the coming weeks on which it could be sent." in card.text


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (standings(), "Next: Mon 30 Mar 2026, 13:00 (UTC). Nothing posted yet."),
        (standings(next=None), "09:00 (UTC). Nothing posted yet."),
        (standings(next=later(hours=-1)),
         "Next: due since Mon 30 Mar 2026, 11:00 (UTC), and posted as soon as its batch is here."),
        (standings(next=later(hours=-1), failed="it answered 503."),
         "Next: due since Mon 30 Mar 2026, 11:00 (UTC), and tried again until it can be posted (it answered 503)."),
        (standings(sent=delivery(State.SENT, sent_at=later(hours=-26), papers=("a",))),
         "Last post: 1 day ago, 1 paper."),
        (standings(sent=delivery(State.SENT, sent_at=NOON, papers=("a", "b"))), "Last post: just now, 2 papers."),
        (standings(ended=delivery(State.SKIPPED, why=Why.NO_MATCH)),
         "Not posted on Mon 30 Mar 2026: no paper passed its filter."),
        (standings(ended=delivery(State.DEAD, why=Why.CHANNEL, error="I may not post.")),
         "Not posted on Mon 30 Mar 2026: I could not post here (I may not post)."),
        (standings(one=subscription("robots", standing=Standing.PAUSED, pause=Pause.ASKED)),
         "Paused: “resume robots” goes on."),
        (standings(one=subscription("robots", standing=Standing.PAUSED, pause=Pause.ASKED, paused_until=TUESDAY)),
         "Paused: “resume robots” goes on; it goes on by itself on Tue 31 Mar 2026."),
        (standings(one=subscription("robots", standing=Standing.GONE, pause=Pause.CHANNEL_GONE)),
         "Ended, because the channel was gone: say “resume robots” if it is back."),
    ],
)  # fmt: skip
def test_how_a_subscription_does_is_told_in_sentences(one: Standings, text: str) -> None:
    assert text in said(one)


@pytest.mark.parametrize("why", Why)
@pytest.mark.parametrize("error", ["", "it said no."])
def test_every_reason_why_nothing_was_posted_has_its_words(why: Why, error: str) -> None:
    text = said(standings(ended=delivery(State.SKIPPED, why=why, error=error)))

    assert "Not posted on Mon 30 Mar 2026: " in text
    assert why.value not in text or " " in text.split(": ")[-1]


@pytest.mark.parametrize("pause", Pause)
def test_every_pause_has_its_words_and_its_remedy(pause: Pause) -> None:
    one = subscription("robots", standing=Standing.PAUSED, pause=pause)

    assert "“resume robots”" in said(standings(one=one))
    assert "It is " in views.edited(one, FIRST, NOON).text
    check(views.edited(one, FIRST, NOON))


@pytest.mark.parametrize(
    ("until", "text"),
    [
        (None, "Nothing is sent until somebody resumes it."),
        (date(2026, 4, 2), "Nothing is sent before Thu 2 Apr 2026, when it goes on by itself."),
    ],
)
def test_a_pause_says_how_long_it_lasts(until: date | None, text: str) -> None:
    assert views.stopped(subscription("robots", paused_until=until)).text == text


@pytest.mark.parametrize(("count", "title"), [(0, "Nothing was kept of you."), (1, "1 order."), (3, "3 orders.")])
def test_what_was_forgotten_is_counted(count: int, title: str) -> None:
    assert views.forgotten(count).title.endswith(title)
