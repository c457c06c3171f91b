"""arXiv's API: any paper by its id, and a search of titles and abstracts.

Its manual: https://info.arxiv.org/help/api/user-manual.html; its terms, one request in three seconds
over one connection for the whole bot: https://info.arxiv.org/help/api/tou.html
"""

from collections.abc import Sequence
from datetime import date, datetime
from xml.etree.ElementTree import Element, ParseError

import httpx
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bot import identifiers, typed
from bot.errors import SourceError
from bot.models import Paper
from bot.query import Clause, Field, Query
from bot.sources._http import Http
from bot.sources._limits import Breaker, SlidingWindow

NAME = "arXiv"
CALLS, SECONDS = 1, 3.0
AT_ONCE = 100  # ids in one request; many more make an address that is too long
ONE_CONNECTION = httpx.Limits(max_connections=1)
_ATOM = "{http://www.w3.org/2005/Atom}"
_ARXIV = "{http://arxiv.org/schemas/atom}"
_ERRORS = "/api/errors"  # in the id of an entry that is no paper but a complaint
_PREFIXES = {Field.TEXT: "all", Field.AUTHOR: "au", Field.CATEGORY: "cat"}


class Arxiv:
    """arXiv behind the Source port; `client` must keep to one connection."""

    name = NAME

    def __init__(self, client: httpx.AsyncClient, api_url: str, http: Http | None = None) -> None:
        self._url = api_url
        self._http = http or Http(
            client=client,
            hosts=frozenset({httpx.URL(api_url).host}),
            window=SlidingWindow(CALLS, SECONDS),
            breaker=Breaker(),
        )

    async def papers(self, ids: Sequence[str]) -> tuple[Paper, ...]:
        """The papers of those ids that arXiv knows. Raises SourceError."""
        found: list[Paper] = []
        for start in range(0, len(ids), AT_ONCE):
            some = ids[start : start + AT_ONCE]
            answer = await self._http.get(self._url, {"id_list": ",".join(some), "max_results": len(some)})
            found += parse(answer.body)
        return tuple(paper for paper in found if paper.id in ids)

    async def search(self, query: Query, limit: int) -> tuple[Paper, ...]:
        """What arXiv's own search finds, best first; nothing for a query that it cannot express."""
        text = search_query(query)
        if not text:
            return ()
        answer = await self._http.get(self._url, {"search_query": text, "max_results": limit, "sortBy": "relevance"})
        return parse(answer.body)


def search_query(query: Query) -> str:
    """The query in arXiv's words; empty when it asks for what arXiv does not know (votes, code, organisations)."""
    if query.min_votes or query.has_code is not None:
        return ""
    if any(clause.field is Field.ORGANIZATION for clause in query.clauses):
        return ""
    wanted = [_clause(clause) for clause in query.clauses if not clause.excluded]
    unwanted = "".join(f" ANDNOT {_clause(clause)}" for clause in query.clauses if clause.excluded)
    return " AND ".join(wanted) + unwanted if wanted else ""


def _clause(clause: Clause) -> str:
    prefix = _PREFIXES[clause.field]
    terms = [" ".join(_plain(term.text).split()) for term in clause.terms]
    choices = [f'{prefix}:"{term}"' if " " in term else f"{prefix}:{term}" for term in terms if term]
    return choices[0] if len(choices) == 1 else f"({' OR '.join(choices)})"


def _plain(text: str) -> str:
    """Without what has a meaning in arXiv's query language; `.` and `-` stand in the names of categories."""
    return "".join(character if character.isalnum() or character in ".-" else " " for character in text)


def parse(feed: bytes) -> tuple[Paper, ...]:
    """The papers of an Atom feed in either of its layouts; entries that are no papers are left out.

    Raises SourceError when it is no feed, or tries to harm the parser.
    """
    try:
        root = fromstring(feed)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise SourceError(f"it answered something that is no feed ({type(error).__name__})") from error
    if root.tag != f"{_ATOM}feed":
        raise SourceError("it answered something that is no feed")
    found = (_paper(entry) for entry in root.iter(f"{_ATOM}entry"))
    return tuple(paper for paper in found if paper)


def _paper(entry: Element) -> Paper | None:
    address = _text(entry, f"{_ATOM}id")
    ids, title = identifiers.find(address), _text(entry, f"{_ATOM}title")
    if _ERRORS in address or len(ids) != 1 or not title:
        return None
    primary = entry.find(f"{_ARXIV}primary_category")
    listed = [category.get("term", "") for category in entry.iter(f"{_ATOM}category")]
    categories = dict.fromkeys(filter(None, (primary.get("term", "") if primary is not None else "", *listed)))
    names = (_text(author, f"{_ATOM}name") for author in entry.iter(f"{_ATOM}author"))
    return Paper(
        id=ids[0],
        title=title,
        abstract=_text(entry, f"{_ATOM}summary"),
        authors=tuple(filter(None, names)),
        published=_day(_text(entry, f"{_ATOM}published")),
        categories=tuple(categories),
        version=identifiers.version(address),
    )


def _text(element: Element, tag: str) -> str:
    return typed.visible(element.findtext(tag) or "")


def _day(text: str) -> date | None:
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        return None
