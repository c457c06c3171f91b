"""Digests on Slack: post, look back, edit (the Platform port)."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from time import monotonic
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.render import render
from bot import buttons, views
from bot.cards import Card
from bot.clock import ServerClock
from bot.errors import DeliveryError, Outcome
from bot.subscriptions import Channel
from bot.waiting import seconds_of

NAME = "slack"
PER_SECOND = 10  # over all channels: Slack says "several hundred a minute" for a workspace
METADATA = "paper_round_digest"
_ROOM = 1.1  # seconds between two posts in a channel: Slack takes one a second
_PAGE, _MOST_MEMBERS, _MOST_PAGES = 100, 1_000, 5
_SECONDS = 30.0  # that a wait is when Slack gives none
_OUTCOMES = {
    **dict.fromkeys((  # all of these may end by themselves, so that none ends a subscription at once
        "channel_not_found", "is_archived", "not_in_channel", "restricted_action", "restricted_action_read_only_channel",
        "restricted_action_thread_only_channel", "restricted_action_non_threadable_channel", "user_not_in_channel",
        "restricted_action_thread_locked", "missing_scope", "ekm_access_denied", "no_permission", "access_denied",
        "cannot_reply_to_message", "team_access_not_granted",
    ), Outcome.FORBIDDEN),
    **dict.fromkeys((
        "token_revoked", "account_inactive", "invalid_auth", "token_expired", "not_authed", "org_login_required",
    ), Outcome.TENANT_LOST),
    **dict.fromkeys((
        "fatal_error", "internal_error", "service_unavailable", "request_timeout", "team_added_to_org", "",
    ), Outcome.AMBIGUOUS),
    **dict.fromkeys(("ratelimited", "rate_limited", "message_limit_exceeded"), Outcome.NOT_SENT),
}  # fmt: skip
_MESSAGE_GONE = {"message_not_found", "cant_update_message", "edit_window_closed"}
_SENTENCES = {
    "channel_not_found": views.channel_hidden(),
    "is_archived": views.archived(),
    "not_in_channel": views.not_in_channel(),
}


@dataclass(slots=True)
class Posts:
    """Posts as one bot, with a client that repeats nothing by itself."""

    client: AsyncWebClient
    now: Callable[[], datetime]
    clock: ServerClock = field(default_factory=ServerClock)
    name: str = NAME
    remembers: float = 0.0  # Slack knows no key
    per_second: int = PER_SECOND
    monotonic: Callable[[], float] = monotonic
    _last: dict[str, float] = field(default_factory=dict)  # by channel, when it was posted to

    async def post(self, channel: Channel, card: Card, *, key: str) -> str:
        """Post the card and return the id of the message."""
        await self._turn(channel.id)
        answer = await self._call("chat.postMessage", channel=channel.id, metadata=_metadata(key), **render(card))
        return str(answer["ts"])

    async def find(self, channel: Channel, *, key: str, since: datetime) -> str | None:
        """The id of our message that carries the key; BLIND where the history may not be read."""
        wanted = {"channel": channel.id, "oldest": f"{since.timestamp():.6f}", "include_all_metadata": True}
        try:
            async for page in self._pages("conversations.history", _PAGE, **wanted):
                for message in page.get("messages") or []:
                    if _key(message) == key:
                        return str(message["ts"])
        except SlackError as error:
            if error.outcome is Outcome.FORBIDDEN:  # no scope, or no member
                raise DeliveryError(Outcome.BLIND, str(error)) from error
            raise
        return None

    async def edit(self, channel: Channel, message_id: str, card: Card, *, key: str) -> None:
        """Replace the card of a message, silently; nothing happens when the message is gone."""
        payload = without_unfurl(render(card))
        try:
            await self._call("chat.update", channel=channel.id, ts=message_id, metadata=_metadata(key), **payload)
        except SlackError as error:
            if error.code not in _MESSAGE_GONE:
                raise

    async def check(self, channel: Channel) -> None:
        """Raises DeliveryError when a post there could not succeed, as far as can be seen without posting."""
        try:
            found = (await self._call("conversations.info", channel=channel.id))["channel"]
        except SlackError as error:
            if error.code == "missing_scope":  # then the first post tells
                return
            raise
        if found.get("is_archived"):
            raise DeliveryError(Outcome.FORBIDDEN, views.archived())
        if not (found.get("is_member") or found.get("is_im")):
            raise DeliveryError(Outcome.FORBIDDEN, views.not_in_channel())

    async def tell(self, person: str, channel: Channel, card: Card) -> None:
        """Tell the person in a direct message, whose buttons are about the channel."""
        await self._call("chat.postMessage", channel=person, **render(buttons.about(card, channel)))

    async def has_member(self, channel: Channel, person: str) -> bool:
        """Whether the person is in the channel now; not where that cannot be seen."""
        with suppress(DeliveryError):
            async for page in self._pages("conversations.members", _MOST_MEMBERS, channel=channel.id):
                if person in page.get("members", ()):
                    return True
        return False

    async def ahead(self) -> float | None:
        """By how many seconds our clock is ahead of Slack's."""
        return await self.clock.asked(self.now, lambda: self._call("auth.test"))

    async def _turn(self, channel: str) -> None:
        """Wait until a second has passed since the last post in the channel."""
        now = self.monotonic()
        self._last = {one: at for one, at in self._last.items() if now - at < _ROOM}
        at = max(now, self._last.get(channel, 0.0) + _ROOM)
        self._last[channel] = at
        await asyncio.sleep(at - now)

    async def _pages(self, method: str, size: int, **arguments: Any) -> AsyncIterator[Mapping[str, Any]]:
        """All pages of an answer. Raises DeliveryError, BLIND where there are too many."""
        cursor = ""
        for _ in range(_MOST_PAGES):
            page = await self._call(method, limit=size, **arguments, **({"cursor": cursor} if cursor else {}))
            yield page
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return
        raise DeliveryError(Outcome.BLIND, views.too_much_history())

    async def _call(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        try:
            # Methods that only read take no JSON: https://docs.slack.dev/apis/web-api#methods_supporting_json
            if method.startswith("conversations."):
                answer = await self.client.api_call(method, params=arguments)
            else:
                answer = await self.client.api_call(method, json=arguments)
        except SlackApiError as error:
            self.clock.heed(_header(error.response.headers, "date"))
            raise _sorted(error) from error
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise SlackError(Outcome.NOT_SENT, f"Slack cannot be reached ({type(error).__name__})", "") from error
        except (aiohttp.ClientError, SlackClientError, TimeoutError, ValueError) as error:
            raise SlackError(Outcome.AMBIGUOUS, f"Slack did not answer ({type(error).__name__})", "") from error
        self.clock.heed(_header(answer.headers, "date"))
        return answer.data if isinstance(answer.data, dict) else {}


class SlackError(DeliveryError):
    """What Slack answered; `code` is its own word for it, empty where it gave none."""

    def __init__(self, outcome: Outcome, message: str, code: str, retry_after: float = 0.0) -> None:
        super().__init__(outcome, message, retry_after=retry_after)
        self.code = code


def _sorted(error: SlackApiError) -> SlackError:
    """What an answer of Slack means for the message."""
    response = error.response
    code = str(response.get("error") or "") if isinstance(response.data, dict) else ""
    status = int(response.status_code)
    outcome = _OUTCOMES.get(code, Outcome.REFUSED)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        outcome = Outcome.NOT_SENT
    elif status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        outcome = Outcome.AMBIGUOUS  # it may have been done
    asked = _header(response.headers, "retry-after")
    waiting = seconds_of(asked, _SECONDS) if outcome is Outcome.NOT_SENT else 0.0
    return SlackError(outcome, _SENTENCES.get(code, f"Slack says {code or status}"), code, waiting)


def _header(headers: Mapping[str, Any], name: str) -> str:
    """One header, in whichever case and form the library gives it; empty when it is not there."""
    value = next((value for key, value in headers.items() if key.lower() == name), "")
    return str(value[0] if isinstance(value, list) and value else value)


def _metadata(key: str) -> Mapping[str, Any]:
    """What marks a message as ours; everybody in the workspace can read it, so it says nothing."""
    return {"event_type": METADATA, "event_payload": {"k": key}}


def _key(message: Mapping[str, Any]) -> str:
    metadata = message.get("metadata") or {}
    return str((metadata.get("event_payload") or {}).get("k") or "") if metadata.get("event_type") == METADATA else ""


def without_unfurl(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The payload for methods that know nothing of links."""
    return {name: value for name, value in payload.items() if not name.startswith("unfurl")}
