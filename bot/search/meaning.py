"""What texts and papers mean: the model, and the vectors of all papers that have one. Needs the packages of `semantic`."""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import faiss
import numpy as np

from bot.search.model import Model, Vector
from bot.search.neighbours import Neighbours, packed


class Meaning:
    """The Meaning port, and what the index asks of it from its own threads."""

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        """Load the model; `threads` are those that encode papers. Raises ModelError."""
        self._model = Model(folder)
        self._neighbours = Neighbours()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="meaning")

    @property
    def name(self) -> str:
        """The model, which no other one is called."""
        return self._model.name

    async def encode(self, texts: Sequence[str]) -> list[bytes]:
        """A vector for each text, as it is stored."""
        loop = asyncio.get_running_loop()
        return await asyncio.gather(*(loop.run_in_executor(self._pool, self._packed, text) for text in texts))

    async def put(self, vectors: Mapping[str, bytes]) -> None:
        """Let papers be found by these vectors."""
        await asyncio.to_thread(self._neighbours.put, [*vectors], [*vectors.values()])

    async def ready(self) -> None:
        """All that is stored was put in."""
        await asyncio.to_thread(self._neighbours.ready)

    async def close(self) -> None:
        """End the threads; what is being encoded is not waited for longer than one text takes."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def __len__(self) -> int:
        """How many papers it has vectors of."""
        return len(self._neighbours)

    def __bool__(self) -> bool:
        """It is there, also while it has read nothing."""
        return True

    def of(self, text: str) -> Vector:
        """What the text means."""
        return self._model.encode(text)

    def knows(self, word: str) -> bool:
        """Whether the word, in small letters, is one that many people write, and hence no mistake."""
        return self._model.knows(word)

    def of_papers(self, papers: Mapping[str, str]) -> Vector:
        """The middle between papers, given by id with their text, which is read where no vector is known yet."""
        vectors = [self._neighbours.of(id_) for id_ in papers]
        found = [self.of(text) if v is None else v for v, text in zip(vectors, papers.values(), strict=True)]
        middle = np.sum(found, axis=0)
        return np.asarray(middle / max(np.linalg.norm(middle), 1e-9), np.float32)

    def nearest(self, vector: Vector, limit: int) -> dict[str, float]:
        """The ids of the papers nearest to it, each with its cosine."""
        faiss.omp_set_num_threads(1)  # of this thread: to share out so little costs more than it brings
        return self._neighbours.nearest(vector, limit)

    def cosines(self, vector: Vector, ids: Sequence[str]) -> dict[str, float]:
        """How near those papers are to it; those without a vector are left out."""
        return self._neighbours.cosines(vector, ids)

    def _packed(self, text: str) -> bytes:
        return packed(self._model.encode(text))
