"""The only place where everything is put together."""

import asyncio
import gc
import json
import logging
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from importlib import resources
from pathlib import Path
from typing import Any

import httpx

from bot import __version__
from bot.config import Config
from bot.core import Core
from bot.errors import IndexDamaged, StoreError
from bot.indexing import Indexer, Progress
from bot.ingest import Ingest
from bot.models import Batch, SourceHealth
from bot.ports import Platform, Records
from bot.search import TantivyIndex
from bot.sources.arxiv import ONE_CONNECTION, Arxiv
from bot.sources.huggingface import HuggingFace, parse_batch
from bot.store import FileLock, SqliteDatabase, SqlStore, records

HEADERS = {"User-Agent": f"paper-round/{__version__} (a chat bot for research papers)"}
_STANDBY_SECONDS = 0.5
_COLLECT_AFTER = 100_000  # new objects
DEFAULT_LIMITS = httpx.Limits(max_connections=10)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Library:
    """A store with its index and what works on them; `indexer` only where this process may write."""

    core: Core
    store: SqlStore
    records: Records
    index: TantivyIndex
    ingest: Ingest
    indexer: Indexer | None


def now() -> datetime:
    """The time, aware, in UTC; the only clock of the bot."""
    return datetime.now(UTC)


def locked(settings: Config) -> FileLock:
    """The right to write to the database. Raises StoreError when another process has it."""
    lock = FileLock.take(settings.database_path)
    if lock is None:
        raise StoreError(f"Another Paper Round is running on {settings.database_path}: stop it first, then try again.")
    return lock


def expect_many_papers() -> None:
    """Look for garbage seldom: papers make no cycles, and looking for some takes a tenth of the time."""
    gc.set_threshold(_COLLECT_AFTER)


async def stand_by(settings: Config) -> FileLock:
    """Wait until no other process writes to the database."""
    while (lock := FileLock.take(settings.database_path)) is None:  # noqa: ASYNC110
        await asyncio.sleep(_STANDBY_SECONDS)  # nobody tells when an flock becomes free
    return lock


def client(limits: httpx.Limits = DEFAULT_LIMITS) -> httpx.AsyncClient:
    """A client as the environment wants it (proxies, certificates); where that makes no sense, without it."""
    try:
        return httpx.AsyncClient(headers=HEADERS, limits=limits)
    except (ImportError, ValueError, OSError, httpx.InvalidURL) as error:
        log.warning("the proxy or certificate settings of the environment are left out: %s", error)
        return httpx.AsyncClient(headers=HEADERS, limits=limits, trust_env=False)


@asynccontextmanager
async def library(
    settings: Config, lock: FileLock | None, progress: Progress, *, anew: bool = False
) -> AsyncIterator[Library]:
    """What is stored, to write when the lock is given, else to read beside the process that has it.

    With `anew` the index is thrown away, and not even looked at.
    """
    async with AsyncExitStack() as stack:
        store = SqlStore(await SqliteDatabase.open(settings.database_path, lock=lock))
        stack.push_async_callback(store.close)
        index = TantivyIndex(settings.index_dir, writable=lock is not None)
        stack.push_async_callback(index.close)
        feed, arxiv = await _sources(settings, stack)
        indexer = Indexer(store, index, progress) if lock else None
        if indexer:
            await (indexer.rebuild() if anew else indexer.open())
        else:
            await _open_beside(store, index)
        kept = records(store)
        yield Library(Core(kept, index, [feed, arxiv]), store, kept, index, Ingest(feed, store, now), indexer)


@asynccontextmanager
async def built_in_sample(settings: Config, health: Sequence[SourceHealth], stored: Library) -> AsyncIterator[Library]:
    """The sample, in a folder that is gone afterwards; subscriptions are kept where they are `stored`.

    `health` is what is known of the sources.
    """
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="paper-round-")))
        path = folder / "sample.db"
        store = SqlStore(await SqliteDatabase.open(path, lock=FileLock.take(path)))
        stack.push_async_callback(store.close)
        index = TantivyIndex(folder / "index")
        stack.push_async_callback(index.close)
        for batch in _sample_batches():
            await store.save_batch(batch, datetime.combine(batch.day, time.max, UTC))  # so old are its votes
        for source in health:
            if source.failed_at:
                await store.note_source(source.source, source.failed_at, source.error)
        indexer = Indexer(store, index)
        await indexer.open()
        await indexer.catch_up()
        feed, arxiv = await _sources(settings, stack)
        kept = replace(stored.records, papers=store)
        core = Core(kept, index, [feed, arxiv], is_sample=True)
        yield Library(core, store, kept, index, Ingest(feed, store, now), indexer)


def _sample_batches() -> list[Batch]:
    files = [file for file in resources.files("bot.sample").iterdir() if file.name.endswith(".json")]
    return [
        parse_batch(json.loads(file.read_text("utf-8")), date.fromisoformat(file.name.removesuffix(".json")))
        for file in files
    ]


async def _sources(settings: Config, stack: AsyncExitStack) -> tuple[HuggingFace, Arxiv]:
    """The sources, each with its own connections, because arXiv wants only one."""
    feed = await stack.enter_async_context(client())
    single = await stack.enter_async_context(client(ONE_CONNECTION))
    return HuggingFace(feed, settings.hf_api_url, settings.hf_token), Arxiv(single, settings.arxiv_api_url)


async def _open_beside(store: SqlStore, index: TantivyIndex) -> None:
    with suppress(IndexDamaged):  # the process that writes is making it anew; searches say so
        await index.open(await store.identity())


@dataclass(frozen=True, slots=True)
class Front:
    """A platform that is served: where digests go, and what takes questions until it is cancelled."""

    platform: Platform
    run: Callable[[], Coroutine[Any, Any, None]]
    is_connected: Callable[[], bool] = lambda: True


async def fronts(settings: Config, core: Callable[[], Core], kept: Records, stack: AsyncExitStack) -> list[Front]:
    """The chat platforms that are configured; their libraries take half a second to load, which few commands need."""
    found = []
    if settings.discord_token:
        found.append(await _discord(settings, core, kept, stack))
    if settings.slack_bot_token:
        found.append(_slack(settings, core, kept))
    return found


async def _discord(settings: Config, core: Callable[[], Core], kept: Records, stack: AsyncExitStack) -> Front:
    from adapters.discord.platform import Discord  # noqa: PLC0415
    from adapters.discord.rest import Rest  # noqa: PLC0415

    http = await stack.enter_async_context(client(httpx.Limits(max_connections=60)))
    rest = Rest(http, settings.discord_api_url, settings.discord_token)
    bot = Discord(settings.discord_token, rest, core, kept, now, is_silent=settings.discord_silent == "yes")
    return Front(bot.posts, lambda: bot.run(settings.discord_api_url), bot.is_connected)


def _slack(settings: Config, core: Callable[[], Core], kept: Records) -> Front:
    from slack_sdk.web.async_client import AsyncWebClient  # noqa: PLC0415

    from adapters.slack.platform import Slack  # noqa: PLC0415

    # No retries: a post whose answer was lost would be there twice (PLATFORMS 0.6).
    web = AsyncWebClient(settings.slack_bot_token, settings.slack_api_url, retry_handlers=[])
    bot = Slack(web, core, kept, now)
    return Front(bot.posts, lambda: bot.run(settings.slack_app_token, settings.slack_api_url), bot.is_connected)
