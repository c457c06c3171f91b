"""Hugging Face's Daily Papers: which papers the community found worth reading, with its votes.

Our own parser, because the official client drops nested fields (DESIGN 5.7). What the API really
sends is in SOURCES: fields come and go over the years, so any may be missing and none is trusted.
"""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote

import httpx

from bot import identifiers, typed
from bot.errors import SourceError
from bot.limits import Breaker, SlidingWindow
from bot.models import Batch, Paper
from bot.query import Query
from bot.sources._http import Answer, Http

NAME = "Hugging Face"
CALLS, SECONDS = 500, 300.0  # anonymous calls to the API; https://huggingface.co/docs/hub/rate-limits
_PAGE = 100  # the most that the API gives in one answer; its default of 50 cuts the fullest days
_MAX_PAGES = 10
_LONGEST_LINK = 4_000  # characters of the header
_MOST_ENTRIES = 2 * _PAGE  # of one answer that are looked at
_MOST_HITS = 120  # that a search gives
_NEXT = re.compile(r'<([^<>]{1,2000})>\s?;\s?rel="?next"?')
_LONGEST = {"title": 1_000, "abstract": 20_000, "name": 300, "url": 1_000, "summary": 5_000}
_MOST_AUTHORS, _MOST_KEYWORDS = 5_000, 50
_MOST = 2**31

log = logging.getLogger(__name__)


class HuggingFace:
    """The feed behind the Source port."""

    name = NAME

    def __init__(self, client: httpx.AsyncClient, api_url: str, token: str = "", http: Http | None = None) -> None:
        self._api = api_url.rstrip("/")
        self._http = http or Http(
            client=client,
            hosts=frozenset({httpx.URL(api_url).host}),
            window=SlidingWindow(CALLS, SECONDS),
            breaker=Breaker(),
            headers={"Authorization": f"Bearer {token}"} if token else {},
        )

    async def batch(self, day: date) -> Batch:
        """The batch of the feed day as it is now; an empty one when there is none. Raises SourceError."""
        url = f"{self._api}/daily_papers"
        answer = await self._http.get(url, {"date": day.isoformat(), "limit": _PAGE})
        entries = _entries(answer)
        for _ in range(_MAX_PAGES):
            following = _NEXT.search(answer.headers.get("link", "")[:_LONGEST_LINK])
            if not following:
                break
            url = _next_page(url, following[1])
            answer = await self._http.get(url)
            entries += _entries(answer)
        return parse_batch(entries, day)

    async def papers(self, ids: Sequence[str]) -> tuple[Paper, ...]:
        """The papers of those ids that Hugging Face knows. Raises SourceError."""
        return tuple([paper for id_ in ids if (paper := await self.paper(id_))])

    async def search(self, query: Query, limit: int) -> tuple[Paper, ...]:
        """What its own search finds by meaning; nothing for a query with filters, which it cannot express."""
        if not query.wanted or not query.is_only_text:
            return ()
        answer = await self._http.get(
            f"{self._api}/papers/search", {"q": query.wanted, "limit": min(limit, _MOST_HITS)}
        )
        return tuple(parse_search(_entries(answer)))

    async def paper(self, id_: str) -> Paper | None:
        """One paper by its canonical id; None when Hugging Face does not know it. Raises SourceError."""
        answer = await self._http.get(f"{self._api}/papers/{quote(id_, safe='')}")
        if answer.status == httpx.codes.NOT_FOUND:
            return None
        found = answer.json()
        if not isinstance(found, dict):
            raise SourceError("it answered something that is not a paper")
        try:
            paper = parse_paper(found, {}, batch=_feed_day(found))
        except (ValueError, LookupError) as error:
            raise SourceError(f"it answered a paper that cannot be read: {error}") from error
        return paper if paper.id == id_ else None


def parse_batch(entries: list[Any], day: date) -> Batch:
    """The batch of the day from the entries of the feed; what cannot be read is left out and counted."""
    papers: dict[str, Paper] = {}
    skipped = 0
    for entry in entries:
        try:
            paper = parse_paper(entry["paper"], entry, batch=day)
        except (ValueError, TypeError, LookupError) as error:
            skipped += 1
            log.debug("skipped an entry of the batch of %s: %s", day, str(error)[:200])
        else:
            papers.setdefault(paper.id, paper)
    if skipped:
        log.warning("skipped %d entries of the batch of %s that cannot be read", skipped, day)
    return Batch(day, tuple(papers.values()), skipped)


