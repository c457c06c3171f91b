"""The people who talk to the bot on the local Slack."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from adapters.slack.platform import COMMAND
from adapters.slack.posts import NAME
from bot.subscriptions import Channel
from tests import slack_emulator as emulators
from tests.slack_emulator import TEAM, Emulator, Json
from tests.waiting import until


@dataclass(slots=True)
class Answer:
    """A message that somebody sees."""

    record: Json

    @property
    def message(self) -> Json:
        found: Json = self.record["message"]
        return found

    @property
    def text(self) -> str:
        return emulators.everything_said(self.message)

    @property
    def is_private(self) -> bool:
        return bool(self.record["ephemeral_for"])

    @property
    def thread(self) -> str | None:
        return self.message.get("thread_ts")

    @property
    def buttons(self) -> dict[str, Json]:
        return emulators.buttons(self.message)


@dataclass(slots=True)
class Person:
    """Somebody in a channel."""

    emulator: Emulator
    id: str
    channel: str
    acknowledged: list[float] = field(default_factory=list)

    @property
    def place(self) -> Channel:
        return Channel(NAME, TEAM, self.channel)

    async def say(self, text: str) -> Answer:
        """Use the slash command."""
        return await self._answered("slash", command=COMMAND, text=text)

    async def write(self, text: str, thread: str | None = None, **more: Any) -> Json:
        """Write a message."""
        body = {"channel": self.channel, "user": self.id, "text": text, "thread_ts": thread, **more}
        found: Json = await self.emulator.control("message", **body)
        return found

    async def mention(self, text: str, thread: str | None = None, **more: Any) -> Answer:
        """Call the bot by its name, and see what it answers."""
        before = await self._seen()
        await self.write(f"<@{emulators.BOT}> {text}", thread, **more)
        return await self._new(before)

    async def press(self, answer: Answer, label: str) -> Answer:
        return await self._answered("action", **self.click(answer, label))

    async def choose(self, answer: Answer, number: int, label: str) -> Answer:
        """Choose from the menu of one paper of a list."""
        menu = [one for one in emulators.elements(answer.message) if one["type"] == "overflow"][number - 1]
        chosen = next(one["value"] for one in menu["options"] if one["text"]["text"] == label)
        where = {"channel": self.channel, "ts": answer.message["ts"], "block_id": menu["block_id"]}
        return await self._answered("action", action_id=menu["action_id"], selected=chosen, **where)

    async def open(self) -> Json:
        """The window that `/papers subscribe` opens."""
        done = await self.emulator.control("slash", **self.slash("subscribe"), settle=0)
        assert done["acked"], done

        async def opened() -> Json | None:
            views = [one for one in await self.emulator.see("views") if one["_user"] == self.id and one["_open"]]
            return views[-1] if views else None

        view: Json = await until(opened, "the window")
        return view

    async def send(self, view: Json, **values: Any) -> Json:
        """Press the button of a window; `response` and `outcome` are what comes of it."""
        form = {"at": "09:00"} if any(one["type"] == "input" for one in view["blocks"]) else {}
        body = {"user": self.id, "view_id": view["id"], "values": {**form, **values}, "settle": 0}
        done: Json = await self.emulator.control("view_submit", **body)
        assert done["acked"], done
        self.acknowledged.append(done["ms"])
        return done

    async def fill_in(self, view: Json, **values: Any) -> Json:
        """The preview of what the form describes."""
        done = await self.send(view, **values)
        assert done["outcome"] == "push", done
        views = [one for one in await self.emulator.see("views") if one["previous_view_id"] == view["id"]]
        found: Json = views[-1]
        return found

    async def confirm(self, preview: Json) -> Answer:
        before = await self._seen()
        assert (await self.send(preview))["outcome"] == "cleared"
        return await self._new(before)

    async def use_shortcut(self, message: Json) -> Answer:
        before = await self._seen()
        body = {"user": self.id, "channel": self.channel, "ts": message["ts"], "settle": 0}
        assert (await self.emulator.control("shortcut", callback_id="paper_card", **body))["acked"]
        return await self._new(before)

    def slash(self, text: str) -> Json:
        """What the slash command says, without its answer."""
        return {"command": COMMAND, "text": text, "channel": self.channel, "user": self.id}

    def click(self, answer: Answer, label: str) -> Json:
        """What pressing says, without its answer."""
        button = answer.buttons[label]
        where = {"channel": self.channel, "ts": answer.message["ts"], "user": self.id, "settle": 0}
        return {"action_id": button["action_id"], "block_id": button["block_id"], **where}

    async def answers(self) -> Sequence[Answer]:
        """All that the bot shows this person here."""
        everything = await self.emulator.everything(self.channel)
        mine = [one for one in everything if one["via"] != "user" and one["ephemeral_for"] in (None, self.id)]
        return [Answer(one) for one in mine if not one["deleted"]]

    async def _answered(self, what: str, /, **body: Any) -> Answer:
        before = await self._seen()
        done = await self.emulator.control(what, **{"channel": self.channel, "user": self.id, "settle": 0, **body})
        assert done["acked"], done
        self.acknowledged.append(done["ms"])
        return await self._new(before)

    async def _seen(self) -> dict[str, int]:
        return {one.message["ts"]: len(one.record["history"]) for one in await self.answers()}

    async def _new(self, before: dict[str, int]) -> Answer:
        """What was not there before, or was replaced since."""

        async def new() -> Answer | None:
            found = await self.answers()
            return next((o for o in found if before.get(o.message["ts"], -1) < len(o.record["history"])), None)

        answer: Answer = await until(new, "the answer")
        return answer


async def somebody(emulator: Emulator, *, bot: bool = True, private: bool = False) -> Person:
    """A new person in a new channel of their own."""
    made = await emulator.control("user", name=emulators.new_name("ada"))
    name = emulators.new_name("papers")
    channel = await emulator.control("channel", name=name, members=[made["id"]], bot=bot, private=private)
    return Person(emulator, made["id"], channel["id"])
