"""Measures what the README promises, on the recordings of ../shared: `make bench`."""

import sys
import tempfile
from pathlib import Path

from tests.benchmarks import feed, large
from tests.upstream import MISSING, serving


def main() -> int:
    """Print the table."""
    if MISSING:
        print(f"nothing measured: {MISSING}")
        return 1
    with tempfile.TemporaryDirectory() as folder, serving() as upstream:
        print("| what | bar | measured |\n|---|---|---|")
        feed.measure(Path(folder), upstream)
        large.measure(Path(folder), upstream)
    return 0


if __name__ == "__main__":
    sys.exit(main())
