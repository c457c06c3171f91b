"""The commands of the bot as Discord registers them. Pure."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from bot import views
from bot.commands import MANAGING
from bot.excerpts import shorten
from bot.grammar import Command, Parameter, Value

GROUP, MANAGING_GROUP = "papers", "papers-manage"
_LONGEST_DESCRIPTION, _MOST_CHARACTERS = 100, 1_000
_SUBCOMMAND, _STRING, _INTEGER = 1, 3, 4
_CHAT, _MESSAGE = 1, 3
EVERYWHERE: Mapping[str, Any] = {"integration_types": [0, 1], "contexts": [0, 1, 2]}  # servers and people; also in DMs
_MANAGE_CHANNELS = 1 << 4
_IN_SERVERS: Mapping[str, Any] = {
    "integration_types": [0],
    "contexts": [0],
    "default_member_permissions": str(_MANAGE_CHANNELS),
}

Json = dict[str, Any]


def tree(commands: Mapping[str, Command]) -> list[Json]:
    """All that is registered: every verb, and an entry in the menu of messages.

    Verbs that manage subscriptions are there once more, in a group for which admins can set who may use it.
    """
    managing = (commands[verb] for verb in MANAGING if verb in commands)
    return [
        {**_group(GROUP, views.GROUP_SUMMARY, commands.values()), **EVERYWHERE},
        {**_group(MANAGING_GROUP, views.MANAGING_SUMMARY, managing), **_IN_SERVERS},
        {"type": _MESSAGE, "name": views.PAPER_CARD, **EVERYWHERE},
    ]


def digest_of(tree: list[Json]) -> str:
    """A name for this very tree: it is sent only when it has changed."""
    return hashlib.blake2b(json.dumps(tree, sort_keys=True).encode(), digest_size=16).hexdigest()


def arguments(options: Iterable[Mapping[str, Any]]) -> tuple[str, dict[str, Value], str]:
    """The verb, its arguments by name, and the name of the one that is being typed, from the options of an interaction."""
    [verb] = options
    given = verb.get("options") or []
    focused = next((str(one["name"]) for one in given if one.get("focused")), "")
    return str(verb["name"]), {str(one["name"]): one["value"] for one in given}, focused


def _group(name: str, summary: str, commands: Iterable[Command]) -> Json:
    verbs = [_verb(command) for command in commands]
    return {"type": _CHAT, "name": name, "description": _short(summary), "options": verbs}


def _verb(command: Command) -> Json:
    shown = [parameter for parameter in command.parameters if not parameter.internal]
    required_first = sorted(shown, key=lambda parameter: parameter.default is not None)
    options = [_option(parameter) for parameter in required_first]
    return {"type": _SUBCOMMAND, "name": command.name, "description": _short(command.summary), "options": options}


def _option(parameter: Parameter) -> Json:
    option: Json = {
        "name": parameter.name,
        "description": _short(parameter.description),
        "required": parameter.default is None,
        "type": _INTEGER if parameter.between else _STRING,
    }
    if parameter.between:
        return option | {"min_value": parameter.between.low, "max_value": parameter.between.high}
    if parameter.choices:
        return option | {"choices": [{"name": choice, "value": choice} for choice in parameter.choices]}
    return option | {"max_length": _MOST_CHARACTERS} | ({"autocomplete": True} if parameter.completes else {})


def _short(text: str) -> str:
    return shorten(text, _LONGEST_DESCRIPTION)
