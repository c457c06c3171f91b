"""Collections of papers under measurement: brought in and opened as users do it."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path

from bot import config
from bot.cli import understanding, wiring
from bot.cli.wiring import Library
from bot.models import Paper
from tests.benchmarks.table import NOWHERE
from tests.snapshots import record, written
from tests.upstream import SHARED

MODEL = SHARED / "models" / "all-MiniLM-L6-v2"
MODEL_MISSING = next(
    (f"{name} is not installed" for name in ("onnxruntime", "tokenizers", "faiss") if not find_spec(name)),
    "" if MODEL.is_dir() else "the model of ../shared is not here",
)


def settings(folder: Path, *, model: bool = False) -> dict[str, str]:
    """What the bot is given: a data folder, no network, and the model or none."""
    given = {"DATA_DIR": str(folder), "HF_API_URL": NOWHERE, "ARXIV_API_URL": NOWHERE, "LOG_LEVEL": "error"}
    return {**given, "MODEL_DIR": str(MODEL) if model else "", "HF_HUB_URL": NOWHERE}


def program(folder: Path, *, model: bool = False) -> dict[str, str]:
    """The same as the environment of a program."""
    return {**os.environ, "DATABASE_URL": "", **settings(folder, model=model)}


def run(environment: dict[str, str], *arguments: str) -> None:
    """Run the bot as a program to its end."""
    command = [sys.executable, "-m", "bot", *arguments]
    done = subprocess.run(command, env=environment, check=False, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


def filled(folder: Path, papers: Iterable[Paper], *, model: bool = False) -> Path:
    """The data folder with these papers, of which only titles and abstracts are known; with all vectors."""
    folder.mkdir()
    known = [record(p.id, title=p.title, abstract=p.abstract, authors_parsed=[], categories="cs.LG") for p in papers]
    run(program(folder), "import", str(written(folder / "papers.json", *known)))
    if model:
        run(program(folder, model=True), "reindex")
    return folder


@asynccontextmanager
async def opened(folder: Path, *, model: bool = False) -> AsyncIterator[Library]:
    """What lies in the data folder, open in this process; with the model only where all was read by it."""
    given = config.load(settings(folder, model=model))
    async with wiring.library(given, wiring.locked(given), lambda _done, _total: None) as library:
        if not model:
            yield library
            return
        meaning = await understanding.found(given)
        assert meaning
        await understanding.taught(library, meaning)
        await _check_vectors(library)
        yield library
        await meaning.close()


async def _check_vectors(library: Library) -> None:
    """Fail rather than call figures those of the model that are not."""
    from bot.search.model import Model  # noqa: PLC0415  # it needs the packages of `semantic`

    read, all_papers = await library.records.vectors.count(Model(MODEL).name), (await library.store.stock()).papers
    assert read == all_papers, f"only {read:,} of {all_papers:,} papers have a vector"
