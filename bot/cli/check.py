"""Check configuration, database, index and sources, one line each."""

import argparse
import asyncio
import errno
import os
import shutil
import socket
import sqlite3
from collections.abc import Awaitable, Callable
from urllib.parse import urlencode

import httpx

from bot import feed_days, typed
from bot.cli import page, understanding, wiring
from bot.config import Config, is_loopback
from bot.errors import BotError, DeliveryError, IndexDamaged, ModelError, SourceError
from bot.excerpts import shorten
from bot.search import TantivyIndex
from bot.search.folder import is_there
from bot.sources.huggingface import HuggingFace
from bot.store import FileLock, SqliteDatabase, SqlStore, SqlVectors

OK, WARNING, BAD, SKIPPED = "ok", "warning", "bad", "skipped"
# Older ones can corrupt a database to which several connections write at once; we write with one.
_GOOD_SQLITE = (3, 51, 3)
_SOURCE_SECONDS, _PAGE_SECONDS = 15.0, 3.0
_AT_ONCE = 2_000
_LONGEST_NAME = 40
_MEGABYTE = 1_000_000  # bytes
_LITTLE_SPACE = 500 * _MEGABYTE
_LONGEST_SENTENCE = 300  # of what libraries say, which may be whole pages

Finding = tuple[str, str]  # verdict and sentence


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It has none."""


async def main(_options: argparse.Namespace, settings: Config) -> int:
    """Print the report; the status is 1 when anything is bad."""
    verdicts: dict[str, str] = {}
    looks = {
        **_LOOKS,
        **({"Discord": _discord} if settings.discord_token else {}),
        **({"Slack": _slack} if settings.slack_bot_token else {}),
    }
    for subject, look in looks.items():
        if subject in _INSIDE and verdicts["database"] != OK:
            verdict, sentence = SKIPPED, "it is looked at when the database is well"
        else:
            verdict, sentence = await _found(look, settings)
        verdicts[subject] = verdict
        print(f"{verdict:<8} {subject:<14} {sentence}", flush=True)
    return int(BAD in verdicts.values())


async def _found(look: Callable[[Config], Awaitable[Finding]], settings: Config) -> Finding:
    """What came of the look, or what kept from it."""
    try:
        return await look(settings)
    except (BotError, OSError) as error:
        return BAD, shorten(typed.visible(str(error)), _LONGEST_SENTENCE)


async def _configuration(settings: Config) -> Finding:
    return OK, f"database {settings.database_path}, data in {settings.data_dir}, feed {settings.hf_api_url}"


async def _data_folder(settings: Config) -> Finding:
    for folder in {settings.data_dir, settings.database_path.parent}:
        existing = next(parent for parent in (folder.absolute(), *folder.absolute().parents) if parent.exists())
        if not existing.is_dir() or not os.access(existing, os.W_OK):
            return BAD, f"{folder} cannot be written: make it writable, or set DATA_DIR to a folder that is"
    is_running = _is_running(settings)
    return OK, "can be written; another Paper Round is running" if is_running else "can be written"


def _is_running(settings: Config) -> bool:
    """Whether another process writes to the database."""
    lock = FileLock.take(settings.database_path)
    if lock:
        lock.release()
    return lock is None


def _is_empty(settings: Config) -> bool:
    """Whether there is no database yet; one that was just begun is a file without a byte."""
    return not settings.database_path.exists() or not settings.database_path.stat().st_size


async def _database(settings: Config) -> Finding:
    if _is_empty(settings):
        return OK, "none yet; `sync` or `run` makes it"
    database = await SqliteDatabase.open(settings.database_path, lock=None)
    try:
        await database.quick_check()
        if database.is_older:
            return WARNING, "it is of an older version, and whole; the next start copies and upgrades it"
        store = SqlStore(database)
        stock, cursor = await store.stock(), 0
        await store.identity(), await store.change_cursor()  # which the index needs
        while changes := await store.changes(cursor, _AT_ONCE):  # each paper can be read
            cursor = changes[-1][0]
    finally:
        await database.close()
    newest = f", the newest of {stock.last_day}" if stock.last_day else ""
    return OK, f"{stock.papers:,} papers in {stock.batches:,} batches{newest}"


async def _sqlite(_settings: Config) -> Finding:
    version = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info < _GOOD_SQLITE:
        good = ".".join(map(str, _GOOD_SQLITE))
        return WARNING, f"SQLite {version}; before {good} a rare fault could damage a database, so keep backups"
    return OK, f"SQLite {version}"


async def _index(settings: Config) -> Finding:
    if _is_empty(settings):
        return OK, "none yet"
    if not is_there(settings.index_dir):
        return WARNING, "there is none, as after a restore; the next start makes it"
    database = await SqliteDatabase.open(settings.database_path, lock=None)
    index = TantivyIndex(settings.index_dir, writable=False)
    try:
        store = SqlStore(database)
        await index.open(await store.identity())
        await index.verify()
        state, cursor = index.state(), await store.change_cursor()
    except IndexDamaged as error:
        text = shorten(typed.visible(str(error)), _LONGEST_SENTENCE)
        return BAD, f"{text}; `reindex` or the next start makes it anew"
    finally:
        await index.close()
        await database.close()
    behind = cursor - state.cursor
    return OK, f"{state.papers:,} papers" + (f", {behind:,} changes behind" if behind > 0 else "")


async def _meaning(settings: Config) -> Finding:
    """Whether papers are found by what they mean, and how many were read for it."""
    try:
        meaning = await understanding.found(settings)
        if not meaning:
            understanding.usable()
    except ModelError as error:
        return BAD if settings.model_dir else WARNING, f"{error}; words alone are compared"
    if not meaning:
        return OK, "no model yet; `run` or `reindex` downloads it"
    await meaning.close()
    if _is_empty(settings):
        return OK, meaning.name
    database = await SqliteDatabase.open(settings.database_path, lock=None)
    try:
        papers, vectors = (await SqlStore(database).stock()).papers, SqlVectors(database)
        read, others = await vectors.count(meaning.name), await vectors.count_of_others(meaning.name)
    finally:
        await database.close()
    state = f"{meaning.name}; {read:,} of {papers:,} papers read"
    if others:
        again = f"{others:,} were read by another model and are read again"
        return WARNING, f"{state}; {again}. If you did not change the model, its files are damaged: bring them again"
    return OK, state


async def _hugging_face(settings: Config) -> Finding:
    day = feed_days.newest_batch_day(wiring.now())
    async with wiring.client() as client:
        try:
            async with asyncio.timeout(_SOURCE_SECONDS):
                batch = await HuggingFace(client, settings.hf_api_url, settings.hf_token).batch(day)
        except TimeoutError:
            return BAD, "it did not answer in time"
        except SourceError as error:
            return BAD, f"{typed.visible(str(error))}; without it the bot answers from what is stored"
    return OK, f"answers; {len(batch.papers)} papers on {day}"


async def _discord(settings: Config) -> Finding:
    """Whether the token works, and the link that invites the bot."""
    from adapters.discord.rest import Rest  # noqa: PLC0415
    from adapters.discord.rights import INVITED  # noqa: PLC0415 - half a second to load, which other bots do without

    async with wiring.client() as client:
        try:
            async with asyncio.timeout(_SOURCE_SECONDS):
                rest = Rest(client, settings.discord_api_url, settings.discord_token)
                found = await rest.call("GET", "/oauth2/applications/@me")
        except TimeoutError:
            return BAD, "it did not answer in time"
        except DeliveryError as error:
            text = shorten(typed.visible(str(error)), _LONGEST_SENTENCE)
            return BAD, f"{text}; look at DISCORD_TOKEN and at the network"
    if not isinstance(found, dict) or not str(found.get("id", "")).isdigit():
        return BAD, "its answer cannot be read; look at DISCORD_API_URL"
    name = shorten(typed.visible(str(found.get("name", ""))), _LONGEST_NAME)
    if found.get("interactions_endpoint_url"):
        return BAD, f"{name} sends its interactions elsewhere: empty Interactions Endpoint URL of the application"
    asked = urlencode({"client_id": found["id"], "scope": "bot applications.commands", "permissions": INVITED.value})
    return OK, f"the token is that of {name}; invite it with https://discord.com/oauth2/authorize?{asked}"


async def _slack(settings: Config) -> Finding:
    """Whether both tokens work."""
    from slack_sdk.errors import SlackApiError  # noqa: PLC0415 - as above
    from slack_sdk.web.async_client import AsyncWebClient  # noqa: PLC0415

    web = AsyncWebClient(settings.slack_bot_token, settings.slack_api_url, retry_handlers=[])
    setting = "SLACK_BOT_TOKEN"
    try:
        async with asyncio.timeout(_SOURCE_SECONDS):
            known = await web.auth_test()
            setting = "SLACK_APP_TOKEN"
            await web.apps_connections_open(app_token=settings.slack_app_token)
    except TimeoutError:
        return BAD, "it did not answer in time"
    except SlackApiError as error:
        said = shorten(typed.visible(str(error.response.get("error") or error.response.status_code)), _LONGEST_NAME)
        return BAD, f"Slack says {said}; look at {setting}: deploy/slack.md leads you to one"
    except Exception as error:  # noqa: BLE001 - whatever a library raises when there is no connection
        return BAD, f"it cannot be reached ({type(error).__name__}); look at the network"
    team, name = (shorten(typed.visible(str(known.get(part, ""))), _LONGEST_NAME) for part in ("team", "user"))
    return OK, f"both tokens work; the bot is {name} in {team}"


async def _disk(settings: Config) -> Finding:
    folder = next(one for one in settings.database_path.absolute().parents if one.is_dir())
    size = settings.database_path.stat().st_size if settings.database_path.exists() else 0
    free = shutil.disk_usage(folder).free
    if free < max(_LITTLE_SPACE, 2 * size):
        reason = f", because an upgrade copies the database ({_size(size)}) first" if size else ""
        return WARNING, f"only {_size(free)} are free in {folder}: make space{reason}"
    return OK, f"{free / 1e9:,.1f} GB are free"


def _size(count: int) -> str:
    """So many bytes, in words."""
    return f"{count / _MEGABYTE:,.0f} MB" if count >= _MEGABYTE else f"{count / 1_000:,.0f} kB"


async def _page(settings: Config) -> Finding:
    host, port = settings.http_host.strip("[]"), int(settings.http_port)
    reached = "this machine alone" if is_loopback(host) else "other machines too"
    guarded = "guarded by HTTP_TOKEN" if settings.http_token else "without a token"
    said = f"port {port} of {host}, for {reached}, {guarded}"
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.create_server(address, family=family):
            return OK, said
    except OSError as error:
        if error.errno == errno.EADDRINUSE and _is_running(settings) and await _is_ours(host, port):
            return OK, f"{said}; in use, as another Paper Round is running"
        return WARNING, f"{said}; the bot runs without it, as it cannot be used {page.remedy(error)}"


async def _is_ours(host: str, port: int) -> bool:
    """Whether what answers there is the page of a Paper Round."""
    from adapters.web.security import HEADERS  # noqa: PLC0415
    from adapters.web.server import address  # noqa: PLC0415 - a quarter of a second, which most checks do without

    try:  # never by way of a proxy
        async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(_PAGE_SECONDS):
            answer = await client.get(f"{address(host, port)}healthz")
    except (TimeoutError, httpx.HTTPError, httpx.InvalidURL):
        return False
    return bool(answer.headers.get("Server") == HEADERS["Server"])


_INSIDE = ("index", "meaning")  # what needs a database that can be read
_LOOKS: dict[str, Callable[[Config], Awaitable[Finding]]] = {
    "configuration": _configuration,
    "data folder": _data_folder,
    "database": _database,
    "sqlite": _sqlite,
    "index": _index,
    "disk": _disk,
    "page": _page,
    "meaning": _meaning,
    "Hugging Face": _hugging_face,
}
