"""Queries as people type them, made from real titles; the same ones at every run."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.models import Paper

_FREQUENT = ("model", "language models", "learning", "neural network", "diffusion", "a survey of", "data", "agents")
_FILTERS = ("has:code", "since:90d", "votes:20", "before:2026-01-01", "-survey", "since:1y has:code", "-video")


@dataclass(frozen=True, slots=True)
class Asked:
    """A query, and the paper that it is about where there is one."""

    kind: str
    text: str
    wanted: str = ""


def known_items(papers: Sequence[Paper], count: int, seed: int = 7) -> list[Asked]:
    """For each of `count` papers: its title exactly, with one and two mistakes, four words of it, shuffled words."""
    chance = random.Random(seed)
    asked = []
    for paper in chance.sample(sorted(papers, key=lambda p: p.id), count):
        words = re.findall(r"\w+", paper.title)
        content = [word for word in words if len(word) > 3]
        if len(content) < 4:
            continue
        some = chance.sample(content, max(2, 2 * len(content) // 3))
        asked += [
            Asked("exact title", " ".join(words), paper.id),
            Asked("one typo", " ".join(_mistyped(words, 1, chance)), paper.id),
            Asked("two typos", " ".join(_mistyped(words, 2, chance)), paper.id),
            Asked("four words", " ".join(content[:4]), paper.id),
            Asked("four words, typo", " ".join(_mistyped(content[:4], 1, chance)), paper.id),
            Asked("shuffled, typo", " ".join(_mistyped(some, 1, chance)), paper.id),
        ]
    return asked


def varied(papers: Sequence[Paper], count: int, seed: int = 11) -> list[str]:
    """`count` queries of all sorts: titles, typos, phrases, filters, authors, frequent words."""
    chance = random.Random(seed)
    asked = [item.text for item in known_items(papers, count // 8, seed)]
    for paper in chance.sample(sorted(papers, key=lambda p: p.id), count // 4):
        words = re.findall(r"\w+", paper.title)
        at = chance.randrange(max(1, len(words) - 2))
        asked += [
            f'"{" ".join(words[at : at + 2])}"',
            f"{' '.join(chance.sample(words, min(3, len(words))))} {chance.choice(_FILTERS)}",
            f'author:"{paper.authors[0]}"' if paper.authors else "has:code",
            f"{chance.choice(_FREQUENT)} {chance.choice(_FILTERS)}",
            chance.choice(_FREQUENT),
        ]
    chance.shuffle(asked)
    return asked[:count]


def _mistyped(words: Sequence[str], mistakes: int, chance: random.Random) -> list[str]:
    """The words with letters dropped, doubled, swapped or changed in that many of the longer ones."""
    mistyped = list(words)
    long = [place for place, word in enumerate(words) if len(word) > 3 and word.isalpha()]
    for place in chance.sample(long, min(mistakes, len(long))):
        word = mistyped[place]
        at = chance.randrange(1, len(word) - 1)
        mistyped[place] = chance.choice(
            (
                word[:at] + word[at + 1 :],
                word[:at] + word[at] + word[at:],
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
                word[:at] + chance.choice("abcdefghijklmnopqrstuvwxyz") + word[at + 1 :],
            )
        )
    return mistyped
