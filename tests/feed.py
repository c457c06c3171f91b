"""The feed of Hugging Face in small: entries of our own making in its layout, and a host that lists them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from bot.sources.huggingface import HuggingFace
from tests.wire import Clock, Reply, http

API = "https://example.org/api"


def entry(id_: str = "2506.08007", /, **fields: Any) -> dict[str, Any]:
    """An entry of the feed; the fields are those of its paper object."""
    return {"paper": {"id": id_, "title": f"The paper {id_}", **fields}}


def listed(answer: object, **headers: str) -> Reply:
    """The answer as JSON; a lone surrogate travels as the API would send it."""
    return Reply(200, headers, json.dumps(answer).encode())


class Feed:
    """Answers for days and for papers by what it was given; a Reply stands for itself, an unknown paper is not found."""

    def __init__(self, days: Mapping[str, Any] | None = None, papers: Mapping[str, Any] | None = None) -> None:
        self.days = dict(days or {})
        self.papers = dict(papers or {})
        self.asked: list[str] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        name = request.url.params.get("date") or request.url.raw_path.decode().rpartition("/")[2]
        self.asked.append(name)
        listing = request.url.path == "/api/daily_papers"
        answer = self.days.get(name, []) if listing else self.papers.get(name, Reply(404, body=b'{"error": "no"}'))
        return (answer if isinstance(answer, Reply) else listed(answer)).response()


def source(feed: Any, clock: Clock | None = None) -> HuggingFace:
    """The source under test, asking the feed."""
    client = http(feed, clock)
    return HuggingFace(client.client, API, http=client)


def ids(papers: Sequence[Any]) -> list[str]:
    """The ids of the papers, in their order."""
    return [paper.id for paper in papers]
