"""What is typed, completed: titles of papers, and names of authors, organisations and categories."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import tantivy

from bot.models import Hit
from bot.query import Field
from bot.search.hits import read_hits
from bot.search.queries import QueryBuilder
from bot.search.schema import Terms, category_name, names

_NAMED = 40  # papers whose names are looked through

T = TypeVar("T")


class Completion:
    """Completes from what is indexed; the papers with the most votes come first."""

    def __init__(self, terms: Terms, queries: QueryBuilder) -> None:
        self._terms = terms
        self._queries = queries

    def titles(self, text: str, limit: int, searcher: tantivy.Searcher) -> tuple[Hit, ...]:
        """Papers whose title has the words of `text`, the last one as a beginning."""
        words = self._terms.words(text)
        if not words:
            return ()
        return tuple(
            self._most_voted("words", words, limit, lambda query: read_hits(searcher, query, limit, by_votes=True))
        )

    def names(self, field: Field, text: str, limit: int, searcher: tantivy.Searcher) -> tuple[str, ...]:
        """Names of the field that begin so."""
        if field is Field.CATEGORY:
            terms = sorted(searcher.terms_with_prefix("cat", text.lower()), key=lambda term: (-term[1], term[0]))
            return tuple(category_name(term) for term, _ in terms[:limit])
        words = self._terms.words(text)
        if not words:
            return ()
        found = self._most_voted(
            field.value,
            words,
            _NAMED,
            lambda query: searcher.search(query, _NAMED, count=False, order_by_field="rank").hits,
        )
        named = (name for _, place in found for name in names(searcher.doc(place), field.value))
        fitting = dict.fromkeys(name for name in named if self._begins(name, words))
        return tuple(sorted(fitting, key=lambda name: not self._stand_together(name, words)))[:limit]

    def _most_voted(
        self, field: str, words: Sequence[str], limit: int, read: Callable[[tantivy.Query], Sequence[T]]
    ) -> Sequence[T]:
        """What is read by a query: all that begins so is gathered only where too little of it has votes."""
        found = read(self._queries.starting_voted(field, words))
        return found if len(found) >= limit else read(self._queries.starting(field, words))

    def _begins(self, name: str, words: Sequence[str]) -> bool:
        """Whether the name has all the words, the last one as a beginning.

        Papers of collaborations have thousands of authors, so most names are left out by a look at their letters.
        """
        if name.isascii() and words[-1] not in name.lower():
            return False
        having = self._terms.words(name)
        initials = {word[0] for word in having}
        is_whole = all(word in having or word in initials for word in words[:-1])
        return is_whole and any(word.startswith(words[-1]) for word in having)

    def _stand_together(self, name: str, words: Sequence[str]) -> bool:
        """Whether they do so in the name, in their order."""
        return f" {' '.join(words)}" in f" {' '.join(self._terms.words(name))}"
