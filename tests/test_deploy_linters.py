"""Each file that another program reads is read here by a linter or a schema, which would notice a fault in it."""

import os
import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

from tests.programs import NOWHERE, SECONDS

ROOT = Path(__file__).resolve().parents[1]
COMPOSE = ("check-jsonschema", "--builtin-schema", "vendor.compose-spec")
IMAGE = ("hadolint",)
UNIT = ("systemd-analyze", "verify")
EXPOSURE = (
    "systemd-analyze",
    "security",
    "--offline=true",
    "--threshold=20",
)  # at most 2.0 of 10; systemd 252 says 1.1
SCRIPT = ("shellcheck",)
SERVICE = "deploy/paper-round.service"
READ = [
    (COMPOSE, "deploy/compose.yaml"),
    (IMAGE, "deploy/Dockerfile"),
    (UNIT, SERVICE),
    (EXPOSURE, SERVICE),
    *((SCRIPT, str(path.relative_to(ROOT))) for path in sorted((ROOT / "deploy").glob("*.sh"))),
    (SCRIPT, ".ci/run"),
]


def complaints(reader: tuple[str, ...], path: Path) -> str:
    """What the reader says against the file; nothing where all is well. The test is skipped where there is no such reader."""
    program = shutil.which(reader[0], path=f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}")
    if not program:
        pytest.skip(f"{reader[0]} is not here")
    environment = {**os.environ, "HTTPS_PROXY": NOWHERE}  # nothing is fetched
    done = subprocess.run(
        [program, *reader[1:], path], capture_output=True, text=True, timeout=SECONDS, check=False, env=environment
    )
    said = done.stdout + done.stderr
    if "unrecognized option" in said:
        pytest.skip(f"{reader[0]} is too old for {' '.join(reader[1:])}")
    if done.returncode:
        return said or f"status {done.returncode}"
    return "\n".join(
        line for line in said.splitlines() if line.startswith(f"{path}:")
    )  # systemd leaves it at a warning


def copied(name: str, folder: Path) -> Path:
    """A copy that names a program that is there, as systemd looks for it."""
    path = folder / Path(name).name
    path.write_text((ROOT / name).read_text("utf-8").replace("/opt/paper-round/.venv/bin/paper-round", "/bin/true"))
    return path


@pytest.mark.parametrize(("reader", "name"), READ)
def test_whoever_reads_a_file_has_nothing_against_it(reader: tuple[str, ...], name: str, tmp_path: Path) -> None:
    assert complaints(reader, copied(name, tmp_path)) == ""


@pytest.mark.parametrize(
    ("reader", "name", "right", "wrong", "said"),
    [
        (COMPOSE, "deploy/compose.yaml", "read_only:", "readonly:", "'readonly' was unexpected"),
        (COMPOSE, "deploy/compose.yaml", "restart: unless-stopped", "restart: 3", "3 is not of type 'string'"),
        (COMPOSE, "deploy/compose.yaml", "cap_drop:\n      - ALL", "cap_drop: ALL", "'ALL' is not of type 'array'"),
        (COMPOSE, "deploy/compose.yaml", "  bot:", "bot:", "'bot' does not match"),
        (IMAGE, "deploy/Dockerfile", "--from=build", "--from=bulid", "DL3022"),
        (IMAGE, "deploy/Dockerfile", "python:3.13-slim\n", "python\n", "DL3006"),
        (IMAGE, "deploy/Dockerfile", "STOPSIGNAL", "STOPSIGNALS", "Dockerfile:"),
        (IMAGE, "deploy/Dockerfile", '["paper-round", "run"]', "paper-round run", "DL3025"),
        (UNIT, SERVICE, "ProtectHome=", "ProtectHomes=", "Unknown key"),
        (UNIT, SERVICE, "MemoryMax=1G", "MemoryMax=much", "Invalid memory limit"),
        (UNIT, SERVICE, "ExecStart=/", "ExecStart=", "absolute path"),
        (EXPOSURE, SERVICE, "CapabilityBoundingSet=\n", "", "exposure level"),
        (SCRIPT, "deploy/backup.sh", 'rm -- "$old"', "rm -- $old", "SC2086"),
        (SCRIPT, ".ci/run", "fi\n", "\n", "SC1"),
    ],
)
def test_a_file_that_is_broken_would_be_noticed(
    reader: tuple[str, ...], name: str, right: str, wrong: str, said: str, tmp_path: Path
) -> None:
    path = copied(name, tmp_path)
    text = path.read_text("utf-8")
    assert right in text
    path.write_text(text.replace(right, wrong))
    assert said in complaints(reader, path)


def test_a_command_beside_the_service_has_its_settings_its_data_and_its_user() -> None:
    unit = (ROOT / SERVICE).read_text("utf-8")
    script = (ROOT / "deploy" / "as-the-service.sh").read_text("utf-8")
    given = re.findall(r"--property=(\S+)", script)
    assert {line.partition("=")[0] for line in given} >= {"User", "DynamicUser", "StateDirectory", "EnvironmentFile"}
    assert set(given) <= set(unit.splitlines())
    [data] = re.findall(r"--setenv=(\S+)", script)
    [start] = re.findall(r"(?m)^ExecStart=(\S+)", unit)
    assert f"Environment={data} " in unit
    assert f'    {start} "$@"\n' in script
