"""A strict Slack on this machine, run as a process; only where ../shared lies beside the project."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from adapters.slack.platform import COMMAND
from tests.emulating import EMULATORS, running, sent

Json = dict[str, Any]

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = EMULATORS / "slack_emulator.py"
MANIFEST = ROOT / "deploy" / "slack-manifest.yaml"
MISSING = "" if SCRIPT.is_file() else "the Slack emulator of ../shared is not here"
BOT_TOKEN, APP_TOKEN, TEAM = "xoxb-emu-token", "xapp-emu-token", "T0EMU00001"
BOT = "U0BOT00001"
OURS = {"invalid_blocks", "invalid_blocks_format", "invalid_arguments", "no_text", "msg_too_long", "invalid_payload"}
SCOPES = {
    *("app_mentions:read", "chat:write", "chat:write.public", "commands", "links:read", "links:write", "channels:read"),
    *("channels:history", "channels:join", "groups:read", "im:read", "im:write", "im:history", "users:read"),
    *("reactions:write", "team:read"),
}  # that the app of the emulator has
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Emulator:
    """A running emulator."""

    address: str

    @property
    def api_url(self) -> str:
        return f"{self.address}/api/"

    async def control(self, name: str, /, **body: Any) -> Any:
        """What the control of that name answers; AssertionError for what no real person or client could do."""
        return await asyncio.to_thread(sent, "POST", f"{self.address}/_control/{name}", body)

    async def see(self, name: str, /, **query: Any) -> Any:
        return await asyncio.to_thread(sent, "GET", f"{self.address}/_control/{name}?{urlencode(query)}")

    async def fail(self, kind: str, method: str, times: int = 1, **more: Any) -> None:
        """Let the next `times` calls of a method (a pattern) fail."""
        await self.control("faults", kind=kind, method=method, times=times, **more)

    async def lives_in(self, zone: str) -> None:
        """The next profile that is asked for has that zone."""
        await self.fail("error", "users.info", error="", extra={"ok": True, "user": {"tz": zone}})

    async def heal(self) -> None:
        """Forget all faults, and that a token was revoked."""
        await asyncio.to_thread(sent, "DELETE", f"{self.address}/_control/faults")
        await self.control("token", revoked=False, installed=True, scopes_add=["channels:history", "users:read"])

    async def calls(self, method: str, since: int = 0) -> list[Json]:
        """The calls of the method from that number of the log on."""
        return [one for one in await self.see("log", since=since) if one["method"] == method]

    async def everything(self, channel: str) -> list[Json]:
        """All that was ever written in the channel."""
        found: list[Json] = await self.see("messages", channel=channel)
        return found

    async def shown(self, channel: str) -> list[Json]:
        """What the bot shows there to everybody, oldest first."""
        everything = await self.everything(channel)
        return [one for one in everything if one["via"] != "user" and not one["ephemeral_for"] and not one["deleted"]]

    async def told(self, person: str) -> list[str]:
        """The texts of the direct messages to a person."""
        sent = [one for one in await self.calls("chat.postMessage") if one.get("args", {}).get("channel") == person]
        return [everything_said(one["args"]) for one in sent if one.get("response", {}).get("ok")]

    async def is_connected(self) -> bool:
        return bool((await self.control("socket", action="status"))["connections"])


@contextmanager
def serving(*options: str) -> Iterator[Emulator]:
    """One on a free port, for an app of our manifest."""
    with running(SCRIPT, "--ratelimits", "off", *options) as address:
        sent("POST", f"{address}/_control/app", {"events": manifest("bot_events"), "commands": [COMMAND]})
        sent("POST", f"{address}/_control/token", {"scopes_remove": sorted(SCOPES - {*manifest("bot")})})
        yield Emulator(address)


def manifest(name: str) -> list[str]:
    """A list of the manifest; it is YAML of which nothing else matters here."""
    lines = iter(MANIFEST.read_text("utf-8").splitlines())
    assert any(line.strip() == f"{name}:" for line in lines), f"the manifest has no {name}"
    items = itertools.takewhile(lambda line: line.strip().startswith("- "), lines)
    return [item.partition("#")[0].strip(' -"') for item in items]


def new_name(kind: str) -> str:
    return f"{kind}-{next(_numbers)}"


def elements(message: Json) -> list[Json]:
    """All buttons and menus of a message or a view, with the block that each is in."""
    found = []
    for block in message.get("blocks") or []:
        inside = [*(block.get("elements") or []), block.get("accessory"), block.get("element")]
        found += [{**one, "block_id": block["block_id"]} for one in inside if one and "action_id" in one]
    return found


def buttons(message: Json) -> dict[str, Json]:
    """What can be pressed, by label."""
    return {one["text"]["text"]: one for one in elements(message) if one["type"] == "button"}


def everything_said(message: Json) -> str:
    """All texts in the blocks of a message."""

    def texts(part: Any) -> Iterator[str]:
        if isinstance(part, list):
            for one in part:
                yield from texts(one)
        elif isinstance(part, dict):
            if isinstance(part.get("text"), str):
                yield part["text"]
            for one in part.values():
                yield from texts(one)

    return "\n".join(texts(message.get("blocks") or []))


class Mark(NamedTuple):
    """How much there was at a moment: calls, deliveries, channels."""

    log: int = 0
    deliveries: int = 0
    channels: int = 0


async def mark(emulator: Emulator) -> Mark:
    log, deliveries = await emulator.see("log"), await emulator.see("deliveries")
    return Mark(len(log), len(deliveries), len(await _channels(emulator)))


async def _channels(emulator: Emulator) -> list[str]:
    return [*(await emulator.see("state"))["teams"][TEAM]["channels"]]


async def complaints(emulator: Emulator, since: Mark) -> list[str]:
    """What Slack has against what was done since: none of these may ever be."""
    found, entries = [], await emulator.see("log", since=since.log)
    for one in entries:
        answer = one.get("response") if isinstance(one.get("response"), dict) else {}
        if answer.get("error") in OURS or answer.get("warning") or one["warnings"]:
            found.append(f"{one['method']}: {str(answer)[:400]} {one['warnings']}")
    sent = await emulator.see("deliveries", since=since.deliveries)
    found += [f"late: {one['kind']} {one['type']} {one.get('error')}" for one in sent if not one["acked"]]
    found += [f"slow: {one['kind']} {one['type']} after {one['ms']} ms" for one in sent if one.get("ms", 0) >= 3_000]
    used = sum(one["method"] == "response_url" for one in entries)
    asked = sum(one["kind"] != "events_api" for one in sent)
    found += [f"{used} answers to {asked} questions"] if used > asked else []
    return found + await _pings(emulator, since) + _twice(entries, sent)


async def _pings(emulator: Emulator, since: Mark) -> list[str]:
    channels = (await _channels(emulator))[since.channels :]
    said = [one for channel in channels for one in await emulator.everything(channel) if one["via"] != "user"]
    return [f"a ping: {one['pings']}" for one in said if any(one["pings"].values())]


def _twice(entries: list[Json], sent: list[Json]) -> list[str]:
    """More answers in threads than there were events to answer."""
    answered = Counter(one["args"].get("thread_ts") for one in entries if one["method"] == "chat.postMessage")
    mentions = {one["payload"]["event_id"]: one["payload"]["event"] for one in sent if one["event"] == "app_mention"}
    asked = Counter(one.get("thread_ts") or one["ts"] for one in mentions.values())
    return [f"{n} answers in {ts}" for ts, n in answered.items() if ts and n > asked[ts]]
