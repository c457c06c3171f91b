"""The fake platform as the outbox of a sender sees it."""

import asyncio
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.cards import Card
from bot.errors import DeliveryError, Outcome
from bot.subscriptions import Channel

NAME = "fake"
_Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Client:
    """A platform that listens at a port of this machine; connections are kept open, as HTTP clients do."""

    port: int
    remembers: float = 0.0
    per_second: int = 1_000
    name: str = NAME
    _idle: list[_Streams] = field(default_factory=list)

    async def post(self, channel: Channel, card: Card, *, key: str) -> str:
        """The id of the message."""
        reply = await self._asked({"do": "post", "channel": channel.id, "key": key, "text": card.title})
        return str(reply["id"])

    async def find(self, channel: Channel, *, key: str, since: datetime) -> str | None:
        """The id of the message under the key."""
        reply = await self._asked({"do": "find", "channel": channel.id, "key": key, "since": since.timestamp()})
        return str(reply["id"]) if reply["id"] else None

    async def edit(self, channel: Channel, message_id: str, card: Card, *, key: str) -> None:
        """Replace it."""
        await self._asked({"do": "edit", "channel": channel.id, "key": key, "text": card.title})

    async def check(self, channel: Channel) -> None:
        """Every channel can be posted to."""

    async def tell(self, person: str, channel: Channel, card: Card) -> None:
        """Nobody listens."""

    async def ahead(self) -> float | None:
        """Both have the same clock."""
        return None

    async def _asked(self, request: dict[str, Any]) -> dict[str, Any]:
        """The answer to a request. Raises DeliveryError, as the reply classes of DELIVERY say."""
        reader, writer = self._idle.pop() if self._idle else await self._connected()
        is_whole = False
        try:
            writer.write(json.dumps(request).encode() + b"\n")
            reply = json.loads(await reader.readuntil())
            is_whole = True
        except (OSError, EOFError) as error:
            raise DeliveryError(Outcome.AMBIGUOUS, f"the connection was cut ({error})") from error
        finally:  # of a request that was cancelled the answer may come later, and is not that of the next one
            if is_whole:
                self._idle.append((reader, writer))
            else:
                writer.close()
        if reply["status"] == 429:
            raise DeliveryError(Outcome.NOT_SENT, "too many requests", retry_after=reply["retry_after"])
        if reply["status"] != 200:
            raise DeliveryError(Outcome.AMBIGUOUS, f"status {reply['status']}")
        return dict(reply)

    async def _connected(self) -> _Streams:
        try:
            return await asyncio.open_connection("127.0.0.1", self.port)
        except OSError as error:
            raise DeliveryError(Outcome.NOT_SENT, f"it cannot be reached ({error})") from error
