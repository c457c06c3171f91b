"""Answers to questions about papers."""

import re

from bot.cards import Button, Card, Tone
from bot.excerpts import shorten
from bot.models import Paper, Why
from bot.readable import readable
from bot.results import ONLY_PAGE, Named, Page, Results, Trend, Turns
from bot.views import papers, sources, wording
from bot.views.state import notes

PREVIOUS, NEXT = "Previous", "Next"


def no_next() -> Card:
    """Nothing comes after what is shown."""
    return Card("That is the whole list: say it again with “limit:25” for a longer one.", tone=Tone.FAILURE)


_REASONS = {Why.TITLE: "title match", Why.AUTHOR: "author", Why.MEANING: "similar meaning"}


def search_results(query: str, found: Results, turns: Turns = ONLY_PAGE) -> Card:
    """What a search found."""
    return Card(
        title=f"Papers for “{_short(_corrected(query, found))}”",
        text=_correction(query, found),
        papers=tuple(papers.item(paper, _why(paper, found)) for paper in found.papers),
        first_number=found.page.first,
        notes=(*_place(found.page), *sources.failures(found.asked), *notes(found.condition)),
        buttons=_turning(turns),
    )


def similar_papers(named: Named, found: Results, turns: Turns = ONLY_PAGE) -> Card:
    """What is like the papers that were named."""
    titles = wording.listed([f"“{_short(papers.title(paper.title))}”" for paper in named.papers])
    return Card(
        title=f"Papers like {titles}",
        papers=tuple(map(papers.item, found.papers)),
        first_number=found.page.first,
        notes=(*_place(found.page), *_missing(named), *notes(found.condition)),
        buttons=_turning(turns),
    )


def trending(query: str, trend: Trend, turns: Turns = ONLY_PAGE) -> Card:
    """The most voted papers of a window."""
    found = trend.results
    about = f" for “{_short(_corrected(query, found))}”" if query else ""
    return Card(
        title=f"Most votes, {wording.batches(trend.window)}{about}",
        text=_correction(query, found),
        papers=tuple(papers.item(paper, _rise(paper, trend)) for paper in found.papers),
        first_number=found.page.first,
        notes=(*_place(found.page), *notes(found.condition)),
        buttons=_turning(turns),
    )


def named_papers(text: str, named: Named) -> Card:
    """The papers that were asked for; or the nearest titles, said to be that."""
    items = tuple(map(papers.item, named.papers))
    footer = (*_missing(named), *notes(named.condition))
    if named.is_guess:
        return Card(f"No title is “{_short(text)}”. The nearest ones are:", papers=items, notes=footer)
    title = items[0].title if len(items) == 1 else wording.count(len(items), "paper")
    return Card(title, papers=items, notes=footer)


def abstract(named: Named) -> Card:
    """The abstracts in full."""
    texts = [_abstract(paper, with_title=len(named.papers) > 1) for paper in named.papers]
    items = tuple(map(papers.without_summary, named.papers))
    title = items[0].title if len(items) == 1 else f"Abstracts of {wording.count(len(items), 'paper')}"
    return Card(title, text="\n\n".join(texts), papers=items, notes=_missing(named))


def citation(named: Named, entries: str) -> Card:
    """BibTeX entries to copy."""
    titles = wording.listed([f"“{_short(papers.title(paper.title))}”" for paper in named.papers])
    return Card(f"BibTeX for {titles}", code=entries, notes=_missing(named))


def _abstract(paper: Paper, *, with_title: bool) -> str:
    text = readable(paper.abstract) or "No abstract is known."
    return f"{papers.title(paper.title)}\n{text}" if with_title else text


def _rise(paper: Paper, trend: Trend) -> str:
    gain = trend.rising.get(paper.id)
    return f"rising: {gain:+,} votes since yesterday" if gain else ""


def _why(paper: Paper, found: Results) -> str:
    """Which source found the paper, where it was not found among what is stored; else what of it fits, where that helps."""
    asked = next((answer.source for answer in found.asked if paper in answer.papers), "")
    if asked:
        return f"found by asking {asked}"
    return _REASONS[found.reasons[paper.id]] if paper.id in found.reasons else ""


def _corrected(query: str, found: Results) -> str:
    """The query with every repaired word as it was searched for; all else as it was typed."""
    text = query
    for typed, right in found.corrections:
        text = re.sub(rf"(?<!\w){re.escape(typed)}(?!\w)", right, text, flags=re.IGNORECASE)
    return text


def _correction(query: str, found: Results) -> str:
    if not found.corrections:
        return ""
    changes = wording.listed([f"“{typed}” to “{right}”" for typed, right in found.corrections])
    return f"Showing results for “{_short(_corrected(query, found))}”: corrected {changes}."


def _place(page: Page) -> tuple[str, ...]:
    """Which part of the list it is, where that is not all of it."""
    if page.total <= page.size:
        return ()
    return (f"{page.first} to {min(page.number * page.size, page.total)} of {page.total}",)


def _missing(named: Named) -> tuple[str, ...]:
    """Which of the papers were looked for in vain and where, and which sources could not be asked."""
    missing = f"Not found {sources.places(named.asked)}: {wording.listed(named.missing)}." if named.missing else ""
    return (*filter(None, [missing]), *sources.failures(named.asked))


def _turning(turns: Turns) -> tuple[Button, ...]:
    """The buttons that turn the page."""
    named = ((PREVIOUS, turns.previous), (NEXT, turns.next))
    return tuple(Button(label, command, replaces=True) for label, command in named if command)


def _short(text: str) -> str:
    return shorten(text, papers.QUOTED_LENGTH)
