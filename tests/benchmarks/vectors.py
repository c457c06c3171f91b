"""Vectors that mean nothing, where only speed and size are measured: to read a million papers takes most of a day."""

import numpy as np

from bot.ports import Vectors
from bot.search.model import DIMENSION, Model
from bot.search.neighbours import packed
from tests.benchmarks.shelf import MODEL

_AT_ONCE = 100_000  # papers: to find those without a vector takes a second a million


async def fill(vectors: Vectors, seed: int = 3) -> int:
    """A random vector of length 1 for each paper that has none of the model; how many papers that were."""
    name, chance, done = Model(MODEL).name, np.random.default_rng(seed), 0
    while missing := await vectors.missing(name, 0, _AT_ONCE):
        rows = chance.standard_normal((len(missing), DIMENSION), np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        await vectors.save(name, [(paper, packed(row)) for paper, row in zip(missing, rows, strict=True)])
        done += len(missing)
    return done
