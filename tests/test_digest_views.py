"""How a digest reads, and what the owners of subscriptions are told."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from adapters.console.render import render
from bot import views
from bot.cards import Card, Tone, from_json, to_json
from bot.commands import COMMANDS
from bot.deliveries import Delivery, Digest, Edition, Freshness
from bot.models import Paper
from bot.subscriptions import Kind, Layout, Order, Pause, Schedule
from tests.deliveries import HERE
from tests.hostile import TEXTS
from tests.papers import FULL, MONDAY, NOON, TUESDAY, papers

PARIS = Schedule(zone="Europe/Paris")
WEEK = tuple(MONDAY - timedelta(days=n) for n in (0, 3, 4, 5, 6))


def edition(*shown: Paper, order: Order | None = None, **more: Any) -> Edition:
    """A digest of MONDAY that shows these papers, of as many as pass."""
    passing = more.pop("passing", tuple(one.id for one in shown))
    digest = Digest(
        key="k",
        days=more.pop("days", (MONDAY,)),
        frozen_at=NOON,
        votes_at=NOON,
        freshness=more.pop("freshness", Freshness.FRESH),
        ranking=passing,
        size=more.pop("size", len(passing)),
    )
    votes_at = more.pop("votes_at", NOON)
    return Edition(order or Order("all", schedule=PARIS), digest, shown, more.pop("left_out", 0), votes_at)


def delivery(**fields: Any) -> Delivery:
    return Delivery("k", "s", HERE, "robots", MONDAY, Kind.DAILY, NOON, NOON, **fields)


def sentences(card: Card) -> list[str]:
    """Every text that is to be read as sentences."""
    return [card.text, *card.notes, *(row.text for row in card.rows)]


def check(card: Card) -> None:
    """Nothing is doubled, empty or left open."""
    assert card.title == card.title.strip()
    for text in sentences(card):
        assert not re.search(r"\.\.|\. \.|\s{2}|[,·:] ?[.]|“”|\(\)|\bNone\b", text), text
        assert not text or text[-1] in ".?:", text
        assert not re.search(r"\b1 (?:papers|votes|batches|orders|days|hours|minutes)\b", text), text


FIVE = papers(5, votes=3, abstract="It works. It is good.")


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (edition(*FIVE, passing=tuple(str(n) for n in range(16)) + tuple(p.id for p in FIVE)), "5 of 21 papers"),
        (edition(*FIVE[:1]), "1 of 1 paper"),
        (edition(*FIVE[:1], size=9), "1 of 1 paper that passes the filter, of 9 in all"),
        (edition(*FIVE[:2], size=9), "2 of 2 papers that pass the filter, of 9 in all"),
        (edition(*FIVE[:2], passing=(FIVE[0].id,), size=5), "1 of 1 paper that passes the filter, of 5 in all · 1 that came late"),
        (edition(*FIVE, left_out=1), "5 of 5 papers · votes as of Mon 30 Mar 2026, 14:00 (Europe/Paris) · 1 left out, because it was"),
        (edition(*FIVE, left_out=3), "3 left out, because they were posted here before."),
        (edition(*FIVE, freshness=Freshness.STALE), "could not be asked since then, so newer papers and votes are missing."),
        (edition(*FIVE, freshness=Freshness.PARTIAL), "(Europe/Paris). The newest batch is not here yet."),
        (edition(*FIVE, votes_at=datetime(2026, 1, 1, tzinfo=UTC)), "votes as of Thu 1 Jan 2026, 01:00 (Europe/Paris)."),
    ],
)  # fmt: skip
def test_the_header_says_what_is_shown_of_what_and_how_old_it_is(given: Edition, text: str) -> None:
    card = views.digest(given)

    assert text in card.text
    check(card)


@pytest.mark.parametrize(
    ("days", "kind", "query", "title"),
    [
        ((MONDAY,), Kind.DAILY, "", "Papers of Mon 30 Mar 2026"),
        ((MONDAY,), Kind.DAILY, "robots", "Papers of Mon 30 Mar 2026 for “robots”"),
        ((TUESDAY, MONDAY), Kind.DAILY, "", "Papers of 30 Mar to 31 Mar 2026"),
        (WEEK, Kind.WEEKLY, "robots", "Papers of the week, 24 Mar to 30 Mar 2026 for “robots”"),
        ((date(2027, 1, 1), date(2026, 12, 31)), Kind.DAILY, "", "Papers of 31 Dec 2026 to 1 Jan 2027"),
    ],
)
def test_the_title_says_which_batches(days: tuple[date, ...], kind: Kind, query: str, title: str) -> None:
    order = Order("all", query, schedule=replace(PARIS, kind=kind, days=(5,)))

    assert views.digest(edition(*FIVE, order=order, days=days)).title == title


def test_the_layouts_differ_in_how_much_they_show() -> None:
    cards, compact = (
        views.digest(edition(FULL, order=Order("all", layout=layout))).papers[0]
        for layout in (Layout.CARDS, Layout.COMPACT)
    )

    assert (cards.summary, cards.thumbnail_url, len(cards.buttons)) == ("Strings are pulled.", FULL.thumbnail_url, 3)
    assert compact == replace(cards, summary="", summary_label="", thumbnail_url="", buttons=())
    assert compact.url and compact.links and compact.numbers and compact.byline


@pytest.mark.parametrize(
    ("order", "days", "command"),
    [
        (Order("all"), (MONDAY,), "trending today limit:25 last:2026-03-30"),
        (Order("all", "robots", min_votes=5), WEEK, "trending week robots votes:5 limit:25 last:2026-03-30"),
        (Order("all", 'limit=3 "page: 2"'), (MONDAY,), 'trending today "limit=3" "page: 2" limit:25 last:2026-03-30'),
        (Order("all", "page=2|x"), (MONDAY,), 'trending today "page=2"|x limit:25 last:2026-03-30'),
    ],
)
def test_show_all_says_a_command_that_is_read_as_it_is_meant(
    order: Order, days: tuple[date, ...], command: str
) -> None:
    [button] = views.digest(edition(*FIVE, order=order, days=days)).buttons
    trending = COMMANDS["trending"]
    read = trending.bind(trending.read(button.command.partition(" ")[2]))

    assert button.command == command
    assert (read["limit"], read["page"], read["last"]) == (25, 1, "2026-03-30")


def test_a_digest_says_how_to_change_it() -> None:
    notes = views.digest(edition(*FIVE)).notes

    assert notes == ("“edit all” changes what comes here, “pause all” stops it for a while.",)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("layout", Layout)
def test_hostile_papers_and_filters_make_a_harmless_digest(text: str, layout: Layout) -> None:
    one = replace(FULL, title=text, abstract=text, authors=(text,) * 5, organization=text, ai_summary=text)
    query = " ".join(text.split()) if text.isprintable() else ""
    card = views.digest(edition(one, *FIVE, order=Order("all", query, layout=layout), size=9))

    lines = [card.title, card.text, *card.notes]
    lines += [part for shown in card.papers for part in (shown.title, shown.byline, shown.summary)]
    assert all(line.replace("\u200d", "").isprintable() for line in lines)
    assert len(card.title) < 200
    assert from_json(to_json(card)) == card
    assert len(json.loads(to_json(card))["papers"]) == 6
    assert render(card)


def test_a_card_that_is_refused_goes_out_as_text_that_reads_well() -> None:
    card = views.digest(edition(*FIVE[:2]))
    plain = views.plain_text(card)

    assert plain == Card(
        "Papers of Mon 30 Mar 2026",
        text=(
            "2 of 2 papers · votes as of Mon 30 Mar 2026, 14:00 (Europe/Paris).\n"
            "- The paper 2506.00001 https://arxiv.org/abs/2506.00001\n"
            "- The paper 2506.00002 https://arxiv.org/abs/2506.00002\n"
            "“edit all” changes what comes here, “pause all” stops it for a while."
        ),
    )
    assert plain.plain == card.plain


def test_a_preview_says_that_it_is_one() -> None:
    card = views.sample(edition(*FIVE))
    nothing = views.sample(edition(order=Order("all", "x"), size=1))

    assert (card.notes, card.papers) == (
        ("A preview: nothing was posted for it.",),
        views.digest(edition(*FIVE)).papers,
    )
    assert nothing == Card(
        "Papers of Mon 30 Mar 2026 for “x”: nothing would be posted", text="Nothing passes the filter, of 1 paper in all."
    )  # fmt: skip


@pytest.mark.parametrize(
    ("pause", "title", "remedy"),
    [
        (Pause.PERMISSION, "Digests paused: a and b", "Give me the right to post there again."),
        (Pause.CHANNEL_GONE, "Digests ended: a and b", "subscribe in another channel."),
        (Pause.TENANT_LOST, "Digests paused: a and b", "Install me again:"),
    ],
)
@pytest.mark.parametrize("error", ["I lack the permission Send Messages.", "the channel is gone", ""])
def test_an_owner_is_told_what_happened_and_the_remedy(pause: Pause, title: str, remedy: str, error: str) -> None:
    card = views.paused(("a", "b"), pause, error)

    assert (card.title, card.tone) == (title, Tone.FAILURE)
    assert remedy in card.text
    assert card.text[0].isupper()
    check(card)


def test_an_owner_is_asked_about_a_digest_that_may_be_missing() -> None:
    card = views.uncertain(delivery())

    assert card.title == "The digest robots of Mon 30 Mar 2026 may be missing"
    assert [(button.label, button.command) for button in card.buttons] == [
        ("Post today's digest", f"resume again:{delivery().key}")
    ]
    check(card)
