"""Run everything that is configured."""

import argparse
import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from adapters.console.platform import Console
from adapters.console.posts import PostsFile
from bot import feed_days
from bot.cli import progress, sync, understanding, wiring
from bot.cli.life import Life
from bot.cli.page import Page
from bot.cli.wiring import Front, Library
from bot.clock import Clock
from bot.config import Config
from bot.core import Core
from bot.digest import Planner
from bot.errors import StoreError
from bot.health import Health, Phase
from bot.ingest import Freezing, Synced
from bot.outbox import Outbox
from bot.store import FileLock

_PATIENCE_SECONDS = 15.0  # before the sample answers


@dataclass(slots=True)
class _Answering:
    """What answers now: the sample, until the first batch comes."""

    core: Core


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It has none."""


async def main(_options: argparse.Namespace, settings: Config) -> int:
    """Serve until the console ends, or until the system asks to end."""
    with suppress(asyncio.CancelledError):
        await _run(settings)
    return 0


async def _run(settings: Config) -> None:
    health = Health()
    async with AsyncExitStack() as stack:
        page = Page(settings, health)
        stack.push_async_callback(page.end)
        await page.begin()
        lock = FileLock.take(settings.database_path) or await _stood_by(settings, page, health)
        rebuilding = stack.enter_context(progress.indexing())
        stored = await stack.enter_async_context(wiring.library(settings, lock, rebuilding))
        reason = "" if (await stored.store.stock()).papers else await _first_batches(stored)
        if (await stored.store.stock()).papers:
            shown = stored
        else:
            sources = await stored.store.source_health()
            shown = await stack.enter_async_context(wiring.built_in_sample(settings, sources, stored))
            papers = (await shown.store.stock()).papers
            name = stored.ingest.source_name
            print(
                f"{name} gave no batch ({reason}), so answers come from the built-in sample of {papers} papers for now."
            )
        answering = _Answering(shown.core)
        page.open(lambda: answering.core, stored)
        stack.push_async_callback(page.end)  # before what it shows is closed, and before another process takes over
        fronts = await wiring.fronts(settings, lambda: answering.core, stored.records, stack)
        if not fronts:
            console = Console(lambda: answering.core, wiring.now, history=settings.data_dir / "history")
            posts = PostsFile(settings.data_dir / "posts.jsonl", wiring.now)
            fronts = [Front(posts, lambda: _talk(console, page.address))]
        behind = [*_work(fronts, answering, stored), understanding.follow(settings, stored)]
        await Life(health).live(fronts, behind)


async def _stood_by(settings: Config, page: Page, health: Health) -> FileLock:
    """The lock, once the process that has it ends; what that one's page had is free then, too."""
    print(f"Another Paper Round is running on {settings.database_path}; standing by until it ends.", flush=True)
    health.phase = Phase.STANDING_BY
    lock = await wiring.stand_by(settings)
    health.phase = Phase.STARTING
    await page.begin()
    return lock


async def _talk(console: Console, address: str) -> None:
    """Until somebody says `quit`; at the end of its input only the console ends, where the page is served on."""
    if await console.run() or not address:
        return
    print(f"The console has ended; the page is served on at {address}", flush=True)
    await asyncio.Event().wait()


async def _first_batches(stored: Library) -> str:
    """Fetch something to answer from, and say what is new; what went wrong with the source."""
    days = feed_days.last_batch_days(wiring.now(), sync.DEFAULT_DAYS)
    synced = Synced()
    with suppress(TimeoutError), progress.fetching(len(days), leave=False) as done:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            synced = await stored.ingest.sync(days, done)
    assert stored.indexer
    if await stored.indexer.catch_up():
        print(sync.summary(synced))
    return str(synced.failed[0][1]) if synced.failed else "it did not answer in time"


def _work(fronts: Sequence[Front], answering: _Answering, stored: Library) -> list[Coroutine[Any, Any, None]]:
    """What goes on behind: the store follows the feed, the index the store, and digests are planned and sent."""

    async def fetched(_: Synced) -> None:
        papers = (await stored.store.stock()).papers
        if papers and answering.core is not stored.core:
            answering.core = stored.core
            print(f"The feed can be reached now: {papers:,} papers are here instead of the sample.", flush=True)

    assert stored.indexer
    clock, owner = Clock(wiring.now), uuid4().hex
    platforms = [front.platform for front in fronts]
    named = {platform.name: platform for platform in platforms}
    planner = Planner(stored.records, stored.index, named, feed=stored.ingest.source_name)
    return [
        stored.indexer.follow(),
        stored.ingest.follow(fetched, _freezing(planner)),
        planner.run(clock),
        *(Outbox(platform, stored.records, clock, owner=owner).run() for platform in platforms),
    ]


def _freezing(planner: Planner) -> Freezing:
    async def freezing(now: datetime) -> datetime | None:
        try:
            return await planner.next_freeze(now)
        except StoreError:  # the feed is looked at all the same
            return None

    return freezing
