"""The command line: what is printed where, and with which exit status; of each kind something is run as a program."""

import json
import signal
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot import feed_days
from tests import local_feed
from tests.programs import NOWHERE, SECONDS, Program, sentences

SAMPLE = "From the built-in sample"


def newest_days(count: int) -> tuple[date, ...]:
    return feed_days.last_batch_days(datetime.now(UTC), count)


@pytest.fixture
def offline(tmp_path: Path) -> Program:
    return Program(tmp_path)


@pytest.fixture
def online(tmp_path: Path) -> Iterator[Program]:
    today, before = newest_days(2)
    days = {
        today: [local_feed.entry("2603.00001", "Lightning Attention", 9), local_feed.entry("2603.00002", "Maps", 3)],
        before: [local_feed.entry("2602.00003", "Reinforcement Pre-Training", 5)],
    }
    with local_feed.serving(days) as feed:
        yield Program(tmp_path, feed)


def test_without_a_network_questions_are_answered_from_the_sample(offline: Program) -> None:
    done = offline.run("ask", "search hybrid memory")
    assert done.returncode == 0
    assert "2603.25716" in done.stdout
    assert SAMPLE in done.stdout
    assert done.stderr == ""


def test_json_is_one_object_in_which_each_paper_carries_its_id(offline: Program) -> None:
    done = offline.call("ask", "trending week limit:7", "--json")
    card = json.loads(done.stdout)
    assert len(card["papers"]) == 7
    assert all(paper["id"].startswith("2603.") for paper in card["papers"])


def test_many_questions_are_answered_line_by_line(offline: Program) -> None:
    typed = "search model limit:12\n\nshow 9999.99999\nsince:yesterdayish \xff\ncite 2603.25716\n"
    done = offline.run("ask", "--json", "-", typed=typed)
    cards = [json.loads(line) for line in done.stdout.splitlines()]
    assert [card["tone"] for card in cards] == ["answer", "failure", "failure", "answer"]
    assert len(cards[0]["papers"]) == 12
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("frobnicate", "Nothing found for “frobnicate”"),
        ("search", "say “search QUERY [limit:5]”"),
        ("search " + "x" * 10_000, "10,000 characters"),
        ('search "open', "is not closed"),
        ("search since:yesterdayish", "since:yesterdayish is no date"),
        ("search \x1b\u202e", "say “search QUERY [limit:5]”"),
        ("show 9999.99999", "no arXiv id"),
        ("show 2601.99999", "No paper 2601.99999 is known here"),
        ("search x limit:99", "“limit” goes from 1 to 25"),
    ],
)
def test_a_bad_question_gets_a_sentence_and_status_1(offline: Program, text: str, said: str) -> None:
    done = offline.call("ask", text)
    assert said in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert done.returncode == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("frobnicate",),
        ("ask",),
        ("ask", "-"),
        ("sync", "--days", "0"),
        ("sync", "--days", "many"),
        ("sync", "--date", "yesterday"),
        ("sync", "--date", "2999-01-01"),
        ("sync", "--date", "2020-01-01"),
        ("sync", "--days", "3", "--date", "2026-01-02"),
    ],
)
def test_wrong_arguments_end_with_status_2(offline: Program, arguments: tuple[str, ...]) -> None:
    done = offline.call(*arguments)
    assert done.returncode == 2
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_every_wrong_setting_is_reported_at_once(offline: Program) -> None:
    wrong = {
        "HF_API_URL": "http://example.com",
        "LOG_LEVEL": "loud",
        "DATABASE_URL": "postgresql://x",
        "LOG_FORMAT": "x",
    }
    done = offline.call("ask", "status", **wrong)
    assert done.returncode == 2
    assert [line.split(":")[1].strip() for line in done.stderr.splitlines()] == [
        "DATABASE_URL",
        "HF_API_URL",
        "LOG_LEVEL",
        "LOG_FORMAT",
    ]


def test_a_secret_is_never_printed(offline: Program) -> None:
    done = offline.call("check", HF_TOKEN="hf_geheim 123")
    assert "geheim" not in done.stdout + done.stderr
    assert done.returncode == 2


def test_settings_are_read_from_a_file_under_those_of_the_environment(offline: Program) -> None:
    offline.home.joinpath(".env").write_text("LOG_LEVEL=loud\nDATA_DIR=elsewhere\n")
    done = offline.call("ask", "status")
    assert done.returncode == 0
    assert (offline.data / "paper-round.db").exists()


def test_sync_says_what_is_new_and_the_second_time_that_nothing_is(online: Program) -> None:
    first, second = online.call("sync", "--days", "3"), online.run("sync", "--days", "3")
    assert first.returncode == second.returncode == 0
    assert "3 days fetched (1 without a batch): 3 new papers" in first.stdout
    assert "3 days fetched (1 without a batch): 0 new papers, 0 changed, 0 with new counts" in second.stdout
    assert first.stderr == second.stderr == ""
    assert "2603.00001" in online.call("ask", "lightening attention").stdout


def test_one_day_can_be_fetched(online: Program) -> None:
    done = online.call("sync", "--date", newest_days(2)[1].isoformat())
    assert "1 days fetched: 1 new papers" in done.stdout or "1 day fetched: 1 new paper" in done.stdout


