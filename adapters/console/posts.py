"""Digests in the terminal: each is printed, and written down in a file in which it can be found again."""

import asyncio
import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from io import FileIO
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
        wanted = key, channel.id
        found = ((post["key"], post["channel"]) == wanted and post["at"] >= since.timestamp() for post in posts)
        return key if any(found) else None

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
        is_written = False
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab+", buffering=0) as file:  # nothing is written after a failure is told
                if line is not None:
                    size = file.seek(0, os.SEEK_END)
                    _write(file, f"{'' if _ends_whole(file, size) else chr(10)}{json.dumps(line)}\n".encode(), size)
                    is_written = True
                    os.fsync(file.fileno())
        except OSError as error:
            outcome = Outcome.AMBIGUOUS if is_written else Outcome.NOT_SENT
            raise DeliveryError(outcome, f"{self.path} cannot be written ({error.strerror})") from error

    def _posts(self) -> list[dict[str, Any]]:
        posts = []
        try:
            lines = self.path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise DeliveryError(Outcome.NOT_SENT, f"{self.path} cannot be read ({error.strerror})") from error
        for line in lines:
            with suppress(ValueError):
                posts.append(json.loads(line))
        return [post for post in posts if _is_post(post)]


def _is_post(found: Any) -> bool:
    is_whole = isinstance(found, dict) and {"key", "channel", "at"} <= found.keys()
    return is_whole and isinstance(found["at"], int | float)


def _write(file: FileIO, line: bytes, size: int) -> None:
    """Append all of it to a file of that size, or nothing."""
    rest = memoryview(line)
    try:
        while rest:
            rest = rest[file.write(rest) :]
    except OSError:
        with suppress(OSError):  # a line that was cut short is no post either
            file.truncate(size)
        raise


def _ends_whole(file: FileIO, size: int) -> bool:
    if size == 0:
        return True
    file.seek(size - 1)
    return file.read(1) == b"\n"
