"""The shape of the project, held by import-linter: every contract is broken here once to see it fail."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from bot import config
from bot.config import Config

ROOT = Path(__file__).resolve().parents[1]
LAYERS = "The core knows no platform, no source, no database"
LIBRARIES = "Libraries of the outer ring stay in the outer ring"
PLATFORMS = "The platforms do not know each other"


def lint(folder: Path) -> str:
    """What import-linter says of the project in the folder."""
    script = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    command = [sys.executable, "-c", script, "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def copied(folder: Path) -> Path:
    for package in ("bot", "adapters"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "adapters" / "another").mkdir()
    (folder / "adapters" / "another" / "__init__.py").touch()
    return folder


def test_the_shape_holds(tmp_path: Path) -> None:
    assert "0 broken" in lint(copied(tmp_path))


FORBIDDEN = [
    ("bot.core", "adapters.console", LAYERS),
    ("bot.core", "bot.dispatch", LAYERS),
    ("bot.views.papers", "bot.store", LAYERS),
    ("bot.views.papers", "bot.ranking", LAYERS),
    ("bot.ingest", "bot.indexing", LAYERS),
    ("bot.store.sql", "bot.search", LAYERS),
    ("adapters.console.render", "bot.sources", LAYERS),
    ("bot.models", "bot.query", LAYERS),
    ("bot.errors", "bot.cards", LAYERS),
    ("bot.cli.sync", "bot.__main__", LAYERS),
    ("bot.views.papers", "discord", LIBRARIES),
    ("bot.core", "tantivy", LIBRARIES),
    ("bot.ingest", "httpx", LIBRARIES),
    ("bot.commands.search", "sqlite3", LIBRARIES),
    ("adapters.console.render", "adapters.another", PLATFORMS),
]


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What is said of each broken contract when all of these imports stand in the project."""
    folder = copied(tmp_path_factory.mktemp("project"))
    for module, imported, _ in FORBIDDEN:
        with (folder / module.replace(".", "/")).with_suffix(".py").open("a", encoding="utf-8") as file:
            file.write(f"\nimport {imported}  # noqa\n")
    parts = re.split(r"^(.+)\n-+\n", lint(folder), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize(("module", "imported", "contract"), FORBIDDEN)
def test_a_forbidden_import_breaks_its_contract(
    broken: dict[str, str], module: str, imported: str, contract: str
) -> None:
    assert f" {module} -> {imported} (" in broken[contract]


def test_every_setting_stands_in_the_example_with_a_line_that_explains_it() -> None:
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    settings = {line.partition("=")[0]: lines[n - 1] for n, line in enumerate(lines) if line and line[0] != "#"}
    assert settings.keys() == {field.name.upper() for field in fields(Config)}
    assert all(explained.startswith("# ") for explained in settings.values())


def test_the_example_says_what_holds_without_it() -> None:
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    example = dict(line.split("=", 1) for line in lines if line and line[0] != "#")
    with_it, without = config.load(example), config.load({})
    assert with_it.database_path == without.database_path
    assert (with_it.data_dir, with_it.hf_api_url, with_it.log_level) == (without.data_dir, without.hf_api_url, "info")


def test_the_lock_file_pins_every_package_with_hashes_and_names_no_index() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    packages = [line for line in lock.splitlines() if line[:1].isalnum()]
    assert packages
    assert all("==" in package and package.endswith("\\") for package in packages)
    assert "://" not in lock
    assert "--index" not in lock
    assert "setuptools==" in lock  # the build backend, which an editable install needs


def test_files_and_functions_stay_small_enough_to_be_read() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {lines} lines"
        for folder in ("bot", "adapters", "tests")
        for path in (ROOT / folder).rglob("*.py")
        if (lines := len(path.read_text("utf-8").splitlines())) > 300
    ]
    assert not long
