"""The schema of the index and its number belong together: whoever follows another one must be told to make it anew."""

import hashlib
import json
from datetime import date
from pathlib import Path

import tantivy

from bot.search.schema import VERSION, Terms
from tests.papers import paper

PAPER = paper(
    "2506.08007",
    title=r"The Sum of B\'ezier Curves",
    abstract="How they are, and who has seen them.",
    authors=("Łukasz Kaiser", "A. B. Gomez"),
    organization="Google",
    organization_handle="google",
    categories=("cs.CL",),
    keywords=("curves",),
    published=date(2017, 6, 12),
    votes=10,
)
KNOWN = 9, "297f5b671a175b31"


def test_whatever_changes_in_the_index_has_another_number(tmp_path: Path) -> None:
    """When this fails, raise VERSION, and write what it says here."""
    terms = Terms()
    index = tantivy.Index(terms.schema, str(tmp_path))
    terms.register(index)
    writer = index.writer(15_000_000, 1)
    writer.add_document(terms.document(PAPER))
    writer.commit()
    index.reload()
    searcher = index.searcher()
    schema = json.loads((tmp_path / "meta.json").read_text("utf-8"))["schema"]
    texts = [field["name"] for field in schema if field["type"] == "text"]
    found = {name: sorted(term for term, _ in searcher.terms_with_prefix(name, "")) for name in texts}
    [kept] = (searcher.doc(place).to_dict() for _, place in searcher.search(tantivy.Query.all_query(), 1).hits)
    made = json.dumps([schema, found, repr(sorted(kept.items()))], sort_keys=True)
    assert (VERSION, hashlib.sha256(made.encode()).hexdigest()[:16]) == KNOWN
