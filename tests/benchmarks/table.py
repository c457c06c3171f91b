"""How figures are taken and shown."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.upstream import Upstream

ROUNDS = 5
NOWHERE = "http://127.0.0.1:9/api"  # what is stored is measured, not how fast a host answers


def row(what: str, bar: str, measured: str) -> None:
    """One line of the table."""
    print(f"| {what} | {bar} | {measured} |", flush=True)


def spread(values: Sequence[float]) -> str:
    """The median, and the least and the most."""
    return f"{statistics.median(values):,.1f} ({min(values):,.1f} to {max(values):,.1f})"


def percentile(values: Sequence[float], percent: int) -> float:
    """The value below which that many per cent of the values lie."""
    return statistics.quantiles(values, n=100)[percent - 1]


def environment(folder: Path, upstream: Upstream) -> dict[str, str]:
    """What a program under measurement is given."""
    given = {"DATA_DIR": str(folder), "HF_API_URL": upstream.hf_api_url, "LOG_LEVEL": "warning"}
    return {**os.environ, **given, "ARXIV_API_URL": f"{upstream.address}/arxiv/query", "DATABASE_URL": ""}


def timed(settings: dict[str, str], *arguments: str) -> float:
    """Seconds that the program takes as a whole."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "bot", *arguments], env=settings, check=True, capture_output=True)
    return time.perf_counter() - start
