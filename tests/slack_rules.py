"""What Slack accepts of a message: its documented limits in our own words, and the strict local Slack where it is present."""

import importlib
import json
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Json = dict[str, Any]
Judge = Callable[[list[Json]], list[str]]
SHARED = Path(__file__).parents[2] / "shared"
EMULATORS = SHARED / "emulators"
LONGEST_MESSAGE = 11_000  # no page says it: 11,341 and what links led to were refused, https://github.com/slackapi/bolt-js/issues/2867


def judge() -> Judge | None:
    """Slack's own types and limits, as the strict local Slack has them; None where that is not present."""
    if not (EMULATORS / "slack_blocks.py").is_file():
        return None
    sys.path.insert(0, str(EMULATORS))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # it leaves a file open
            found: Judge = importlib.import_module("slack_blocks").check_blocks
    finally:
        sys.path.remove(str(EMULATORS))
    return found


def objects(found: Any) -> Iterator[Json]:
    """Every object, however deep, in the order in which it is shown."""
    if isinstance(found, dict):
        yield found
    for value in found.values() if isinstance(found, dict) else found if isinstance(found, list) else ():
        yield from objects(value)


def texts(payload: Json, kind: str = "mrkdwn") -> list[str]:
    """What is shown of the blocks as text of that kind."""
    return [one["text"] for one in objects(payload["blocks"]) if one.get("type") == kind]


def elements(payload: Json) -> list[Json]:
    """Buttons and menus."""
    return [one for one in objects(payload["blocks"]) if "action_id" in one]


def labels(payload: Json) -> list[str]:
    """What stands on buttons, in order."""
    return [one["text"]["text"] for one in elements(payload) if one["type"] == "button"]


def said(payload: Json) -> list[str]:
    """What buttons and options say."""
    return [one["value"] for one in objects(payload["blocks"]) if "value" in one]


def check(payload: Json) -> None:
    """Fails when a message breaks a limit of https://docs.slack.dev/reference/block-kit/blocks."""
    blocks = payload["blocks"]
    json.dumps(payload).encode()
    assert payload["unfurl_links"] is payload["unfurl_media"] is False
    assert payload["text"].strip()
    assert len(payload["text"]) <= 4_000
    assert 1 <= len(blocks) <= 50
    assert sum(len(one["text"]) for one in objects(payload) if isinstance(one.get("text"), str)) <= (
        LONGEST_MESSAGE + len(payload["text"])
    )
    for block in blocks:
        _BLOCKS[block["type"]](block)
        actions = [one["action_id"] for one in objects(block) if "action_id" in one]
        assert len(set(actions)) == len(actions)
        assert all(1 <= len(action) <= 255 for action in actions)


def _check_section(block: Json) -> None:
    assert set(block) <= {"type", "text", "accessory"}
    _check_text(block["text"], 3_000, "mrkdwn")
    if "accessory" in block:
        _check_element(block["accessory"])


def _check_header(block: Json) -> None:
    _check_text(block["text"], 150, "plain_text")


def _check_context(block: Json) -> None:
    assert 1 <= len(block["elements"]) <= 10
    for one in block["elements"]:
        _check_text(one, 2_000, "mrkdwn")


def _check_actions(block: Json) -> None:
    assert 1 <= len(block["elements"]) <= 5
    for one in block["elements"]:
        assert one["type"] == "button"
        _check_element(one)


def _check_element(one: Json) -> None:
    if one["type"] == "overflow":
        assert 2 <= len(one["options"]) <= 5
        for option in one["options"]:
            _check_text(option["text"], 75, "plain_text")
            assert 1 <= len(option["value"]) <= 150
        return
    _check_text(one["text"], 75, "plain_text")
    assert ("value" in one) != ("url" in one)
    assert 1 <= len(one.get("value", "x")) <= 2_000
    assert one.get("style", "primary") == "primary"
    if "url" in one:
        assert len(one["url"]) <= 3_000
        assert urlsplit(one["url"]).scheme in ("http", "https")
        assert one["url"].isascii() and " " not in one["url"]


def _check_text(text: Json, limit: int, kind: str) -> None:
    assert text["type"] == kind
    assert text["text"].strip()
    assert len(text["text"]) <= limit
    assert text.get("verbatim", False) is (kind == "mrkdwn")
    assert text.get("emoji", True) is (kind == "mrkdwn")


_BLOCKS = {"section": _check_section, "header": _check_header, "context": _check_context, "actions": _check_actions}
