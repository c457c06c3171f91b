"""The program, killed as `kill -9` does at random moments of what takes long, and run again to its end."""

import gzip
import random
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from bot import feed_days
from bot.cli import wiring
from tests import local_feed
from tests.faults.state import End
from tests.programs import SECONDS, Program
from tests.snapshots import lines, records
from tests.upstream import SNAPSHOT

IMPORT, SYNC, REINDEX = "import", "sync", "reindex"
_OF_SNAPSHOT = (
    "search learning limit:25",
    "search learning since:2008-01-01 before:2008-06-01 limit:25",
    "search cat:cs limit:25",
)
_OF_FEED = ("search learning votes:9 limit:25", "search votes:1 limit:25", "author:lovelace limit:25", "trending month")
# Each finds something, so that no source is asked, which would take its time.
QUERIES = {IMPORT: _OF_SNAPSHOT, SYNC: _OF_FEED, REINDEX: _OF_SNAPSHOT + _OF_FEED}
_EARLIEST = 0.3  # seconds; before that nothing has begun


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of the kills in one kind of work."""

    work: str
    kills: int = 0
    lost: int = 0  # papers
    different: int = 0  # ends that are not that of an undisturbed run


@dataclass(slots=True)
class Bench:
    """Where the program is killed, and with what it works."""

    home: Path
    feed: str
    snapshot: Path
    days: int
    chance: random.Random

    def outcome(self, work: str, kills: int) -> Outcome:
        """Kill it so often, each time in a fresh folder, and compare how it ends after another run."""
        before = self._prepared(work)
        whole, seconds = self._undisturbed(work, before)
        ends = [self._after_a_kill(work, before, seconds, number) for number in range(kills)]
        lost = sum(len(set(whole.papers) - set(end.papers)) for end in ends)
        return Outcome(work, kills, lost, sum(end != whole for end in ends))

    def _prepared(self, work: str) -> Path:
        """A data folder as the work finds it; one that is full where the index is made anew."""
        program = Program(self.home, self.feed, f"{work}-before")
        program.data.mkdir()
        if work == REINDEX:
            for one in (IMPORT, SYNC):
                program.call(*self._arguments(one))
        return program.data

    def _undisturbed(self, work: str, before: Path) -> tuple[End, float]:
        program = self._copied(before, f"{work}-whole")
        start = time.monotonic()
        done = program.run(*self._arguments(work))
        seconds = time.monotonic() - start
        assert done.returncode == 0, done.stderr
        end = End.of(program, QUERIES[work])
        assert end.is_well
        return end, seconds

    def _after_a_kill(self, work: str, before: Path, seconds: float, number: int) -> End:
        program = self._copied(before, f"{work}-{number}")
        while not self._killed(program, work, self.chance.uniform(_EARLIEST, seconds)):
            shutil.rmtree(program.data)  # it had ended already
            shutil.copytree(before, program.data)
        if work != REINDEX:  # the index follows by itself
            program.call(*self._arguments(work))
        end = End.of(program, QUERIES[work])
        shutil.rmtree(program.data)
        return end

    def _killed(self, program: Program, work: str, moment: float) -> bool:
        with program.start(*self._arguments(work)) as running:
            time.sleep(moment)
            was_running = running.poll() is None
            running.kill()
            running.communicate(timeout=SECONDS)
        return was_running

    def _copied(self, before: Path, folder: str) -> Program:
        program = Program(self.home, self.feed, folder)
        shutil.copytree(before, program.data)
        return program

    def _arguments(self, work: str) -> Sequence[str]:
        more = {IMPORT: (str(self.snapshot),), SYNC: ("--days", str(self.days)), REINDEX: ()}
        return (work, *more[work])


@contextmanager
def bench(home: Path, papers: int, days: int, seed: int) -> Iterator[Bench]:
    """A snapshot of as many papers, and a feed of as many days."""
    snapshot = home / "arxiv.json"
    snapshot.write_bytes(_real(papers) or lines(records(papers)))
    listed = {
        day: [local_feed.entry(f"2601.{100 * n + k:05}", f"Learning w{n}x in w{k}y", n + k) for k in range(1, 30)]
        for n, day in enumerate(feed_days.last_batch_days(wiring.now(), days))
    }
    with local_feed.serving(listed) as feed:
        yield Bench(home, feed, snapshot, days, random.Random(seed))


def _real(papers: int) -> bytes:
    """So many records of the real snapshot where it is, none elsewhere."""
    if not SNAPSHOT.is_file():
        return b""
    with gzip.open(SNAPSHOT) as content:
        return b"".join(islice(content, papers))
