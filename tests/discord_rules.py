"""What Discord accepts: its documented limits in our own words, and its official description where that is present."""

import importlib
import json
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

Json = dict[str, Any]
ROW, BUTTON, SELECT, SECTION, TEXT, THUMBNAIL, CONTAINER = 1, 2, 3, 9, 10, 11, 17
COMPONENTS_V2 = 1 << 15
_CHILDREN = {ROW: {BUTTON, SELECT}, SECTION: {TEXT}, CONTAINER: {ROW, SECTION, TEXT}}


def components(payload: Json) -> list[Json]:
    """Every component of a message, in the order in which it is shown."""
    return list(_walk(payload.get("components", [])))


def texts(payload: Json) -> list[str]:
    """Every text that is shown, but for those of buttons."""
    embeds = [embed["description"] for embed in payload.get("embeds", [])]
    return [*embeds, *(one["content"] for one in components(payload) if one["type"] == TEXT)]


def custom_ids(payload: Json) -> list[str]:
    """What can be pressed or chosen."""
    return [one["custom_id"] for one in components(payload) if "custom_id" in one]


def commands(payload: Json) -> list[str]:
    """What buttons and options of lists carry as their ids."""
    chosen = [option["value"] for one in components(payload) for option in one.get("options", [])]
    return [*custom_ids(payload), *chosen]


def links(payload: Json) -> list[str]:
    """Where link buttons lead."""
    return [one["url"] for one in components(payload) if "url" in one]


def check(payload: Json) -> None:
    """Fails when a message breaks a limit of https://discord.com/developers/docs/components/reference."""
    everything = components(payload)
    ids = custom_ids(payload)
    is_v2 = bool(payload.get("flags", 0) & COMPONENTS_V2)
    json.dumps(payload)
    assert payload["allowed_mentions"] == {"parse": []}
    assert is_v2 != ("embeds" in payload)
    assert len(everything) <= 40
    assert everything if is_v2 else len(payload["components"]) <= 5
    assert all(1 <= len(made) <= 100 for made in ids)
    assert len(set(ids)) == len(ids)
    assert all(text.strip() for text in texts(payload)), texts(payload)
    assert not any(key in payload for key in ("content", "tts", "nonce"))
    for one in everything:
        _CHECKS[one["type"]](one)
    if is_v2:
        assert [one["type"] for one in payload["components"]] == [CONTAINER]
        assert sum(map(len, texts(payload))) <= 4_000
    else:
        _check_embeds(payload["embeds"])


def _check_embeds(embeds: list[Json]) -> None:
    assert 1 <= len(embeds) <= 10
    assert all(set(embed) <= {"description", "color"} for embed in embeds)
    assert all(1 <= len(embed["description"]) <= 4_096 for embed in embeds)
    assert sum(len(embed["description"]) for embed in embeds) <= 6_000


def _check_children(parent: Json) -> None:
    children = parent["components"]
    kinds = [one["type"] for one in children]
    assert children
    assert set(kinds) <= _CHILDREN[parent["type"]]
    assert parent["type"] != ROW or kinds == [SELECT] or (len(kinds) <= 5 and set(kinds) == {BUTTON})


def _check_button(button: Json) -> None:
    is_link = button["style"] == 5
    assert is_link == ("url" in button)
    assert is_link != ("custom_id" in button)
    assert button.get("label") or button.get("emoji")
    assert len(button.get("label", "")) <= 80
    assert len(button.get("url", "")) <= 512
    assert button.get("url", "https://").startswith(("https://", "http://"))


def _check_select(select: Json) -> None:
    values = [option["value"] for option in select["options"]]
    assert 1 <= len(values) <= 25
    assert len(set(values)) == len(values)
    assert all(1 <= len(value) <= 100 for value in values)
    assert all(1 <= len(option["label"]) <= 100 for option in select["options"])
    assert len(select["placeholder"]) <= 150


def _check_thumbnail(picture: Json) -> None:
    assert 1 <= len(picture["description"]) <= 1_024
    assert picture["media"]["url"].startswith(("https://", "http://"))
    assert len(picture["media"]["url"]) <= 2_048


def _check_text(text: Json) -> None:
    assert 1 <= len(text["content"]) <= 4_000


_CHECKS = {
    ROW: _check_children,
    SECTION: _check_children,
    CONTAINER: _check_children,
    BUTTON: _check_button,
    SELECT: _check_select,
    THUMBNAIL: _check_thumbnail,
    TEXT: _check_text,
}


def _walk(found: list[Json]) -> Iterator[Json]:
    for one in found:
        yield one
        yield from _walk([*one.get("components", []), *filter(None, [one.get("accessory")])])


@dataclass(frozen=True, slots=True)
class Rules:
    """The official description, and what the strict local Discord adds to it from the documentation."""

    schema: Any
    emulator: Any
    SHARED: ClassVar[Path] = Path(__file__).parents[2] / "shared"
    SPEC: ClassVar[Path] = SHARED / "specs" / "discord" / "openapi.json"

    @classmethod
    def found(cls) -> "Rules | None":
        """None where it is not present."""
        if not cls.SPEC.is_file():
            return None
        sys.path.append(str(cls.SHARED / "emulators"))
        try:
            schema = importlib.import_module("discord_schema")
            emulator = importlib.import_module("discord_emulator").Emu
        finally:
            sys.path.pop()
        return cls(schema, emulator)

    def judge(self) -> "Judge":
        """Reads the description, which takes half a second."""
        with warnings.catch_warnings(action="ignore", category=ResourceWarning):  # it leaves its file to be closed
            spec = self.schema.Spec(str(self.SPEC))
        return Judge(self.schema, spec, self.schema.Validator(spec), self.emulator.__new__(self.emulator))


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges bodies of requests; what is wrong is an empty tree when nothing is."""

    schema: Any
    spec: Any
    validator: Any
    emulator: Any

    def message(self, payload: Json) -> Json:
        """What is wrong with a message."""
        found = self._described("POST", "/channels/1/messages", payload)
        return self._checked(found, lambda errors: self.emulator.check_message(payload, errors))

    def commands(self, tree: list[Json]) -> Json:
        """What is wrong with the commands of an application."""
        found = self._described("PUT", "/applications/1/commands", tree)
        return self._checked(found, lambda errors: self.emulator.check_commands(tree, errors))

    def _described(self, method: str, path: str, body: object) -> Json:
        _, operation = self.spec.find(method, path)
        errors, unknown = self.validator.validate(self.spec.body_schema(operation), body)
        return {**errors, "unknown": unknown} if unknown else dict(errors)

    def _checked(self, found: Json, check: Any) -> Json:
        errors = self.schema.Err()
        try:
            check(errors)
        except Exception as error:  # noqa: BLE001 - its own kind of error, from a module that is not always there
            return {**found, **errors, "refused": getattr(error, "body", str(error))}
        return {**found, **errors}
