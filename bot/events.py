"""What happened: one log line each. Whoever counts listens to the same logger."""

import json
import logging
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, ClassVar

LOGGER = "bot.events"
_log = logging.getLogger(LOGGER)


class Answered(StrEnum):
    """How a command ended."""

    ANSWER = "answer"
    REFUSAL = "refusal"  # something that the person who asked can put right
    SLOW = "slow"
    FAILURE = "failure"  # of the store, or of something else that the bot needs
    BUG = "bug"


@dataclass(frozen=True, slots=True)
class CommandAnswered:
    """Somebody said something; who and with which words is not told."""

    kind: ClassVar[str] = "command"
    level: ClassVar[int] = logging.INFO
    verb: str
    outcome: Answered
    seconds: float
    platform: str
    tenant: str
    channel: str


@dataclass(frozen=True, slots=True)
class DeliveryAttempted:
    """A claimed delivery came a step further; `state` is how far, and `pending` that it is tried again.

    The name of the subscription is not told, as it may be made of what somebody asked.
    """

    kind: ClassVar[str] = "delivery"
    level: ClassVar[int] = logging.INFO
    platform: str
    tenant: str
    channel: str
    subscription: str  # its id
    day: str  # local, ISO
    key: str
    attempt: int
    state: str
    seconds: float
    error: str = ""


@dataclass(frozen=True, slots=True)
class SourceAsked:
    """A host of papers was called once; `outcome` is the HTTP status, or what went wrong."""

    kind: ClassVar[str] = "source"
    level: ClassVar[int] = logging.DEBUG
    host: str
    outcome: str
    seconds: float


Event = CommandAnswered | DeliveryAttempted | SourceAsked


def tell(event: Event) -> None:
    """Log it in one line, and let whoever counts have the values."""
    _log.log(event.level, "%s", event_line(event), extra={"event": event})


def fields(event: Event) -> dict[str, Any]:
    """What is known of it, without what is empty; seconds to the millisecond."""
    known = {name: value for name, value in asdict(event).items() if value != ""}
    return {name: round(value, 3) if isinstance(value, float) else value for name, value in known.items()}


def event_line(event: Event) -> str:
    """`command verb=search outcome=answer seconds=0.012 platform=slack ...`, on one line whatever is in it."""
    return " ".join((event.kind, *(f"{name}={_written(value)}" for name, value in fields(event).items())))


def _written(value: object) -> str:
    text = str(value)
    is_plain = text.isprintable() and not set(text) & set(' "=')
    return text if is_plain else json.dumps(text)
