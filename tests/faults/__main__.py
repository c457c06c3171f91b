"""Kills what takes long and what sends digests, and prints how it ended: `make faults`."""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.faults import deliveries, rush, standby, steps
from tests.faults.deliveries import CONTROLS, MODES, Mode, Size
from tests.faults.kills import IMPORT, REINDEX, SYNC, bench
from tests.faults.sender import STEPS

KILLS, PAPERS, DAYS = 30, 12_000, 100
DELIVERIES = Size(10_000, kills=200, stops=100)
CONTROLLED, BITES = Size(1_000, kills=15, stops=0), 50
CHANNELS, PER_SECOND = 10_000, 40


def main() -> int:
    """Print the tables; the status is 1 when anything was lost, posted twice, too slow or ended differently."""
    parts: dict[str, Callable[[Path, int, argparse.Namespace], bool]] = {
        "program": _program,
        "deliveries": _deliveries,
        "controls": _controls,
        "steps": _steps,
        "standby": _standby,
        "rush": _rush,
    }
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of {', '.join(parts)}; all without it")
    parser.add_argument("--kills", type=int, default=KILLS, help="of the program in all")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the random moments")
    options = parser.parse_args()
    if unknown := set(options.parts) - parts.keys():
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    print(f"Seed {options.seed}.")
    is_well = True
    for name, part in parts.items():
        if not options.parts or name in options.parts:
            with tempfile.TemporaryDirectory() as folder:
                is_well &= part(Path(folder), options.seed, options)
    return int(not is_well)


def _program(folder: Path, seed: int, options: argparse.Namespace) -> bool:
    """Importing, fetching and indexing."""
    print("\n| killed during | kills | papers lost | differing ends |\n|---|---|---|---|")
    works, outcomes = (IMPORT, SYNC, REINDEX), []
    with bench(folder, PAPERS, DAYS, seed) as killing:
        for number, work in enumerate(works):
            outcome = killing.outcome(work, (options.kills + number) // len(works))
            print(f"| `{work}` | {outcome.kills} | {outcome.lost} | {outcome.different} |", flush=True)
            outcomes.append(outcome)
    lost, different = sum(o.lost for o in outcomes), sum(o.different for o in outcomes)
    print(f"| all | {sum(o.kills for o in outcomes)} | {lost} | {different} |", flush=True)
    return not lost and not different


def _deliveries(folder: Path, seed: int, _options: argparse.Namespace) -> bool:
    """Two senders on one database, killed and stopped, with a platform that fails."""
    outcomes = _sent(folder, MODES, DELIVERIES, seed)
    return all(not (one.lost or one.duplicates or one.wrong) for one in outcomes)


def _controls(folder: Path, seed: int, _options: argparse.Namespace) -> bool:
    """The same without what protects them, so that it is seen to bite."""
    twice, never = _sent(folder, CONTROLS, CONTROLLED, seed)
    return twice.duplicates >= BITES and never.lost >= BITES


def _sent(folder: Path, modes: tuple[Mode, ...], size: Size, seed: int) -> list[deliveries.Outcome]:
    print("\n| mode | deliveries | kill -9 | SIGSTOP | answers in doubt | lost | duplicates | wrong ends | time |")
    print("|---|---|---|---|---|---|---|---|---|")
    outcomes = asyncio.run(deliveries.outcomes(folder, modes, size, seed))
    for one in outcomes:
        counts = one.deliveries, one.kills, one.stops, one.ambiguous, one.lost, one.duplicates, one.wrong
        print(f"| {one.mode} | {' | '.join(f'{count:,}' for count in counts)} | {one.seconds:.0f} s |", flush=True)
    return outcomes


def _steps(folder: Path, _seed: int, _options: argparse.Namespace) -> bool:
    """Each of the eight, once."""
    print("\n| kill -9 right after | it left | messages in the end |\n|---|---|---|")
    is_well = True
    for step in STEPS:
        (home := folder / step).mkdir()
        course = asyncio.run(steps.course(home, step))
        left = f"{course.left.state}, {course.left.attempts} attempts, {course.left.messages} messages"
        print(f"| {step} | {left} | {course.end.messages} |", flush=True)
        is_well &= course.was_killed and course.end.messages == 1 and not course.faults
    return is_well


def _standby(folder: Path, _seed: int, _options: argparse.Namespace) -> bool:
    """The whole program twice."""
    over = standby.outcome(folder)
    print(f"\nTwo bots on one database: {over.seconds:.1f} s after a kill -9 the second had posted; {over.posts} post.")
    return over.seconds <= standby.BAR and over.posts == 1


def _rush(folder: Path, _seed: int, _options: argparse.Namespace) -> bool:
    """Everybody at nine o'clock."""
    seen = asyncio.run(rush.outcome(folder, CHANNELS, PER_SECOND))
    print(f"\n| {CHANNELS:,} channels in the same minute | bar | measured |\n|---|---|---|")
    print(f"| plan written | under 10 s | {seen.planned:.1f} s |")
    print(f"| cards frozen, in the quarter of an hour before | | {seen.frozen:.1f} s |")
    print(f"| sent | {PER_SECOND}/s within 10 % | {seen.rate:.1f}/s |")
    print(f"| the most in any one second, as the platform sees it | {PER_SECOND} | {seen.most} |")
    print(f"| peak memory | under 400 MB | {seen.memory:.0f} MB |")
    print(f"| a search meanwhile, p99 of {seen.searches:,} | under 100 ms | {1000 * seen.slowest:.0f} ms |", flush=True)
    is_whole = (seen.messages, seen.duplicates) == (CHANNELS, 0)
    is_paced = seen.rate >= 0.9 * PER_SECOND and seen.most <= PER_SECOND
    return is_whole and is_paced and seen.planned < 10 and seen.memory < 400 and seen.slowest < 0.1


if __name__ == "__main__":
    sys.exit(main())
