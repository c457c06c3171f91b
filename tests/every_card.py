"""Cards for payload tests: every kind that the bot says, and any card that could be said."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, time
from functools import cache
from typing import Any

from hypothesis import strategies as st

from bot import bibtex, views
from bot.cards import Button, Card, Link, PaperItem, Row, Tone
from bot.commands import COMMANDS
from bot.deliveries import Delivery, Digest, Due, Edition, Freshness, State, Why
from bot.errors import UserError
from bot.models import IndexState, Paper, SourceHealth, Stock, Window
from bot.results import Named, Page, Preview, Results, Sample, Standings, Status, Trend, Turns
from bot.subscriptions import Channel, Kind, Layout, Order, Pause, Schedule, Standing, Subscription
from tests.papers import FULL, MONDAY, NOON
from tests.test_views import FRESH, PROBLEMS

HERE = Channel("discord", "1", "2")
SCHEDULE = Schedule(time(9), "Europe/Paris", (1, 2, 3, 4, 5, 6, 7), Kind.DAILY)
FIRST = Due(MONDAY, NOON, NOON)
DELIVERY = Delivery("k", "id", HERE, "all", MONDAY, Kind.DAILY, NOON, NOON)
SOURCES = (SourceHealth("arXiv", NOON, NOON, "it answered 503"), SourceHealth("Hugging Face", NOON, None, ""))
LONG = "A sentence of an abstract, with *stars* and _lines_ in it. " * 60
TITLES = ("x" * 300, "On $L_2$ [sic](https://evil.example) @everyone **now**", "Short")


def several(count: int, **fields: Any) -> tuple[Paper, ...]:
    """Papers of which everything is known, with titles of any length."""
    return tuple(
        replace(FULL, id=f"2506.{number:05}", title=f"{number} {TITLES[number % 3]}", **fields)
        for number in range(1, count + 1)
    )


def edition(papers: tuple[Paper, ...], layout: Layout = Layout.CARDS, query: str = "") -> Edition:
    """A digest of them."""
    order = Order("papers", query, 20, layout)
    ids = tuple(paper.id for paper in papers)
    return Edition(order, Digest("d", (MONDAY,), NOON, NOON, Freshness.FRESH, ids, len(ids) + 16), papers, 3, NOON)


def results(papers: tuple[Paper, ...]) -> Results:
    """The first page of many."""
    return Results(
        papers, Page(1, max(1, len(papers)), len(papers) + 20), FRESH, corrections=(("atention", "attention"),)
    )


# Each card on which papers can stand.
ANSWERS: dict[str, Callable[[tuple[Paper, ...]], Card]] = {
    "search": lambda papers: views.search_results("attention", results(papers), Turns(next="search attention page:2")),
    "trending": lambda papers: views.trending(
        "attention",
        Trend(results(papers), Window(MONDAY, MONDAY), {papers[0].id: 1_234}),
        Turns(next="trending page:2"),
    ),
    "similar": lambda papers: views.similar_papers(Named(papers, FRESH), results(papers)),
    "show": lambda papers: views.named_papers("attention", Named(papers, FRESH)),
    "guess": lambda papers: views.named_papers("attention", Named(papers, FRESH, is_guess=True)),
    "abstract": lambda papers: views.abstract(Named(papers, FRESH)),
    "cite": lambda papers: views.citation(Named(papers, FRESH), "\n\n".join(map(bibtex.entry, papers))),
    "digest": lambda papers: views.digest(edition(papers)),
    "compact digest": lambda papers: views.digest(edition(papers, Layout.COMPACT)),
    "preview": lambda papers: views.sample(edition(papers)),
    "plain digest": lambda papers: views.plain_text(views.digest(edition(papers))),
}


def answers(papers: tuple[Paper, ...]) -> dict[str, Card]:
    """All cards on which these papers stand."""
    return {name: make(papers) for name, make in ANSWERS.items()}


def standings(count: int) -> tuple[Standings, ...]:
    """Subscriptions of a channel: the first is well, the others are paused."""
    order = Order("all", "world models " * 5, 5, Layout.CARDS, schedule=SCHEDULE)
    one = Subscription("id", HERE, order, NOON)
    paused = replace(one, standing=Standing.PAUSED, pause=Pause.PERMISSION)
    ended = replace(DELIVERY, state=State.DEAD, why=Why.CHANNEL, error="I lack the permission Send Messages in it.")
    return tuple(Standings(paused if number else one, NOON, None, ended) for number in range(count))


@cache
def every_card() -> dict[str, Card]:
    """Each kind of card that the bot has, and the largest of each."""
    found = {f"{name} of {n}": card for n in (1, 2, 5, 8, 10, 20, 25) for name, card in answers(several(n)).items()}
    found |= {
        f"{name}, long, of {n}": card for n in (1, 10) for name, card in answers(several(n, abstract=LONG)).items()
    }
    found |= {f"help {name}": views.command_help(verb) for name, verb in COMMANDS.items()}
    found |= {problem: views.failure(UserError(problem, **said)) for problem, (said, _) in PROBLEMS.items()}
    return found | _orders() | _others()


def _orders() -> dict[str, Card]:
    order = Order("all", "world models", 5, Layout.CARDS, schedule=SCHEDULE)
    one = Subscription("id", HERE, order, NOON)
    samples = tuple(Sample((MONDAY,), 9, 21, several(5)) for _ in range(5))
    return {
        "subscription preview": views.subscription_preview(
            Preview(order, samples, 5, 9, (("atention", "attention"),), None, FIRST), NOON, "subscribe x"
        ),
        "subscribed": views.subscribed(one, FIRST, NOON),
        "edited": views.edited(one, FIRST, NOON),
        "stopped": views.stopped(replace(one, paused_until=date(2026, 5, 1))),
        "going on": views.going_on(one, FIRST, NOON),
        "not paused": views.not_paused(one, FIRST, NOON),
        "unsubscribed": views.unsubscribed(one),
        "forgotten": views.forgotten(3),
        "sent again": views.sent_again(DELIVERY),
        "no subscriptions": views.subscriptions((), NOON),
        "25 subscriptions": views.subscriptions(standings(25), NOON),
        "uncertain": views.uncertain(replace(DELIVERY, state=State.UNCERTAIN)),
        **{
            f"paused: {pause}": views.paused(["a", "b"], pause, "I may not.")
            for pause in Pause
            if pause is not Pause.ASKED
        },
    }


def _others() -> dict[str, Card]:
    status = Status(Stock(107_000, 800, MONDAY, MONDAY, NOON), SOURCES, IndexState(107_000, 9), FRESH, standings(25))
    return {
        "status": views.status(status, NOON),
        "help": views.overview(tuple(COMMANDS.values())),
        "privacy": views.privacy(),
        "joined": views.joined("A server"),
        "no next": views.no_next(),
        "no place": views.cannot_post_here(views.no_place("forum")),
        "missing rights": views.cannot_post_here(views.missing_rights(("View Channel", "Send Messages"))),
        "only in servers": views.only_in_servers(),
        "needs right": views.needs_right("papers-manage"),
        "expired": views.button_expired(),
        "no paper": views.no_paper_in_message(),
    }


_TEXT = st.text(max_size=400) | st.text(alphabet="*_`[]()<>@#\n\\ a:/🧑", max_size=3_000)
_SHORT = st.text(max_size=150)
_URL = st.text(max_size=60).map("https://example.org/".__add__) | _SHORT
_BUTTONS = st.builds(Button, _SHORT, st.text(min_size=1, max_size=150), st.booleans())
_ITEMS = st.builds(
    PaperItem,
    *(_SHORT, _TEXT, _URL, _TEXT, _TEXT, _SHORT, _SHORT, _SHORT, _URL),
    links=st.lists(st.builds(Link, _SHORT, _URL), max_size=4).map(tuple),
    buttons=st.lists(_BUTTONS, max_size=4).map(tuple),
)
CARDS = st.builds(
    Card,
    *(_TEXT, _TEXT),
    papers=st.lists(_ITEMS, max_size=25).map(tuple),
    rows=st.lists(st.builds(Row, _TEXT, _TEXT), max_size=25).map(tuple),
    code=_TEXT,
    notes=st.lists(_TEXT, max_size=5).map(tuple),
    buttons=st.lists(_BUTTONS, max_size=8).map(tuple),
    tone=st.sampled_from(Tone),
)
