"""Search by meaning in the whole program: the model of a folder or of the hub, and what is said without one."""

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot import config, feed_days
from bot.cli import understanding, wiring
from bot.config import Config
from bot.errors import ConfigError, SourceError
from bot.sources.hub import installed
from tests import hub, local_feed
from tests.models import REAL, Kind, needs_the_real_one, tiny
from tests.programs import NOWHERE, SECONDS, Program, sentences
from tests.waiting import until

TITLES = ("Kittens at Rest", "Boats in a Dock", "Tunes of Worlds")
CATS = "2603.00000"
SLEEPING_CATS = "search felines slumber"
IN_VAIN = "Words alone are compared"


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    """With three papers, and no hub that could be reached."""
    (day,) = feed_days.last_batch_days(wiring.now(), 1)
    entries = [local_feed.entry(f"2603.0000{n}", title, n + 1) for n, title in enumerate(TITLES)]
    with local_feed.serving({day: entries}) as feed:
        started = Program(tmp_path, feed)
        started.call("sync", "--days", "1")
        yield started


@pytest.fixture
def model(tmp_path: Path) -> str:
    return str(tiny(tmp_path / "model"))


@contextmanager
def local_hub(folder: Path) -> Iterator[hub.LocalHub]:
    """A hub with a tiny model as the hub has it, in a thread of its own."""
    tiny(folder, Kind(is_pooled=False, has_types=True))
    files = {hub.BEST: (folder / "model.onnx").read_bytes(), "tokenizer.json": (folder / "tokenizer.json").read_bytes()}
    started, ended = threading.Event(), asyncio.Event()
    known: list[tuple[hub.LocalHub, asyncio.AbstractEventLoop]] = []

    async def serve() -> None:
        async with hub.serving(files) as served:
            known.append((served, asyncio.get_running_loop()))
            started.set()
            await ended.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert started.wait(SECONDS)
    served, loop = known[0]
    try:
        yield served
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()


def test_reindex_reads_every_paper_and_a_question_finds_it_by_its_meaning(program: Program, model: str) -> None:
    before = program.call("ask", SLEEPING_CATS, MODEL_DIR=model)
    assert CATS not in before.stdout  # a question is not the time to read papers
    done = program.call("reindex", MODEL_DIR=model)
    assert done.returncode == 0
    assert "3 papers indexed." in done.stdout
    assert "3 papers read for what they mean." in done.stdout
    assert done.stderr == ""
    found = program.call("ask", SLEEPING_CATS, MODEL_DIR=model)
    assert found.returncode == 0
    assert CATS in found.stdout
    assert "similar meaning" in found.stdout
    assert sentences(found.stderr) == []
    assert "0 papers read" in program.call("reindex", MODEL_DIR=model).stdout


def test_with_another_model_every_paper_is_read_again(program: Program, model: str, tmp_path: Path) -> None:
    program.call("reindex", MODEL_DIR=model)
    other = str(tiny(tmp_path / "other", Kind(seed=9)))
    assert CATS not in program.call("ask", SLEEPING_CATS, MODEL_DIR=other).stdout
    assert "3 were read by another model" in program.call("check", MODEL_DIR=other).stdout
    assert "3 papers read" in program.call("reindex", MODEL_DIR=other).stdout
    assert CATS in program.call("ask", SLEEPING_CATS, MODEL_DIR=other).stdout
    assert "another model" not in program.call("check", MODEL_DIR=other).stdout


def without_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()


def without_graph(folder: Path) -> None:
    (folder / "model.onnx").unlink()


