"""The commands as Discord registers them: every verb with its options, within all limits."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.discord import commands
from bot.commands import COMMANDS
from bot.commands import MANAGING as VERBS
from bot.grammar import Command, Parameter, command
from tests.discord_rules import Rules

Json = dict[str, Any]
SUBCOMMAND, STRING, INTEGER = 1, 3, 4
NAME = re.compile(r"^[-_a-z0-9]{1,32}$")
TREE = commands.tree(COMMANDS)
OPEN, MANAGING, MENU = TREE
MANAGE_CHANNELS = str(1 << 4)
RULES = Rules.found()


def options(of: Json) -> Iterator[Json]:
    for option in of.get("options", ()):
        yield option
        yield from options(option)


def verbs(group: Json) -> dict[str, Json]:
    return {verb["name"]: verb for verb in group["options"]}


def shown(verb: Command) -> dict[str, Parameter]:
    return {parameter.name: parameter for parameter in verb.parameters if not parameter.internal}


def characters(of: Json) -> int:
    """What counts towards the 8,000 of a command: names, descriptions and the values of choices."""
    own = len(of["name"]) + len(of.get("description", ""))
    choices = sum(len(choice["name"]) + len(str(choice["value"])) for choice in of.get("choices", ()))
    return own + choices + sum(map(characters, of.get("options", ())))


@pytest.mark.parametrize("group", [OPEN, MANAGING], ids=["papers", "papers-manage"])
def test_a_group_is_within_every_limit(group: Json) -> None:
    everything = [group, *options(group)]

    assert all(NAME.match(one["name"]) for one in everything)
    assert all(1 <= len(one["description"]) <= 100 for one in everything)
    assert all(len(one.get("options", ())) <= 25 for one in everything)
    assert all(
        len({part["name"] for part in one["options"]}) == len(one["options"]) for one in [group, *group["options"]]
    )
    assert characters(group) <= 8_000


def test_every_verb_is_in_the_open_group_and_those_that_manage_once_more() -> None:
    assert list(verbs(OPEN)) == list(COMMANDS)
    assert tuple(verbs(MANAGING)) == VERBS
    assert all(verbs(MANAGING)[name] == verbs(OPEN)[name] for name in VERBS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_verb_has_all_its_parameters_but_the_internal_ones(name: str) -> None:
    given = verbs(OPEN)[name]
    required = [option["required"] for option in given["options"]]

    assert given["type"] == SUBCOMMAND
    assert {option["name"] for option in given["options"]} == set(shown(COMMANDS[name]))
    assert required == sorted(required, reverse=True)


@pytest.mark.parametrize(
    ("verb", "name"), [(verb, parameter) for verb in COMMANDS for parameter in shown(COMMANDS[verb])]
)
def test_an_option_takes_what_its_parameter_takes(verb: str, name: str) -> None:
    parameter = shown(COMMANDS[verb])[name]
    option = next(one for one in verbs(OPEN)[verb]["options"] if one["name"] == name)
    ranged = (option.get("min_value"), option.get("max_value"))

    assert option["required"] == (parameter.default is None)
    assert option["type"] == (INTEGER if parameter.between else STRING)
    assert ranged == ((parameter.between.low, parameter.between.high) if parameter.between else (None, None))
    assert tuple(choice["value"] for choice in option.get("choices", ())) == parameter.choices
    assert option.get("autocomplete", False) == bool(parameter.completes)
    assert not (option.get("autocomplete") and option.get("choices"))


def test_questions_can_be_asked_anywhere_and_channels_be_managed_in_servers_by_those_who_may() -> None:
    assert OPEN["integration_types"] == MENU["integration_types"] == [0, 1]
    assert OPEN["contexts"] == MENU["contexts"] == [0, 1, 2]
    assert (MANAGING["integration_types"], MANAGING["contexts"]) == ([0], [0])
    assert MANAGING["default_member_permissions"] == MANAGE_CHANNELS
    assert "default_member_permissions" not in OPEN


def test_the_menu_of_messages_has_no_description() -> None:
    assert MENU == {"type": 3, "name": "Paper card", **commands.EVERYWHERE}


def test_the_name_of_a_tree_stays_until_the_tree_changes() -> None:
    changed = json.loads(json.dumps(TREE))
    known = commands.digest_of(TREE)
    changed[0]["options"][0]["description"] += "!"

    assert commands.digest_of(commands.tree(COMMANDS)) == commands.digest_of(json.loads(json.dumps(TREE))) == known
    assert commands.digest_of(changed) != known
    assert commands.digest_of(TREE[:-1]) != known
    assert re.fullmatch(r"[0-9a-f]{32}", known)


async def chatty(_request: object) -> Any:
    """A summary that is far longer than the hundred characters that Discord takes, because it tells everything twice or more."""


def test_a_summary_that_is_too_long_is_shortened() -> None:
    [verb, _] = [options["options"][0] for options in commands.tree({"chatty": command(chatty)})[:1]] * 2
    assert len(verb["description"]) <= 100
    assert verb["description"].endswith("…")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([{"type": 1, "name": "status"}], ("status", {}, "")),
        ([{"type": 1, "name": "status", "options": []}], ("status", {}, "")),
        (
            [{"name": "search", "options": [{"name": "query", "value": "x"}, {"name": "limit", "value": 3}]}],
            ("search", {"query": "x", "limit": 3}, ""),
        ),
        (
            [{"name": "show", "options": [{"name": "paper", "value": "att", "focused": True}]}],
            ("show", {"paper": "att"}, "paper"),
        ),
    ],
)
def test_verb_arguments_and_what_is_being_typed_are_read(given: list[Json], expected: tuple[Any, ...]) -> None:
    assert commands.arguments(given) == expected


@pytest.mark.skipif(RULES is None, reason=f"there is no official description in {Path(Rules.SPEC)}")
def test_the_official_description_accepts_the_tree() -> None:
    assert RULES
    judge = RULES.judge()
    assert judge.commands(TREE) == {}
    assert judge.commands([{**OPEN, "name": "Not a name!"}]) != {}
