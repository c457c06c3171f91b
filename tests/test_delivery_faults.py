"""Deliveries under faults, in short: `make faults` has the long form of the first ones."""

import asyncio
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from bot.deliveries import Delivery
from bot.digest import Planner
from bot.errors import DeliveryError, Outcome, StoreError
from bot.outbox import Outbox, Timing
from bot.search import TantivyIndex
from bot.store import SqliteDatabase, SqlLedger, SqlStore, records
from bot.subscriptions import Channel
from tests.databases import writing
from tests.faults import rush, steps
from tests.faults.client import NAME
from tests.faults.deliveries import CONTROLS, MODES, Size, outcomes
from tests.faults.desk import Desk, Time
from tests.faults.sender import STEPS
from tests.faults.steps import Found, ordered
from tests.papers import NOON
from tests.test_full_disk import Disk
from tests.thorough import THOROUGH

PLACE = Channel(NAME, "tenant", "c0")


async def test_none_is_lost_and_none_is_posted_twice_however_the_senders_are_killed_and_stopped(tmp_path: Path) -> None:
    seed = time.time_ns()
    size = Size(80, kills=3, stops=1) if THOROUGH else Size(60, kills=1, stops=1, stopped=(1.5, 2.5))
    for outcome in await outcomes(tmp_path, MODES, size, seed):
        said = f"{outcome} with seed {seed}"
        assert (outcome.lost, outcome.duplicates, outcome.wrong) == (0, 0, 0), said
        assert (outcome.kills, outcome.stops) == (size.kills, size.stops), said
        assert outcome.ambiguous > 0, said


async def test_without_protection_the_same_faults_lose_deliveries_and_post_them_twice(tmp_path: Path) -> None:
    size = Size(120, kills=0, stops=0)
    twice, never = await outcomes(tmp_path, CONTROLS, size, time.time_ns())
    assert twice.duplicates > 0
    assert never.lost > 0


LEFT = {
    "plan": Found("pending"),
    "freeze": Found("pending"),
    "claim": Found("pending", 1),
    "look back": Found("pending", 1),
    "guard": Found("pending", 1),
    "tokens": Found("pending", 1),
    "post": Found("pending", 1, messages=1),
    "acknowledge": Found("sent", 1, messages=1),
}


@pytest.mark.parametrize("step", STEPS)
async def test_after_kill_9_right_behind_any_step_the_next_sender_ends_with_exactly_one_message(
    tmp_path: Path, step: str
) -> None:
    course = await steps.course(tmp_path, step)
    assert course.was_killed
    assert course.left == LEFT[step]
    assert (course.end.state, course.end.messages) == ("sent", 1)
    assert course.faults == 0


async def test_a_rush_of_channels_is_sent_as_fast_as_is_permitted_and_never_faster(tmp_path: Path) -> None:
    seen = await rush.outcome(tmp_path, channels=150, per_second=100)
    assert (seen.messages, seen.duplicates) == (150, 0)
    # A busy machine is no failure; `make faults` looks at all bars, in a process of its own.
    assert seen.most <= 120  # what comes while this process does not run comes at once
    assert seen.rate >= 25
    assert seen.slowest < 3


def planner(database: SqliteDatabase, folder: Path) -> Planner:
    return Planner(records(SqlStore(database)), TantivyIndex(folder / "index"), {})


async def delivery(database: SqliteDatabase) -> Delivery:
    """The one of today."""
    history = await SqlLedger(database).history(PLACE, 9)
    return next(one for one in history if one.due_at <= NOON)


async def sent(database: SqliteDatabase, desk: Desk, moment: Time) -> Delivery:
    """The delivery, when it has ended."""
    outbox = Outbox(desk, records(SqlStore(database)), moment.clock, owner="one")
    running = asyncio.create_task(outbox.run())
    try:
        async with asyncio.timeout(60):
            while (one := await delivery(database)).state == "pending":
                await asyncio.sleep(0.002)
            return one
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


