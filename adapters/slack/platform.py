"""The bot on Slack: one workspace over Socket Mode, and the life of its channels."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from html import unescape
from time import monotonic
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from adapters.slack import connection, modal
from adapters.slack.posts import NAME, Posts, without_unfurl
from adapters.slack.render import render
from bot import buttons, typed, views
from bot.answering import Answering, Said, papers_of, shared_by
from bot.cards import Card, Tone
from bot.core import Core
from bot.errors import BotError, Problem, UserError
from bot.places import Places
from bot.ports import Records
from bot.subscriptions import TERMINAL, Asker, Channel

COMMAND = "/papers"
DELETED = ("channel_deleted", "group_deleted")
CHANGED = (
    *("channel_archive", "channel_unarchive", "channel_left", "channel_rename", "member_joined_channel"),
    *("group_archive", "group_unarchive", "group_left", "group_rename", "member_left_channel"),
)
UNINSTALLED = ("app_uninstalled", "tokens_revoked")
_ZONE_SECONDS = 1.0  # a trigger and a window that was sent wait for three
_FORM_SECONDS = 1.5
_DOUBLE_CLICK_SECONDS = 2.0
_MENTION = re.compile(r"<@[A-Z0-9]+(?:\|[^>]*)?>")

log = logging.getLogger(__name__)
Json = dict[str, Any]
Ack = Callable[..., Awaitable[Any]]


class Slack:
    """One workspace. `core` may be another one each time, while the first batches are still to come."""

    def __init__(
        self,
        client: AsyncWebClient,
        core: Callable[[], Core],
        records: Records,
        now: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._interactions = records.interactions
        self._now = now
        self._team = ""  # while it is connected
        self._zones: dict[str, str] = {}
        self._clicks: dict[str, tuple[str, float]] = {}  # the last on a message, and when it came
        self.posts = Posts(client, now)
        self._answering = Answering(self.posts, core, records.interactions, now)
        self._places = Places(self.posts, records.subscriptions, now)
        self.app = AsyncApp(client=client, logger=connection.quiet())
        self._listen()

    async def run(self, app_token: str, api_url: str, *, pace: float = 1.0) -> None:
        """Stay connected until cancelled. Raises ConfigError when Slack refuses the first connection for good."""
        # What could not be posted to is looked at again, as nobody told what happened meanwhile.
        await connection.serve(self.app, app_token, api_url, self._connected, pace)

    def is_connected(self) -> bool:
        """Whether Slack can reach the bot now."""
        return bool(self._team)

    async def _connected(self, team: str) -> None:
        self._team = team
        if team:
            await self._places.look_again(team)

    def _listen(self) -> None:
        """Everything that Slack sends, and who takes it."""
        app = self.app
        app.command(COMMAND)(self._command)
        app.shortcut("paper_card")(self._shortcut)
        app.action(re.compile("^open-"))(self._opened)
        app.action(re.compile("^(say|turn|share)-"))(self._pressed)
        app.options(modal.ZONE)(self._zone_options)
        app.view(modal.FORM)(self._form_sent)
        app.view(modal.CONFIRMED)(self._confirmed)
        app.event("app_mention")(self._once(self._mentioned))
        for names, handle in ((DELETED, self._deleted), (CHANGED, self._changed), (UNINSTALLED, self._uninstalled)):
            for name in names:
                app.event(name)(self._once(handle))
        app.error(self._failed)

    async def _command(self, ack: Ack, command: Json) -> None:
        await ack()
        text = unescape(str(command.get("text") or ""))
        asker = await self._asker(command["team_id"], command["channel_id"], command["user_id"])
        if typed.clean(text).lower() != "subscribe":
            await self._respond(command, await self._answering.answer(Said(text, asker)), text)
            return
        try:
            await self._client.views_open(trigger_id=command["trigger_id"], view=modal.form(asker))
        except Exception as error:  # noqa: BLE001 - whatever it is, there is another way to say it
            log.info("a window could not be opened (%s: %s)", type(error).__name__, error)
            await self._respond(command, views.no_window())

    async def _shortcut(self, ack: Ack, shortcut: Json) -> None:
        await ack()
        asker = await self._asker(shortcut["team"]["id"], shortcut["channel"]["id"], shortcut["user"]["id"])
        text = papers_of(shortcut.get("message"))
        card = await self._answering.answer(Said(text, asker)) if text else views.no_paper_in_message()
        await self._respond(shortcut, card, text)

    async def _pressed(self, ack: Ack, body: Json, action: Json) -> None:
        await ack()
        text = str(action.get("value") or (action.get("selected_option") or {}).get("value") or "")
        kind, place = str(action["action_id"]).partition("-")[0], body.get("container") or {}
        person = body["user"]["id"]
        is_double = self._is_double(f"{person} {place.get('message_ts')}", f"{action['action_id']} {text}")
        if is_double or not await self._is_new(f"{body['trigger_id']} {action['action_ts']}"):
            return
        here = Channel(NAME, body["team"]["id"], body["channel"]["id"])
        # *Share* repeats what somebody typed, which leads to no other channel.
        channel, text = buttons.read_about(text, NAME) if kind != "share" else (None, text)
        asker = await self._asker(here.tenant, (channel or here).id, person)
        if asker.channel == here or await self.posts.has_member(asker.channel, person):
            card = await self._answering.answer(Said(text, asker))
        else:
            card = views.not_a_member()
        how: Json = {"thread_ts": place["thread_ts"]} if place.get("thread_ts") else {}
        if kind == "share" and card.tone is not Tone.FAILURE:
            await self._respond(body, card, response_type="in_channel", **how)
        elif kind == "turn" and place.get("is_ephemeral"):
            await self._respond(body, card, text, replace_original=True)
        else:
            await self._respond(body, card, text, **how)

    async def _opened(self, ack: Ack) -> None:
        await ack()  # a button that leads somewhere is reported too

    async def _zone_options(self, ack: Ack, payload: Json) -> None:
        choices = await self._answering.choices("subscribe", "tz", str(payload.get("value") or ""), TERMINAL)
        await ack(**modal.zone_options(choice.value for choice in choices))

    async def _form_sent(self, ack: Ack, body: Json, view: Json) -> None:
        channel = str(view["private_metadata"])
        asker = Asker(Channel(NAME, body["team"]["id"], channel), body["user"]["id"])
        try:
            async with asyncio.timeout(_FORM_SECONDS):
                card = await self._answering.answer(Said("subscribe", asker, modal.entered(view)))
        except TimeoutError:
            card = views.failure(UserError(Problem.TOO_SLOW))
        confirm = next((button.command for button in card.buttons if button.label == views.CONFIRM), "")
        if confirm:
            await ack(response_action="push", view=modal.preview(card, channel, confirm))
        else:
            await ack(response_action="errors", errors=modal.errors(card))

    async def _confirmed(self, ack: Ack, body: Json, view: Json) -> None:
        await ack(response_action="clear")
        channel, _, command = str(view["private_metadata"]).partition(" ")
        if not await self._is_new(f"view {view['id']}"):
            return
        asker = Asker(Channel(NAME, body["team"]["id"], channel), body["user"]["id"])
        card = await self._answering.answer(Said(command, asker))
        try:
            await self._client.chat_postEphemeral(channel=channel, user=asker.person, **without_unfurl(render(card)))
        except SlackApiError as error:  # the channel has gone meanwhile
            log.info("an answer goes into a private message (%s)", error.response.get("error"))
            await self.posts.tell(asker.person, asker.channel, card)

    def _once(self, handle: Callable[[Json, Json, Json], Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        """Slack repeats events for a day; Bolt has acknowledged each before it is looked at."""

        async def handled(body: Json, event: Json, context: Json) -> None:
            if await self._is_new(str(body["event_id"])):
                await handle(body, event, context)

        return handled

    async def _mentioned(self, body: Json, event: Json, _context: Json) -> None:
        if event.get("bot_id") or not event.get("user"):
            return
        asker = await self._asker(body["team_id"], event["channel"], event["user"])
        text = unescape(_MENTION.sub(" ", str(event.get("text") or "")))
        card = await self._answering.answer(Said(text, asker))
        thread = event.get("thread_ts") or event["ts"]
        await self._client.chat_postMessage(channel=event["channel"], thread_ts=thread, **render(card))

    async def _deleted(self, body: Json, event: Json, _context: Json) -> None:
        await self._places.gone(Channel(NAME, body["team_id"], str(event["channel"])))

    async def _changed(self, body: Json, event: Json, context: Json) -> None:
        if event["type"].startswith("member_") and event.get("user") != context.get("bot_user_id"):
            return
        found = event["channel"]
        await self._places.changed(
            Channel(NAME, body["team_id"], str(found["id"] if isinstance(found, dict) else found))
        )

    async def _uninstalled(self, body: Json, event: Json, _context: Json) -> None:
        if event["type"] == "app_uninstalled" or (event.get("tokens") or {}).get("bot"):  # others are those of a person
            await self._places.lost(body["team_id"])

    async def _failed(self, error: Exception) -> None:
        log.error("something that Slack sent could not be handled (%s: %s)", type(error).__name__, error)

    async def _respond(self, asked: Json, card: Card, text: str = "", **how: Any) -> None:
        """Answer what somebody did, once; `text` is what they said, so that they can share the answer."""
        shown = render(card, share=shared_by(card, text))
        answer = {"response_type": "ephemeral", "replace_original": False, **shown, **how}
        # A client of our own, because Bolt's sends again what may have arrived.
        reply = await AsyncWebhookClient(asked["response_url"], retry_handlers=[]).send_dict(answer)
        if not reply.body.startswith("ok"):
            log.info("an answer was not taken by Slack (%s: %s)", reply.status_code, reply.body[:100])

    def _is_double(self, where: str, click: str) -> bool:
        """Whether the last click there was the same and a moment ago: both come, as two interactions."""
        now = monotonic()
        self._clicks = {one: last for one, last in self._clicks.items() if now - last[1] < _DOUBLE_CLICK_SECONDS}
        before, _ = self._clicks.get(where, ("", 0.0))
        self._clicks[where] = (click, now)
        return before == click

    async def _is_new(self, key: str) -> bool:
        """Whether it was not handled before; where that cannot be told, it is handled."""
        try:
            return await self._interactions.is_new(f"{NAME} {key}", self._now())
        except BotError as error:
            log.warning("what Slack sent could not be remembered: %s", error)
            return True

    async def _asker(self, team: str, channel: str, person: str) -> Asker:
        """Who asks, with the zone of the profile where it may be read."""
        if person not in self._zones:
            try:
                async with asyncio.timeout(_ZONE_SECONDS):
                    user = (await self._client.users_info(user=person))["user"]
                self._zones[person] = str(user.get("tz") or "UTC")
            except Exception as error:  # noqa: BLE001 - a zone is a convenience
                log.debug("the zone of a person is not known: %s", error)
                return Asker(Channel(NAME, team, channel), person)
        return Asker(Channel(NAME, team, channel), person, self._zones[person])
