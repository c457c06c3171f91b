"""The bot on the local Discord, in this process so that time is ours, and the people who talk to it there."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx

from adapters.discord.platform import Discord
from adapters.discord.posts import NAME
from adapters.discord.rest import Rest
from bot.clock import ServerClock
from bot.core import Core
from bot.digest import Planner
from bot.outbox import Outbox
from bot.ports import Records
from bot.store import FileLock, SqliteDatabase, SqlStore, records
from bot.subscriptions import Asker, Channel, Order, Schedule
from tests import emulator as emulators
from tests.emulator import LOADING, TOKEN, Emulator, Json
from tests.library import indexed, shelved
from tests.living import SimulatedTime
from tests.papers import NOON
from tests.visitor import Visitor
from tests.waiting import until

SOON = timedelta(minutes=10)  # when what is ordered is due


@dataclass(slots=True)
class Guest(Visitor):
    """The bot on the emulator."""

    emulator: Emulator
    discord: Discord
    rest: Rest
    ordered: list[Channel] = field(default_factory=list)

    async def connect(self, *, patience: float = 60.0, is_ready: bool = True) -> None:
        self.running = asyncio.create_task(self.discord.run(self.emulator.api_url, patience=patience, pace=0.05))
        if is_ready:
            await self.ready()

    async def ready(self) -> None:
        async def is_ready() -> bool:
            client = self.discord._client
            return (self.running is not None and self.running.done()) or (client is not None and client.is_ready())

        await until(is_ready, "the connection")

    async def restart(self) -> None:
        """As a new process would be, on the same database."""
        await self.disconnect()
        self.rest, self.discord = _made(self.emulator, self.rest._client, lambda: self.core, self.records, self.time)
        self.renew()
        await self.connect()

    def renew(self) -> None:
        """A planner and an outbox that know nothing of before, nor what time it was."""
        self.rest.clock = ServerClock(self.time.monotonic)
        self.planner = Planner(self.records, self.index, {NAME: self.discord.posts})
        self.outbox = Outbox(self.discord.posts, self.records, self.time.clock, owner="another")

    async def post(self) -> None:
        """What was ordered just now is due."""
        await self.planner.tick(self.time.now())
        self.time.advance(seconds=SOON.total_seconds())
        await self.turn()

    async def again(self, **span: float) -> None:
        """Some time later, by default when a failed attempt is tried again."""
        self.time.advance(**(span or {"seconds": 20}))
        await self.turn()

    async def order(self, channel: Channel, person: str, name: str = "papers", **fields: Any) -> None:
        """Somebody has ordered a digest there, that is due soon."""
        due = (self.time.wall + SOON).time().replace(second=0, microsecond=0)
        order = Order(name, **{"top": 3, "schedule": Schedule(due), **fields})
        await self.core.subscribing.subscribe(order, Asker(channel, person), self.time.now())
        self.ordered.append(channel)

    async def forget(self) -> None:
        """Nothing that was ordered is posted any more."""
        for channel in self.ordered:
            for one in await self.orders(channel):
                await self.records.subscriptions.remove(one)
        self.ordered.clear()


def _made(
    emulator: Emulator, http: httpx.AsyncClient, core: Callable[[], Core], kept: Records, time: SimulatedTime
) -> tuple[Rest, Discord]:
    rest = Rest(http, emulator.api_url, TOKEN, pause=0.05)
    rest.clock = ServerClock(time.monotonic)
    return rest, Discord(TOKEN, rest, core, kept, time.now)


@asynccontextmanager
async def visiting(emulator: Emulator, folder: Path) -> AsyncIterator[Guest]:
    """A bot with the papers of tests.library, not connected yet, at NOON of their Monday."""
    path, time = folder / "papers.db", SimulatedTime(NOON)
    store = SqlStore(await SqliteDatabase.open(path, lock=FileLock.take(path)))

    async def dated(answer: httpx.Response) -> None:  # Discord lives at the same time as we do
        answer.headers["Date"] = format_datetime(time.now(), usegmt=True)

    http = httpx.AsyncClient(headers={"User-Agent": "paper-round/test"}, event_hooks={"response": [dated]})
    async with http, shelved(store, folder / "index") as core, indexed(store, folder / "planner") as index:
        kept = records(store)
        rest, discord = _made(emulator, http, lambda: core, kept, time)
        planner = Planner(kept, index, {NAME: discord.posts})
        outbox = Outbox(discord.posts, kept, time.clock, owner="this")
        guest = Guest(time, store, kept, core, index, planner, outbox, emulator, discord, rest)
        try:
            yield guest
        finally:
            await guest.disconnect()
            await store.close()


@dataclass(slots=True)
class Answer:
    """What somebody sees after what they did."""

    message: Json
    is_private: bool
    ack_ms: float
    id: str

    @property
    def text(self) -> str:
        return emulators.text(self.message)

    @property
    def buttons(self) -> dict[str, str]:
        return emulators.buttons(self.message)

    @property
    def options(self) -> dict[str, str]:
        return emulators.options(self.message)


@dataclass(slots=True)
class Person:
    """Somebody in a channel (of a server, or a direct message)."""

    emulator: Emulator
    id: str
    channel: str
    guild: str = ""
    acknowledged: list[float] = field(default_factory=list)

    @property
    def place(self) -> Channel:
        return Channel(NAME, self.guild, self.channel)

    async def say(self, command: str, /, **options: Any) -> Answer:
        """Use a slash command, such as `papers search`."""
        given = {name.replace("_", "-"): value for name, value in options.items()}
        return await self._done("slash", name=command, options=given)

    async def press(self, answer: Answer | Json, label: str) -> Answer:
        message = answer.message if isinstance(answer, Answer) else answer
        id_ = emulators.buttons(message)[label]
        return await self._done("component", before=message, message_id=message["id"], custom_id=id_)

    async def choose(self, answer: Answer, label: str) -> Answer:
        """Choose what begins so from the list of a message."""
        value = next(value for shown, value in answer.options.items() if shown.startswith(label))
        id_ = next(one["custom_id"] for one in emulators.components(answer.message) if "options" in one)
        return await self._done("component", message_id=answer.message["id"], custom_id=id_, values=[value])

    async def menu(self, message: Json) -> Answer:
        return await self._done("context_menu", name="Paper card", type=3, target_id=message["id"])

    async def complete(self, command: str, focused: str, /, **options: Any) -> list[str]:
        """The values that are suggested."""
        found = await self.emulator.control(
            "autocomplete", name=command, options=options, focused=focused, user_id=self.id, channel_id=self.channel
        )
        assert found["acked"], found
        assert all(1 <= len(one[part]) <= 100 for one in found["choices"] for part in ("name", "value"))
        self.acknowledged.append(found["ack_ms"])
        return [one["value"] for one in found["choices"]]

    async def post(self, content: str) -> Json:
        """Write a message."""
        found: Json = await self.emulator.control("message", channel_id=self.channel, user_id=self.id, content=content)
        return found

    async def _done(self, what: str, /, *, before: Json | None = None, **body: Any) -> Answer:
        found = await self.emulator.control(what, user_id=self.id, channel_id=self.channel, **body)
        assert found["acked"], found["user_sees"]
        self.acknowledged.append(found["ack_ms"])
        stamp = before["edited_timestamp"] if before and found["ack_type"] == 6 else None

        async def shown() -> Any:
            message = (await self.emulator.control("interaction", id=found["id"]))["message"]
            return None if message["flags"] & LOADING or message["edited_timestamp"] == stamp else message

        message = await until(shown, "the answer")
        return Answer(message, bool(message["flags"] & 64), found["ack_ms"], found["id"])


async def server(emulator: Emulator, **fields: Any) -> Person:
    """A new server that the bot is in, and its owner in its only channel."""
    made = await emulator.control("guild", channels=["papers"], **{"name": "Lab", **fields})
    owner = (await emulator.see("info"))["owner_id"]
    return Person(emulator, owner, made["channels"][0]["id"], made["guild"]["id"])


async def joined(guest: Guest) -> Person:
    """The owner of a new server, when the bot has done all that it does there at first."""
    name = f"Lab {uuid.uuid4()}"  # all servers have one owner, who is greeted for each
    person = await server(guest.emulator, name=name)
    await known(guest, person)

    async def is_greeted() -> bool:
        return any(name in text for text in await guest.emulator.told(person.id))

    await until(is_greeted, "the greeting")
    return person


async def newcomer(there: Person, permissions: int | None = None) -> Person:
    """Somebody else in the same channel; without permissions of their own they may not manage it."""
    made = await there.emulator.control("user", name="grace", guild_id=there.guild, permissions=permissions)
    return Person(there.emulator, made["id"], there.channel, there.guild)


async def known(guest: Guest, person: Person) -> None:
    """The bot has heard of the channel."""

    async def is_known() -> bool:
        client = guest.discord._client
        return client is not None and client.get_channel(int(person.channel)) is not None

    await until(is_known, "the channel")


async def another(guest: Guest, person: Person, name: str = "papers", kind: int = 0) -> Person:
    """The same person in a new channel of the server, with a digest ordered there."""
    made = await person.emulator.control("channel", guild_id=person.guild, name=name, type=kind)
    there = replace(person, channel=made["id"])
    await known(guest, there)
    await guest.order(there.place, there.id)
    return there


async def denied(guest: Guest, person: Person, *names: str) -> None:
    """The bot is denied these rights in the channel, and no others; it knows."""
    client = guest.discord._client
    assert client
    channel: Any = client.get_channel(int(person.channel))
    before = channel.overwrites
    await person.emulator.control("channel_perms", channel_id=person.channel, deny=names)

    async def is_known() -> bool:
        return bool(channel.overwrites != before)

    await until(is_known, "the change")
