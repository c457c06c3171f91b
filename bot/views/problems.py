"""What is said when something cannot be answered: what is wrong, and what to do."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from bot.cards import Button, Card, Tone
from bot.errors import Problem, UserError
from bot.excerpts import shorten
from bot.readable import readable
from bot.results import Condition
from bot.views import sources, wording
from bot.views.papers import QUOTED_LENGTH
from bot.views.state import notes

_FILTERS = "author:, org:, cat:, since:, after:, before:, has: and votes:"
_DATES = "30d, 2w, 6m, 1y, today, yesterday, or a date such as 2026-01-31"

Details = Mapping[str, Any]
_EXAMPLES: Mapping[str, str] = {
    "author": "author:lecun",
    "org": "org:nvidia",
    "cat": "cat:cs.CV",
    "since": "since:30d",
    "after": "after:2026-01-31",
    "before": "before:2026-01-31",
    "has": "has:code",
    "votes": "votes:10",
}
_SENTENCES: Mapping[Problem, Callable[[Details], str]] = {
    Problem.MISSING_ARGUMENT: lambda d: f"{d['name'].upper()} is missing: say “{d['usage']}”.",
    Problem.NOT_A_NUMBER: lambda d: (
        f"“{d['name']}” is a whole number from {d['low']} to {d['high']}"
        + (f", not {d['value']}." if d["value"] else f", right behind the colon: {d['name']}:{d['high']}.")
    ),
    Problem.OUT_OF_RANGE: lambda d: f"“{d['name']}” goes from {d['low']} to {d['high']}; {d['value']} is outside.",
    Problem.NOT_A_CHOICE: lambda d: (
        f"“{d['name']}” is {wording.listed(d['choices'], 'or')}" + (f", not {d['value']}." if d["value"] else ".")
    ),
    Problem.SURPLUS_TEXT: lambda d: (
        f"“{d['text']}” is too much here: say “{d['usage']}”. To look for words, say “search” before them."
    ),
    Problem.TOO_LONG: lambda d: f"That is {d['length']:,} characters; a query may have {d['limit']:,}. Leave some out.",
    Problem.TOO_MANY_WORDS: lambda d: f"A query may have {d['limit']} words at most. Leave some out.",
    Problem.NO_WORDS: lambda d: "There is no word to look for: say at least one word, phrase or filter.",
    Problem.OPEN_QUOTE: lambda d: f"The quotation mark in {d['text']} is not closed: close it, or leave it out.",
    Problem.UNKNOWN_FILTER: lambda d: (
        f"{d['name']}: is no filter"
        + (f"; did you mean {d['near']}:?" if d["near"] else f". There are {_FILTERS}.")
        + " To look for the words, put a space behind the colon."
    ),
    Problem.EMPTY_FILTER: lambda d: f"{d['name']}: needs a value right behind the colon, as in {_EXAMPLES[d['name']]}.",
    Problem.EMPTY_VALUE: lambda d: f"{d['name']}: needs a value right behind the colon, as in {d['usage']}.",
    Problem.BAD_DATE: lambda d: f"{d['name']}:{d['value']} is no date that I understand. Write {_DATES}.",
    Problem.BAD_VOTES: lambda d: f"votes: takes a whole number, as in votes:10, not {d['value']}.",
    Problem.BAD_HAS: lambda d: f"has: only knows has:code, not {d['value']}.",
    Problem.BAD_EXCLUSION: lambda d: (
        f"{d['text']} cannot be read: write {d['name']}: on its own, without minus or |, as in {_EXAMPLES[d['name']]}."
    ),
    Problem.EMPTY_WINDOW: lambda d: (
        f"No day is both from {d['first']} on and before {d['before']}: change one of them."
    ),
    Problem.NOTHING_FOUND: lambda d: (
        f"Nothing found for “{d['text']}”. {_categories(d) or 'Try fewer or other words, or drop a filter.'}{_unasked(d)}"
    ),
    Problem.NOTHING_TRENDING: lambda d: (
        f"Nothing in the {wording.batches(d['window'])} is about “{d['text']}”. Try other words, or a longer time: "
        "“trending week” and “trending month”."
    ),
    Problem.UNKNOWN_PAPER: lambda d: f"{_unknown(d)} Check the number.",
    Problem.UNKNOWN_TITLE: lambda d: _unknown_title(d),  # noqa: PLW0108 - it stands below
    Problem.UNREACHABLE_PAPER: lambda d: f"{_unknown(d)}{_unasked(d)} Try again later.",
    Problem.MALFORMED_ID: lambda d: f"{d['text']} is no arXiv id: write one such as 2506.08007 or hep-th/9901001.",
    Problem.UNKNOWN_VERB: lambda d: f"There is no command “{d['verb']}”. There are {wording.listed(d['verbs'])}.",
    Problem.NO_BATCHES: lambda d: "No batch is stored yet: an operator can fetch some with “python -m bot sync”.",
    Problem.PAGE_BEYOND: lambda d: f"There is no page {d['page']}: the list ends before it. Go back to an earlier one.",
    Problem.INDEX_REBUILDING: lambda d: (
        "The search index is being rebuilt: try again in a minute. “show” with an id and “trending” work."
    ),
    Problem.BAD_TIME: lambda d: f"{_no(d, 'time of day')}: write one such as 09:00 or 9pm.",
    Problem.BAD_ZONE: lambda d: (
        f"{_no(d, 'time zone that I know')}: write one such as Europe/Paris, America/New_York or UTC."
        + (f" Did you mean {wording.listed(d['near'], 'or')}?" if d["near"] else "")
    ),
    Problem.BAD_DAYS: lambda d: (
        f"{_no(d, 'choice of days')}: write daily, weekdays, mon,wed or weekly:fri (one day for weekly)."
    ),
    Problem.BAD_DAY: lambda d: f"{d['name']}:{d['value']} is no day: write one such as 2026-12-01.",
    Problem.BAD_NAME: lambda d: (
        f"{d['value']} is no name: take one word of letters, digits, - and _, of {d['longest']} characters at most."
    ),
    Problem.NAME_TAKEN: lambda d: (
        f"This channel has a subscription {d['name']} already: change it with “edit {d['name']}”, "
        f"or give the other one another name, as in {'rename' if 'renamed' in d else 'name'}:{d['name']}-2."
    ),
    Problem.NO_SUBSCRIPTIONS: lambda d: (
        "Nothing is subscribed in this channel: say “subscribe” to see what would come."
    ),
    Problem.NO_SUCH_SUBSCRIPTION: lambda d: (
        f"This channel has no subscription {d['value']}."
        + (f" Did you mean {d['near']}?" if d["near"] else f" It has {wording.listed(d['names'])}.")
        + ("" if d["near"] else " To look for words, say “search” before them.")
    ),
    Problem.WHICH_SUBSCRIPTION: lambda d: (
        f"This channel has several subscriptions: say which one, {wording.listed(d['names'], 'or')}."
    ),
    Problem.TOO_MANY_SUBSCRIPTIONS: lambda d: (
        f"A channel can have {d['limit']} subscriptions, and this one has them: end one with “unsubscribe”, "
        "or widen the filter of another with “edit”."
    ),
    Problem.CHANGED_MEANWHILE: lambda d: (
        f"Somebody changed {d['name']} at the same moment: look with “subscriptions”, then try again."
    ),
    Problem.NOTHING_TO_CHANGE: lambda d: f"Say what is to change, as in “edit {d['name']} top:10 at:08:30”.",
    Problem.DAY_IS_PAST: lambda d: (
        f"{wording.day(d['day'])} is not in the future: write a later day, as in until:{d['later']}."
    ),
    Problem.NOT_UNCERTAIN: lambda d: (
        "That digest needs no second post here: it was settled already, is more than two days old, "
        "or its subscription has ended. “status” says how."
    ),
    Problem.NO_SUCH_BATCH: lambda d: (
        f"{wording.day(d['day'])} is still to come: the feed has no batch of it yet."
        if "is_to_come" in d
        else f"There is no batch of {wording.day(d['day'])} here: "
        "the feed has none at weekends, and an operator can fetch others with “python -m bot sync”."
    ),
    Problem.READ_ONLY: lambda d: (
        "The bot is running in another process, which alone can change something: say it there."
    ),
    Problem.TOO_SLOW: lambda d: "That took too long. Please try again in a minute.",
    Problem.OUT_OF_ORDER: lambda d: "That did not work, because something behind me is out of order. Try again later.",
    Problem.BUG: lambda d: "That did not work, and it is my fault. The log says why; please try something else.",
}
_ABOUT = {
    Problem.BAD_TIME: "at",
    Problem.BAD_ZONE: "tz",
    Problem.BAD_DAYS: "days",
    Problem.BAD_NAME: "name",
    Problem.NAME_TAKEN: "name",
}
_NAMED = (
    Problem.EMPTY_VALUE,
    Problem.NOT_A_NUMBER,
    Problem.OUT_OF_RANGE,
    Problem.NOT_A_CHOICE,
    Problem.MISSING_ARGUMENT,
)
_TYPED = ("text", "value", "verb", "name")  # details that repeat what somebody typed


def failure(error: UserError) -> Card:
    """One sentence or two: what is wrong and what to do."""
    details = {name: shorten(str(v), QUOTED_LENGTH) if name in _TYPED else v for name, v in error.details.items()}
    condition = error.details.get("condition")
    about = str(error.details["name"]) if error.problem in _NAMED else _ABOUT.get(error.problem, "")
    footer = notes(condition) if isinstance(condition, Condition) and not condition.to_index else ()
    return Card(_SENTENCES[error.problem](details), notes=footer, tone=Tone.FAILURE, about=about)


def with_hint(card: Card, command: str) -> Card:
    """The card of a search whose first word was nearly a verb; `command` is what was probably meant."""
    note = f"Did you mean “{command}”?"
    return replace(card, notes=(*card.notes, note), buttons=(*card.buttons, Button("Do that", command)))


def _no(details: Details, kind: str) -> str:
    return f"{details['value']} is no {kind}" if details["value"] else f"There is no {kind} behind the colon"


def _unknown_title(details: Details) -> str:
    said = f"No title is “{details['text']}”."
    nearest = wording.listed([f"“{shorten(readable(title), QUOTED_LENGTH)}”" for title in details["nearest"]], "or")
    return f"{said} Did you mean {nearest}?" if nearest else f"{said} Check the words, or give the arXiv id."


def _unknown(details: Details) -> str:
    return f"No paper {wording.listed(details['ids'], 'or')} is known {sources.places(details['asked'])}."


def _categories(details: Details) -> str:
    """Which categories no paper has, and what may be meant by them."""
    said = []
    for name, near in details.get("categories", {}).items():
        meant = f": did you mean {wording.listed([f'“{one}”' for one in near], 'or')}?" if near else "."
        said.append(f"No paper here is in the category “{shorten(name, QUOTED_LENGTH)}”{meant}")
    return " ".join(said)


def _unasked(details: Details) -> str:
    return "".join(f" {failure}" for failure in sources.failures(details.get("asked", ())))
