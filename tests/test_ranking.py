"""In what order papers are shown: the same values always give the same order."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import comparing, ranking
from bot.models import Hit, Paper
from tests.papers import papers

TODAY = date(2026, 3, 31)
ATTENTION = "Attention Is All You Need"

titles = st.lists(st.sampled_from(["attention", "is", "all", "you", "need", "world", "models"]), min_size=1).map(
    " ".join
)
hits = st.builds(
    Hit,
    id=st.from_regex(r"2[0-6]0[1-9]\.[0-9]{5}", fullmatch=True),
    title=titles,
    text_score=st.floats(0, 1_000),
    votes=st.integers(0, 10**9),
    day=st.none() | st.dates(date(2020, 1, 1), TODAY + timedelta(days=2)),
)
candidates = st.lists(hits, max_size=12, unique_by=lambda hit: hit.id)


def hit(id_: str, title: str = "Something Else", *, score: float = 1.0, votes: int = 0, day: date | None = None) -> Hit:
    return Hit(id_, title, score, votes, day)


def best(wanted: str, *found: Hit) -> list[str]:
    return [one.id for one in ranking.best_first(found, wanted, TODAY)]


@given(candidates, st.floats(0, 1_000))
def test_an_exact_title_comes_first_whatever_the_votes_the_age_and_the_text_scores(
    others: list[Hit], score: float
) -> None:
    exact = hit("1706.03762", ATTENTION, score=score)
    others = [replace(other, title=f"{other.title} indeed") for other in others]

    assert best("attention is all you need", *others, exact)[0] == exact.id


@pytest.mark.parametrize(
    "wanted",
    [
        "Attention is All you Need",
        "ATTENTION IS ALL YOU NEED!",
        "attention—is: “all you” need",
        "Ａttention is all you need",
    ],
)
def test_case_accents_and_signs_do_not_keep_a_title_from_being_exact(wanted: str) -> None:
    louder = hit("2401.00001", "Attention Is All You Needed", score=9, votes=10_000, day=TODAY)

    assert best(wanted, louder, hit("1706.03762", ATTENTION))[0] == "1706.03762"


def test_a_title_that_is_nearly_what_was_typed_beats_any_text_score() -> None:
    near, other = hit("1706.03762", ATTENTION, score=0.1), hit("2401.00001", score=50, votes=10_000, day=TODAY)

    assert best("atention is al you need", other, near) == [near.id, other.id]


def test_the_text_decides_between_titles_that_are_equally_far_off() -> None:
    assert best("graphs", hit("2401.00001", score=3), hit("2401.00002", score=8)) == ["2401.00002", "2401.00001"]


def test_votes_and_age_decide_between_equal_texts() -> None:
    old, voted, young = (
        hit("2401.00001", day=TODAY - timedelta(days=700)),
        hit("2401.00002", day=TODAY - timedelta(days=700), votes=50),
        hit("2401.00003", day=TODAY),
    )

    assert best("graphs", old, young, voted) == [voted.id, young.id, old.id]


@given(hits, hits)
def test_votes_and_age_move_less_than_a_title_does(one: Hit, other: Hit) -> None:
    having = replace(one, id="2401.00001", title="world models", text_score=1.0)
    lacking = replace(other, id="2401.00002", title="sparse graphs", text_score=1.0)

    assert best("world models for robots", lacking, having) == [having.id, lacking.id]


def test_ties_are_broken_by_votes_then_day_then_id() -> None:
    unknown = [hit("2401.00003"), hit("2401.00002"), hit("2401.00001")]
    # Far beyond what the prior can tell apart, only the tie-breaks are left.
    many = [hit("2401.00004", votes=10**6), hit("2401.00005", votes=10**7)]
    ancient = [hit("2401.00006", day=date(1990, 1, 1)), hit("2401.00007", day=date(1990, 1, 2))]

    assert best("", *unknown) == ["2401.00001", "2401.00002", "2401.00003"]
    assert best("", *many) == ["2401.00005", "2401.00004"]
    assert best("", *ancient) == ["2401.00007", "2401.00006"]


@given(candidates, titles, st.randoms(use_true_random=False))
def test_the_order_of_the_candidates_does_not_matter(found: list[Hit], wanted: str, chance: Random) -> None:
    shuffled = chance.sample(found, len(found))

    assert best(wanted, *shuffled) == best(wanted, *found)
    assert sorted(best(wanted, *found)) == sorted(one.id for one in found)


def test_nothing_found_is_nothing_to_rank() -> None:
    assert ranking.best_first([], "anything", TODAY) == []
    assert best("graphs", hit("2401.00001", score=0.0)) == ["2401.00001"]


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("Attention is all you need", "1706.03762"),
        ("atention is al you need", "1706.03762"),  # nearly its title
        ("residuals", "2401.00002"),  # the only one with that word
        ("attention", None),  # several have it
        ("attention residual networks", None),  # none has them all
    ],
)
def test_a_title_is_meant_when_no_other_can_be(words: str, meant: str | None) -> None:
    found = [hit("1706.03762", ATTENTION), hit("2401.00002", "Attention Residuals"), hit("2401.00003", "Graphs")]
    ranked = ranking.best_first(found, words, TODAY)
    chosen = ranking.meant(ranked, words)

    assert (chosen.id if chosen else None) == meant


def test_every_corrected_word_is_replaced_and_no_other() -> None:
    assert ranking.corrected("Lightening ATENTION now", [("atention", "attention")]) == "lightening attention now"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Schrödinger's Cat", "schrodinger s cat"),
        ("L₂-norm ②", "l2 norm 2"),
        ("STRASSE Straße", "strasse strasse"),
        ("?!", ""),
    ],
)
def test_titles_are_compared_by_letters_and_digits_alone(text: str, plain: str) -> None:
    assert comparing.comparable(text) == plain


def order(*listed: Paper) -> list[str]:
    return [paper.id for paper in ranking.by_votes(listed)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"votes": 2, "comments": 0}, {"votes": 1, "comments": 9, "stars": 9}),
        ({"votes": 1, "comments": 2}, {"votes": 1, "comments": 1, "stars": 9}),
        ({"votes": 1, "stars": 2}, {"votes": 1, "stars": 1, "batch": TODAY}),
        ({"votes": 1, "batch": TODAY}, {"votes": 1, "batch": TODAY - timedelta(days=1)}),
        ({"votes": 1, "batch": TODAY}, {"votes": 1}),
        ({"votes": 1}, {"votes": 0}),
        ({}, {"votes": 0}),  # not known counts as none, so the id decides
        ({}, {}),
    ],
)
def test_more_votes_come_first_then_comments_stars_the_newer_batch_and_the_id(
    first: dict[str, object], second: dict[str, object]
) -> None:
    one, other = papers(2)
    one, other = replace(one, **first), replace(other, **second)  # type: ignore[arg-type]  # names of fields

    assert order(one, other) == order(other, one) == [one.id, other.id]


def risen(*votes: tuple[int | None, int | None]) -> dict[str, int]:
    """What rises of papers with (votes before, votes now), by the last digit of their ids."""
    listed = [replace(paper, votes=now) for paper, (_, now) in zip(papers(len(votes)), votes, strict=True)]
    before = {paper.id: seen for paper, (seen, _) in zip(listed, votes, strict=True) if seen is not None}
    return {id_[-1]: gain for id_, gain in ranking.rising(listed, before).items()}


def test_at_most_three_papers_rise_and_the_fastest_of_them() -> None:
    assert risen((0, 5), (10, 19), (0, 4), (7, 13), (1, 4)) == {"2": 9, "4": 6, "1": 5}


def test_of_papers_that_rise_equally_fast_the_lower_ids_are_marked() -> None:
    assert risen((0, 5), (0, 5), (0, 5), (0, 5)) == {"1": 5, "2": 5, "3": 5}


@pytest.mark.parametrize("votes", [(5, 7), (5, 5), (5, 2), (None, 50), (5, None), (0, 0)])
def test_a_small_gain_or_an_unknown_one_is_no_rise(votes: tuple[int | None, int | None]) -> None:
    assert risen(votes) == {}


def test_the_least_gain_that_counts_counts() -> None:
    assert risen((5, 8)) == {"1": 3}
