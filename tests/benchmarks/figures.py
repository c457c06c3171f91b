"""Figures of quality: how they are worked out, and whether one has fallen below the recorded one."""

import json
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from math import log2
from pathlib import Path

from tests.benchmarks.table import row

RECORDED = Path(__file__).with_name("recorded.json")
_MAY_FALL = 0.01  # one point


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value between 0 and 1; `bar` is what it has to reach, 0 where nothing is promised."""

    name: str
    value: float
    bar: float = 0.0


def reciprocal_rank(found: Sequence[str], wanted: str) -> float:
    """One divided by the place of the wanted id among those found; 0 when it is not there."""
    return 1 / (found.index(wanted) + 1) if wanted in found else 0.0


def ndcg(found: Sequence[str], relevant: AbstractSet[str], depth: int) -> float:
    """How many of the first `depth` ids are relevant, the first ones counting most; 1 when no order is better."""
    gained = sum(1 / log2(place + 2) for place, id_ in enumerate(found[:depth]) if id_ in relevant)
    best = sum(1 / log2(place + 2) for place in range(min(depth, len(relevant))))
    return gained / best if best else 0.0


def mean(values: Iterable[float]) -> float:
    """The mean, 0 of no values."""
    known = list(values)
    return sum(known) / len(known) if known else 0.0


def recorded(path: Path = RECORDED) -> dict[str, float]:
    """The figures that were recorded, by name."""
    known: dict[str, float] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return known


def record(figures: Iterable[Figure], path: Path = RECORDED) -> None:
    """Put these in the place of those recorded; the others stay as they are."""
    known = {**recorded(path), **{figure.name: round(figure.value, 4) for figure in figures}}
    path.write_text(json.dumps(known, indent=2, ensure_ascii=False) + "\n", "utf-8")


def fallen(figures: Iterable[Figure], known: Mapping[str, float]) -> list[Figure]:
    """Those that are more than one point below what was recorded."""
    return [figure for figure in figures if figure.value < known.get(figure.name, 0.0) - _MAY_FALL]


def show(figure: Figure, known: Mapping[str, float]) -> None:
    """Its line of the table."""
    before = f" (recorded {known[figure.name]:.3f})" if figure.name in known else ""
    row(figure.name, f"{figure.bar:.2f}" if figure.bar else "", f"{figure.value:.3f}{before}")
