"""Digests, and what owners of subscriptions are told of them."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from bot import typed
from bot.cards import Button, Card, PaperItem, Tone
from bot.deliveries import Delivery, Edition, Freshness
from bot.excerpts import shorten
from bot.grammar import shielded
from bot.models import Paper
from bot.subscriptions import Kind, Layout, Pause
from bot.views import papers, wording

# What `trending` would read as its own arguments inside a filter; in quotes they stay words of it.
_ITS_ARGUMENTS = re.compile(r"(?:limit|page|last)[:=]", re.IGNORECASE)
_VOTES_AS_OF = re.compile(r"votes as of [^·]*? \(([A-Za-z0-9_+/-]+)\)")
_STALE = " The feed could not be asked since then, so newer papers and votes are missing."
_REMEDIES = {
    Pause.PERMISSION: (
        "Give me the right to post there again. I look after a day, after three and after seven, and go on by myself; "
        "“resume” in the channel does it at once."
    ),
    Pause.CHANNEL_GONE: "They have ended with it: subscribe in another channel.",
    Pause.TENANT_LOST: "Install me again: then I go on by myself within a day, or at once with “resume” in the channel.",
}


def digest(edition: Edition) -> Card:
    """One post: what it is of, how old its numbers are, what was left out, and the papers."""
    order = edition.order
    items = tuple(map(papers.item, edition.papers))
    if order.layout is Layout.COMPACT:
        items = tuple(map(_compact, items))
    facts = (_share(edition), f"votes as of {local_time(edition.votes_at, order.schedule.zone)}", _left_out(edition))
    return Card(
        title=_title(edition),
        text=f"{' · '.join(filter(None, facts))}.{_freshness(edition)}",
        papers=items,
        notes=(f"“edit {order.name}” changes what comes here, “pause {order.name}” stops it for a while.",),
        buttons=(Button("Show all", _all(edition)),),
    )


def settled(card: Card, now: Sequence[Paper], votes_at: datetime, *, is_fresh: bool) -> Card:
    """What was posted, with numbers of another moment; all else stays, whatever became of the order meanwhile."""
    numbers = {paper.id: papers.item(paper).numbers for paper in now}
    items = tuple(replace(one, numbers=numbers.get(one.id, one.numbers)) for one in card.papers)
    text = _VOTES_AS_OF.sub(lambda found: f"votes as of {local_time(votes_at, found[1])}", card.text, count=1)
    return replace(card, papers=items, text=text.replace(_STALE, "") if is_fresh else text)


def sample(edition: Edition) -> Card:
    """What would be posted, to look at."""
    card = digest(edition)
    if not edition.papers:
        return Card(
            f"{card.title}: nothing would be posted",
            text=f"Nothing passes the filter, of {wording.count(edition.digest.size, 'paper')} in all.",
        )
    return replace(card, notes=("A preview: nothing was posted for it.",))


def plain_text(card: Card) -> Card:
    """The same without anything that a platform could refuse."""
    return Card(card.title, text="\n".join(card.plain.split("\n")[1:]))


def paused(names: Sequence[str], pause: Pause, error: str) -> Card:
    """Told once to the owner of subscriptions whose channel cannot be posted to."""
    what = "Digests ended" if pause is Pause.CHANNEL_GONE else "Digests paused"
    return Card(
        f"{what}: {wording.listed(names)}",
        text=" ".join(filter(None, (wording.sentence(error), _REMEDIES[pause]))),
        tone=Tone.FAILURE,
    )


def uncertain(delivery: Delivery) -> Card:
    """Told to the owner of a digest of which nobody knows whether it was posted."""
    day = wording.day(delivery.local_date)
    return Card(
        f"The digest {delivery.name} of {day} may be missing",
        text=(
            "The connection broke while I posted it, and I may not read the channel to see whether it is there. "
            "So that nothing is posted twice, I did not try again: please look, and press the button if it is missing."
        ),
        buttons=(Button("Post today's digest", f"resume again:{delivery.key}"),),
        tone=Tone.FAILURE,
    )


def local_time(moment: datetime, zone: str) -> str:
    """`Fri 20 Nov 2026, 09:00 (Europe/Paris)`"""
    known = wording.known_zone(zone)
    local = moment.astimezone(known or UTC)
    return f"{wording.day(local.date())}, {local:%H:%M} ({zone if known else 'UTC'})"


def filtered(query: str) -> str:
    """` for “world models”`; nothing for an order of all papers."""
    return f" for “{shorten(query, papers.QUOTED_LENGTH)}”" if query else ""


def _title(edition: Edition) -> str:
    days = wording.days(edition.digest.days[-1], edition.digest.days[0])
    week = "the week, " if edition.order.schedule.kind is Kind.WEEKLY else ""
    return f"Papers of {week}{days}{filtered(edition.order.query)}"


def _share(edition: Edition) -> str:
    shown, passing, size = len(edition.papers), len(edition.digest.ranking), edition.digest.size
    late = len([one for one in edition.papers if one.id not in edition.digest.ranking])
    of = f"{shown - late} of {wording.count(passing, 'paper')}"
    matching = f" that {'passes' if passing == 1 else 'pass'} the filter, of {size} in all" if passing < size else ""
    return f"{of}{matching}" + (f" · {late} that came late into the batch before" if late else "")


def _left_out(edition: Edition) -> str:
    count = edition.left_out
    return f"{count} left out, because {'it was' if count == 1 else 'they were'} posted here before" if count else ""


def _freshness(edition: Edition) -> str:
    match edition.digest.freshness:
        case Freshness.STALE:
            return _STALE
        case Freshness.PARTIAL:
            return " The newest batch is not here yet."
        case _:
            return ""


def _all(edition: Edition) -> str:
    """The command that shows everything that passes."""
    window = "week" if len(edition.digest.days) > 1 else "today"
    votes = (f"votes:{edition.order.min_votes}",) if edition.order.min_votes else ()
    said = typed.words(edition.order.query)
    words = (shielded(word) if _ITS_ARGUMENTS.match(word) else word for word in said)
    last = edition.digest.days[0].isoformat()
    return " ".join(("trending", window, *words, *votes, "limit:25", f"last:{last}"))


def _compact(item: PaperItem) -> PaperItem:
    """A line or two: title, who, and how it does."""
    return replace(item, summary="", summary_label="", thumbnail_url="", buttons=())
