"""In what order papers are shown. Pure: the same values always give the same order."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import chain
from math import exp, log1p

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from bot.comparing import comparable
from bot.models import Hit, Paper, Why

# A title that is just what was typed comes first; one that is nearly so beats any text score.
EXACT = 100.0
NEARLY = 2.0
NEAR_TITLE = 88.0  # in per cent of letters that agree; two typing mistakes in a short title
PARTLY = 60.0  # in per cent: a title that has less of the words is no guess worth making
TITLE_WEIGHT = 0.8
MEANING_WEIGHT = 2.0  # against the best text score, which counts 1 (SEARCH 2a)
_LIKENESS_WEIGHT = 4.0  # the same for papers that are like another, about which its terms say less
# The prior breaks near-ties: all of it is less than what a title match moves.
_VOTES_WEIGHT, _AGE_WEIGHT = 0.10, 0.05
_MANY_VOTES = 300
_AGE_DAYS = 365.0
MOST_RISING = 3
LEAST_RISE = 3


def best_first(hits: Sequence[Hit], wanted: str, today: date) -> list[Hit]:
    """The candidates by text score, likeness of the title to the `wanted` words, and a small prior."""
    highest = max((hit.text_score for hit in hits), default=0.0) or 1.0
    words, usual = comparable(wanted), _usual_nearness(hits)
    scores = {hit.id: _score(hit, words, highest, today) + _meaning(hit, usual) for hit in hits}
    return sorted(hits, key=lambda hit: (-scores[hit.id], -hit.votes, -_ordinal(hit.day), hit.id))


def _score(hit: Hit, words: str, highest: float, today: date) -> float:
    title = comparable(hit.title)
    likeness = title_likeness(words, title)
    bonus = EXACT if words and words == title else NEARLY if likeness >= NEAR_TITLE else 0.0
    partly = fuzz.token_set_ratio(words, title) / 100 if words else 0.0
    text = hit.text_score / highest
    return bonus + text + TITLE_WEIGHT * partly + _prior(hit, today)


def reason(paper: Paper, hit: Hit, wanted: str) -> Why | None:
    """By what a paper was found, where that is not simply that it has the `wanted` words."""
    words = comparable(wanted).split()
    if not words:
        return None
    if fuzz.token_set_ratio(" ".join(words), comparable(hit.title)) >= NEAR_TITLE:
        return Why.TITLE
    names = [comparable(name).split() for name in paper.authors]
    if any(_is_named(words, name) for name in names):
        return Why.AUTHOR
    having = {*comparable(paper.text).split(), *chain.from_iterable(names)}
    is_foreign = 2 * sum(word in having for word in words) < len(words)
    return Why.MEANING if hit.nearness is not None and is_foreign else None


def _is_named(words: Sequence[str], name: Sequence[str]) -> bool:
    """Whether the words are of this one name; of a first name they may be the initial."""
    initials = {word[0] for word in name[:-1]}
    return any(len(word) > 1 for word in words) and all(word in name or word in initials for word in words)


def nearest_first(hits: Iterable[Hit]) -> list[Hit]:
    """Papers that are like others, by their terms and by what they mean."""
    found = list(hits)
    highest, usual = max((hit.text_score for hit in found), default=0.0) or 1.0, _usual_nearness(found)
    likeness = _LIKENESS_WEIGHT / MEANING_WEIGHT
    scores = {hit.id: hit.text_score / highest + likeness * _meaning(hit, usual) for hit in found}
    return sorted(found, key=lambda hit: (-scores[hit.id], -hit.votes, hit.id))


def _meaning(hit: Hit, usual: float) -> float:
    """A paper that was not read yet is neither preferred nor put back."""
    return MEANING_WEIGHT * (usual if hit.nearness is None else hit.nearness)


def _usual_nearness(hits: Iterable[Hit]) -> float:
    known = [hit.nearness for hit in hits if hit.nearness is not None]
    return sum(known) / len(known) if known else 0.0


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
    return [hit for hit in hits if fuzz.token_set_ratio(wanted, comparable(hit.title)) >= PARTLY]


def meant(hits: Sequence[Hit], words: str) -> Hit | None:
    """The paper whose title `words` are, nearly so, or as the only one a part of; None when it is a guess."""
    wanted = comparable(words)
    if title_likeness(wanted, comparable(hits[0].title)) >= NEAR_TITLE:
        return hits[0]
    having = [hit for hit in hits if set(wanted.split()) <= set(comparable(hit.title).split())]
    return having[0] if len(having) == 1 else None


def nearest(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """Up to three of the known names, those that are fewest letters away first; of equal ones the earlier."""
    found = process.extract(name, [*known], scorer=OSA.distance, processor=str.casefold, limit=3)
    return tuple(other for other, _, _ in found)


def corrected(words: str, corrections: Iterable[tuple[str, str]]) -> str:
    """The words with each correction made."""
    right = dict(corrections)
    return " ".join(right.get(word, word) for word in comparable(words).split())


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
