"""Names of authors, organisations and categories, completed while they are typed."""

from collections.abc import Sequence

import tantivy

from bot.query import Field
from bot.search.queries import QueryBuilder
from bot.search.schema import Terms, category_name

_NAMED = 40  # papers whose names are looked through


class Names:
    """Completes names from what is indexed."""

    def __init__(self, terms: Terms, queries: QueryBuilder) -> None:
        self._terms = terms
        self._queries = queries

    def starting(self, field: Field, text: str, limit: int, searcher: tantivy.Searcher) -> tuple[str, ...]:
        """Names that begin so, those of the most voted papers first."""
        words = self._terms.words(text)
        if field is Field.CATEGORY:
            terms = sorted(searcher.terms_with_prefix("cat", text.lower()), key=lambda term: (-term[1], term[0]))
            return tuple(category_name(term) for term, _ in terms[:limit])
        if not words:
            return ()
        query = self._queries.starting(field.value, words)
        places = searcher.search(query, _NAMED, count=False, order_by_field="rank").hits
        named = (name for _, place in places for name in searcher.doc(place)[field.value])
        return tuple(dict.fromkeys(name for name in named if self._begins(name, words)))[:limit]

    def _begins(self, name: str, words: Sequence[str]) -> bool:
        """Whether the name has all the words, the last one as a beginning."""
        having = self._terms.words(name)
        return all(word in having for word in words[:-1]) and any(word.startswith(words[-1]) for word in having)
