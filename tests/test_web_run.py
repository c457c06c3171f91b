"""The program serves its page: with the console or without it, beside others, and until it is asked to end."""

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.programs import SECONDS, Program

SERVED = "The page is at "


def page_of(running: subprocess.Popen[str]) -> str:
    """Where it says that its page is."""
    assert running.stdout
    line = next((line for line in running.stdout if SERVED in line), "")
    assert line, "it ended without serving the page"
    return line.removeprefix(SERVED).split(";")[0].strip()


def fetched(address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address, timeout=SECONDS) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@contextmanager
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_at_the_end_of_its_input_only_the_console_ends_and_the_page_is_served_until_it_is_asked_to_end(
    tmp_path: Path,
) -> None:
    program = Program(tmp_path)
    with program.start("run") as running:
        address = page_of(running)
        assert running.stdin and running.stdout and running.stderr
        running.stdin.write("search hybrid memory\n")
        running.stdin.close()
        program.wait_for(running, "The console has ended")
        assert "Paper Round" in fetched(address)[1]
        assert json.loads(fetched(f"{address}readyz")[1])["ready"]
        began = time.monotonic()
        running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=SECONDS) == 0
        assert time.monotonic() - began < 10
        assert "Traceback" not in running.stderr.read()


def test_an_input_that_is_closed_ends_the_console_and_nothing_else(tmp_path: Path) -> None:
    program = Program(tmp_path)
    command = ["bash", "-c", f"exec {sys.executable} -m bot run <&-"]
    pipe = subprocess.PIPE
    environment = program.environment()
    with subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=pipe, stderr=pipe, text=True) as running:
        assert fetched(page_of(running))[0] == 200
        program.wait_for(running, "The console has ended")
        running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=SECONDS) == 0
        assert running.stderr and "Traceback" not in running.stderr.read()


def test_quit_ends_everything(tmp_path: Path) -> None:
    with Program(tmp_path).start("run") as running:
        address = page_of(running)
        running.communicate("quit\n", timeout=SECONDS)
        assert running.returncode == 0
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(address, timeout=SECONDS)


def test_a_port_that_is_taken_is_one_sentence_and_no_reason_not_to_run(tmp_path: Path) -> None:
    with taken_port() as port:
        done = Program(tmp_path).run("run", typed="show 2603.25716\n", HTTP_PORT=str(port))
    assert done.returncode == 0
    sentence = (
        f"The page is not served, because 127.0.0.1:{port} cannot be used (Address already in use): set HTTP_PORT."
    )
    assert sentence in done.stdout
    assert "Out of Sight" in done.stdout
    assert "Traceback" not in done.stderr


def test_a_host_that_this_machine_does_not_have_is_the_same_sentence(tmp_path: Path) -> None:
    settings = {"HTTP_HOST": "192.0.2.1", "HTTP_TOKEN": "x" * 16}
    done = Program(tmp_path).run("run", typed="status\n", **settings)
    assert done.returncode == 0
    assert "The page is not served, because 192.0.2.1:0 cannot be used (Cannot assign" in done.stdout
    assert ": set HTTP_HOST.\n" in done.stdout  # another port would not help


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"HTTP_HOST": "0.0.0.0"}, "HTTP_TOKEN: set it"),
        ({"HTTP_HOST": "::"}, "HTTP_TOKEN: set it"),
        ({"HTTP_HOST": "papers.example.org"}, "HTTP_TOKEN: set it"),
        ({"HTTP_TOKEN": "secret"}, "HTTP_TOKEN: write 16"),
        ({"HTTP_TOKEN": "secret secret secret"}, "HTTP_TOKEN: write 16"),
        ({"HTTP_PORT": "65536"}, "HTTP_PORT: write a number"),
        ({"HTTP_PORT": "http"}, "HTTP_PORT: write a number"),
        ({"HTTP_HOST": "http://127.0.0.1"}, "HTTP_HOST: write an address"),
        ({"HTTP_HOST": "127.0.0.1:80"}, "HTTP_HOST: write an address"),
        ({"HTTP_HOST": "fe80::1"}, "HTTP_HOST: write an address"),
    ],
)
def test_a_page_that_would_be_open_to_others_or_nowhere_is_refused_at_the_start(
    tmp_path: Path, settings: dict[str, str], said: str
) -> None:
    done = Program(tmp_path).call("run", **settings)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert "secret" not in done.stderr


def test_bound_to_more_than_this_machine_it_asks_for_the_token_which_it_never_prints(tmp_path: Path) -> None:
    token = "sixteen-and-more-letters"
    with Program(tmp_path).start("run", HTTP_HOST="0.0.0.0", HTTP_TOKEN=token) as running:
        address = page_of(running)
        assert fetched(address)[0] == 401
        assert fetched(f"{address}?token={token}x")[0] == 401
        assert fetched(f"{address}healthz") == (200, "ok\n")
        out, err = running.communicate("quit\n", timeout=SECONDS)
    assert token not in out + err
