"""What the index keeps of a paper, and how text becomes terms."""

from typing import Any
from zlib import crc32

import tantivy

from bot.models import Paper

VERSION = 7  # raise it whenever anything here changes: an index of another version is rebuilt

_STEMMED, _FOLDED = "stemmed", "folded"
_LONGEST_TERM = 64
_DAY_BITS, _TIE_BITS = 24, 20
_ABBREVIATION = 2
# They stand in nearly every abstract, say nothing, and would be a third of the index.
_SILENT = (
    "a also an and are as at be been between both by can for from has have in into is it its more most of on only or other "
    "our some such than that the their these they this through to two used using was we were when where which while with"
)


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
    builder.add_text_field("author", stored=True, tokenizer_name=_FOLDED)
    builder.add_text_field("short", tokenizer_name="raw", index_option="basic")  # names of authors, as `l kaiser`
    builder.add_text_field("org", stored=True, tokenizer_name=_FOLDED)
    builder.add_text_field("cat", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("words", tokenizer_name=_FOLDED, index_option="basic")  # of titles: completion, vocabulary
    # A letter that begins a word: to gather all words that it begins would take 15 ms among a million papers.
    builder.add_text_field("initials", tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("votes", indexed=True, fast=True)
    builder.add_unsigned_field("day", indexed=True, fast=True)  # as date.toordinal(), 0 when not known
    builder.add_unsigned_field("rank", fast=True)  # votes, day, and something of its own: the order where no words rank
    builder.add_boolean_field("code", indexed=True, fast=True)
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
        archives = {category.partition(".")[0] for category in paper.categories}
        fields: dict[str, Any] = {
            "id": paper.id,
            "title": paper.title,
            "text": [paper.title, paper.abstract, *paper.keywords],
            # Nothing between two of them, so that the last word of one and the first of the next are no name.
            "author": [part for name in paper.authors for part in (name, "")],
            "short": [short for name in names for short in _shortened(name)],
            "org": [paper.organization, paper.organization_handle],
            "cat": sorted({category.lower() for category in (*paper.categories, *archives)}),
            "words": paper.title,
            "initials": sorted(
                {initial("words", word) for word in self.words(paper.title)}
                | {initial("author", word) for name in names for word in name}
                | {initial("org", word) for word in self.words(f"{paper.organization} {paper.organization_handle}")}
            ),
            "votes": votes,
            "day": day,
            "rank": votes << _DAY_BITS + _TIE_BITS | day << _TIE_BITS | _tie(paper.id),
            "code": bool(paper.code_url),
        }
        # With the schema, or a number meant as unsigned fails only at the commit (SEARCH, trap 15).
        return tantivy.Document.from_dict(fields, self.schema)


def initial(field: str, word: str) -> str:
    """The term under which all papers are found that have a word in the field that begins like this one."""
    return f"{field} {word[0]}"


def _shortened(name: list[str]) -> list[str]:
    """A name by its first letter and last word, `l kaiser`; and as `l. kaiser` where only initials stand before it."""
    short = [f"{name[0][0]} {name[-1]}", f"{name[0][0]}. {name[-1]}"] if len(name) > 1 else []
    return short if all(len(word) == 1 for word in name[:-1]) else short[:1]


def _tie(id_: str) -> int:
    """Which of two equal papers comes first, so that it is not left to the engine's threads."""
    return crc32(id_.encode()) % (1 << _TIE_BITS)


def category_name(term: str) -> str:
    """An indexed category as arXiv writes it: `cs.CV`, `cond-mat.soft`; abbreviations have two letters."""
    archive, dot, part = term.partition(".")
    return f"{archive}{dot}{part.upper() if len(part) == _ABBREVIATION else part}"
