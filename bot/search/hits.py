"""What the engine found, as values."""

from datetime import date

import tantivy

from bot.models import Hit


def read_hits(searcher: tantivy.Searcher, query: tantivy.Query, limit: int, *, by_votes: bool) -> tuple[Hit, ...]:
    """At most `limit` papers, those with the best scores first; `by_votes`: the most voted first, without scores."""
    limit = min(limit, max(1, searcher.num_docs))
    found = searcher.search(query, limit, count=False, order_by_field="rank" if by_votes else None).hits
    places = [place for _, place in found]
    votes, days = (searcher.fast_field_values(name, places) for name in ("votes", "day"))
    hits = []
    for (score, place), vote, day in zip(found, votes, days, strict=True):
        document = searcher.doc(place)
        text_score, known = 0.0 if by_votes else float(score), date.fromordinal(int(day)) if day else None
        hits.append(Hit(document["id"][0], document["title"][0], text_score, int(vote or 0), known))
    return tuple(hits)
