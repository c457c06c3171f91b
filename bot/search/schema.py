"""What the index keeps of a paper, and how text becomes terms."""

import json
from collections.abc import Iterable
from itertools import chain
from typing import Any
from zlib import crc32

import tantivy

from bot.models import Paper
from bot.readable import readable

VERSION = 9  # raise it whenever anything here changes: an index of another version is rebuilt

_STEMMED, _FOLDED, _SPACED = "stemmed", "folded", "whitespace"  # the last is the engine's own
_LONGEST_TERM = 64
_DAY_BITS, _TIE_BITS = 24, 20
_ABBREVIATION = 2
_TYPED_FIRST = 4  # letters
# They stand in every second abstract, say nothing, and would be a third of the index.
_SILENT = (
    "a across also an and are as at be been between both but by can each for from has have however in into is it its more "
    "most of often on only or other our over some such than that the their these they this through to two under used using "
    "was we were when where which while with within"
)

# `dumps` would make an encoder for each paper.
_written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _analyzer(*, stemmed: bool) -> tantivy.TextAnalyzer:
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    builder = builder.filter(tantivy.Filter.remove_long(_LONGEST_TERM))
    # Accents are folded before stemming: the stemmer leaves them alone (SEARCH, trap 15).
    builder = builder.filter(tantivy.Filter.lowercase()).filter(tantivy.Filter.ascii_fold())
    if stemmed:
        builder = builder.filter(tantivy.Filter.custom_stopword(_SILENT.split()))
        builder = builder.filter(tantivy.Filter.stemmer("english"))
    return builder.build()


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("title", stored=True, tokenizer_name=_STEMMED, index_option="freq")
    builder.add_text_field("text", tokenizer_name=_STEMMED)  # title and abstract: together they rank better than apart
    builder.add_text_field("author", tokenizer_name=_FOLDED)
    builder.add_text_field("short", tokenizer_name=_SPACED, index_option="basic")  # names of authors, as `l_kaiser`
    builder.add_text_field("org", tokenizer_name=_FOLDED)
    builder.add_bytes_field("names", stored=True)  # as they are written, for completion; one value is read fastest
    builder.add_text_field("cat", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("words", tokenizer_name=_FOLDED, index_option="basic")  # of titles: completion, vocabulary
    builder.add_text_field("beginnings", tokenizer_name=_SPACED, index_option="basic")  # as `beginnings_of` has them
    builder.add_unsigned_field("votes", fast=True)
    builder.add_unsigned_field("day", fast=True)  # as date.toordinal(), 0 when not known
    builder.add_unsigned_field("rank", fast=True)  # votes, day, and something of its own: the order where no words rank
    builder.add_boolean_field("code", indexed=True)
    return builder.build()


class Terms:
    """The schema with its analysers; one for each index, because tantivy's objects are not constants."""

    def __init__(self) -> None:
        self.schema = _schema()
        self._stemmed = _analyzer(stemmed=True)
        self._folded = _analyzer(stemmed=False)

    def register(self, index: tantivy.Index) -> None:
        """Tell the index the analysers; every process must, before it writes."""
        index.register_tokenizer(_STEMMED, self._stemmed)
        index.register_tokenizer(_FOLDED, self._folded)

    def stems(self, text: str) -> list[str]:
        """The terms of titles and abstracts; words that say nothing have none."""
        return self._stemmed.analyze(text)

    def placed(self, text: str) -> list[tuple[int, str]]:
        """The terms of a phrase with their places in it, where words that say nothing leave gaps."""
        words = enumerate(self.words(text))
        return [(place, stem) for place, word in words for stem in self.stems(word)]

    def words(self, text: str) -> list[str]:
        """The terms of names, of completion and of the vocabulary."""
        return self._folded.analyze(text)

    def document(self, paper: Paper) -> tantivy.Document:
        """What is indexed of the paper."""
        votes, day = paper.votes or 0, paper.day.toordinal() if paper.day else 0
        names = [self.words(name) for name in paper.authors]
        is_tex = "\\" in paper.title or "$" in paper.title
        shown = readable(paper.title) if is_tex else paper.title  # as it is read, it is typed
        organization = [*filter(None, (paper.organization, paper.organization_handle))]
        archives = {category.partition(".")[0] for category in paper.categories}
        fields: dict[str, Any] = {
            "id": paper.id,
            "title": paper.title,
            "text": [paper.title, *([shown] if is_tex else []), paper.abstract, *paper.keywords],
            # Nothing between two of them, so that the last word of one and the first of the next are no name.
            "author": [part for name in paper.authors for part in (name, "")],
            "short": " ".join(short for name in names for short in _shortened(name)),
            "org": organization,
            "names": _written({"author": paper.authors, "org": organization}).encode(),
            "cat": sorted({category.lower() for category in (*paper.categories, *archives)}),
            "words": shown,
            "beginnings": " ".join(
                chain(
                    beginnings_of("words", self.words(shown), votes),
                    beginnings_of("author", chain.from_iterable(names), votes),
                    beginnings_of("org", self.words(" ".join(organization)), votes),
                )
            ),
            "votes": votes,
            "day": day,
            "rank": votes << _DAY_BITS + _TIE_BITS | day << _TIE_BITS | _tie(paper.id),
            "code": bool(paper.code_url),
        }
        # With the schema, or a number meant as unsigned fails only at the commit (SEARCH, trap 15).
        return tantivy.Document.from_dict(fields, self.schema)


def beginnings_of(field: str, words: Iterable[str], votes: int) -> set[str]:
    """The terms by which a paper is found while such a word is typed.

    To gather all the words with one first letter would take 15 ms among a million papers. And those that people voted
    for come first whatever is typed, but are few: they are found at once by a list of their own.
    """
    known = {*words}
    found = {beginning(field, letter) for letter in {word[0] for word in known}}
    if votes:
        found |= {voted_beginning(field, word[:letters]) for word in known for letters in range(1, _TYPED_FIRST + 1)}
    return found


def beginning(field: str, letter: str) -> str:
    """The term of papers that have a word in the field that begins with the letter."""
    return f"{field}:{letter}"


def voted_beginning(field: str, letters: str) -> str:
    """The same of papers with votes, for up to four letters."""
    return f"voted:{field}:{letters}"


def names(document: tantivy.Document, field: str) -> list[str]:
    """The names in the field (`author` or `org`) of a paper that was found, as they are written."""
    return [str(name) for name in json.loads(bytes(document["names"][0]))[field]]


def short_name(first: str, last: str) -> str:
    """The term of a name by its first letter and its last word; `l.` where only initials stand before that."""
    return f"{first}_{last}"


def _shortened(name: list[str]) -> list[str]:
    if len(name) <= 1:
        return []
    first, last = name[0], name[-1]
    has_initials_only = all(len(word) == 1 for word in name[:-1])
    return [short_name(first[0], last), *([short_name(f"{first[0]}.", last)] if has_initials_only else [])]


def _tie(id_: str) -> int:
    """Which of two equal papers comes first, so that it is not left to the engine's threads."""
    return crc32(id_.encode()) % (1 << _TIE_BITS)


def category_name(term: str) -> str:
    """An indexed category as arXiv writes it: `cs.CV`, `cond-mat.soft`; abbreviations have two letters."""
    archive, dot, part = term.partition(".")
    return f"{archive}{dot}{part.upper() if len(part) == _ABBREVIATION else part}"
