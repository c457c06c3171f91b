"""A small Discord on this machine: the part of its gateway and REST API that the bot uses, true to their protocol.

Source: https://discord.com/developers/docs/events/gateway and .../interactions/receiving-and-responding
"""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import WSMsgType, web

from tests.discord_rules import COMPONENTS_V2, check
from tests.discord_state import TOKEN, Json, Server
from tests.discord_values import APPLICATION, BOT, CHANNEL, EPHEMERAL, GUILD, MADE_AT, MEMBER, guild, user


@asynccontextmanager
async def serving() -> AsyncIterator[Server]:
    """A Discord for one test; in the end, nothing that it would have refused was done."""
    server = Server(guilds={GUILD: guild()}, messages={CHANNEL: []})
    app = web.Application(middlewares=[_Api(server).checked])
    app.router.add_get("/gateway", _Gateway(server).serve)
    _Api(server).add_to(app)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        server.url, server.gateway_url = f"http://127.0.0.1:{port}/api/v10", f"ws://127.0.0.1:{port}/gateway"
        yield server
    finally:
        await runner.cleanup()
    assert server.wrong == []


@dataclass(slots=True)
class _Gateway:
    server: Server

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.server._socket = socket
        await socket.send_json({"op": 10, "d": {"heartbeat_interval": 41_250}})
        async for message in socket:
            if message.type == WSMsgType.TEXT:
                await self._hear(socket, json.loads(message.data))
        return socket

    async def _hear(self, socket: web.WebSocketResponse, said: Json) -> None:
        match said["op"]:
            case 1:
                await socket.send_json({"op": 11})
            case 2 if said["d"]["token"] != TOKEN:
                await socket.close(code=4004, message=b"Authentication failed.")
            case 2:
                await self._identified(said["d"]["intents"])
            case 6:
                await self._resumed(socket, said["d"]["seq"])

    async def _identified(self, intents: int) -> None:
        server = self.server
        if intents != 1:
            server.wrong.append(f"intents {intents}: only GUILDS are needed")
        server.identified += 1
        guilds = [{"id": id_, "unavailable": True} for id_ in server.guilds]
        ready = {
            "v": 10,
            "user": user(BOT),
            "guilds": guilds,
            "session_id": "s",
            "application": {"id": BOT, "flags": 0},
        }
        await server.dispatch("READY", {**ready, "resume_gateway_url": server.gateway_url})
        for one in server.guilds.values():
            await server.dispatch("GUILD_CREATE", one)
        server.connected.set()

    async def _resumed(self, socket: web.WebSocketResponse, seq: int) -> None:
        self.server.resumed += 1
        for missed in self.server._sent[seq:]:
            await socket.send_json(missed)
        await self.server.dispatch("RESUMED", {})
        self.server.connected.set()


