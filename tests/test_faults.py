"""A short form of `make faults`: one kill in each kind of work."""

import time
from pathlib import Path

import pytest

from tests.faults.kills import IMPORT, REINDEX, SYNC, Outcome, bench


@pytest.mark.parametrize("work", [IMPORT, SYNC, REINDEX])
def test_after_kill_9_at_a_random_moment_the_next_run_ends_as_if_nothing_had_happened(
    tmp_path: Path, work: str
) -> None:
    seed = time.time_ns()
    with bench(tmp_path, papers=2_500, days=15, seed=seed) as killing:
        assert killing.outcome(work, kills=1) == Outcome(work, kills=1), f"with seed {seed}"