class SmallDisk(Disk):
    """A disk that can be filled to its last byte."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.mount("size=4m")
        self.path = folder / "ledger.db"
        self._filler = folder / "filler"
        self.was_filled = False

    async def fill(self, database: SqliteDatabase) -> None:
        """Once; what was written ahead is put in its place before, so that even the smallest change needs space."""
        if not self.was_filled:
            self.was_filled = True
            async with database._writing:
                assert database._writer
                await database._writer.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
            with self._filler.open("wb", buffering=0) as file:
                while _written(file.write, 4096) or _written(file.write, 1):
                    pass

    def make_space(self) -> None:
        self._filler.unlink(missing_ok=True)


def _written(write: Callable[[bytes], object], size: int) -> bool:
    try:
        return bool(write(bytes(size)))
    except OSError:
        return False


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    if Path("/proc/self").stat().st_uid != 0:
        pytest.skip("only root may mount a disk")
    disk = SmallDisk(tmp_path / "data")
    yield disk
    disk.unmount()


@pytest.mark.parametrize("write", ["plan", "freeze"])
async def test_what_could_not_be_planned_on_a_full_disk_is_planned_when_there_is_space(
    disk: SmallDisk, tmp_path: Path, write: str
) -> None:
    await ordered(disk.path, NOON)
    async with writing(disk.path) as database:
        planning, desk = planner(database, tmp_path), Desk()
        if write == "freeze":
            await planning.plan(NOON)
        await disk.fill(database)
        with suppress(StoreError):
            await planning.tick(NOON)
        history = await SqlLedger(database).history(PLACE, 9)
        assert [one.card for one in history] == ([None, None] if write == "freeze" else [])
        disk.make_space()
        await planning.tick(NOON)
        assert (await sent(database, desk, Time(NOON))).state == "sent"
        assert len(desk.messages) == 1


REFUSED = [DeliveryError(Outcome.REFUSED, "no")] * 2
NOT_SENT = [DeliveryError(Outcome.NOT_SENT, "not now")]
AMBIGUOUS = [DeliveryError(Outcome.AMBIGUOUS, "who knows")]


@pytest.mark.parametrize(
    ("write", "failures", "messages_meanwhile"),
    [
        ("claim", [], 0),
        ("acknowledge", [], 1),
        ("give back", NOT_SENT, 0),
        ("give back in doubt", AMBIGUOUS, 0),
        ("end", REFUSED, 0),
    ],
)
async def test_on_a_full_disk_nothing_is_posted_without_a_durable_claim_and_it_goes_on_when_there_is_space(
    disk: SmallDisk, tmp_path: Path, write: str, failures: list[DeliveryError], messages_meanwhile: int
) -> None:
    await ordered(disk.path, NOON)
    async with writing(disk.path) as database:
        await planner(database, tmp_path).tick(NOON)
        desk, moment = Desk(failures=[*failures]), Time(NOON)
        seen: list[int] = []

        def failed() -> None:
            seen.append(len(desk.messages))
            if len(seen) == 3:  # it was tried again and again
                disk.make_space()

        moment.failed = failed
        if write == "claim":
            await disk.fill(database)
        else:
            desk.during = lambda: disk.fill(database)
        assert (await sent(database, desk, moment)).state == "sent"
        assert seen == [messages_meanwhile] * 3
        assert len(desk.messages) == 1


@pytest.mark.parametrize("backed_up", ["planned", "frozen"])
async def test_after_a_backup_was_restored_todays_digest_is_found_and_not_posted_again(
    tmp_path: Path, backed_up: str
) -> None:
    path, backup, desk = tmp_path / "ledger.db", tmp_path / "backup.db", Desk()
    await ordered(path, NOON)
    async with writing(path) as database:
        await planner(database, tmp_path).plan(NOON - timedelta(days=1))
        if backed_up == "frozen":
            await planner(database, tmp_path).freeze(NOON)
        await database.backup(backup)
        await planner(database, tmp_path).tick(NOON)
        before = await sent(database, desk, Time(NOON))
    shutil.copy(backup, path)
    async with writing(path) as database:
        assert (await delivery(database)).state == "pending"
        later = NOON + timedelta(hours=1)
        await planner(database, tmp_path).tick(later)
        after = await sent(database, desk, Time(later))
    assert (after.state, after.message_id) == ("sent", before.message_id)
    assert len(desk.messages) == 1


async def test_a_claim_that_waited_for_the_database_until_its_lease_was_almost_over_is_let_go(tmp_path: Path) -> None:
    await ordered(tmp_path / "ledger.db", NOON)
    async with writing(tmp_path / "ledger.db") as database:
        await planner(database, tmp_path).tick(NOON)
        desk, moment, timing = Desk(), Time(NOON), Timing()
        outbox = Outbox(desk, records(SqlStore(database)), moment.clock, owner="one", timing=timing)
        async with database._writing:
            sending = asyncio.create_task(outbox.send_due())
            await asyncio.sleep(0)
            moment.now += timedelta(seconds=timing.guard)
        await sending
        assert (await delivery(database)).attempts == 1
        assert desk.messages == []
        moment.now += timedelta(seconds=timing.lease)
        await outbox.send_due()
        assert len(desk.messages) == 1
