"""What papers mean: read by a model, kept as vectors."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from bot.models import Readable


class Vectors(Protocol):
    """The vectors of papers as they are stored; each is of one model. Every failure is a StoreError."""

    async def after(self, model: str, paper: str, limit: int) -> Mapping[str, bytes]:
        """The next vectors of the model behind that paper, by the ids of the papers and in their order."""

    async def missing(self, model: str, since: int, limit: int) -> tuple[Readable, ...]:
        """Papers without a vector of the model, newest first, of those that changed after the cursor `since`."""

    async def save(self, model: str, read: Sequence[tuple[Readable, bytes]]) -> None:
        """Keep the vectors of those that have not changed since they were read."""

    async def count(self, model: str) -> int:
        """How many papers have a vector of the model."""


class Meaning(Protocol):
    """A model that reads texts, and what it has read so far, by which the index finds papers."""

    @property
    def name(self) -> str:
        """Which model it is: what another one made is of no use."""

    async def encode(self, texts: Sequence[str]) -> Sequence[bytes]:
        """A vector for each text, as it is stored."""

    async def put(self, vectors: Mapping[str, bytes]) -> None:
        """Let papers be found by these vectors."""

    async def ready(self) -> None:
        """All that is stored was put in: from now on it is searched."""
