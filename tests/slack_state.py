"""What a small Slack knows, and what somebody does there.

Source: https://docs.slack.dev/interactivity/handling-user-interaction and .../apis/events-api/using-socket-mode
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiohttp import web

from tests.papers import NOON
from tests.slack_rules import check, elements

Json = dict[str, Any]
BOT_TOKEN, APP_TOKEN = "xoxb-test-token", "xapp-test-token"
TEAM, CHANNEL, BOT, ADA = "T1", "C1", "U0BOT", "U0ADA"
SECONDS = 20
ACK_SECONDS = 3.0  # then Slack tells the person that the app did not answer


@dataclass(slots=True)
class Deed:
    """One thing that somebody does, what was acknowledged, and what they have been shown since."""

    trigger: str
    response_url: str
    acknowledged: Json | None = None
    answers: list[Json] = field(default_factory=list)
    view: Json | None = None
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def answer(self) -> Json:
        return self.answers[-1]


@dataclass(slots=True)
class Fault:
    """An answer that is given once instead of the right one; with `done`, what was asked for is done all the same."""

    method: str
    status: int
    body: Json
    done: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Server:
    """The state of one workspace with one channel, the bot and Ada."""

    url: str = ""
    channel: Json = field(default_factory=lambda: {"id": CHANNEL, "is_member": True, "members": [BOT, ADA]})
    messages: dict[str, list[Json]] = field(default_factory=lambda: {CHANNEL: []})
    deeds: dict[str, Deed] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    requests: list[tuple[str, Json]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)  # what the bot did that Slack would refuse
    connections: int = 0
    connected: asyncio.Event = field(default_factory=asyncio.Event)
    socket: web.WebSocketResponse | None = None
    acks: dict[str, asyncio.Future[Json]] = field(default_factory=dict)
    _ids: Any = field(default_factory=lambda: count(1))

    def ts(self) -> str:
        """A new one, later than all before."""
        return f"{NOON.timestamp():.0f}.{next(self._ids):06}"

    async def send(self, kind: str, payload: Json) -> Json:
        """Send an envelope; what is said with its acknowledgement, which has to come within three seconds."""
        await self.connected.wait()
        assert self.socket
        id_ = f"envelope-{next(self._ids)}"
        self.acks[id_] = asyncio.get_running_loop().create_future()
        answers = kind != "events_api"
        await self.socket.send_json(
            {"envelope_id": id_, "type": kind, "payload": payload, "accepts_response_payload": answers}
        )
        try:
            async with asyncio.timeout(ACK_SECONDS):
                return await self.acks[id_]
        except TimeoutError:
            self.wrong.append(f"{payload.get('type') or kind} was not acknowledged")
            return {}

    async def hang_up(self) -> None:
        """The connection ends; the bot is to make another one."""
        assert self.socket
        self.connected.clear()
        await self.socket.close()

    async def event(self, event: Json, id_: str = "") -> None:
        """Something happens; with the id of an event that was sent before, Slack repeats it."""
        of_app = {"team_id": TEAM, "api_app_id": "A1", "type": "event_callback", "event_id": id_ or f"Ev{self.ts()}"}
        authorized = {"team_id": TEAM, "user_id": BOT, "is_bot": True, "is_enterprise_install": False}
        await self.send("events_api", {**of_app, "event": event, "authorizations": [authorized]})

    async def slash(self, text: str) -> Deed:
        """Ada says `/papers` and the text; returns when she sees something."""
        deed = self._deed()
        place = {"team_id": TEAM, "channel_id": CHANNEL, "user_id": ADA, "command": "/papers", "text": text}
        given = {"trigger_id": deed.trigger, "response_url": deed.response_url, "is_enterprise_install": "false"}
        return await self._done(deed, "slash_commands", {**place, **given})

    async def press(self, message: Json, label: str, *, there: str = CHANNEL) -> Deed:
        """Ada presses a button, or chooses an option of a menu, by its label, `there` in a channel."""
        deed = self._deed()
        block, element = next(
            (block, one)
            for block in message["blocks"]
            for one in elements({"blocks": [block]})
            if label
            in (one.get("text", {}).get("text"), *(option["text"]["text"] for option in one.get("options", [])))
        )
        chosen = next((one for one in element.get("options", []) if one["text"]["text"] == label), None)
        action = {"type": element["type"], "action_id": element["action_id"], "action_ts": self.ts()}
        action |= {"selected_option": chosen} if chosen else {"value": element["value"], "text": element["text"]}
        container = {"type": "message", "message_ts": message["ts"], "is_ephemeral": message["is_ephemeral"]}
        payload = {"actions": [action | {"block_id": block.get("block_id", "b")}], "container": container}
        payload |= {"channel": {"id": there}}
        payload |= {} if message["is_ephemeral"] else {"message": message.get("kept", message)}
        return await self._done(deed, "interactive", self._by_ada("block_actions", deed) | payload)

    async def shortcut(self, message: Json) -> Deed:
        """Ada chooses *Paper card* in the menu of a message."""
        deed = self._deed()
        payload = {"callback_id": "paper_card", "message": message, "message_ts": message["ts"]}
        return await self._done(deed, "interactive", self._by_ada("message_action", deed) | payload)

    async def submit(self, view: Json, values: Mapping[str, str]) -> Json:
        """Ada sends a window in which she has entered something; what the bot says to that."""
        state = {}
        for block in view["blocks"]:
            element, name = block.get("element"), block.get("block_id")
            if element:
                given = values.get(name, element.get("initial_value") or element.get("initial_time"))
                option = element.get("initial_option")
                state[name] = {
                    element["action_id"]: {"value": given, "selected_time": given, "selected_option": option}
                }
        sent = {**view, "id": f"V{self.ts()}", "state": {"values": state}}
        return await self.send("interactive", self._by_ada("view_submission", self._deed()) | {"view": sent})

    async def suggest(self, action: str, value: str) -> list[str]:
        """What Ada may choose from, after she has typed something."""
        asked = {"action_id": action, "block_id": action, "value": value}
        found = await self.send("interactive", self._by_ada("block_suggestion", self._deed()) | asked)
        return [option["value"] for option in found["options"]]

    def _deed(self) -> Deed:
        made = Deed(f"{next(self._ids)}.trigger", "")
        made.response_url = f"{self.url.removesuffix('/api/')}/respond/{made.trigger}"
        self.deeds[made.trigger] = made
        return made

    def _by_ada(self, kind: str, deed: Deed) -> Json:
        place = {"team": {"id": TEAM}, "channel": {"id": CHANNEL}, "user": {"id": ADA, "team_id": TEAM}}
        given = {"trigger_id": deed.trigger, "response_url": deed.response_url, "is_enterprise_install": False}
        return {"type": kind, "api_app_id": "A1", **place, **given}

    async def _done(self, deed: Deed, kind: str, payload: Json) -> Deed:
        deed.acknowledged = await self.send(kind, payload)
        async with asyncio.timeout(SECONDS):
            await deed.answered.wait()
        return deed

    def judge(self, payload: Json) -> None:
        """Note it when the message breaks a limit."""
        try:
            check({"unfurl_links": False, "unfurl_media": False, **payload})
        except AssertionError as error:
            self.wrong.append(f"a message breaks a limit: {error}")
