"""A chat platform that fails as real ones do: posts are stored, and not always said to be. One line of JSON a request."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from time import monotonic, time
from typing import Any

LATE = 0.3  # seconds after its sender was told of an error, or gave up, until a late post is stored
PATIENCE = 0.5  # seconds that a sender waits for an answer
_RETRY_AFTER = 0.05, 0.4  # seconds
_LATENCY = 0.002, 0.015

Request = dict[str, Any]
Reply = dict[str, Any]


class Fate(StrEnum):
    """What becomes of a request."""

    WELL = "well"
    ERROR = "error"  # 500, nothing stored
    LIMITED = "limited"  # 429, nothing stored
    LATE = "late"  # 500, and stored a little later
    SILENT = "silent"  # no answer, and stored after its sender gave up
    UNTOLD = "untold"  # stored, but 502
    CUT = "cut"  # stored, but the connection is cut


@dataclass(frozen=True, slots=True)
class Faults:
    """Per cent of the posts, and of the looks into the history; what is left goes well."""

    posts: dict[Fate, float]
    looks: dict[Fate, float]

    def fate(self, operation: str, chance: random.Random) -> Fate:
        """One of them, as the dice fall."""
        odds = self.posts if operation == "post" else self.looks
        well = 100 - sum(odds.values())
        return chance.choices([Fate.WELL, *odds], [well, *odds.values()])[0]


# As in the trials of DELIVERY, B.4; ambiguous answers to more than one post in ten.
BAD = Faults(
    {Fate.ERROR: 5, Fate.LIMITED: 3, Fate.LATE: 0.5, Fate.SILENT: 0.5, Fate.UNTOLD: 5, Fate.CUT: 5},
    {Fate.ERROR: 2, Fate.LIMITED: 2, Fate.CUT: 1},
)
GOOD = Faults({}, {})


@dataclass(frozen=True, slots=True)
class Post:
    """A message as the platform has it."""

    id: str
    key: str
    channel: str
    at: float  # UTC epoch


@dataclass(slots=True)
class FakePlatform:
    """Keeps every post for the whole run. `window`: seconds for which a second post under a key stores nothing."""

    chance: random.Random
    faults: Faults = BAD
    window: float = 0.0
    posts: list[Post] = field(default_factory=list)
    arrivals: list[float] = field(default_factory=list)  # of requests to post, by a clock that never jumps
    fates: Counter[Fate] = field(default_factory=Counter)  # of the posts
    dropped: int = 0  # posts under a key that was remembered
    connections: int = 0  # that are open
    _channels: dict[str, list[Post]] = field(default_factory=dict)

    def count(self) -> Counter[str]:
        """How many messages there are under each key."""
        return Counter(post.key for post in self.posts)

    async def answer(self, request: Request) -> Reply | None:
        """None when the connection is to be cut."""
        operation = request["do"]
        if operation == "post":
            self.arrivals.append(monotonic())
        fate = self.faults.fate(operation, self.chance)
        await asyncio.sleep(self.chance.uniform(*_LATENCY))
        if operation == "post":
            self.fates[fate] += 1
            return await self._posted(request, fate)
        if fate is Fate.WELL:
            return {"status": 200, "id": self._found(request) if operation == "find" else None}
        return None if fate is Fate.CUT else self._failure(fate)

    async def _posted(self, request: Request, fate: Fate) -> Reply | None:
        if fate in (Fate.ERROR, Fate.LIMITED):
            return self._failure(fate)
        if fate in (Fate.LATE, Fate.SILENT):
            wait = LATE if fate is Fate.LATE else PATIENCE + LATE
            asyncio.get_running_loop().call_later(wait, self._stored, request)
            if fate is Fate.SILENT:
                await asyncio.sleep(wait)
            return self._failure(fate)
        message = self._stored(request)
        replies: dict[Fate, Reply] = {Fate.WELL: {"status": 200, "id": message}, Fate.UNTOLD: {"status": 502}}
        return replies.get(fate)

    def _failure(self, fate: Fate) -> Reply:
        if fate is Fate.LIMITED:
            return {"status": 429, "retry_after": self.chance.uniform(*_RETRY_AFTER)}
        return {"status": 500}

    def _stored(self, request: Request) -> str:
        now, key, channel = time(), request["key"], request["channel"]
        here = self._channels.setdefault(channel, [])
        first = next((post for post in here if post.key == key and now - post.at < self.window), None)
        if first:
            self.dropped += 1
            return first.id
        post = Post(f"m{len(self.posts)}", key, channel, now)
        self.posts.append(post)
        here.append(post)
        return post.id

    def _found(self, request: Request) -> str | None:
        here = self._channels.get(request["channel"], [])
        return next((post.id for post in here if post.key == request["key"] and post.at >= request["since"]), None)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(OSError, asyncio.CancelledError):
            while line := await reader.readline():
                reply = await self.answer(json.loads(line))
                if reply is None:
                    break
                writer.write(json.dumps(reply).encode() + b"\n")
                await writer.drain()
        self.connections -= 1
        writer.close()


@asynccontextmanager
async def serving(platform: FakePlatform) -> AsyncIterator[int]:
    """The port on loopback at which it answers."""
    handlers: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        handlers.add(task)
        try:
            await platform._serve(reader, writer)
        finally:
            handlers.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tuple(handlers):
            task.cancel()
        await asyncio.gather(*handlers, return_exceptions=True)
