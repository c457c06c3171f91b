"""Kills the program 30 times while it imports, fetches and indexes, and prints how it ended: `make faults`."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.kills import IMPORT, REINDEX, SYNC, bench

KILLS, PAPERS, DAYS = 30, 12_000, 100


def main() -> int:
    """Print the table; the status is 1 when anything was lost or ended differently."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=KILLS, help="how many in all")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the random moments")
    options = parser.parse_args()
    print(f"Seed {options.seed}.\n\n| killed during | kills | papers lost | differing ends |\n|---|---|---|---|")
    works = (IMPORT, SYNC, REINDEX)
    outcomes = []
    with tempfile.TemporaryDirectory() as folder, bench(Path(folder), PAPERS, DAYS, options.seed) as killing:
        for number, work in enumerate(works):
            kills = (options.kills + number) // len(works)
            outcome = killing.outcome(work, kills)
            print(f"| `{work}` | {outcome.kills} | {outcome.lost} | {outcome.different} |", flush=True)
            outcomes.append(outcome)
    lost, different = sum(o.lost for o in outcomes), sum(o.different for o in outcomes)
    print(f"| all | {sum(o.kills for o in outcomes)} | {lost} | {different} |")
    return int(bool(lost or different))


if __name__ == "__main__":
    sys.exit(main())