@pytest.mark.parametrize(
    "body", [b"\x00\xff{not json", b"<!doctype html>", b"", b'{"error": "x"}', b'[{"paper": ', b"[" * 100_000]
)
def test_a_garbled_day_is_named_and_the_others_are_kept(tmp_path: Path, body: bytes) -> None:
    days = newest_days(3)
    entries = {day: [local_feed.entry(f"2603.0000{n}", f"Title {n}")] for n, day in enumerate(days, 1)}
    with local_feed.serving(entries, {days[1]: body}) as feed:
        program = Program(tmp_path, feed)
        done = program.call("sync", "--days", "3")
        assert done.returncode == 1
        assert str(days[1]) in done.stderr
        assert len(sentences(done.stderr)) == 1
        assert "2 new papers" in done.stdout


def test_a_feed_out_of_reach_is_one_sentence_and_nothing_is_lost(online: Program) -> None:
    online.call("sync", "--days", "2")
    done = online.call("sync", "--days", "400", HF_API_URL=NOWHERE)
    assert done.returncode == 1
    assert "cannot be reached" in done.stderr
    assert len(sentences(done.stderr)) == 1
    assert "2603.00001" in online.call("ask", "lightning", HF_API_URL=NOWHERE).stdout


def test_run_without_a_network_answers_from_the_sample_and_says_so_in_one_line(offline: Program) -> None:
    done = offline.call("run", typed="search hybrid memory\nquit\n")
    assert done.returncode == 0
    assert "answers come from the built-in sample of 46 papers" in done.stdout
    assert "2603.25716" in done.stdout


def test_run_fetches_the_newest_batches_first_and_ends_when_somebody_says_so(online: Program) -> None:
    done = online.run(typed="lightning attention\nnonsense:filter\nquit\n")
    assert done.returncode == 0
    assert "3 new papers" in done.stdout
    assert "2603.00001" in done.stdout
    assert "is no filter" in done.stdout
    assert SAMPLE not in done.stdout


def test_questions_and_checks_work_beside_a_running_bot_and_writing_commands_say_that_it_runs(online: Program) -> None:
    with online.start("run") as running:
        assert running.stdin and running.stdout
        running.stdin.write("lightning\n")
        running.stdin.flush()
        online.wait_for(running, "2603.00001")
        assert "2603.00001" in online.call("ask", "search lightning").stdout
        assert online.call("check").returncode == 0
        for command in (("sync",), ("reindex",)):
            done = online.call(*command)
            assert done.returncode == 1
            assert "Another Paper Round is running" in done.stderr
            assert len(sentences(done.stderr)) == 1
        with online.start("run") as standing_by:
            assert standing_by.stdin and standing_by.stdout
            assert "standing by" in standing_by.stdout.readline()
            running.communicate("quit\n", timeout=SECONDS)
            out, _ = standing_by.communicate("lightning\nquit\n", timeout=SECONDS)
            assert "2603.00001" in out


def test_a_request_to_end_is_obeyed_at_once(online: Program) -> None:
    with online.start("run") as running:
        assert running.stdin and running.stdout
        running.stdin.write("lightning\n")
        running.stdin.flush()
        online.wait_for(running, "2603.00001")
        running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=SECONDS) == 0
        assert running.stderr and "Traceback" not in running.stderr.read()


def test_reindex_rebuilds_and_check_reports_every_part(online: Program) -> None:
    online.call("sync", "--days", "2")
    assert "3 papers indexed" in online.call("reindex").stdout
    done = online.call("check")
    assert done.returncode == 0
    subjects = [
        "configuration",
        "data folder",
        "database",
        "sqlite",
        "index",
        "disk",
        "page",
        "meaning",
        "Hugging Face",
    ]
    assert all(subject in line for subject, line in zip(subjects, done.stdout.splitlines(), strict=True))


def _garbage(database: Path) -> None:
    database.write_bytes(b"this is no database" * 100)


def _halve(database: Path) -> None:
    database.write_bytes(database.read_bytes()[: database.stat().st_size // 2])


def _from_the_future(database: Path) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("INSERT INTO migrations (name) VALUES ('9999_future.sql')")
    connection.close()


@pytest.mark.parametrize(
    ("damage", "said"),
    [(_garbage, "is damaged"), (_halve, "is damaged"), (_from_the_future, "newer version")],
)
@pytest.mark.parametrize("command", [("ask", "search lightning"), ("sync",), ("check",), ("run",)])
def test_a_database_that_cannot_be_used_is_one_sentence(
    online: Program, damage: Callable[[Path], None], said: str, command: tuple[str, ...]
) -> None:
    online.call("sync", "--days", "2")
    damage(online.data / "paper-round.db")
    done = online.call(*command)
    assert done.returncode == 1
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_a_data_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    program = Program(tmp_path, folder="file/data")
    for command in (("ask", "search x"), ("sync",), ("run",), ("check",)):
        done = program.call(*command)
        assert done.returncode == 1
        assert "make it writable, or set DATA_DIR" in done.stdout + done.stderr
        assert "Traceback" not in done.stdout + done.stderr
