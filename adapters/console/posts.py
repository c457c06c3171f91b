"""Digests in the terminal: each is printed, and written down in a file in which it can be found again."""

import asyncio
import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from adapters.console.render import render
from bot.cards import Card
from bot.errors import DeliveryError, Outcome
from bot.subscriptions import TERMINAL, Channel


@dataclass(frozen=True, slots=True)
class PostsFile:
    """A platform whose messages are lines of JSON in a file, one a post; `show` puts each before somebody's eyes.

    A line that was cut short (a kill, a full disk) is no post.
    """

    path: Path
    now: Callable[[], datetime]
    show: Callable[[str], None] = print
    name: str = TERMINAL.channel.platform
    remembers: float = 0.0
    per_second: int = 100

    async def post(self, channel: Channel, card: Card, *, key: str) -> str:
        """Write the card down and show it; its key is the id of the message."""
        line = {"key": key, "channel": channel.id, "at": self.now().timestamp(), "text": render(card)}
        await asyncio.to_thread(self._append, line)
        self.show(f"{render(card)}\n")
        return key

    async def find(self, channel: Channel, *, key: str, since: datetime) -> str | None:
        """The id of the message that was posted under the key."""
        posts = await asyncio.to_thread(self._posts)
        found = (post for post in posts if post["key"] == key and post["channel"] == channel.id)
        return next((key for post in found if datetime.fromtimestamp(post["at"], UTC) >= since), None)

    async def edit(self, channel: Channel, message_id: str, card: Card, *, key: str) -> None:
        """Nothing: what was printed stays as it was."""

    async def check(self, channel: Channel) -> None:
        """Raises DeliveryError when the file cannot be written."""
        await asyncio.to_thread(self._append, None)

    async def tell(self, person: str, channel: Channel, card: Card) -> None:
        """Show it."""
        self.show(f"{render(card)}\n")

    async def ahead(self) -> float | None:
        """There is no other clock."""
        return None

    def _append(self, line: dict[str, Any] | None) -> None:
        """Durable on return; what an earlier kill left unfinished is closed off first."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab+") as file:
                if line is not None:
                    file.write(f"{'' if _ends_whole(file) else chr(10)}{json.dumps(line)}\n".encode())
                    file.flush()
                    os.fsync(file.fileno())
        except OSError as error:
            raise DeliveryError(Outcome.NOT_SENT, f"{self.path} cannot be written ({error.strerror})") from error

    def _posts(self) -> list[dict[str, Any]]:
        posts = []
        with suppress(FileNotFoundError):
            for line in self.path.read_text("utf-8", "replace").splitlines():
                with suppress(ValueError):
                    posts.append(json.loads(line))
        return [post for post in posts if isinstance(post, dict) and {"key", "channel", "at"} <= post.keys()]


def _ends_whole(file: Any) -> bool:
    size = file.seek(0, os.SEEK_END)
    if size == 0:
        return True
    file.seek(size - 1)
    return bool(file.read(1) == b"\n")
