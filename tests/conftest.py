"""What every test may ask for."""

import logging
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings

from bot.core import Core
from bot.store import FileLock, SqliteDatabase, SqlStore
from tests import slack_emulator, slack_guests
from tests.emulator import Emulator, serving
from tests.guests import Guest, visiting
from tests.library import shelved
from tests.secrets_of_tests import SECRETS
from tests.thorough import EXAMPLES

MEMORY = Path("/dev/shm")  # files in it are gone when the machine is, as Linux has it
ROOMY = 2 * 1024**3  # bytes; containers may have very little of it
Opening = Callable[[], AbstractAsyncContextManager[SqlStore]]

# A busy machine is no failure, and a store may serve all examples of one test.
settings.register_profile(
    "tests",
    deadline=None,
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
settings.load_profile("tests")


def pytest_configure() -> None:
    """Keep the files of the tests in memory where there is room, as a test waits for a disk again and again."""
    if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOMY:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None  # it is looked up anew


@pytest.fixture(autouse=True)
def no_secret_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever a test does to the bot, and to its platforms: not even at `debug` is a token in its own log lines."""
    for name in ("bot", "adapters"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield
    lines = [logging.Formatter().format(one) for part in ("setup", "call") for one in caplog.get_records(part)]
    assert not [line for line in lines if any(secret in line for secret in SECRETS)]


@asynccontextmanager
async def _sqlite(folder: Path) -> AsyncIterator[SqlStore]:
    path = folder / "papers.db"
    store = SqlStore(await SqliteDatabase.open(path, lock=FileLock.take(path)))
    try:
        yield store
    finally:
        await store.close()


ENGINES = {"sqlite": _sqlite}  # a second engine is a second row


@pytest.fixture(params=ENGINES)
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Opening:
    """Opens the one database of this test, again and again if need be."""
    return partial(ENGINES[request.param], tmp_path)


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """A strict local Discord that never holds anybody up."""
    with serving("--ratelimits", "off") as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def guest(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Guest]:
    """The bot, connected to it."""
    async with visiting(emulator, tmp_path_factory.mktemp("guest")) as visitor:
        await visitor.connect()
        yield visitor


@pytest.fixture(scope="module")
def workspace() -> Iterator[slack_emulator.Emulator]:
    """A strict local Slack that never holds anybody up."""
    with slack_emulator.serving() as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def colleague(
    workspace: slack_emulator.Emulator, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[slack_guests.Guest]:
    """The bot, connected to it."""
    async with slack_guests.visiting(workspace, tmp_path_factory.mktemp("colleague")) as visitor:
        await visitor.connect()
        yield visitor


@pytest.fixture
async def store(open_store: Opening) -> AsyncIterator[SqlStore]:
    """An empty store on each engine."""
    async with open_store() as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=ENGINES)
async def opened(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Core, SqlStore]]:
    """A core on the papers of `tests.library`, one for all tests of a file: each uses a channel of its own."""
    folder = tmp_path_factory.mktemp("library")
    async with ENGINES[request.param](folder) as store, shelved(store, folder / "index") as core:
        yield core, store
