"""arXiv's API: any paper by its id, and a search of titles and abstracts.

Its manual: https://info.arxiv.org/help/api/user-manual.html; its terms, one request in three seconds
over one connection for the whole bot: https://info.arxiv.org/help/api/tou.html
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime
from time import monotonic
from xml.etree.ElementTree import Element, ParseError

import httpx
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bot import identifiers, typed
from bot.errors import SourceError
from bot.limits import Breaker, SlidingWindow
from bot.models import Paper
from bot.query import Clause, Field, Query
from bot.sources._http import Http, Patience

NAME = "arXiv"
CALLS, SECONDS = 1, 3.0
AT_ONCE = 100  # ids in one request; many more make an address that is too long
ONE_CONNECTION = httpx.Limits(max_connections=1)
# Somebody waits for every answer, so a second try comes soon or never; a wait that arXiv asks for is kept by all.
PATIENCE = Patience(attempts=2, longest_asked=0.0, connect=3.0, silence=6.0, total=6.0)
_ATOM = "{http://www.w3.org/2005/Atom}"
_ARXIV = "{http://arxiv.org/schemas/atom}"
_ERRORS = "/api/errors"  # in the id of an entry that is no paper but a complaint
_LONGEST = 20_000  # characters of a text; no real one reaches it
_MOST_AUTHORS = 5_000
_FIRST_DAY, _LAST_DAY = date(1991, 1, 1), date(2100, 1, 1)  # arXiv has nothing before, and wants both ends
_SIGNS = re.compile(r"[\x00-,/:-@\[-`{-\x7f]")  # all of ASCII but letters, digits and what names of categories have
_WORD = re.compile(r"\w[\w.-]*")
_OPERATORS = {"AND", "OR", "ANDNOT", "NOT", "TO"}
_PREFIXES = {Field.TEXT: "all", Field.AUTHOR: "au", Field.CATEGORY: "cat"}


class Arxiv:
    """arXiv behind the Source port; `client` must keep to one connection."""

    name = NAME

    def __init__(self, client: httpx.AsyncClient, api_url: str, http: Http | None = None) -> None:
        self._url = api_url
        self._http = http or polite(client, api_url)

    async def papers(self, ids: Sequence[str]) -> tuple[Paper, ...]:
        """The papers of those ids that arXiv knows. Raises SourceError."""
        found: list[Paper] = []
        for start in range(0, len(ids), AT_ONCE):
            some = ids[start : start + AT_ONCE]
            found += await self._asked({"id_list": ",".join(some), "max_results": len(some)})
        wanted = {*ids}
        return tuple(paper for paper in found if paper.id in wanted)

    async def search(self, query: Query, limit: int) -> tuple[Paper, ...]:
        """What arXiv's own search finds, best first; nothing for a query that it cannot express."""
        text = search_query(query)
        if not text:
            return ()
        return await self._asked({"search_query": text, "max_results": limit, "sortBy": "relevance"})

    async def _asked(self, params: Mapping[str, str | int]) -> tuple[Paper, ...]:
        answer = await self._http.get(self._url, params)
        if answer.status == httpx.codes.NOT_FOUND:
            raise SourceError("it has no search at this address (HTTP 404)", status=answer.status)
        return await asyncio.to_thread(parse, answer.body)  # the largest ones would hold up everything else


def polite(
    client: httpx.AsyncClient,
    api_url: str,
    now: Callable[[], float] = monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Http:
    """What keeps to arXiv's terms: a request begins when the one before has ended, and three seconds after it began."""
    return Http(
        client=client,
        hosts=frozenset({httpx.URL(api_url).host}),
        window=SlidingWindow(CALLS, SECONDS, now=now, sleep=sleep),
        breaker=Breaker(now=now),
        patience=PATIENCE,
        sleep=sleep,
        lane=asyncio.Lock(),
    )


def search_query(query: Query) -> str:
    """The query in arXiv's words; empty when it asks for what arXiv does not know (votes, code, organisations)."""
    if query.min_votes or query.has_code is not None:
        return ""
    if any(clause.field is Field.ORGANIZATION for clause in query.clauses):
        return ""
    wanted = [_clause(clause) for clause in query.clauses if not clause.excluded]
    unwanted = "".join(f" ANDNOT {_clause(clause)}" for clause in query.clauses if clause.excluded)
    first, before = max(query.first_day or _FIRST_DAY, _FIRST_DAY), min(query.before_day or _LAST_DAY, _LAST_DAY)
    if not wanted or first >= before:
        return ""
    if query.first_day or query.before_day:
        wanted.append(f"submittedDate:[{first:%Y%m%d}0000 TO {before:%Y%m%d}0000]")
    return " AND ".join(wanted) + unwanted


def _clause(clause: Clause) -> str:
    prefix = _PREFIXES[clause.field]
    choices = [f"{prefix}:{_plain(term.text)}" for term in clause.terms]
    return choices[0] if len(choices) == 1 else f"({' OR '.join(choices)})"


def _plain(text: str) -> str:
    """Without what has a meaning in arXiv's query language, and in quotes where a word is not just a word."""
    words = " ".join(_SIGNS.sub(" ", text).split())
    return words if _WORD.fullmatch(words) and words not in _OPERATORS else f'"{words}"'


def parse(feed: bytes) -> tuple[Paper, ...]:
    """The papers of an Atom feed in either of its layouts; entries that are no papers are left out.

    Raises SourceError when it is no feed, or tries to harm the parser.
    """
    try:
        root = fromstring(feed)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
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
        authors=tuple(filter(None, names))[:_MOST_AUTHORS],
        published=_day(_text(entry, f"{_ATOM}published")),
        categories=tuple(categories),
        version=identifiers.version(address),
    )


def _text(element: Element, tag: str) -> str:
    return typed.visible((element.findtext(tag) or "")[:_LONGEST])


def _day(text: str) -> date | None:
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        return None
