"""The manifest is one that Slack accepts, asks for no more than the bot uses, and its page names what is there."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from adapters.slack import platform
from bot import views
from bot.cli.main import main
from bot.commands import COMMANDS
from bot.config import Config
from tests.slack_rules import SHARED

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "deploy" / "slack.md").read_text("utf-8")
SOURCES = "\n".join(file.read_text("utf-8") for file in (ROOT / "adapters" / "slack").glob("*.py"))
SCHEMA = SHARED / "specs" / "slack" / "manifest.schema.json"
# What each scope is good for in the bot's own calls, and for which events it is needed
# (https://docs.slack.dev/reference/scopes).
USES = {
    "commands": {"/papers", "paper_card"},
    "chat:write": {"chat.postMessage", "chat.update", "chat.postEphemeral"},
    "app_mentions:read": {"app_mention"},
    "users:read": {"users.info"},
    "channels:read": {"conversations.info", "conversations.members", "channel_", "member_"},
    "groups:read": {"conversations.info", "conversations.members", "group_", "member_"},
    "channels:history": {"conversations.history"},
    "groups:history": {"conversations.history"},
}
WITHOUT_SCOPE = {"auth.test", "apps.connections.open", "views.open", "app_uninstalled", "tokens_revoked"}
_LINE = re.compile(r"( *)(- )?(?:([a-z_]+):)?(?: *(\".*\"|true|false))?(?: +#.*)?")


def read(text: str) -> Any:
    """A small part of YAML: blocks of mappings and lists, texts in quotation marks, true and false."""
    lines: list[tuple[int, str, str]] = []
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            match = _LINE.fullmatch(line)
            assert match, f"this is no simple YAML: {line}"
            if match[2]:
                lines.append((len(match[1]), "-", "" if match[3] else match[4]))
            if match[3]:
                lines.append((len(match[1] + (match[2] or "")), match[3], match[4] or ""))
    found, rest = _block(lines)
    assert not rest
    return found


def _block(lines: list[tuple[int, str, str]]) -> tuple[Any, list[tuple[int, str, str]]]:
    depth, first, _ = lines[0]
    found: Any = [] if first == "-" else {}
    while lines and lines[0][0] == depth:
        _, key, value = lines[0]
        inner, lines = (json.loads(value), lines[1:]) if value else _block(lines[1:])
        if isinstance(found, list):
            found.append(inner)
        else:
            assert key not in found
            found[key] = inner
    return found, lines


MANIFEST = read((ROOT / "deploy" / "slack-manifest.yaml").read_text("utf-8"))
SCOPES = MANIFEST["oauth_config"]["scopes"]["bot"]
EVENTS = MANIFEST["settings"]["event_subscriptions"]["bot_events"]


def problems(value: Any, schema: dict[str, Any], whole: dict[str, Any], where: str = "") -> list[str]:
    """What breaks the schema; only the words of JSON Schema that the one for manifests uses."""
    while "$ref" in schema:
        schema = whole["definitions"][schema["$ref"].rsplit("/", 1)[1]]
    if "anyOf" in schema:
        each = [problems(value, one, whole, where) for one in schema["anyOf"]]
        return [] if [] in each else each[0]
    kinds = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int}
    if "type" in schema and not isinstance(value, kinds[schema["type"]]):
        return [f"{where} is no {schema['type']}"]
    found = [f"{where} lacks {name}" for name in schema.get("required", []) if name not in value]
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{where} is none of {schema['enum']}")
    if isinstance(value, str):
        return found + _of_text(value, schema, where)
    if isinstance(value, list):
        found += _of_length(value, schema.get("minItems", 0), schema.get("maxItems"), where)
        found += [f"{where} has one twice"] * (schema.get("uniqueItems", False) and len(set(value)) < len(value))
        for number, one in enumerate(value):
            found += problems(one, schema.get("items", {}), whole, f"{where}/{number}")
    if isinstance(value, dict):
        known = schema.get("properties", {})
        found += [f"{where} knows no {name}" for name in value if name not in known]
        for name, one in value.items():
            found += problems(one, known.get(name, {}), whole, f"{where}/{name}")
    return found


def _of_text(value: str, schema: dict[str, Any], where: str) -> list[str]:
    is_right = re.search(schema.get("pattern") or schema.get("regex", ""), value)
    length = _of_length(value, schema.get("minLength", 0), schema.get("maxLength"), where)
    return length if is_right else [*length, f"{where} does not look as it should"]


def _of_length(value: str | list[Any], low: int, high: int | None, where: str) -> list[str]:
    return [] if low <= len(value) <= (len(value) if high is None else high) else [f"{where} is too long or too short"]


@pytest.mark.skipif(not SCHEMA.is_file(), reason=f"Slack's schema is not in {SCHEMA}")
def test_slack_accepts_the_manifest() -> None:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    assert problems(MANIFEST, schema, schema) == []


@pytest.mark.skipif(not SCHEMA.is_file(), reason=f"Slack's schema is not in {SCHEMA}")
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"display_information": {"name": "x" * 36}}, "/display_information/name is too long or too short"),
        ({"display_information": {"nme": "x"}}, "/display_information lacks name"),
        ({"features": {"slash_commands": [{"command": "papers", "description": "x"}]}}, "does not look as it should"),
        ({"settings": {"socket_mode_enabled": "yes"}}, "/settings/socket_mode_enabled is no boolean"),
        ({"settings": {"event_subscriptions": {"bot_events": ["a", "a"]}}}, "has one twice"),
        ({"scopes": []}, " knows no scopes"),
    ],
)
def test_a_manifest_that_slack_refuses_would_be_noticed(wrong: dict[str, Any], said: str) -> None:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    assert any(one.endswith(said) for one in problems({**MANIFEST, **wrong}, schema, schema))


def test_every_text_that_is_not_simple_yaml_is_noticed() -> None:
    for wrong in ("a: b\n", "a: [1]\n", "a: 'x'\n", "a\n"):
        with pytest.raises(AssertionError):
            read(wrong)


def test_the_manifest_has_the_command_the_shortcut_and_the_ways_that_the_adapter_listens_to() -> None:
    assert [one["command"] for one in MANIFEST["features"]["slash_commands"]] == [platform.COMMAND]
    assert [(one["name"], one["type"]) for one in MANIFEST["features"]["shortcuts"]] == [(views.PAPER_CARD, "message")]
    assert f'"{MANIFEST["features"]["shortcuts"][0]["callback_id"]}"' in SOURCES
    assert MANIFEST["settings"]["socket_mode_enabled"] is True
    assert MANIFEST["settings"]["interactivity"] == {"is_enabled": True}


def test_exactly_the_events_are_ordered_that_the_adapter_listens_to() -> None:
    listened = ["app_mention", *platform.DELETED, *platform.CHANGED, *platform.UNINSTALLED]
    assert sorted(EVENTS) == sorted(listened)
    assert len(re.findall(r"\.event\(", SOURCES)) == 2  # that of mentions, and one for all the others


def test_every_scope_is_needed_and_none_is_missing() -> None:
    assert set(SCOPES) == set(USES)
    called = set(re.findall(r"\"((?:chat|conversations|users|views|auth)\.[a-zA-Z.]+)\"", SOURCES))
    named = re.findall(r"client\.((?:chat|conversations|users|views|auth|apps)_\w+)\(", SOURCES)
    called |= {re.sub(r"_", ".", name, count=1) for name in named} - {"apps.connections_open"}
    used = {*called, *EVENTS, "/papers", "paper_card"}

    assert {
        scope for scope, uses in USES.items() if not any(one.startswith(use) for use in uses for one in used)
    } == set()
    covered = (*WITHOUT_SCOPE, *(use for uses in USES.values() for use in uses))
    assert [one for one in used if not one.startswith(tuple(covered))] == []


def test_the_page_explains_each_scope_and_no_other() -> None:
    explained = re.findall(r"^\| ((?:`[a-z_:]+`(?:, )?)+) \|", PAGE, re.MULTILINE)
    assert sorted(re.findall(r"`([a-z_:]+)`", " ".join(explained))) == sorted(SCOPES)


def test_the_page_is_short_and_names_only_settings_and_files_that_there_are() -> None:
    assert len(PAGE.splitlines()) < 80
    settings = set(re.findall(r"\b(?:SLACK|LOG|DATA|HF|DISCORD)_[A-Z_]+\b", PAGE))
    assert {"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"} <= settings
    assert {name.lower() for name in settings} <= set(Config.__dataclass_fields__)
    assert all((ROOT / name).is_file() for name in re.findall(r"`(deploy/[\w.-]+)`", PAGE))


def test_the_page_names_only_commands_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    commands = re.findall(r"^    python -m bot (.+)$", PAGE, re.MULTILINE)
    assert commands == ["run", "digest --as slack"]
    for command in commands:
        with pytest.raises(SystemExit) as ended:
            main([*command.split(), "--help"])
        assert ended.value.code == 0
    assert "slack" in capsys.readouterr().out


def test_the_page_says_only_verbs_that_there_are() -> None:
    assert set(re.findall(r"`/papers ([a-z-]+)", PAGE)) <= set(COMMANDS)