def parse_search(entries: list[Any]) -> Iterator[Paper]:
    """The papers that a search found; what cannot be read is left out."""
    for entry in entries:
        try:
            yield parse_paper(entry["paper"], entry, batch=_feed_day(entry["paper"]))
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            log.info("skipped a search result: %s", str(error)[:200])


def parse_paper(found: Mapping[str, Any], entry: Mapping[str, Any], batch: date | None) -> Paper:
    """The paper from the API's paper object and the feed entry around it. Raises ValueError or LookupError."""
    given = _text(found["id"], "name")
    id_, title = identifiers.canonical(given), _text(found.get("title"), "title")
    if not id_ or not title:
        raise ValueError(f"no arXiv id or no title: {given[:40]!r}")
    organization = _first_dict(found.get("organization"), entry.get("organization"))
    authors = (_text(a.get("name"), "name") for a in _list(found.get("authors"), _MOST_AUTHORS) if isinstance(a, dict))
    keywords = (_text(keyword, "name") for keyword in _list(found.get("ai_keywords"), _MOST_KEYWORDS))
    handle = _text(organization.get("name"), "name")
    return Paper(
        id=id_,
        title=title,
        abstract=_text(found.get("summary"), "abstract"),
        authors=tuple(filter(None, authors)),
        published=_day(found.get("publishedAt")),
        organization=_text(organization.get("fullname"), "name") or handle,
        organization_handle=handle,
        ai_summary=_text(found.get("ai_summary"), "summary"),
        keywords=tuple(filter(None, keywords)),
        code_url=_url(found.get("githubRepo")),
        project_url=_url(found.get("projectPage")),
        thumbnail_url=_url(entry.get("thumbnail")),
        stars=_count(found.get("githubStars")),
        votes=_count(found.get("upvotes")),
        comments=_count(entry.get("numComments")),
        batch=batch,
    )


def _entries(answer: Answer) -> list[Any]:
    if answer.status == httpx.codes.NOT_FOUND:
        raise SourceError("it has no list of papers at this address (HTTP 404)", status=answer.status)
    entries = answer.json()
    if not isinstance(entries, list):
        raise SourceError("it answered something that is not a list of papers")
    return entries[:_MOST_ENTRIES]


def _next_page(url: str, link: str) -> str:
    """The address of the page after `url`; the token is sent there, so it has to be at the same place."""
    try:
        here = httpx.URL(url)
        there = here.join(link)
        if (there.scheme, there.host, there.port) == (here.scheme, here.host, here.port):
            return str(there)
    except (httpx.InvalidURL, ValueError) as error:
        raise SourceError("its next page has an address that cannot be read") from error
    raise SourceError("its next page is on another host")


def day_of(entries: Any) -> date | None:
    """The feed day of a whole listing, by its first entry; None when that does not say."""
    try:
        return _feed_day(entries[0]["paper"])
    except (LookupError, TypeError, AttributeError):
        return None


def _feed_day(found: Mapping[str, Any]) -> date | None:
    """The batch that lists a paper: the date of `submittedOnDailyAt` is always that of the batch (SOURCES)."""
    return _day(found.get("submittedOnDailyAt"))


def _text(value: object, kind: str) -> str:
    """One line of visible text, cut at a length that no real one reaches; empty when it is no text."""
    return typed.visible(value[: 2 * _LONGEST[kind]])[: _LONGEST[kind]].strip() if isinstance(value, str) else ""


def _list(value: object, most: int) -> list[Any]:
    return value[:most] if isinstance(value, list) else []


def _first_dict(*values: object) -> Mapping[str, Any]:
    return next((value for value in values if isinstance(value, dict)), {})


def _url(value: object) -> str:
    """An address that may be shown as a link, else empty: http or https, a host, no space in it."""
    text = _text(value, "url")
    if len(text) == _LONGEST["url"]:  # cut, and half an address is none
        return ""
    return text if re.fullmatch(r"https?://[^\s/<>\"|]+\.[^\s<>\"|]+", text) else ""


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST else None


def _day(value: object) -> date | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC).date()
    except (ValueError, OverflowError):  # the latter at the ends of time
        return None
