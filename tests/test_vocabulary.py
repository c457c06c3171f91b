"""Typing mistakes: the quick ways of looking for near words find what comparing with every word finds."""

from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from bot.search.vocabulary import Vocabulary

LETTERS = st.text("abcde", min_size=4, max_size=9)
WORDS = st.dictionaries(LETTERS, st.integers(1, 500), min_size=1, max_size=40)


def nearest(word: str, known: dict[str, int], edits: int) -> str | None:
    """The same rule by comparing with every word."""
    near = [other for other in known if OSA.distance(word, other) == edits]
    return min(near, key=lambda other: (other[0] != word[0], -known[other], other), default=None)


@given(LETTERS, WORDS)
def test_the_best_word_one_edit_away_is_always_found(word: str, known: dict[str, int]) -> None:
    expected = nearest(word, known, 1)
    if expected:
        assert Vocabulary(known.items()).correction(word, 0) == expected


@given(st.text("abcde", min_size=7, max_size=9), WORDS)
def test_two_edits_are_repaired_where_the_first_letter_or_the_ending_is_right(word: str, known: dict[str, int]) -> None:
    likely = {other: papers for other, papers in known.items() if other[0] == word[0] or other[-3:] == word[-3:]}
    if nearest(word, known, 1) is None:
        assert Vocabulary(known.items()).correction(word, 0) == nearest(word, likely, 2)


@given(st.text("abcde", min_size=4, max_size=6), WORDS)
def test_short_words_are_never_repaired_by_two_edits(word: str, known: dict[str, int]) -> None:
    right = Vocabulary(known.items()).correction(word, 0)
    assert right is None or OSA.distance(word, right) == 1


def test_a_word_that_some_papers_have_is_replaced_only_by_one_that_very_many_have() -> None:
    vocabulary = Vocabulary({"attention": 500, "imagen": 40, "image": 900}.items())
    assert vocabulary.correction("atention", 2) == "attention"
    assert vocabulary.correction("atention", 6) is None
    assert vocabulary.correction("imagem", 0) == "image"
