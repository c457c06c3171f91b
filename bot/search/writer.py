"""Papers are put into the engine: a few at once, or all of them anew."""

from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

import tantivy

from bot.models import Paper
from bot.search.schema import Terms

_MANY = 20_000  # papers


class Effort(NamedTuple):
    """What a writer may take."""

    memory: int  # bytes
    threads: int


def effort(papers: int, *, rebuilding: bool) -> Effort:
    """For new papers little; for all of them much when there are many.

    Several threads leave to chance which of equally good papers come first, which few would notice among many.
    """
    if not rebuilding:
        return Effort(30_000_000, 1)
    return Effort(120_000_000, 1) if papers < _MANY else Effort(120_000_000, 2)


class Writer:
    """What was put in by it is durable and searchable when it is committed."""

    def __init__(self, index: tantivy.Index, terms: Terms, given: Effort) -> None:
        self._terms = terms
        self._writer = index.writer(*given)
        self.effort = given
        self.cursor = 0  # the change that was reached with them
        self.uncommitted = 0  # papers

    def put(self, papers: Sequence[Paper], cursor: int) -> None:
        """Put the papers in, in the place of what is there of them."""
        for paper in papers:
            self._writer.delete_documents_by_term("id", paper.id)
            self._writer.add_document(self._terms.document(paper))
        self.cursor = cursor
        self.uncommitted += len(papers)

    def commit(self) -> None:
        """Write it, which takes some milliseconds however little it is."""
        self._writer.commit()
        self.uncommitted = 0

    def end(self) -> None:
        """Let the engine finish what it merges: it would write into a folder that is being emptied."""
        with suppress(BaseException):  # of a damaged index; a panic is no Exception
            self._writer.wait_merging_threads()
