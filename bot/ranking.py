"""In what order papers are shown. Pure: the same values always give the same order."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from math import exp, log1p

from rapidfuzz import fuzz

from bot.models import Hit, Paper

# A title that is just what was typed comes first; one that is nearly so beats any text score.
EXACT = 100.0
NEARLY = 2.0
NEAR_TITLE = 88.0  # in per cent of letters that agree; two typing mistakes in a short title
PARTLY = 60.0  # in per cent: a title that has less of the words is no guess worth making
TITLE_WEIGHT = 1.0
# The prior breaks near-ties: all of it is less than what a title match moves.
_VOTES_WEIGHT, _AGE_WEIGHT = 0.10, 0.05
_MANY_VOTES = 300
_AGE_DAYS = 365.0
MOST_RISING = 3
LEAST_RISE = 3


def best_first(hits: Sequence[Hit], wanted: str, today: date) -> list[Hit]:
    """The candidates by text score, likeness of the title to the `wanted` words, and a small prior."""
    highest = max((hit.text_score for hit in hits), default=0.0) or 1.0
    words = comparable(wanted)
    scores = {hit.id: _score(hit, words, highest, today) for hit in hits}
    return sorted(hits, key=lambda hit: (-scores[hit.id], -hit.votes, -_ordinal(hit.day), hit.id))


def _score(hit: Hit, words: str, highest: float, today: date) -> float:
    title = _plain(hit)
    likeness = title_likeness(words, title)
    bonus = EXACT if words and words == title else NEARLY if likeness >= NEAR_TITLE else 0.0
    partly = fuzz.token_set_ratio(words, title) / 100 if words else 0.0
    text = hit.text_score / highest
    return bonus + text + TITLE_WEIGHT * (0.5 * likeness / 100 + 0.5 * partly) + _prior(hit, today)


def _prior(hit: Hit, today: date) -> float:
    """At most 0.15: more for votes, and for being recent."""
    votes = min(1.0, log1p(hit.votes) / log1p(_MANY_VOTES))
    age = max(0, (today - hit.day).days) if hit.day else _AGE_DAYS * 10
    return _VOTES_WEIGHT * votes + _AGE_WEIGHT * exp(-age / _AGE_DAYS)


def title_likeness(words: str, title: str) -> float:
    """How much of two comparable texts agrees, letter by letter, in per cent."""
    return fuzz.ratio(words, title) if words and title else 0.0


def near(hits: Sequence[Hit], words: str) -> list[Hit]:
    """The papers whose titles have most of the words, in their order."""
    wanted = comparable(words)
    return [hit for hit in hits if fuzz.token_set_ratio(wanted, _plain(hit)) >= PARTLY]


def meant(hits: Sequence[Hit], words: str) -> Hit | None:
    """The paper whose title `words` are, nearly so, or as the only one a part of; None when it is a guess."""
    wanted = comparable(words)
    if title_likeness(wanted, _plain(hits[0])) >= NEAR_TITLE:
        return hits[0]
    having = [hit for hit in hits if set(wanted.split()) <= set(_plain(hit).split())]
    return having[0] if len(having) == 1 else None


def _plain(hit: Hit) -> str:
    return hit.plain_title or comparable(hit.title)


def corrected(words: str, corrections: Iterable[tuple[str, str]]) -> str:
    """The words with each correction made."""
    right = dict(corrections)
    return " ".join(right.get(word, word) for word in comparable(words).split())


@lru_cache(maxsize=4096)
def comparable(text: str) -> str:
    """The text as titles are compared: letters and digits only, no case, no accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(re.findall(r"\w+", "".join(c for c in plain if not unicodedata.combining(c))))


def by_votes(papers: Iterable[Paper]) -> list[Paper]:
    """Most voted first; ties by comments, stars, newest batch, id, so that no order is left to chance."""
    return sorted(
        papers,
        key=lambda p: (-(p.votes or 0), -(p.comments or 0), -(p.stars or 0), -_ordinal(p.batch), p.id),
    )


def rising(papers: Iterable[Paper], before: Mapping[str, int]) -> dict[str, int]:
    """The papers whose votes grew fastest since the counts in `before`, with by how many.

    At most three, and none that gained fewer than three votes.
    """
    gains = [(paper.votes - before[paper.id], paper.id) for paper in papers if paper.votes and paper.id in before]
    fastest = sorted((gain for gain in gains if gain[0] >= LEAST_RISE), key=lambda gain: (-gain[0], gain[1]))
    return {id_: gain for gain, id_ in fastest[:MOST_RISING]}


def _ordinal(day: date | None) -> int:
    return day.toordinal() if day else 0
