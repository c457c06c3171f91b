"""What the server serves, put together by the wiring."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from adapters.web.metrics import Metrics
from bot.cards import Card
from bot.core import Core
from bot.health import Health
from bot.ports import Board, Records
from bot.subscriptions import Asker, Channel

HERE = Channel("web", "local", "page")
OPERATOR = Asker(HERE, "operator")

# A card, and the command that shows it to everybody (empty: it is shown to everybody already) -> the platform's payload.
Payload = Callable[[Card, str], dict[str, Any]]


class NotOpen(Exception):
    """The bot is starting or stands by: there is nothing yet to answer from."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What is asked and looked at on the page; `core` may be another one each time."""

    core: Callable[[], Core]
    records: Records
    board: Board


@dataclass(slots=True)
class Site:
    """It is served before it is `open`; `payloads` are drawn under the names of their platforms."""

    now: Callable[[], datetime]
    payloads: Mapping[str, Payload]
    health: Health
    metrics: Metrics
    token: str = ""  # whoever wants to see anything has to know it; empty on loopback alone
    open: Contents | None = None

    @property
    def contents(self) -> Contents:
        """Raises NotOpen until they are there."""
        if self.open is None:
            raise NotOpen
        return self.open
