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
from bot import dispatch, identifiers, typed, views
from bot.cards import Card, Tone
from bot.core import Core
from bot.errors import BotError, DeliveryError, Outcome, Problem, UserError
from bot.owners import Owners
from bot.planning import next_probe
from bot.ports import Records
from bot.subscriptions import Asker, Block, Channel, Pause, Standing

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
_ABOUT = re.compile(r"@(\w+) ")  # the channel that a button of a direct message is about
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
        self._core = core
        self._records = records
        self._now = now
        self._zones: dict[str, str] = {}
        self._clicks: dict[str, float] = {}  # the last few, and when they came
        self.posts = Posts(client, now)
        self.app = AsyncApp(client=client, logger=connection.quiet())
        self._listen()

    async def run(self, app_token: str, api_url: str) -> None:
        """Stay connected until cancelled. Raises ConfigError when Slack refuses the first connection for good."""
        await connection.serve(self.app, app_token, api_url, self._connected)

    async def _connected(self, team: str) -> None:
        """What could not be posted to is looked at again, as nobody told what happened meanwhile."""
        await self._records.subscriptions.probe(NAME, team, self._now())

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
            await self._respond(command, await self._answer(text, asker), text)
            return
        try:
            await self._client.views_open(trigger_id=command["trigger_id"], view=modal.form(asker))
        except Exception as error:  # noqa: BLE001 - whatever it is, there is another way to say it
            log.info("a window could not be opened (%s: %s)", type(error).__name__, error)
            await self._respond(command, views.no_window())

    async def _shortcut(self, ack: Ack, shortcut: Json) -> None:
        await ack()
        asker = await self._asker(shortcut["team"]["id"], shortcut["channel"]["id"], shortcut["user"]["id"])
        message = shortcut.get("message") or {}
        found = identifiers.find(typed.clean(f"{message.get('text', '')} {_texts(message.get('blocks') or [])}"))
        text = f"show {' '.join(found)}"
        await self._respond(shortcut, await self._answer(text, asker) if found else views.no_paper_in_message(), text)

    async def _pressed(self, ack: Ack, body: Json, action: Json) -> None:
        await ack()
        text = str(action.get("value") or (action.get("selected_option") or {}).get("value") or "")
        kind, place = str(action["action_id"]).partition("-")[0], body.get("container") or {}
        person = body["user"]["id"]
        if self._is_double(f"{person} {place.get('message_ts')} {text}") or not await self._is_new(
            f"{body['trigger_id']} {action['action_ts']}"
        ):
            return
        about = _ABOUT.match(text) if _is_ours(body, text) else None
        channel, text = (about[1], text[about.end() :]) if about else (body["channel"]["id"], text)
        card = await self._answer(text, await self._asker(body["team"]["id"], channel, person))
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
        choices = await dispatch.complete("subscribe", "tz", str(payload.get("value") or ""), self._core())
        await ack(**modal.zone_options(choice.value for choice in choices))

    async def _form_sent(self, ack: Ack, body: Json, view: Json) -> None:
        channel = str(view["private_metadata"])
        asker, now = Asker(Channel(NAME, body["team"]["id"], channel), body["user"]["id"]), self._now()
        try:
            async with asyncio.timeout(_FORM_SECONDS):
                card = await self._hindered("subscribe", asker) or await dispatch.run(
                    "subscribe", modal.entered(view), self._core(), now, asker=asker
                )
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
        card = await self._answer(command, asker)
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
        card = await self._answer(unescape(_MENTION.sub(" ", str(event.get("text") or ""))), asker)
        thread = event.get("thread_ts") or event["ts"]
        await self._client.chat_postMessage(channel=event["channel"], thread_ts=thread, **render(card))

    async def _deleted(self, body: Json, event: Json, _context: Json) -> None:
        channel = Channel(NAME, body["team_id"], str(event["channel"]))
        await self._block(channel, Block(Standing.GONE, Pause.CHANNEL_GONE, None), views.CHANNEL_DELETED)

    async def _changed(self, body: Json, event: Json, context: Json) -> None:
        """The channel is looked at, as events come late and in any order."""
        if event["type"].startswith("member_") and event.get("user") != context.get("bot_user_id"):
            return
        found = event["channel"]
        channel = Channel(NAME, body["team_id"], str(found["id"] if isinstance(found, dict) else found))
        try:
            await self.posts.check(channel)
        except DeliveryError as error:
            if error.outcome is Outcome.FORBIDDEN:
                await self._block(channel, Block(Standing.PAUSED, Pause.PERMISSION, self._probe_at()), str(error))
        else:
            await self._records.subscriptions.probe(NAME, channel.tenant, self._now())

    async def _uninstalled(self, body: Json, event: Json, _context: Json) -> None:
        if event["type"] == "tokens_revoked" and not (event.get("tokens") or {}).get("bot"):
            return  # those of a person
        block = Block(Standing.PAUSED, Pause.TENANT_LOST, self._probe_at(), whole_tenant=True)
        await self._records.subscriptions.block(Channel(NAME, body["team_id"], ""), block, self._now())

    async def _block(self, channel: Channel, block: Block, why: str) -> None:
        """Whoever ordered something there is told, once."""
        paused = await self._records.subscriptions.block(channel, block, self._now())
        await Owners(self._records.subscriptions).tell_of_pause(self.posts, channel, paused, why, self._now())

    async def _failed(self, error: Exception) -> None:
        log.error("something that Slack sent could not be handled (%s: %s)", type(error).__name__, error)

    async def _answer(self, text: str, asker: Asker) -> Card:
        hindered = await self._hindered(text, asker)
        return hindered or await dispatch.run_text(text, self._core(), self._now(), asker=asker)

    async def _hindered(self, text: str, asker: Asker) -> Card | None:
        """Why nothing can be ordered here, where that is what the text does and it could not be posted."""
        if typed.clean(text).lower().partition(" ")[0] != "subscribe":
            return None
        try:
            await self.posts.check(asker.channel)
        except DeliveryError as error:
            return views.cannot_post_here(str(error)) if error.outcome is Outcome.FORBIDDEN else None
        return None

    async def _respond(self, asked: Json, card: Card, text: str = "", **how: Any) -> None:
        """Answer what somebody did, once; `text` is what they said, so that they can share the answer."""
        can_share = card.tone is not Tone.FAILURE and bool(card.papers)
        shown = render(card, share=text if can_share else "")
        answer = {"response_type": "ephemeral", "replace_original": False, **shown, **how}
        # A client of our own, because Bolt's sends again what may have arrived.
        reply = await AsyncWebhookClient(asked["response_url"], retry_handlers=[]).send_dict(answer)
        if not reply.body.startswith("ok"):
            log.info("an answer was not taken by Slack (%s: %s)", reply.status_code, reply.body[:100])

    def _probe_at(self) -> datetime | None:
        now = self._now()
        return next_probe(now, now)

    def _is_double(self, click: str) -> bool:
        """Whether the same was pressed a moment ago: both clicks come, as two interactions."""
        now = monotonic()
        self._clicks = {one: at for one, at in self._clicks.items() if now - at < _DOUBLE_CLICK_SECONDS}
        return self._clicks.setdefault(click, now) != now

    async def _is_new(self, key: str) -> bool:
        """Whether it was not handled before; where that cannot be told, it is handled."""
        try:
            return await self._records.interactions.is_new(f"{NAME} {key}", self._now())
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


def _is_ours(pressed: Json, value: str) -> bool:
    """Whether the bot itself put the value under a button, as the message shows that Slack keeps.

    It keeps no ephemeral message, and *Share* carries what somebody typed, which must lead to no other channel.
    """
    if (pressed.get("container") or {}).get("is_ephemeral"):
        return False
    blocks = (pressed.get("message") or {}).get("blocks") or []
    return any(one.get("value") == value for block in blocks for one in block.get("elements") or [])


def _texts(blocks: Any) -> str:
    """All texts and addresses in blocks, however deep."""
    if isinstance(blocks, list):
        return " ".join(map(_texts, blocks))
    if isinstance(blocks, dict):
        own = (str(blocks[name]) for name in ("text", "url") if isinstance(blocks.get(name), str))
        return " ".join((*own, *(_texts(value) for value in blocks.values() if isinstance(value, dict | list))))
    return ""
