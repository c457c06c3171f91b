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


@dataclass(frozen=True, slots=True)
class Site:
    """`core` may be another one each time; `payloads` are drawn under the names of their platforms."""

    core: Callable[[], Core]
    records: Records
    board: Board
    now: Callable[[], datetime]
    payloads: Mapping[str, Payload]
    health: Health
    metrics: Metrics
    token: str = ""  # whoever wants to see anything has to know it; empty on loopback alone
