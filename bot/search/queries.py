"""From a Query to what tantivy runs. Terms are built from analysed words: no text is ever parsed by the engine."""

from collections.abc import Iterable, Sequence
from datetime import date

from tantivy import FieldType, Occur, Schema
from tantivy import Query as EngineQuery

from bot.query import Clause, Field, Query, Term
from bot.search.schema import Terms

TITLE_WEIGHT = 3.0
_FARTHEST = date.max.toordinal()
_NAME_SLOP = 1  # a middle initial may stand between the words of a name

Part = tuple[Occur, EngineQuery]


class QueryBuilder:
    """Builds engine queries for one schema."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._schema: Schema = terms.schema

    def ranked(self, query: Query) -> EngineQuery:
        """Bare words rank and any of them will do; everything else must hold."""
        words = [self.word(term.text) for clause in query.clauses if clause.is_plain for term in clause.terms]
        parts = [(Occur.Should, word) for word in words if word]
        if words and not parts:  # such as a word too long for the index
            return EngineQuery.empty_query()
        strict = self._strict(query, (clause for clause in query.clauses if not clause.is_plain))
        if not parts:
            return self._all(strict)
        return self._all([*strict, (Occur.Must, EngineQuery.boolean_query(parts))])

    def matching(self, query: Query) -> EngineQuery:
        """Everything must hold, bare words too."""
        return self._all(self._strict(query, query.clauses))

    def word(self, text: str) -> EngineQuery | None:
        """A bare word, ranked wherever it stands; None when nothing in it can be looked for."""
        parts = [
            *(self._boosted("title", stem, TITLE_WEIGHT) for stem in self._terms.stems(text)),
            *(self._term("abstract", stem) for stem in self._terms.stems(text)),
            *(self._term(field, word) for word in self._terms.words(text) for field in ("author", "org")),
        ]
        return EngineQuery.boolean_query([(Occur.Should, part) for part in parts]) if parts else None

    def weighted(self, stems: Sequence[tuple[str, float]], without: Sequence[str]) -> EngineQuery:
        """Any of the weighted stems in title or abstract, in no paper of the ids `without`."""
        should = [(Occur.Should, self._boosted(f, stem, w)) for stem, w in stems for f in ("title", "abstract")]
        barred = EngineQuery.term_set_query(self._schema, "id", list(without))
        return EngineQuery.boolean_query([(Occur.Must, EngineQuery.boolean_query(should)), (Occur.MustNot, barred)])

    def starting(self, field: str, words: Sequence[str]) -> EngineQuery:
        """All the words in the field, the last as a beginning; `words` are analysed already."""
        # Analysed words are letters and digits only, so they are safe inside the pattern.
        last = EngineQuery.regex_query(self._schema, field, f"{words[-1]}.*")
        return self._all([(Occur.Must, last), *((Occur.Must, self._term(field, w)) for w in words[:-1])])

    def _strict(self, query: Query, clauses: Iterable[Clause]) -> list[Part]:
        parts = [(Occur.MustNot if clause.excluded else Occur.Must, self._any(clause)) for clause in clauses]
        if query.first_day or query.before_day:
            first = query.first_day.toordinal() if query.first_day else 1
            before = query.before_day.toordinal() if query.before_day else _FARTHEST + 1
            parts.append((Occur.Must, self._range("day", first, before - 1)))
        if query.has_code is not None:
            parts.append((Occur.Must, EngineQuery.term_query(self._schema, "code", query.has_code)))
        if query.min_votes:
            parts.append((Occur.Must, self._range("votes", query.min_votes, None)))
        return parts

    def _any(self, clause: Clause) -> EngineQuery:
        choices = [(Occur.Should, self._one(clause.field, term)) for term in clause.terms]
        return EngineQuery.boolean_query(choices)

    def _one(self, field: Field, term: Term) -> EngineQuery:
        match field:
            case Field.TEXT:
                stems = self._terms.stems(term.text)
                titles, abstracts = self._words("title", stems, 0), self._words("abstract", stems, 0)
                if term.is_phrase or len(stems) > 1:
                    return EngineQuery.boolean_query([(Occur.Should, titles), (Occur.Should, abstracts)])
                names = [self._words(name, self._terms.words(term.text), 0) for name in ("author", "org")]
                return EngineQuery.boolean_query([(Occur.Should, part) for part in (titles, abstracts, *names)])
            case Field.CATEGORY:
                return self._term("cat", term.text.lower())
            case _:
                return self._words(field.value, self._terms.words(term.text), _NAME_SLOP)

    def _words(self, field: str, words: list[str], slop: int) -> EngineQuery:
        """The analysed words side by side; nothing when there are none."""
        if len(words) > 1:
            return EngineQuery.phrase_query(self._schema, field, [*words], slop)
        return self._term(field, words[0]) if words else EngineQuery.empty_query()

    def _all(self, parts: Sequence[Part]) -> EngineQuery:
        if any(occur is Occur.Must for occur, _ in parts):
            return EngineQuery.boolean_query(parts)
        return EngineQuery.boolean_query([*parts, (Occur.Must, EngineQuery.all_query())])

    def _term(self, field: str, value: str) -> EngineQuery:
        return EngineQuery.term_query(self._schema, field, value)

    def _boosted(self, field: str, value: str, weight: float) -> EngineQuery:
        return EngineQuery.boost_query(self._term(field, value), weight)

    def _range(self, field: str, low: int, high: int | None) -> EngineQuery:
        return EngineQuery.range_query(self._schema, field, FieldType.Unsigned, low, high)
