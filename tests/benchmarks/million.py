"""A large collection made of a small one, for speed alone: real sentences, recombined inside one category.

Titles hardly ever share more than three words in a row with a real one, so that half a title still means one paper.
Some have a coined name, because a vocabulary grows with its collection (SEARCH 2d: 41,000 words of titles at 100,000 papers,
110,000 at a million).
"""

import gzip
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Record = dict[str, Any]  # as arXiv's snapshot has it

_FEWEST = 100  # papers of a category that is recombined by itself; smaller ones by archive
_COINED = 0.08  # of the titles
_MONTHS = [f"{year}{month:02}" for year in range(30, 60) for month in range(1, 13)]  # in which no paper is yet
_A_MONTH = 90_000  # papers
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def write(path: Path, real: Path, total: int, seed: int = 17) -> int:
    """The real snapshot and as many made papers as are missing to `total`, as JSON lines; how many are real."""
    records = list(_records(real))[:total]
    with path.open("w", encoding="utf-8") as file:
        for record in records:
            file.write(json.dumps(record) + "\n")
        for record in recombined(records, total - len(records), seed):
            file.write(json.dumps(record) + "\n")
    return len(records)


def recombined(records: Sequence[Record], count: int, seed: int = 17) -> Iterator[Record]:
    """`count` new papers: each takes the shape of a real one, and its words from others of the same category."""
    chance = random.Random(seed)
    groups = _groups(records)
    parts: dict[str, _Parts] = defaultdict(_Parts)
    for record in records:
        parts[groups[_category(record)]].add(record)
    for number in range(count):
        shape = records[number % len(records)]
        month, place = divmod(number, _A_MONTH)
        yield parts[groups[_category(shape)]].like(shape, f"{_MONTHS[month]}.{place + 1:05}", chance)


def _records(path: Path) -> Iterator[Record]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def _category(record: Record) -> str:
    return str(record["categories"]).partition(" ")[0]


def _groups(records: Sequence[Record]) -> Mapping[str, str]:
    """For each category the group that is recombined: itself, or its archive where it is small."""
    sizes: dict[str, int] = defaultdict(int)
    for record in records:
        sizes[_category(record)] += 1
    return {name: name if size >= _FEWEST else name.partition(".")[0] for name, size in sizes.items()}


@dataclass(slots=True)
class _Parts:
    """What papers of one category are made of."""

    beginnings: list[list[str]] = field(default_factory=list)
    middles: list[list[str]] = field(default_factory=list)
    ends: list[list[str]] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    names: list[list[str]] = field(default_factory=list)  # last name, first name, suffix

    def add(self, record: Record) -> None:
        """Take a real paper apart."""
        words = str(record["title"]).split()
        self.beginnings.append(words[:2])
        self.ends.append(words[-2:])
        self.middles += [words[at : at + 3] for at in range(2, len(words) - 2, 3)]
        self.sentences += _SENTENCE.split(" ".join(str(record["abstract"]).split()))
        self.names += record["authors_parsed"]

    def like(self, shape: Record, id_: str, chance: random.Random) -> Record:
        """A paper as long as the `shape`, of the same day and with as many authors."""
        sentences = len(_SENTENCE.split(str(shape["abstract"]).strip()))
        names = [self._name(chance) for _ in shape["authors_parsed"]] if self.names else []
        return {
            **shape,
            "id": id_,
            "title": self._title(len(str(shape["title"]).split()), chance),
            "abstract": " ".join(chance.choices(self.sentences, k=sentences)),
            "authors": ", ".join(f"{first} {last}" for last, first, _ in names),
            "authors_parsed": names,
        }

    def _title(self, length: int, chance: random.Random) -> str:
        words, end = list(chance.choice(self.beginnings)), chance.choice(self.ends)
        while self.middles and len(words) + len(end) < length:
            words += chance.choice(self.middles)
        words += end
        if chance.random() < _COINED:
            words[chance.randrange(len(words))] = self._coined(chance)
        return " ".join(words)

    def _coined(self, chance: random.Random) -> str:
        """A name such as methods have: the first half of one word with the second half of another."""
        long = [word for pair in chance.choices(self.ends, k=20) for word in pair if len(word) > 4 and word.isalpha()]
        first, second = (chance.choice(long or ["paper"]) for _ in range(2))
        return (first[: len(first) // 2 + 1] + second[len(second) // 2 :]).capitalize()

    def _name(self, chance: random.Random) -> list[str]:
        last, first = chance.choice(self.names), chance.choice(self.names)
        return [last[0], first[1], ""]
