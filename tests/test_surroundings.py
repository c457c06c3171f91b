"""The program in odd surroundings: closed streams, other encodings, proxies, impatient operators, damaged files."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests import local_feed
from tests.programs import SECONDS, Program
from tests.test_cli import newest_days
from tests.thorough import some


def shell(program: Program, line: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in which `bot` is the program."""
    bot = f"{sys.executable} -m bot"
    return subprocess.run(
        ["bash", "-c", line.replace("bot ", f"{bot} ")],
        cwd=program.home,
        env=program.environment(**settings),
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        timeout=SECONDS,
        check=False,
    )


@pytest.mark.parametrize(
    "line",
    [
        "printf 'quit\\nhelp\\nhelp\\n' | bot run",
        "for i in 1 2 3 4 5 6; do echo 'trending month limit:25'; done | bot ask --json - | head -c 10",
        "bot ask --json - <&-",
        "bot ask --json - 0>/dev/null",
        "bot check | head -1",
        "PYTHONUTF8=0 LC_ALL=C PYTHONIOENCODING= bot ask trending",
        "PYTHONIOENCODING=latin-1 bot ask trending --json",
    ],
)
def test_it_ends_without_a_traceback(tmp_path: Path, line: str) -> None:
    done = shell(Program(tmp_path), line)
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


@pytest.mark.parametrize(
    "settings",
    [{"ALL_PROXY": "socks5://127.0.0.1:1"}, {"HTTPS_PROXY": "foo://bar"}, {"SSL_CERT_FILE": "/nonexistent"}],
)
def test_a_network_that_is_set_up_wrong_does_not_keep_it_from_answering(
    tmp_path: Path, settings: dict[str, str]
) -> None:
    done = Program(tmp_path).call("ask", "trending", **settings)
    assert done.returncode == 0
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", [("run",), ("ask", "--json", "-")])
def test_being_asked_to_end_twice_is_as_good_as_once(tmp_path: Path, command: tuple[str, ...]) -> None:
    program = Program(tmp_path)
    with program.start(*command) as running:
        assert running.stdin
        assert running.stdout
        running.stdin.write("show 2603.25716\n")
        running.stdin.flush()
        program.wait_for(running, "2603.25716")
        running.send_signal(signal.SIGTERM)
        running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=SECONDS) in (0, 128 + signal.SIGTERM)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE papers SET authors = '['",
        "UPDATE papers SET published = 'x'",
        "UPDATE papers SET abstract = CAST(x'ff1b5b' AS TEXT)",
        "DELETE FROM facts",
        "DELETE FROM counters",
        "UPDATE batches SET fetched_at = 99999999999999",
        "DROP TABLE batches",
    ],
)
def test_a_database_damaged_inside_is_called_damaged(tmp_path: Path, damage: str) -> None:
    today = newest_days(1)[0]
    with local_feed.serving({today: [local_feed.entry("2603.00001", "Lightning Attention")]}) as feed:
        program = Program(tmp_path, feed)
        program.call("sync", "--days", "1")
        connection = sqlite3.connect(program.data / "paper-round.db")
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(damage)
        connection.commit()
        connection.close()
        checked, asked = program.call("check"), program.call("ask", "trending")
    assert checked.returncode == 1
    assert "damaged" in checked.stdout
    assert "\x1b" not in checked.stdout + asked.stdout + asked.stderr
    assert "Traceback" not in checked.stderr + asked.stderr


@pytest.mark.parametrize("part", some(["store", "term", "fast", "idx"], 2))
def test_an_index_file_that_is_cut_short_under_a_running_bot_is_made_anew(tmp_path: Path, part: str) -> None:
    today = newest_days(1)[0]
    with local_feed.serving({today: [local_feed.entry("2603.00001", "Lightning Attention")]}) as feed:
        program = Program(tmp_path, feed)
        with program.start("run") as running:
            assert running.stdin
            running.stdin.write("lightning\n")
            running.stdin.flush()
            program.wait_for(running, "2603.00001")
            for file in (program.data / "index").glob(f"*.{part}"):
                os.truncate(file, 0)
            running.stdin.write("lightning\n" * 3)
            running.stdin.flush()
            while "2603.00001" not in program.call("ask", "lightning").stdout:
                assert running.poll() is None
            out, _ = running.communicate("lightning\nquit\n", timeout=SECONDS)
    assert running.returncode == 0
    assert "2603.00001" in out


def test_a_long_line_is_one_question_and_gets_one_answer(tmp_path: Path) -> None:
    done = Program(tmp_path).call("ask", "--json", "-", typed=f"{'x' * 250_000}\nshow 2603.25716\n")
    assert [json.loads(line)["tone"] for line in done.stdout.splitlines()] == ["failure", "answer"]


@pytest.mark.parametrize(
    "settings",
    [
        {"DATABASE_URL": "sqlite:////"},
        {"DATABASE_URL": "sqlite:///."},
        {"HF_API_URL": "https://user:secret@huggingface.co/api"},
        {"HF_API_URL": "https://huggingface.co/api?x=1"},
        {"SLACK_API_URL": "http://slack.example/api/"},
        {"SLACK_BOT_TOKEN": "xoxb-secret"},
        {"SLACK_APP_TOKEN": "xapp-secret"},
        {"SLACK_BOT_TOKEN": "xoxb-secret 1", "SLACK_APP_TOKEN": "xapp-secret"},
        {"SLACK_BOT_TOKEN": "xapp-secret", "SLACK_APP_TOKEN": "xoxb-secret"},
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused_and_no_secret_repeated(
    tmp_path: Path, settings: dict[str, str]
) -> None:
    done = Program(tmp_path).call("check", **settings)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stdout + done.stderr
