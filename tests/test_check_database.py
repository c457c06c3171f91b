"""`check` of what is stored: one verdict on the database, and none on what cannot be looked at without it."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.store.migrate import available
from tests import local_feed
from tests.models import tiny
from tests.programs import Program
from tests.test_cli import newest_days
from tests.test_upgrade import made_older

AFTER_THE_FIRST = [*available()][1:]


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    """One that has a batch."""
    today = newest_days(1)[0]
    with local_feed.serving({today: [local_feed.entry("2603.00001", "Lightning Attention")]}) as feed:
        found = Program(tmp_path, feed)
        found.call("sync", "--days", "1")
        yield found


def checked(program: Program, **settings: str) -> tuple[int, dict[str, str]]:
    """The status, and by its subject what each line says; the verdict comes first."""
    done = program.call("check", **settings)
    lines = (line.split(maxsplit=2) for line in done.stdout.splitlines())
    return done.returncode, {subject: f"{verdict} {rest}" for verdict, subject, rest in lines}


@pytest.mark.parametrize("names", [AFTER_THE_FIRST[number:] for number in range(len(AFTER_THE_FIRST))])
def test_a_database_of_an_older_version_is_no_fault_and_is_upgraded_by_the_next_start(
    program: Program, tmp_path: Path, names: list[str]
) -> None:
    model = str(tiny(tmp_path / "model"))
    made_older(program.data / "paper-round.db", *names)
    status, said = checked(program, MODEL_DIR=model)
    assert status == 0
    assert said["database"].startswith("warning it is of an older version")
    assert {subject for subject, line in said.items() if line.startswith("skipped")} == {"index", "meaning"}
    assert not any("damaged" in line or "move" in line for line in said.values())
    program.call("ask", "status")
    assert checked(program, MODEL_DIR=model)[1]["database"].startswith("ok 1 papers")


def test_beside_a_bot_of_an_older_version_a_question_is_not_told_of_damage(program: Program) -> None:
    database = program.data / "paper-round.db"
    made_older(database, *AFTER_THE_FIRST)
    with program.start("run", HF_API_URL=program.feed) as running:
        program.wait_for(running, "The page is at")
        made_older(database, *AFTER_THE_FIRST)
        asked = program.call("ask", "subscriptions")
        running.communicate("quit\n")
    assert "older version" in asked.stderr
    assert "damaged" not in asked.stderr


def test_an_older_database_that_is_damaged_is_said_to_be(program: Program) -> None:
    database = program.data / "paper-round.db"
    made_older(database, *AFTER_THE_FIRST)
    with database.open("r+b") as file:
        file.seek(8_192)
        file.write(b"\xff" * 8_192)
    status, said = checked(program)
    assert status == 1
    assert "is damaged" in said["database"]


def test_a_database_that_was_only_begun_is_none_yet(tmp_path: Path) -> None:
    program = Program(tmp_path)
    program.data.mkdir()
    (program.data / "paper-round.db").touch()
    _, said = checked(program)
    assert said["database"] == "ok none yet; `sync` or `run` makes it"
    assert said["index"] == "ok none yet"


def test_what_is_wrong_with_the_database_is_said_once(program: Program, tmp_path: Path) -> None:
    (program.data / "paper-round.db").write_bytes(b"this is no database" * 100)
    status, said = checked(program, MODEL_DIR=str(tiny(tmp_path / "model")))
    assert status == 1
    assert [subject for subject, line in said.items() if "is damaged" in line] == ["database"]
    assert said["index"] == said["meaning"] == "skipped it is looked at when the database is well"


@pytest.mark.parametrize("fact", ["DELETE FROM facts", "DELETE FROM counters"])
def test_what_the_index_needs_of_the_database_is_looked_at_with_it(program: Program, fact: str) -> None:
    with sqlite3.connect(program.data / "paper-round.db") as connection:
        connection.execute(fact)
    connection.close()
    status, said = checked(program)
    assert (status, said["database"].partition(" ")[0]) == (1, "bad")


def test_an_index_that_the_next_start_makes_is_a_warning_in_plain_words(program: Program) -> None:
    shutil.rmtree(program.data / "index")
    status, said = checked(program)
    assert status == 0
    assert said["index"] == "warning there is none, as after a restore; the next start makes it"
