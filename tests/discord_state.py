"""What a small Discord knows, and what people do on it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiohttp import web

from tests.discord_values import (
    ADA,
    BOT,
    CHANNEL,
    EPHEMERAL,
    EVERYTHING,
    GUILD,
    MEMBER,
    OWNER,
    user,
)
from tests.papers import NOON

Json = dict[str, Any]
TOKEN = "MTAw.test.token"
SECONDS = 10
_FIRST_ID = (int(NOON.timestamp() * 1_000) - 1_420_070_400_000) << 22  # ids begin with the time in milliseconds


@dataclass(slots=True)
class Interaction:
    """One thing that somebody does, and what the bot has answered so far."""

    id: str
    token: str
    callback: Json | None = None
    message: Json | None = None
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_private(self) -> bool:
        return bool(((self.callback or {}).get("data") or {}).get("flags", 0) & EPHEMERAL)


@dataclass(slots=True)
class Fault:
    """An answer that is given once instead of the right one; with `done`, what was asked for is done all the same."""

    method: str
    path: str
    status: int
    body: Json
    done: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Server:
    """The state of one Discord with one bot, OWNER and Ada."""

    url: str = ""
    gateway_url: str = ""
    guilds: dict[str, Json] = field(default_factory=dict)
    members: set[str] = field(default_factory=lambda: {ADA, OWNER})
    messages: dict[str, list[Json]] = field(default_factory=dict)
    commands: list[Any] = field(default_factory=list)  # every list of commands that was registered
    interactions: dict[str, Interaction] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    requests: list[tuple[str, str, Any]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)  # what the bot did that Discord would refuse
    identified: int = 0
    resumed: int = 0
    connected: asyncio.Event = field(default_factory=asyncio.Event)
    _socket: web.WebSocketResponse | None = None
    _sent: list[Json] = field(default_factory=list)
    _ids: Any = field(default_factory=lambda: count(_FIRST_ID))

    def id(self) -> str:
        """A new one, larger than all before."""
        return str(next(self._ids))

    async def dispatch(self, event: str, data: Json) -> None:
        """Tell the bot; what it misses it hears when it resumes."""
        self._sent.append({"op": 0, "t": event, "d": data, "s": len(self._sent) + 1})
        if self._socket and not self._socket.closed:
            await self._socket.send_json(self._sent[-1])

    async def close(self, code: int) -> None:
        """End the connection with that code."""
        assert self._socket
        self.connected.clear()
        await self._socket.close(code=code)

    async def interact(self, kind: int, data: Json, **more: Any) -> Interaction:
        """Somebody does something; returns when it is answered. Ada does it, in the channel, unless said otherwise."""
        made = Interaction(self.id(), f"token-{self.id()}")
        self.interactions[made.token] = made
        person, permissions = more.pop("user", ADA), more.pop("permissions", EVERYTHING)
        member = {"user": user(person), "permissions": str(permissions), **MEMBER}
        place = {"guild_id": GUILD, "member": member, "authorizing_integration_owners": {"0": GUILD}}
        if not more.pop("in_guild", True):
            place = {"user": user(person), "authorizing_integration_owners": {"1": person}}
        sent = {"id": made.id, "token": made.token, "application_id": BOT, "type": kind, "data": data, "version": 1}
        channel = {"id": CHANNEL, "type": 0, "name": "papers", "position": 0, "permissions": str(permissions)}
        sent |= {
            "channel_id": CHANNEL,
            "channel": channel,
            "app_permissions": str(EVERYTHING),
            "entitlements": [],
            "attachment_size_limit": 1 << 20,
        }
        await self.dispatch("INTERACTION_CREATE", {**sent, **place, **more})
        async with asyncio.timeout(SECONDS):
            await made.answered.wait()
        return made

    async def slash(self, verb: str, group: str = "papers", /, **options: Any) -> Interaction:
        """Ada says a command."""
        person = {name: options.pop(name) for name in ("permissions", "in_guild") if name in options}
        given = [{"name": name.replace("_", "-"), "type": 3, "value": value} for name, value in options.items()]
        data = {"id": "1", "type": 1, "name": group, "options": [{"type": 1, "name": verb, "options": given}]}
        return await self.interact(2, data, **person)

    async def press(self, message: Json, label: str, **more: Any) -> Interaction:
        """Ada presses a button, or chooses an option, by its label."""
        button = next(one for one in _components(message) if label in (one.get("label"), one.get("custom_id")))
        data = {"component_type": 2, "custom_id": button["custom_id"]}
        return await self.interact(3, data, message=message, **more)


def _components(message: Json) -> list[Json]:
    found: list[Json] = []
    for one in message.get("components", []):
        found += [one, *one.get("options", []), *_components(one)]
    return found
