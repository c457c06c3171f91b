"""From a Query to what tantivy runs. Terms are built from analysed words: no text is ever parsed by the engine."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from tantivy import FieldType, Occur, Schema, Searcher
from tantivy import Query as EngineQuery

from bot.query import Clause, Field, Query, Term
from bot.search.schema import Terms, beginning, short_name, voted_beginning

TITLE_WEIGHT = 0.2  # besides the title being part of the text: more of it finds sentences worse, less of it titles
_NAME_SCORE = 100.0  # of papers by whom the whole query names, however many wrote them; a word counts some ten
_NAME_WORDS = 2, 5  # that a name has at least and at most
_FARTHEST = date.max.toordinal()
_NAME_SLOP = 1  # a middle initial may stand between the words of a name

Part = tuple[Occur, EngineQuery]


class QueryBuilder:
    """Builds engine queries for one schema."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._schema: Schema = terms.schema

    def ranked(self, query: Query, searcher: Searcher) -> EngineQuery:
        """Bare words rank and any of them will do; everything else must hold."""
        words, strict = self._bare(query, searcher), self._strict(query, _demands(query))
        if words:
            return self._all([*strict, (Occur.Must, EngineQuery.boolean_query(words))])
        if strict or not query.wanted:
            return self._all(strict)
        return EngineQuery.empty_query()  # nothing can be looked for, such as a word too long for the index

    def among(self, query: Query, searcher: Searcher, ids: Sequence[str]) -> EngineQuery:
        """Those of the papers for which everything but the bare words holds, ranked by these."""
        strict = self._strict(query, _demands(query))
        return EngineQuery.boolean_query([*strict, (Occur.Must, self.only(ids)), *self._bare(query, searcher)])

    def matching(self, query: Query) -> EngineQuery:
        """Everything must hold, bare words too."""
        strict = self._strict(query, query.clauses)
        return self._all(strict) if strict else EngineQuery.empty_query()

    def _bare(self, query: Query, searcher: Searcher) -> list[Part]:
        """The bare words; those that say nothing only where there are no others, as they may be names."""
        words = [term.text for clause in query.clauses if clause.is_plain for term in clause.terms]
        telling = [word for word in words if self._terms.stems(word)] or words
        found = [(Occur.Should, part) for word in telling if (part := self._word(word, searcher))]
        return [*found, *self._whole_name(" ".join(words))]

    def _whole_name(self, text: str) -> list[Part]:
        """All of it as the name of one author, which it is hardly ever by chance; written in full it counts twice."""
        if not _NAME_WORDS[0] <= len(self._terms.words(text)) <= _NAME_WORDS[1]:
            return []
        names = self._author(text), self._words("author", text, _NAME_SLOP)
        return [(Occur.Should, EngineQuery.const_score_query(name, _NAME_SCORE)) for name in names]

    def _word(self, text: str, searcher: Searcher) -> EngineQuery | None:
        """A bare word, ranked wherever it stands; None when nothing in it can be looked for.

        As a name it counts as far as it is one: many papers are of somebody called Long, but more have long texts.
        """
        stems = self._terms.stems(text)
        having = max((searcher.doc_freq("text", stem) for stem in stems), default=0)
        parts = [
            *(self._boosted("title", stem, TITLE_WEIGHT) for stem in stems),
            *(self._term("text", stem) for stem in stems),
            *(self._term("words", word) for word in self._terms.words(text) if not stems),  # a title may be `Of It`
            *(
                self._boosted(field, word, min(1.0, searcher.doc_freq(field, word) / max(1, having)))
                for word in self._terms.words(text)
                for field in ("author", "org")
            ),
        ]
        return EngineQuery.boolean_query([(Occur.Should, part) for part in parts]) if parts else None

    def only(self, ids: Sequence[str]) -> EngineQuery:
        """The papers of those ids, all alike."""
        return EngineQuery.boost_query(EngineQuery.term_set_query(self._schema, "id", list(ids)), 0.0)

    def weighted(self, stems: Sequence[tuple[str, float]], without: Sequence[str]) -> EngineQuery:
        """Any of the weighted stems in title or abstract, in no paper of the ids `without`."""
        should = [(Occur.Should, self._boosted("text", stem, weight)) for stem, weight in stems]
        barred = EngineQuery.term_set_query(self._schema, "id", list(without))
        return EngineQuery.boolean_query([(Occur.Must, EngineQuery.boolean_query(should)), (Occur.MustNot, barred)])

    def starting(self, field: str, words: Sequence[str]) -> EngineQuery:
        """All the words in the field (`words`, `author` or `org`), the last as a beginning; they are analysed already."""
        if len(words[-1]) == 1:
            return self._begun(field, words, self._term("beginnings", beginning(field, words[-1])))
        # Analysed words are letters and digits only, so they are safe inside the pattern.
        return self._begun(field, words, EngineQuery.regex_query(self._schema, field, f"{words[-1]}.*"))

    def starting_voted(self, field: str, words: Sequence[str]) -> EngineQuery:
        """The same among the papers with votes; nothing where the beginning is too long to be listed."""
        return self._begun(field, words, self._term("beginnings", voted_beginning(field, words[-1])))

    def _begun(self, field: str, words: Sequence[str], last: EngineQuery) -> EngineQuery:
        return self._all([(Occur.Must, last), *((Occur.Must, self._whole(field, word)) for word in words[:-1])])

    def _whole(self, field: str, word: str) -> EngineQuery:
        """A word; a single letter of a name stands for what begins with it."""
        is_initial = field == "author" and len(word) == 1
        return self._term("beginnings", beginning(field, word)) if is_initial else self._term(field, word)

    def _strict(self, query: Query, clauses: Iterable[Clause]) -> list[Part]:
        parts = [
            (Occur.MustNot if clause.excluded else Occur.Must, self._any(clause))
            for clause in clauses
            if clause.field is not Field.TEXT or any(self._terms.stems(term.text) for term in clause.terms)
        ]
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
                placed = self._terms.placed(term.text)
                texts = self._side_by_side("text", placed, 0)
                if term.is_phrase or len(placed) > 1:
                    return texts
                names = [self._words(name, term.text, 0) for name in ("author", "org")]
                return EngineQuery.boolean_query([(Occur.Should, part) for part in (texts, *names)])
            case Field.CATEGORY:
                return self._term("cat", term.text.lower())
            case Field.AUTHOR:
                return self._author(term.text)
            case _:
                return self._words(field.value, term.text, _NAME_SLOP)

    def _author(self, name: str) -> EngineQuery:
        """The words of a name side by side; first names may be initials, where they are typed and where they are stored."""
        words, whole = self._terms.words(name), self._words("author", name, _NAME_SLOP)
        if len(words) <= 1:
            return whole
        is_short = any(len(word) == 1 for word in words[:-1])
        letter = words[0][0] if is_short else f"{words[0][0]}."
        parts = [self._term("short", short_name(letter, words[-1]))]
        parts += [self._term("author", word) for word in words[:-1] if is_short and len(word) > 1]
        short = EngineQuery.boolean_query([(Occur.Must, part) for part in parts])
        return EngineQuery.boolean_query([(Occur.Should, whole), (Occur.Should, short)])

    def _words(self, field: str, text: str, slop: int) -> EngineQuery:
        """The words of a name side by side."""
        return self._side_by_side(field, list(enumerate(self._terms.words(text))), slop)

    def _side_by_side(self, field: str, placed: Sequence[tuple[int, str]], slop: int) -> EngineQuery:
        """The analysed words at their distances; nothing when there are none."""
        if len(placed) > 1:
            return EngineQuery.phrase_query(self._schema, field, [*placed], slop)
        return self._term(field, placed[0][1]) if placed else EngineQuery.empty_query()

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


def _demands(query: Query) -> Iterator[Clause]:
    """The clauses that must hold."""
    return (clause for clause in query.clauses if not clause.is_plain)
