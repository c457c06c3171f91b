"""Typing mistakes: words that the index does not know, replaced by the nearest ones that it does."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from string import ascii_lowercase

from rapidfuzz import process
from rapidfuzz.distance import OSA

_SHORTEST = 4  # shorter words are too near to too many others
_ONE_EDIT_UP_TO = 6  # letters; longer words may be two edits away
_ENDING = 3  # letters
# A word that stands in hardly any abstract (and in no title) is a mistake of its author's when one edit
# away stands a word that this many times as many papers have.
_RARER = 100
_RARE = 10


def is_suspicious(word: str) -> bool:
    """Whether the analysed `word`, which no title has, may be a typing mistake."""
    return len(word) >= _SHORTEST and word.isalpha()


class Vocabulary:
    """The words of the index with the number of papers that have them."""

    def __init__(self, terms: Iterable[tuple[str, int]]) -> None:
        self._papers: Mapping[str, int] = {word: papers for word, papers in terms if not word.isdigit()}
        likely: dict[tuple[int, str], list[str]] = defaultdict(list)
        for word in self._papers:
            if len(word) >= _SHORTEST and word.isalpha():
                likely[len(word), word[0]].append(word)
                likely[len(word), word[-_ENDING:]].append(word)
        self._likely: Mapping[tuple[int, str], list[str]] = likely

    def __len__(self) -> int:
        return len(self._papers)

    def correction(self, word: str, papers: int, is_form: Callable[[str], bool] = lambda _: False) -> str | None:
        """The word that was probably meant by the suspicious `word`, which `papers` papers have in some form.

        Another form of it (`is_form`) is what those papers have. None when nothing is near enough.
        """
        near = self._nearest(word, self._one_edit_away(word))
        if near is None and not papers and len(word) > _ONE_EDIT_UP_TO:
            near = self._nearest(word, self._two_edits_away(word))
        is_likelier = near and papers <= _RARE and self._papers[near] >= papers * _RARER
        return near if near and (is_likelier or is_form(near)) else None

    def _nearest(self, word: str, others: Iterable[str]) -> str | None:
        """Of words that are equally far away, one with the same first letter, then the one of most papers."""
        return min(others, key=lambda other: (other[0] != word[0], -self._papers[other], other), default=None)

    def _one_edit_away(self, word: str) -> set[str]:
        """All of them: looking up the some hundred variants of a word is much faster than comparing with all words."""
        known = (other for other in _variants(word) if other in self._papers)
        return {other for other in known if other != word and len(other) >= _SHORTEST and other.isalpha()}

    def _two_edits_away(self, word: str) -> list[str]:
        """Those with the same first letter or the same ending.

        To compare with all words would take ten times as long, for the few whose mistakes are in both.
        """
        lengths = range(len(word) - 2, len(word) + 3)
        choices = [w for n in lengths for part in (word[0], word[-_ENDING:]) for w in self._likely.get((n, part), ())]
        found = process.extract(word, choices, scorer=OSA.distance, score_cutoff=2, limit=None)
        return [other for other, distance, _ in found if distance]


def _variants(word: str) -> Iterator[str]:
    """What one edit makes of the word: a letter left out, put in, replaced, or swapped with the next one."""
    for place in range(len(word) + 1):
        before, after = word[:place], word[place:]
        if after:
            yield before + after[1:]
            yield from (before + letter + after[1:] for letter in ascii_lowercase)
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
        yield from (before + letter + after for letter in ascii_lowercase)
