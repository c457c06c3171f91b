"""Repairs the words of a query that the index does not know."""

import threading
from collections.abc import Callable
from dataclasses import replace
from string import ascii_lowercase

import tantivy

from bot.query import Clause, Field, Query, Term
from bot.search.schema import Terms
from bot.search.vocabulary import Vocabulary, is_suspicious

# Where a word is right as soon as one paper has it, as what somebody named nobody mistyped; and where the words that are
# put in the place of others come from, the likeliest first.
_NAMES = {Field.TEXT: ("words", "author", "org"), Field.AUTHOR: ("author",), Field.ORGANIZATION: ("org",)}


class Spelling:
    """Repairs queries against the vocabulary of the index, which it reads when it first needs it."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._vocabularies: dict[str, Vocabulary] = {}
        self._reading = threading.Lock()
        self._is_common: Callable[[str], bool] = lambda _: False

    def trust(self, is_common: Callable[[str], bool]) -> None:
        """Take words for right of which this holds, though no paper has them."""
        self._is_common = is_common

    def forget(self) -> None:
        """The index holds other words now."""
        self._vocabularies = {}

    def repair(self, query: Query, searcher: tantivy.Searcher) -> tuple[Query, tuple[tuple[str, str], ...]]:
        """The query with its unknown words replaced, and (typed, replacement) for each of them.

        Excluded words and links are taken as they are typed.
        """
        corrections: dict[str, str] = {}
        clauses = tuple(self._clause(clause, searcher, corrections) for clause in query.clauses)
        return replace(query, clauses=clauses), tuple(corrections.items())

    def _clause(self, clause: Clause, searcher: tantivy.Searcher, corrections: dict[str, str]) -> Clause:
        if clause.excluded or clause.field not in _NAMES:
            return clause
        terms = (self._term(term, clause.field, searcher, corrections) for term in clause.terms)
        return replace(clause, terms=tuple(terms))

    def _term(self, term: Term, field: Field, searcher: tantivy.Searcher, corrections: dict[str, str]) -> Term:
        if "://" in term.text:
            return term
        words = self._terms.words(term.text)
        repaired = [self._word(word, field, searcher) for word in words]
        found = {word: right for word, right in zip(words, repaired, strict=True) if word != right}
        corrections |= found
        return replace(term, text=" ".join(repaired)) if found else term

    def _word(self, word: str, field: Field, searcher: tantivy.Searcher) -> str:
        if any(searcher.doc_freq(name, word) for name in _NAMES[field]):
            return word
        if not is_suspicious(word) or self._is_common(word):
            return word
        papers = self._papers(word, searcher) if field is Field.TEXT else 0
        stems = self._terms.stems(word)
        for name in _NAMES[field]:
            known = self._vocabulary(name, searcher)
            if right := known.correction(word, papers, lambda other: self._terms.stems(other) == stems):
                return right
        return word

    def _papers(self, word: str, searcher: tantivy.Searcher) -> int:
        """How many have the word, in whichever form."""
        return max((searcher.doc_freq("text", stem) for stem in self._terms.stems(word)), default=0)

    def _vocabulary(self, name: str, searcher: tantivy.Searcher) -> Vocabulary:
        with self._reading:
            if name not in self._vocabularies:
                # Letter by letter: turning all terms into Python objects at once would hold the GIL.
                terms = (term for letter in ascii_lowercase for term in searcher.terms_with_prefix(name, letter))
                self._vocabularies[name] = Vocabulary(terms)
            return self._vocabularies[name]
