"""The recorded feed, served on this machine; only where ../shared lies beside the project."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.emulating import sent

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
SCRIPT = SHARED / "tools" / "upstream.py"
RECORDINGS = SHARED / "data" / "hf_daily"
SNAPSHOT = SHARED / "data" / "arxiv-snapshot-100k.json.gz"
MISSING = "" if SCRIPT.is_file() and RECORDINGS.is_dir() else "the recordings of ../shared are not here"


@dataclass(frozen=True, slots=True)
class Upstream:
    """A running server of the recordings."""

    address: str

    @property
    def hf_api_url(self) -> str:
        return f"{self.address}/api"

    def fail(self, path: str, kind: str, times: int = 1, **more: Any) -> None:
        """Let the next `times` requests below `path` fail."""
        sent("POST", f"{self.address}/_fault", {"path": path, "kind": kind, "times": times, **more})

    def heal(self) -> None:
        """Forget all faults."""
        sent("DELETE", f"{self.address}/_fault")

    def log(self) -> list[dict[str, Any]]:
        """Every request so far."""
        found: list[dict[str, Any]] = sent("GET", f"{self.address}/_log")
        return found


@contextmanager
def serving(*options: str) -> Iterator[Upstream]:
    """The recordings on a free port, moved so that the newest one is of today."""
    command = [sys.executable, str(SCRIPT), "--port", "0", "--shift-to", "today", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield Upstream(process.stdout.readline().split()[-1])
        finally:
            process.kill()
