"""Runs the bot as its users do: as a program."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

NOWHERE = "http://127.0.0.1:9/api"  # nothing listens there
SECONDS = 60


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
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        root = Path(__file__).resolve().parents[1]
        given = {
            "DATA_DIR": str(self.data),
            "HF_API_URL": self.feed,
            "ARXIV_API_URL": f"{self.feed}/arxiv",
            "PYTHONPATH": str(root),
            "LOG_LEVEL": "warning",
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