UNKNOWN_CHANNEL: Json = {"message": "Unknown Channel", "code": 10003}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class _Api:
    server: Server

    def add_to(self, app: web.Application) -> None:
        api = "/api/v10"
        app.router.add_get(f"{api}/gateway", self.known)
        app.router.add_get(f"{api}/users/@me", self.known)
        app.router.add_get(f"{api}/oauth2/applications/@me", self.known)
        app.router.add_put(f"{api}/applications/{BOT}/commands", self.register)
        app.router.add_post(f"{api}/interactions/{{id}}/{{token}}/callback", self.callback)
        app.router.add_patch(f"{api}/webhooks/{BOT}/{{token}}/messages/@original", self.original)
        app.router.add_post(f"{api}/users/@me/channels", self.direct)
        app.router.add_get(f"{api}/guilds/{{guild}}/members/{{member}}", self.member)
        app.router.add_get(f"{api}/channels/{{channel}}", self.channel)
        app.router.add_post(f"{api}/channels/{{channel}}/messages", self.post)
        app.router.add_get(f"{api}/channels/{{channel}}/messages", self.history)
        app.router.add_patch(f"{api}/channels/{{channel}}/messages/{{message}}", self.edit)

    @web.middleware
    async def checked(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path == "/gateway":
            return await handler(request)
        path = request.path.removeprefix("/api/v10")
        body = await request.json() if request.can_read_body else None
        self.server.requests.append((request.method, path, body))
        needs_token = not path.startswith(("/interactions/", "/webhooks/"))  # their own tokens are in the paths
        if needs_token and request.headers.get("Authorization") != f"Bot {TOKEN}":
            return await _json({"message": "401: Unauthorized", "code": 0}, 401)
        for fault in self.server.faults:
            if fault.method == request.method and re.search(fault.path, path):
                self.server.faults.remove(fault)
                if fault.done:
                    await handler(request)
                return await _json(fault.body, fault.status, fault.headers)
        return await handler(request)

    async def known(self, request: web.Request) -> web.Response:
        """What is the same for every bot."""
        gateway = {"url": self.server.gateway_url}
        facts = {"gateway": gateway, "users": user(BOT), "oauth2": APPLICATION}
        return await _json(facts[request.path.split("/")[3]])

    async def register(self, request: web.Request) -> web.Response:
        self.server.commands.append(await request.json())
        return await _json(self.server.commands[-1])

    async def callback(self, request: web.Request) -> web.Response:
        found = self.server.interactions.get(request.match_info["token"])
        if found is None:
            return await _json({"message": "Unknown interaction", "code": 10062}, 404)
        if found.callback:
            return await _json({"message": "Interaction has already been acknowledged.", "code": 40060}, 400)
        found.callback = await request.json()
        if found.callback and found.callback["type"] == 8:
            found.answered.set()
        return web.Response(status=204)

    async def original(self, request: web.Request) -> web.Response:
        found = self.server.interactions[request.match_info["token"]]
        found.message = self._message(await request.json(), CHANNEL)
        found.message["flags"] |= EPHEMERAL if found.is_private else 0
        found.answered.set()
        return await _json(found.message)

    async def member(self, request: web.Request) -> web.Response:
        if (id_ := request.match_info["member"]) not in self.server.members:
            return await _json({"message": "Unknown Member", "code": 10007}, 404)
        return await _json({"user": user(id_), **MEMBER})

    async def direct(self, request: web.Request) -> web.Response:
        channel = f"9{(await request.json())['recipient_id']}"
        self.server.messages.setdefault(channel, [])
        return await _json({"id": channel, "type": 1})

    async def channel(self, request: web.Request) -> web.Response:
        if request.match_info["channel"] not in self.server.messages:
            return await _json(UNKNOWN_CHANNEL, 404)
        return await _json({**guild()["channels"][0], "id": request.match_info["channel"]})

    async def post(self, request: web.Request) -> web.Response:
        body, channel = await request.json(), request.match_info["channel"]
        if channel not in self.server.messages:
            return await _json(UNKNOWN_CHANNEL, 404)
        nonce = body.pop("nonce", None)
        is_enforced = body.pop("enforce_nonce", False)
        known = [one for one in self.server.messages[channel] if is_enforced and one["nonce"] == nonce]
        if not known:
            known = [{**self._message(body, channel), "nonce": nonce}]
            self.server.messages[channel] += known
        return await _json(known[0])

    async def history(self, request: web.Request) -> web.Response:
        after, limit = int(request.query.get("after", 0)), int(request.query.get("limit", 50))
        found = [one for one in self.server.messages[request.match_info["channel"]] if int(one["id"]) > after]
        without_nonce = [{**one, "nonce": None} for one in found[:limit]]
        return await _json(without_nonce[::-1])

    async def edit(self, request: web.Request) -> web.Response:
        for at, one in enumerate(found := self.server.messages[request.match_info["channel"]]):
            if one["id"] == request.match_info["message"]:
                found[at] = {**one, **self._message(await request.json(), one["channel_id"]), "id": one["id"]}
                return await _json(found[at])
        return await _json({"message": "Unknown Message", "code": 10008}, 404)

    def _message(self, body: Json, channel: str) -> Json:
        try:
            check({**body, "flags": body.get("flags", 0) & COMPONENTS_V2})
        except AssertionError as error:
            self.server.wrong.append(f"a message breaks a limit: {error}")
        known = {"id": self.server.id(), "channel_id": channel, "author": user(BOT), "timestamp": MADE_AT, "type": 0}
        empty: Json = {
            "content": "",
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "pinned": False,
        }
        lists: Json = {name: [] for name in ("mentions", "mention_roles", "attachments", "embeds", "components")}
        return {**known, **empty, **lists, "flags": 0, **body}


async def _json(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    exact = {"Content-Type": "application/json", **(headers or {})}  # discord.py reads nothing else as JSON
    return web.Response(body=json.dumps(body).encode(), status=status, headers=exact)
