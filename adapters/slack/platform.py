"""The bot on Slack: one workspace over Socket Mode, and the life of its channels."""

import asyncio
import logging
import random
import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack import modal
from adapters.slack.posts import NAME, Posts
from adapters.slack.render import render
from bot import dispatch, identifiers, typed, views
from bot.cards import Card, Tone
from bot.core import Core
from bot.errors import BotError, ConfigError
from bot.planning import next_probe
from bot.ports import Records
from bot.subscriptions import Asker, Block, Channel, Pause, Standing

COMMAND = "/papers"
_FATAL = {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "not_allowed_token_type", "missing_scope"}
_LONGEST_WAIT = 300.0
_MENTION = re.compile(r"<@[A-Z0-9]+(?:\|[^>]*)?>")
_GONE = ("channel_deleted", "group_deleted", "channel_archive", "group_archive")
_LEFT = ("member_left_channel", "group_left", "channel_left")
_BACK = ("channel_unarchive", "group_unarchive", "member_joined_channel", "channel_rename", "group_rename")
_UNINSTALLED = ("app_uninstalled", "tokens_revoked")

log = logging.getLogger(__name__)
Json = dict[str, Any]


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
        self.posts = Posts(client, now)
        self.app = AsyncApp(client=client)
        self._listen()

    async def run(self, app_token: str, api_url: str) -> None:
        """Stay connected until cancelled. Raises ConfigError when Slack will never let it in."""
        failures = 0
        while True:
            web = AsyncWebClient(token=app_token, base_url=api_url)
            handler = AsyncSocketModeHandler(self.app, app_token, web_client=web)
            try:
                await self._client.auth_test()
                await handler.connect_async()  # type: ignore[no-untyped-call]  # the handler itself connects again from then on
                log.info("Connected to Slack")
                failures = 0
                await asyncio.Event().wait()
            except SlackApiError as error:
                if error.response.get("error") in _FATAL:
                    problem = f"SLACK_BOT_TOKEN or SLACK_APP_TOKEN: Slack refuses it ({error.response['error']})"
                    raise ConfigError([problem]) from error
                log.warning("Slack cannot be reached (%s)", error.response.get("error"))
            except Exception as error:  # noqa: BLE001 - whatever a library raises when there is no connection
                log.warning("Slack cannot be reached (%s: %s)", type(error).__name__, error)
            finally:
                await handler.close_async()  # type: ignore[no-untyped-call]
            failures += 1
            await asyncio.sleep(min(_LONGEST_WAIT, 2.0 ** min(failures, 9)) * random.uniform(0.5, 1.0))  # noqa: S311

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
        app.event("app_mention")(self._mentioned)
        for names, handle in (
            (_GONE, self._gone),
            (_LEFT, self._left),
            (_BACK, self._back),
            (_UNINSTALLED, self._lost),
        ):
            for name in names:
                app.event(name)(handle)
        app.error(self._failed)

    async def _command(self, ack: Any, command: Json, respond: Any) -> None:
        text = str(command.get("text") or "")
        asker = await self._asker(command["team_id"], command["channel_id"], command["user_id"], ack)
        if typed.clean(text).lower() == "subscribe":
            await self._client.views_open(trigger_id=command["trigger_id"], view=modal.form(asker))
            return
        await self._respond(respond, await self._answer(text, asker), text)

    async def _shortcut(self, ack: Any, shortcut: Json, respond: Any) -> None:
        asker = await self._asker(shortcut["team"]["id"], shortcut["channel"]["id"], shortcut["user"]["id"], ack)
        message = shortcut.get("message") or {}
        found = identifiers.find(typed.clean(f"{message.get('text', '')} {_texts(message.get('blocks') or [])}"))
        text = f"show {' '.join(found)}"
        await self._respond(respond, await self._answer(text, asker) if found else views.no_paper_in_message(), text)

    async def _pressed(self, ack: Any, body: Json, action: Json, respond: Any) -> None:
        asker = await self._asker(body["team"]["id"], body["channel"]["id"], body["user"]["id"], ack)
        if not await self._is_new(f"{body['trigger_id']} {action['action_ts']}"):
            return
        text = str(action.get("value") or (action.get("selected_option") or {}).get("value") or "")
        kind = str(action["action_id"]).partition("-")[0]
        is_private = bool((body.get("container") or {}).get("is_ephemeral"))
        card = await self._answer(text, asker)
        if kind == "share":
            await respond(**render(card), response_type="in_channel", replace_original=False)
        else:
            await self._respond(respond, card, text, replace=kind == "turn" and is_private)

    async def _opened(self, ack: Any) -> None:
        await ack()  # a button that leads somewhere is reported too

    async def _zone_options(self, ack: Any, payload: Json) -> None:
        choices = await dispatch.complete("subscribe", "tz", str(payload.get("value") or ""), self._core())
        await ack(**modal.zone_options(choice.value for choice in choices))

    async def _form_sent(self, ack: Any, body: Json, view: Json) -> None:
        channel = str(view["private_metadata"])
        asker = await self._asker(body["team"]["id"], channel, body["user"]["id"])
        given = modal.entered(view)
        card = await dispatch.run("subscribe", given, self._core(), self._now(), asker=asker)
        confirm = next((button.command for button in card.buttons if button.label == views.CONFIRM), "")
        if confirm:
            await ack(response_action="push", view=modal.preview(card, channel, confirm))
        else:
            await ack(response_action="errors", errors=modal.errors(card.about, card.title))

    async def _confirmed(self, ack: Any, body: Json, view: Json) -> None:
        await ack(response_action="clear")
        channel, _, command = str(view["private_metadata"]).partition(" ")
        if not await self._is_new(f"view {view['id']}"):
            return
        asker = Asker(Channel(NAME, body["team"]["id"], channel), body["user"]["id"])
        card = await self._answer(command, asker)
        await self._client.chat_postEphemeral(channel=channel, user=asker.person, **_without_unfurl(render(card)))

    async def _mentioned(self, body: Json, event: Json) -> None:
        if not await self._is_new(str(body["event_id"])) or event.get("bot_id"):
            return
        asker = await self._asker(body["team_id"], event["channel"], event["user"])
        card = await self._answer(_MENTION.sub(" ", str(event.get("text") or "")), asker)
        thread = event.get("thread_ts") or event["ts"]
        await self._client.chat_postMessage(channel=event["channel"], thread_ts=thread, **render(card))

    async def _gone(self, body: Json, event: Json) -> None:
        await self._block(body, event, Block(Standing.PAUSED, Pause.CHANNEL_GONE, self._probe_at()))

    async def _left(self, body: Json, event: Json, context: Json) -> None:
        if event.get("user") in (None, context.get("bot_user_id")):
            await self._block(body, event, Block(Standing.PAUSED, Pause.PERMISSION, self._probe_at()))

    async def _back(self, body: Json, event: Json, context: Json) -> None:
        if event["type"] != "member_joined_channel" or event.get("user") == context.get("bot_user_id"):
            await self._records.subscriptions.probe(NAME, body["team_id"], self._now())

    async def _lost(self, body: Json) -> None:
        block = Block(Standing.PAUSED, Pause.TENANT_LOST, self._probe_at(), whole_tenant=True)
        await self._records.subscriptions.block(Channel(NAME, body["team_id"], ""), block, self._now())

    async def _failed(self, error: Exception) -> None:
        log.error("an event of Slack could not be handled (%s: %s)", type(error).__name__, error)

    async def _answer(self, text: str, asker: Asker) -> Card:
        return await dispatch.run_text(text, self._core(), self._now(), asker=asker)

    async def _respond(self, respond: Any, card: Card, text: str, *, replace: bool = False) -> None:
        can_share = card.tone is not Tone.FAILURE and bool(card.papers)
        shown = render(card, share=text if can_share else "")
        await respond(**shown, response_type="ephemeral", replace_original=replace)

    async def _block(self, body: Json, event: Json, block: Block) -> None:
        channel = event.get("channel")
        id_ = channel.get("id") if isinstance(channel, dict) else channel
        await self._records.subscriptions.block(Channel(NAME, body["team_id"], str(id_)), block, self._now())

    def _probe_at(self) -> datetime | None:
        now = self._now()
        return next_probe(now, now)

    async def _is_new(self, key: str) -> bool:
        """Whether it was not handled before; where that cannot be told, it is handled."""
        try:
            return await self._records.interactions.is_new(f"{NAME} {key}", self._now())
        except BotError as error:
            log.warning("what Slack sent could not be remembered: %s", error)
            return True

    async def _asker(
        self, team: str, channel: str, person: str, ack: Callable[[], Awaitable[Any]] | None = None
    ) -> Asker:
        """Who asks, acknowledged at once, with the zone of the profile where it may be read."""
        if ack:
            await ack()
        if person not in self._zones:
            try:
                async with asyncio.timeout(1.0):
                    user = (await self._client.users_info(user=person))["user"]
                self._zones[person] = str(user.get("tz") or "UTC")
            except Exception as error:  # noqa: BLE001 - a zone is a convenience
                log.debug("the zone of a person is not known: %s", error)
                return Asker(Channel(NAME, team, channel), person)
        return Asker(Channel(NAME, team, channel), person, self._zones[person])


def _texts(blocks: Any) -> str:
    """All texts and addresses in blocks, however deep."""
    if isinstance(blocks, list):
        return " ".join(map(_texts, blocks))
    if isinstance(blocks, dict):
        own = (str(blocks[name]) for name in ("text", "url") if isinstance(blocks.get(name), str))
        return " ".join((*own, *(_texts(value) for value in blocks.values() if isinstance(value, dict | list))))
    return ""


def _without_unfurl(payload: Json) -> Json:
    return {name: value for name, value in payload.items() if not name.startswith("unfurl")}
