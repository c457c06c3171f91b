"""The vectors of papers in memory, found by nearness; they are put in anew whenever the bot starts."""

import threading
from collections.abc import Sequence
from itertools import islice
from typing import Any

import faiss
import numpy as np

from bot.search.model import DIMENSION, Vector

_STEP = 1 / 400  # of a stored number: those of a vector of length 1 are below 0.32, so a signed byte holds them
_FEW = 300_000  # papers, up to which all are compared; above, those of the nearest clusters (SEARCH 0.6)
_CLUSTERS = 1024
_LOOKED_INTO = 32  # clusters by each search
_TRAINED_ON = 40 * _CLUSTERS
_ID = "S32"  # an id of arXiv has 18 letters at most
_MOST_LATE = 50_000  # ids that were put in late, before all are sorted again
_BYTE = faiss.ScalarQuantizer.QT_8bit_direct_signed


def packed(vector: Vector) -> bytes:
    """The vector as it is stored: a signed byte for each of its numbers. Raises ValueError when they are none."""
    if not np.isfinite(vector).all():
        raise ValueError("the model makes numbers that are none")
    return _stepped(vector).astype(np.int8).tobytes()


class Neighbours:
    """Finds near ones once it is `ready`. Safe to use from several threads."""

    def __init__(self, few: int = _FEW, most_late: int = _MOST_LATE) -> None:
        """`few`: up to how many are all compared; `most_late`: how many ids are looked up by name."""
        self._few = few
        self._most_late = most_late
        self._lock = threading.Lock()
        self._waiting: list[Any] = []  # rows, until it is ready
        self._index: Any = None
        self._ids = np.empty(0, _ID)  # of the rows
        self._size = 0  # rows
        self._replaced: set[int] = set()  # rows that others have taken the place of
        # To look an id up: the order of the first rows by id, and the others by name. A dict of all would take 150 MB a million.
        self._order = np.empty(0, np.int64)
        self._late: dict[bytes, int] = {}

    def put(self, ids: Sequence[str], stored: Sequence[bytes]) -> None:
        """Put packed vectors in, instead of what is there under the same ids; of one id the last counts."""
        newest = dict(zip(map(str.encode, ids), stored, strict=True))
        rows = np.frombuffer(b"".join(newest.values()), np.int8).reshape(len(newest), DIMENSION)
        with self._lock:
            self._replaced |= {row for id_ in newest if (row := self._row(id_)) is not None}
            self._name_rows([*newest])
            if self._index is None:
                self._waiting.append(rows)
            else:
                self._index.add(rows.astype(np.float32))

    def ready(self) -> None:
        """All that was stored is in: from now on it can be searched."""
        with self._lock:
            total = sum(map(len, self._waiting))
            self._index = _flat() if total <= self._few else _clustered(self._waiting)
            self._sort()
            ids = self._ids[self._order]
            self._replaced = {*self._order[:-1][ids[:-1] == ids[1:]].tolist()}  # all but the last of each
            while self._waiting:  # each portion is let go of at once, as all of them are as large as the index
                self._index.add(self._waiting.pop(0).astype(np.float32))

    def nearest(self, vector: Vector, limit: int) -> dict[str, float]:
        """The ids of the papers nearest to a vector of length 1, the nearest first, each with its cosine."""
        with self._lock:
            if self._index is None or not self._size:
                return {}
            # What is looked for is cut to whole numbers by faiss, as what is stored is; as it is, nothing would be left.
            scores, rows = self._index.search(_stepped(vector)[None], min(limit + len(self._replaced), self._size))
            found = zip(rows[0].tolist(), scores[0].tolist(), strict=True)
            is_there = (one for one in found if one[0] >= 0 and one[0] not in self._replaced)
            return {self._ids[row].decode(): score * _STEP**2 for row, score in islice(is_there, limit)}

    def cosines(self, vector: Vector, ids: Sequence[str]) -> dict[str, float]:
        """How near those papers are to the vector; those that are not known are left out.

        Nearer to the truth than `nearest`, for which the engine makes whole numbers of the vector, too.
        """
        known, rows = self._known(ids)
        return dict(zip(known, (rows @ vector).tolist(), strict=True)) if known else {}

    def of(self, id_: str) -> Vector | None:
        """The vector of a paper, of length 1."""
        known, rows = self._known([id_])
        return rows[0] / max(np.linalg.norm(rows[0]), _STEP) if known else None

    def __len__(self) -> int:
        return self._size - len(self._replaced)

    def _known(self, ids: Sequence[str]) -> tuple[list[str], Vector]:
        """Those of the papers that have a vector, and their rows."""
        with self._lock:
            is_ready = self._index is not None
            places = {id_: row for id_ in ids if is_ready and (row := self._row(id_.encode())) is not None}
            if not places:
                return [], np.empty((0, DIMENSION), np.float32)
            rows = self._index.reconstruct_batch(np.array([*places.values()], np.int64))
        return list(places), np.asarray(rows * _STEP, np.float32)

    def _row(self, id_: bytes) -> int | None:
        if (late := self._late.get(id_)) is not None:
            return late
        if not len(self._order):
            return None
        ids = self._ids[: len(self._order)]
        place = int(np.searchsorted(ids, np.array(id_, _ID), side="right", sorter=self._order)) - 1
        row = int(self._order[place])
        return row if ids[row] == id_ else None

    def _name_rows(self, ids: Sequence[bytes]) -> None:
        needed = self._size + len(ids)
        if needed > len(self._ids):
            self._ids = np.resize(self._ids, max(needed, 2 * len(self._ids)))
        self._ids[self._size : needed] = ids
        if self._index is not None:
            self._late |= dict(zip(ids, range(self._size, needed), strict=True))
        self._size = needed
        if len(self._late) > self._most_late:
            self._sort()

    def _sort(self) -> None:
        self._order = np.argsort(self._ids[: self._size], kind="stable")
        self._late = {}


def _stepped(vector: Vector) -> Vector:
    """Its numbers as whole ones that a signed byte holds."""
    return np.asarray(np.clip(np.rint(vector / _STEP), -127, 127), np.float32)


def _flat() -> Any:
    return faiss.IndexScalarQuantizer(DIMENSION, _BYTE, faiss.METRIC_INNER_PRODUCT)


def _clustered(portions: Sequence[Any]) -> Any:
    """Trained on rows from all over the portions."""
    every = max(1, sum(map(len, portions)) // _TRAINED_ON)
    sample = np.concatenate([portion[::every] for portion in portions]).astype(np.float32)
    middles = faiss.IndexFlatIP(DIMENSION)
    index = faiss.IndexIVFScalarQuantizer(middles, DIMENSION, _CLUSTERS, _BYTE, faiss.METRIC_INNER_PRODUCT)
    index.by_residual = False
    index.nprobe = _LOOKED_INTO
    index.train(sample)
    index.make_direct_map()
    return index
