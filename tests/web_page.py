"""The page, served in this process on the built-in sample: some days of digests, and time that is driven by hand."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from adapters.web.metrics import Metrics
from adapters.web.server import serving
from adapters.web.site import Contents, Site
from bot.cli import wiring
from bot.cli.payloads import PAYLOADS
from bot.core import Core
from bot.health import Health, Phase
from bot.models import Batch
from bot.store import FileLock, SqlBoard, SqliteDatabase, SqlStore
from bot.subscriptions import Channel
from tests.hostile import TEXTS
from tests.living import READERS, Bot, living
from tests.papers import paper

START = datetime(2026, 3, 26, 12, tzinfo=UTC)
HYBRID = "2603.25716"
TOKEN = "a token of sixteen letters or more".replace(" ", "-")
HOSTILE = tuple(
    paper(
        f"2603.9{number:04}",
        title=f"hostile {text}"[:5_000],
        abstract=f"hostile {text}",
        authors=(f"Eve {text}"[:500],),
        organization=text[:300],
        ai_summary=text,
        thumbnail_url="javascript:alert(1)",
        code_url="javascript:alert(document.domain)",
        project_url='https://evil.example/"onmouseover="alert(1)',
        votes=1,
    )
    for number, text in enumerate(one.encode("utf-8", "replace").decode() for one in TEXTS.values())
)


@dataclass(slots=True)
class Served:
    """The page and what is behind it."""

    address: str
    bot: Bot
    core: Core
    health: Health


@asynccontextmanager
async def served(store: SqlStore, folder: Path, *, token: str = "", host: str = "127.0.0.1") -> AsyncIterator[Served]:
    """A page on a free port, on the Tuesday after some days of digests."""
    async with living(store, folder, START) as bot:
        await _lived(bot)
        core, health = Core(bot.records, bot.index, []), Health(phase=Phase.RUNNING)
        contents = Contents(lambda: core, bot.records, SqlBoard(store.database))
        site = Site(bot.time.now, PAYLOADS, health, Metrics(), token, contents)
        async with serving(site, host, 0) as address:
            yield Served(address, bot, core, health)


async def _lived(bot: Bot) -> None:
    """Two channels that are posted to every day, of which one cannot be for a while."""
    await bot.subscribe("papers", top=3)
    await bot.subscribe("video", channel=Channel("fake", "guild", "video"), query="video", top=2)
    for batch in sorted(wiring._sample_batches(), key=lambda one: one.day):
        await bot.store.save_batch(_younger(batch), bot.time.now())
        await bot.indexer.catch_up()
        await bot.until(datetime.combine(batch.day + timedelta(days=1), START.time(), UTC), minutes=30)
        await bot.store.save_batch(batch, bot.time.now())
        await bot.indexer.catch_up()
    await bot.store.save_papers(HOSTILE, bot.time.now())
    await bot.indexer.catch_up()
    assert bot.platform.shown(READERS)


def _younger(batch: Batch) -> Batch:
    """As it was when it came out, with a third of its votes."""
    return Batch(batch.day, tuple(replace(one, votes=(one.votes or 0) // 3) for one in batch.papers))


@asynccontextmanager
async def opened(folder: Path, **how: Any) -> AsyncIterator[Served]:
    """The page on a new database in the folder."""
    path = folder / "papers.db"
    store = SqlStore(await SqliteDatabase.open(path, lock=FileLock.take(path)))
    try:
        async with served(store, folder, **how) as page:
            yield page
    finally:
        await store.close()


def visitor(site: Served, **headers: str) -> httpx.AsyncClient:
    """A program that asks as a browser would: with the origin of the page."""
    return httpx.AsyncClient(base_url=site.address, headers={"Origin": site.address.rstrip("/"), **headers})


async def said(site: Served, text: str, **more: Any) -> dict[str, Any]:
    """What is answered."""
    async with visitor(site) as client:
        reply = await client.post("/api/say", json={"text": text, **more})
    assert reply.status_code == 200
    found: dict[str, Any] = reply.json()
    return found
