"""What a pressed button means, written into its id. Pure."""

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum

LONGEST = 100  # characters of a custom_id (Discord, components reference)
_MARKER = "dg:"


class Press(StrEnum):
    """What becomes of the answer to the command of a button."""

    SAY = "s"  # a new answer for whoever pressed it
    TURN = "r"  # it replaces the answer that has the button
    SHARE = "p"  # everybody sees it


_OURS = re.compile(rf"([{''.join(Press)}])(?::(.+)|#([0-9a-f]{{32}}))", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button that was pressed: its command, or the hash under which a longer one is kept."""

    press: Press
    command: str = ""
    kept: str = ""


def custom_id(press: Press, command: str, key: str = "") -> str:
    """The id of a button; `key` marks the digest whose message it is on, so that the message can be found again."""
    head = f"{marker(key)}:" if key else ""
    plain = f"{head}{press}:{command}"
    return plain if len(plain) <= LONGEST else f"{head}{press}#{kept_as(command)}"


def read(custom_id: str) -> Pressed | None:
    """What the id says; None when it is not ours."""
    rest = custom_id[len(_MARKER) :].partition(":")[2] if custom_id.startswith(_MARKER) else custom_id
    if not (found := _OURS.fullmatch(rest)):
        return None
    press, command, kept = found.groups()
    return Pressed(Press(press), command or "", kept or "")


def marker(key: str) -> str:
    """How the ids of the buttons on a digest begin."""
    return f"{_MARKER}{key}"


def kept_as(command: str) -> str:
    """The hash under which a command is kept that is too long for an id."""
    return hashlib.blake2b(command.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