def half(folder: Path) -> None:
    content = (folder / "model.onnx").read_bytes()
    (folder / "model.onnx").write_bytes(content[: len(content) // 2])


def of_another_dimension(folder: Path) -> None:
    tiny(folder, Kind(dimension=8))


def gone(folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (without_tokenizer, "holds no tokenizer.json"),
        (without_graph, "holds no ONNX file"),
        (half, "holds no model that can be read"),
        (of_another_dimension, "does not make vectors of 384 numbers"),
        (gone, "holds no ONNX file"),
    ],
)
def test_a_model_that_cannot_be_used_leaves_the_words_and_is_said_once(
    program: Program, model: str, damage: Callable[[Path], None], said: str
) -> None:
    program.call("reindex", MODEL_DIR=model)
    damage(Path(model))
    asked = program.call("ask", "search kittens", MODEL_DIR=model)
    assert asked.returncode == 0
    assert CATS in asked.stdout
    (warning,) = sentences(asked.stderr)
    assert "words alone are compared" in warning
    assert said in warning
    rebuilt = program.call("reindex", MODEL_DIR=model)
    assert rebuilt.returncode == 0
    assert "3 papers indexed." in rebuilt.stdout
    assert IN_VAIN in rebuilt.stdout
    checked = program.call("check", MODEL_DIR=model)
    (line,) = [line for line in checked.stdout.splitlines() if " meaning " in line]
    assert line.startswith("bad")
    assert said in line
    assert checked.returncode == 1


def test_check_says_which_model_it_is_and_how_many_papers_were_read(program: Program, model: str) -> None:
    def said(**settings: str) -> str:
        return next(line for line in program.call("check", **settings).stdout.splitlines() if " meaning " in line)

    assert "no model yet" in said()
    assert said(MODEL_DIR=model).endswith("0 of 3 papers read")
    program.call("reindex", MODEL_DIR=model)
    assert said(MODEL_DIR=model).startswith("ok")
    assert said(MODEL_DIR=model).endswith("3 of 3 papers read")


def test_the_model_is_downloaded_once_and_a_question_downloads_nothing(program: Program, tmp_path: Path) -> None:
    with local_hub(tmp_path / "theirs") as served:
        program.call("ask", SLEEPING_CATS, HF_HUB_URL=served.url)
        program.call("check", HF_HUB_URL=served.url)
        assert served.requests == []
        done = program.call("reindex", HF_HUB_URL=served.url)
        assert "3 papers read for what they mean." in done.stdout
        assert installed(program.data / "model")
        served.requests.clear()
        assert "0 papers read" in program.call("reindex", HF_HUB_URL=served.url).stdout
        assert served.requests == []
    assert CATS in program.call("ask", SLEEPING_CATS, HF_HUB_URL=NOWHERE).stdout


def test_a_bot_that_runs_brings_the_model_and_reads_in_the_background(program: Program, tmp_path: Path) -> None:
    with local_hub(tmp_path / "theirs") as served, _started(program, served.url) as running:

        def said(typed: str, wanted: str) -> str:
            assert running.stdin and running.stdout
            running.stdin.write(f"{typed}\n")
            running.stdin.flush()
            return next(line for line in running.stdout if wanted in line)

        async def is_read() -> bool:
            return "3 of 3 papers read" in said("status", "Search by meaning")

        asyncio.run(until(is_read, "the meaning of all papers", seconds=SECONDS))
        assert TITLES[0] in said(SLEEPING_CATS, "1. ")
        _, err = running.communicate("quit\n", timeout=SECONDS)
        assert running.returncode == 0
        assert sentences(err) == []


@contextmanager
def _started(program: Program, url: str) -> Iterator[subprocess.Popen[str]]:
    with program.start("run", HF_HUB_URL=url) as running:
        try:
            yield running
        finally:
            running.kill()  # where it has not ended by itself


@pytest.mark.parametrize("url", [NOWHERE, "http://127.0.0.1:9"])
def test_without_a_network_words_are_compared_and_it_is_said_once(program: Program, url: str) -> None:
    rebuilt = program.call("reindex", HF_HUB_URL=url)
    assert rebuilt.returncode == 0
    assert "Words alone are compared, because it cannot be reached." in rebuilt.stdout
    assert sentences(rebuilt.stderr) == []
    asked = program.call("ask", "search kittens", HF_HUB_URL=url)
    assert CATS in asked.stdout
    assert sentences(asked.stderr) == []
    done = program.call("run", typed="search kittens\nquit\n", HF_HUB_URL=url)
    assert done.returncode == 0
    assert CATS in done.stdout
    assert len([line for line in sentences(done.stderr) if "words alone are compared" in line]) <= 1


@pytest.mark.parametrize("package", ["faiss", "onnxruntime", "tokenizers", "numpy"])
def test_without_the_extra_packages_words_are_compared_and_it_is_said_how_to_get_them(
    program: Program, model: str, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    for name in ("bot.search.meaning", "bot.search.model", "bot.search.neighbours"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, package, None)
    asked = program.call("ask", "search kittens", MODEL_DIR=model)
    assert CATS in asked.stdout
    (warning,) = sentences(asked.stderr)
    assert f"{package} is not installed: run `pip install 'paper-round[semantic]'`" in warning


def test_nothing_is_downloaded_that_cannot_be_read(
    program: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("bot.search.meaning", "bot.search.model", "bot.search.neighbours"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "faiss", None)
    with local_hub(tmp_path) as served:
        done = program.call("reindex", HF_HUB_URL=served.url)
        assert "faiss is not installed" in done.stdout
        assert "faiss is not installed" in program.call("check", HF_HUB_URL=served.url).stdout
        assert served.requests == []


@pytest.mark.parametrize(
    ("usual", "asked", "expected"),
    [(60.0, None, 60.0), (60.0, 3_600.0, 3_600.0), (120.0, 5.0, 120.0), (60.0, 1e9, 21_600.0)],
)
def test_a_hub_that_says_when_to_come_again_is_obeyed_within_six_hours(
    usual: float, asked: float | None, expected: float
) -> None:
    assert understanding.pause(usual, SourceError("it is busy", waiting=asked)) == expected


def test_the_settings_of_the_model_have_their_defaults_and_are_checked() -> None:
    assert config.load({}).model_dir == ""
    assert config.load({}).hf_hub_url == "https://huggingface.co" == Config().hf_hub_url
    assert (
        config.load({"MODEL_DIR": " /models/x ", "HF_HUB_URL": "https://mirror.example/hub"}).model_dir == "/models/x"
    )
    for wrong in ("http://mirror.example", "ftp://x", "huggingface.co", "https://user:password@huggingface.co"):
        with pytest.raises(ConfigError, match="HF_HUB_URL"):
            config.load({"HF_HUB_URL": wrong})


@needs_the_real_one
def test_the_model_of_the_copy_for_development_finds_what_is_meant(program: Program) -> None:
    assert "3 papers read" in program.call("reindex", MODEL_DIR=str(REAL)).stdout
    best = json.loads(program.call("ask", "search sleeping cats", "--json", MODEL_DIR=str(REAL)).stdout)["papers"][0]
    assert (best["id"], best["badge"]) == (CATS, "similar meaning")
