"""A strict Discord on this machine, run as a process; only where ../shared lies beside the project."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tests.emulating import EMULATORS, running, sent

Json = dict[str, Any]

SCRIPT = EMULATORS / "discord_emulator.py"
MISSING = "" if SCRIPT.is_file() else "the Discord emulator of ../shared is not here"
TOKEN = "MTA1.emu.token"
LOADING = 1 << 7


@dataclass(frozen=True, slots=True)
class Emulator:
    """A running emulator."""

    address: str

    @property
    def api_url(self) -> str:
        return f"{self.address}/api/v10"

    async def control(self, name: str, /, **body: Any) -> Any:
        """What the control of that name answers; AssertionError for what no real person or client could do."""
        return await asyncio.to_thread(sent, "POST", f"{self.address}/_control/{name}", body)

    async def see(self, name: str, /, **query: Any) -> Any:
        return await asyncio.to_thread(sent, "GET", f"{self.address}/_control/{name}?{urlencode(query)}")

    async def fail(self, kind: str, path: str, *, method: str = "", times: int = 1, **more: Any) -> None:
        """Let the next `times` such requests fail."""
        await self.control("faults", kind=kind, path=path, method=method, times=times, **more)

    async def heal(self) -> None:
        """Forget all faults."""
        await asyncio.to_thread(sent, "DELETE", f"{self.address}/_control/faults")

    async def log(self, since: int = 0) -> list[Json]:
        """Every request from that number on."""
        found: list[Json] = await self.see("log", since=since)
        return found

    async def calls(self, method: str, part: str, since: int = 0) -> list[Json]:
        """The requests of that method to a path with the part in it."""
        return [one for one in await self.log(since) if one["method"] == method and part in one["path"]]

    async def shown(self, channel: str) -> list[Json]:
        """What the channel shows to everybody, oldest first."""
        found: list[Json] = await self.see("messages", channel_id=channel)
        return [one["message"] for one in found if not one["deleted"] and not one["ephemeral_for"]]

    async def told(self, person: str) -> list[str]:
        """The texts of the direct messages to a person."""
        calls = await self.calls("POST", "/users/@me/channels")
        done = [one for one in calls if isinstance(one.get("response"), dict)]  # others failed
        opened = {one["response"].get("id") for one in done if one["body"]["recipient_id"] == person} - {None}
        return [text(message) for channel in sorted(opened) for message in await self.shown(channel)]

    def as_the_bot(self, method: str, path: str, body: Json | None = None) -> Any:
        """A call of the bot that the bot under test has no need of."""
        return sent(method, f"{self.api_url}{path}", body, Authorization=f"Bot {TOKEN}")


@contextmanager
def serving(*options: str) -> Iterator[Emulator]:
    """One on a free port."""
    with running(SCRIPT, *options) as address:
        yield Emulator(address)


def text(message: Json) -> str:
    """Everything that a message says."""
    embeds = [part for one in message.get("embeds", []) for part in (one.get("title", ""), one.get("description", ""))]
    return "\n".join([message.get("content", ""), *embeds, *(one.get("content", "") for one in components(message))])


def components(message: Json) -> list[Json]:
    """All of its components, however deep."""
    found: list[Json] = []
    waiting = list(message.get("components", []))
    while waiting:
        one = waiting.pop(0)
        found.append(one)
        waiting += one.get("components", [])
    return found


def buttons(message: Json) -> dict[str, str]:
    """The ids of what can be pressed, by label."""
    return {one["label"]: one["custom_id"] for one in components(message) if one["type"] == 2 and "custom_id" in one}


def custom_ids(message: Json) -> list[str]:
    """The ids of all that can be pressed or chosen from."""
    return [one["custom_id"] for one in components(message) if "custom_id" in one]


def options(message: Json) -> dict[str, str]:
    """The values of what can be chosen from its list, by label."""
    return {option["label"]: option["value"] for one in components(message) for option in one.get("options", [])}


async def complaints(emulator: Emulator, since: int = 0) -> list[str]:
    """What Discord has against the requests from that number on: none of these may ever be."""
    log = await emulator.log(since)
    found = []
    for one in log:
        said = f"{one['method']} {one['path'][:80]}: {one.get('status')} {str(one.get('response'))[:300]}"
        answer: Any = one.get("response")
        code = answer.get("code") if isinstance(answer, dict) else None
        is_invalid = one.get("status") == 400 and code not in (40060, 50033)
        if is_invalid or one.get("unhandled") or one.get("ratelimited") or one["warnings"]:
            found.append(f"{said} {one['warnings']}")
        if one.get("interaction_age_ms", 0) > 3_000:
            found.append(f"late: {said}")
    paid = sorted(one["t"] for one in log if not one["path"].startswith(("/interactions/", "/webhooks/")))
    found += [f"over 50 calls in the second from {at}" for at in paid if sum(at <= t < at + 1 for t in paid) > 50]
    return found + await _pings(emulator, log) + _unanswered(log, await emulator.see("gateway_log"))


async def _pings(emulator: Emulator, log: list[Json]) -> list[str]:
    """In the channels that these requests wrote to."""
    answers = [one["response"] for one in log if isinstance(one.get("response"), dict)]
    found = []
    for channel in {one["channel_id"] for one in answers if "channel_id" in one}:
        for one in await emulator.see("messages", channel_id=channel):
            pinged = [one["pings"] or {}, one["edit_pings"] or {}] if one["via"] != "user" else []
            kinds = ("users", "roles", "everyone", "unsafe")
            found += [f"a ping: {pings}" for pings in pinged if any(pings.get(kind) for kind in kinds)]
    return found


def _unanswered(log: list[Json], gateway: list[Json]) -> list[str]:
    """Interactions that came since the first of these requests and were not acknowledged."""
    if not log:
        return []
    first = log[0]["t"]
    sent = [one for one in gateway if one.get("event") == "INTERACTION_CREATE" and one["t"] >= first]
    came = max(Counter(one["session"] for one in sent).values(), default=0)  # to each session that may resume
    told = {one["path"].split("/")[2] for one in log if one["path"].startswith("/interactions/")}
    missing = came - len(told)
    return [f"{missing} interactions were not acknowledged"] if missing > 0 else []
