"""Runs the bot as its users do: as a program."""

import gc
import io
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from bot.cli import main

NOWHERE = "http://127.0.0.1:9/api"  # nothing listens there
SECONDS = 120  # for what takes a moment; machines may be slow


def sentences(text: str) -> list[str]:
    """What was printed, line by line; without a terminal there are no progress bars."""
    assert "Traceback" not in text
    return text.splitlines()


@dataclass(frozen=True, slots=True)
class Program:
    """The bot with a data folder and the address of a feed."""

    home: Path  # where it is started
    feed: str = NOWHERE
    folder: str = "data"

    @property
    def data(self) -> Path:
        """Where it keeps everything."""
        return self.home / self.folder

    def environment(self, **settings: str) -> dict[str, str]:
        """Only what the program is given here, so that no `.env` or variable of the developer matters."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        root = Path(__file__).resolve().parents[1]
        given = {
            "DATA_DIR": str(self.data),
            "HF_API_URL": self.feed,
            "HF_HUB_URL": NOWHERE,
            "ARXIV_API_URL": f"{self.feed}/arxiv",
            "PYTHONPATH": str(root),
            "LOG_LEVEL": "warning",
            "HTTP_PORT": "0",  # any that is free, as many tests run at once
            "SSL_CERT_DIR": str(root),  # where there are none: nothing here needs them, and it takes long to read all
        }
        return {**kept, **given, "PYTHONIOENCODING": "utf-8", **settings}

    def start(self, *arguments: str, **settings: str) -> subprocess.Popen[str]:
        """Start it with its streams at pipes."""
        return subprocess.Popen(
            [sys.executable, "-m", "bot", *arguments],
            cwd=self.home,
            env=self.environment(**settings),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    @staticmethod
    def wait_for(program: subprocess.Popen[str], text: str) -> None:
        """Read what it prints up to the line that has the text."""
        assert program.stdout
        assert any(text in line for line in program.stdout), f"it ended without saying {text}"

    def run(self, *arguments: str, typed: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        with self.start(*arguments, **settings) as process:
            out, err = process.communicate(typed, timeout=SECONDS)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def call(self, *arguments: str, typed: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
        """The same without a process of its own, which takes half a second to start."""
        environment = mock.patch.dict(os.environ, self.environment(**settings), clear=True)
        printed = redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO())
        with (
            chdir(self.home),
            environment,
            _process_kept(),
            _standard_input(typed),
            printed[0] as out,
            printed[1] as err,
        ):
            status = _status(arguments)
        return subprocess.CompletedProcess(arguments, status, out.getvalue(), err.getvalue())


def _status(arguments: tuple[str, ...]) -> int:
    try:
        return main(arguments)
    except SystemExit as ended:  # by which argparse refuses arguments
        return int(ended.code or 0)


@contextmanager
def _standard_input(typed: str) -> Iterator[None]:
    with tempfile.TemporaryFile("w+", encoding="utf-8") as file:
        file.write(typed)
        file.seek(0)
        with mock.patch.object(sys, "stdin", file):
            yield


@contextmanager
def _process_kept() -> Iterator[None]:
    """What a command sets up for its whole process is undone."""
    root, threshold = logging.getLogger(), gc.get_threshold()
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()  # else they are closed
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        gc.set_threshold(*threshold)
