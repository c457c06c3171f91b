"""Small values for tests: a paper or a batch with only what the test is about."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.models import Batch, Paper, Window
from bot.ports import Store

MONDAY = date(2026, 3, 30)
NOON = datetime(2026, 3, 30, 12, tzinfo=UTC)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)
ALWAYS = Window(date.min, date.max)


def paper(id_: str = "2506.08007", /, **fields: Any) -> Paper:
    """A paper of that id; its title says which one it is, everything else is unknown unless given."""
    known: dict[str, Any] = {"id": id_, **fields}
    return Paper(**{"title": f"The paper {known['id']}", **known})


def papers(count: int, **fields: Any) -> tuple[Paper, ...]:
    """Papers 2506.00001, 2506.00002 and so on."""
    return tuple(paper(f"2506.{number:05}", **fields) for number in range(1, count + 1))


def batch(day: date | str = MONDAY, *listed: Paper, skipped: int = 0) -> Batch:
    """The batch of that day; its papers know that it lists them, as those of the feed do."""
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return Batch(day, tuple(replace(one, batch=day) for one in listed), skipped)


def later(**span: float) -> datetime:
    """NOON and a span, such as `hours=1`."""
    return NOON + timedelta(**span)


FULL = paper(
    "hep-th/9901001",
    title="On Strings",
    abstract="We pull some.",
    authors=("Ada Lovelace", "Grace Hopper"),
    published=date(1999, 1, 2),
    categories=("hep-th", "math.AG"),
    organization="The Institute",
    organization_handle="institute",
    ai_summary="Strings are pulled.",
    keywords=("strings", "pulling"),
    code_url="https://example.org/code",
    project_url="https://example.org/project",
    thumbnail_url="https://example.org/thumbnail.png",
    stars=3,
    votes=5,
    comments=0,
    batch=MONDAY,
)  # everything is known of it


async def everything(store: Store) -> tuple[object, ...]:
    """All that the port shows, but for the time of the last fetch and the cursor."""
    changes = await store.changes(0, 10_000)
    ids = [one.id for _, one in changes]
    batches = [(info.day, info.size) for info in await store.batches(ALWAYS)]
    return changes, batches, await store.papers_in(ALWAYS), await store.votes_at(ids, later(days=9), LONG_AGO)


async def walked(store: Store, step: int, after: int = 0) -> list[tuple[int, Paper]]:
    """All changes after the cursor, asked for `step` at a time."""
    found: list[tuple[int, Paper]] = []
    while page := await store.changes(found[-1][0] if found else after, step):
        assert len(page) <= step
        found += page
    return found
