"""A small Slack on this machine: the part of its Web API and Socket Mode that the bot uses, true to their protocol.

Source: https://docs.slack.dev/apis/events-api/using-socket-mode and .../reference/methods
"""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import WSMsgType, web

from tests.slack_state import APP_TOKEN, BOT, BOT_TOKEN, CHANNEL, TEAM, Json, Server


class Refused(Exception):
    """What Slack says with `ok: false`."""


@asynccontextmanager
async def serving() -> AsyncIterator[Server]:
    """A Slack for one test; in the end, nothing that it would have refused was done."""
    server = Server()
    app = web.Application()
    app.router.add_get("/link", _Link(server).serve)
    app.router.add_post("/respond/{trigger}", _Api(server).respond)
    app.router.add_route("*", "/api/{method}", _Api(server).serve)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
        yield server
    finally:
        await runner.cleanup()
    assert server.wrong == []


@dataclass(slots=True)
class _Link:
    server: Server

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.server.socket = socket
        self.server.connections += 1
        await socket.send_json({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A1"}})
        self.server.connected.set()
        async for message in socket:
            if message.type == WSMsgType.TEXT:
                said = json.loads(message.data)
                self.server.acks[said["envelope_id"]].set_result(said.get("payload") or {})
        return socket


@dataclass(slots=True)
class _Api:
    server: Server

    async def serve(self, request: web.Request) -> web.Response:
        method, given = request.match_info["method"], dict(request.query)
        is_read = method.startswith(("conversations.", "users."))  # these understand no JSON
        is_json = request.content_type == "application/json" and not is_read
        given |= await request.json() if is_json and request.can_read_body else {}
        self.server.requests.append((method, given))
        token = APP_TOKEN if method == "apps.connections.open" else BOT_TOKEN
        if request.headers.get("Authorization") != f"Bearer {token}":
            return web.json_response({"ok": False, "error": "invalid_auth"})
        fault = next((one for one in self.server.faults if re.fullmatch(one.method, method)), None)
        try:
            done = getattr(self, method.replace(".", "_"))(given) if not fault or fault.done else {}
        except Refused as error:
            return web.json_response({"ok": False, "error": str(error)})
        if fault:
            self.server.faults.remove(fault)
            return web.json_response(fault.body, status=fault.status, headers=dict(fault.headers))
        return web.json_response({"ok": True, **done})

    async def respond(self, request: web.Request) -> web.Response:
        deed, body = self.server.deeds[request.match_info["trigger"]], await request.json()
        if len(deed.answers) == 5:
            return web.json_response({"ok": False, "error": "used_url"}, status=404)
        self.server.judge(body)
        deed.answers.append({**body, "ts": self.server.ts(), "is_ephemeral": body["response_type"] == "ephemeral"})
        deed.answered.set()
        return web.Response(text="ok")

    def auth_test(self, _: Json) -> Json:
        return {"team_id": TEAM, "user_id": BOT, "bot_id": "B0BOT", "user": "papers", "team": "Lab", "url": "x"}

    def apps_connections_open(self, _: Json) -> Json:
        return {"url": self.server.url.replace("http:", "ws:").replace("/api/", "/link")}

    def users_info(self, given: Json) -> Json:
        return {"user": {"id": given["user"], "tz": "Europe/Paris"}}

    def views_open(self, given: Json) -> Json:
        deed = self.server.deeds[given["trigger_id"]]
        deed.view = given["view"]
        deed.answered.set()
        return {"view": given["view"]}

    def chat_postMessage(self, given: Json) -> Json:  # noqa: N802 - its name at Slack
        self._find(given["channel"])
        self.server.judge(given)
        message = {**given, "ts": self.server.ts(), "user": BOT, "bot_id": "B0BOT", "is_ephemeral": False}
        self.server.messages.setdefault(given["channel"], []).append(message)
        return {"ts": message["ts"], "channel": given["channel"]}

    def chat_postEphemeral(self, given: Json) -> Json:  # noqa: N802 - its name at Slack
        return {"message_ts": self.chat_postMessage({**given, "for": given["user"]})["ts"]}

    def chat_update(self, given: Json) -> Json:
        message = next((one for one in self.server.messages[given["channel"]] if one["ts"] == given["ts"]), None)
        if message is None:
            raise Refused("message_not_found")
        self.server.judge(given)
        message.update(given)
        return {"ts": given["ts"]}

    def conversations_info(self, given: Json) -> Json:
        return {"channel": self._find(given["channel"])}

    def conversations_members(self, given: Json) -> Json:
        return {"members": self._find(given["channel"])["members"], "response_metadata": {"next_cursor": ""}}

    def conversations_history(self, given: Json) -> Json:
        self._find(given["channel"])
        found = [one for one in self.server.messages[given["channel"]] if float(one["ts"]) >= float(given["oldest"])]
        without = () if given.get("include_all_metadata") else ("metadata",)
        shown = [{name: value for name, value in one.items() if name not in without} for one in reversed(found)]
        return {"messages": shown[: int(given.get("limit", 100))], "response_metadata": {"next_cursor": ""}}

    def _find(self, channel: str) -> Json:
        if channel == CHANNEL and self.server.channel.get("is_deleted"):
            raise Refused("channel_not_found")
        return self.server.channel if channel == CHANNEL else {"id": channel, "is_im": True}
