"""What a pressed button means, written into its id, and which channel it is about. Pure."""

import hashlib
import re
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.cards import Card
from bot.subscriptions import Channel

_MARKER = "dg:"
_ABOUT = re.compile(r"@(\w+)\.(\w+) ", re.ASCII)


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


def id_of(press: Press, command: str, longest: int, key: str = "") -> str:
    """The id of a button, of `longest` characters at most; `key` marks the digest on whose message it is."""
    head = f"{marker(key)}:" if key else ""
    plain = f"{head}{press}:{command}"
    return plain if len(plain) <= longest else f"{head}{press}#{kept_as(command)}"


def read(id_: str) -> Pressed | None:
    """What the id says; None when it is not ours."""
    rest = id_[len(_MARKER) :].partition(":")[2] if id_.startswith(_MARKER) else id_
    if not (found := _OURS.fullmatch(rest)):
        return None
    press, command, kept = found.groups()
    return Pressed(Press(press), command or "", kept or "")


def marker(key: str) -> str:
    """How the ids of the buttons on a digest begin, by which its message is found again."""
    return f"{_MARKER}{key}"


def kept_as(command: str) -> str:
    """The hash under which a command is kept that is too long for an id."""
    return hashlib.blake2b(command.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def about(card: Card, channel: Channel) -> Card:
    """The card with buttons that are about the channel, wherever they are pressed.

    That is an address and no right: whoever presses one is asked for the same as if they said it in the channel.
    """
    addressed = (replace(one, command=f"@{channel.tenant}.{channel.id} {one.command}") for one in card.buttons)
    return replace(card, buttons=tuple(addressed))


def read_about(command: str, platform: str) -> tuple[Channel | None, str]:
    """The channel that a button is about, if it names one, and what it says there."""
    found = _ABOUT.match(command)
    return (Channel(platform, found[1], found[2]), command[found.end() :]) if found else (None, command)
