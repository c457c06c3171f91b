"""Typing mistakes: words that the index does not know, replaced by the nearest ones that it does."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

_SHORTEST = 4  # shorter words are too near to too many others
_ONE_EDIT_UP_TO = 6  # letters; longer words may be two edits away
# A word that stands in hardly any abstract (and in no title) is a mistake of its author's when one edit
# away stands a word that this many times as many papers have.
_RARER = 100
_RARE = 10


@dataclass(frozen=True, slots=True)
class _Known:
    word: str
    papers: int


def is_suspicious(word: str, papers: int) -> bool:
    """Whether the analysed `word`, which `papers` papers have, may be a typing mistake."""
    return papers <= _RARE and len(word) >= _SHORTEST and word.isalpha()


class Vocabulary:
    """The words of the index with the number of papers that have them, by length and first letter."""

    def __init__(self, terms: Iterable[tuple[str, int]]) -> None:
        self._papers: Mapping[str, int] = {word: papers for word, papers in terms if not word.isdigit()}
        lengths: dict[int, list[str]] = defaultdict(list)
        for word in self._papers:
            if len(word) >= _SHORTEST and word.isalpha():
                lengths[len(word)].append(word)
        self._by_length: Mapping[int, list[str]] = lengths

    def __len__(self) -> int:
        return len(self._papers)

    def correction(self, word: str, papers: int) -> str | None:
        """The word that was probably meant by the suspicious `word`, which `papers` papers have.

        None when nothing is near enough.
        """
        edits = 1 if papers or len(word) <= _ONE_EDIT_UP_TO else 2
        near = self._nearest(word, edits)
        if near is None or near.papers < max(1, papers * _RARER):
            return None
        return near.word

    def _nearest(self, word: str, edits: int) -> _Known | None:
        """Fewest edits first, then the same first letter, then the word of most papers."""
        choices = [w for n in range(len(word) - edits, len(word) + edits + 1) for w in self._by_length.get(n, ())]
        found = process.extract(word, choices, scorer=OSA.distance, score_cutoff=edits, limit=None)
        others = [(distance, near) for near, distance, _ in found if distance]
        if not others:
            return None
        _, best = min(others, key=lambda o: (o[0], o[1][0] != word[0], -self._papers[o[1]], o[1]))
        return _Known(best, self._papers[best])
