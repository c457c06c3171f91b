"""Interactions: acknowledged at once, answered from the core, shown to whoever asked."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import discord

from adapters.discord import commands, ids, rights
from adapters.discord.ids import Press, Pressed
from adapters.discord.posts import NAME, Posts, granted, read_grant
from adapters.discord.render import EPHEMERAL, render
from adapters.discord.rest import ANSWERED_ALREADY, Rest, RestError
from bot import dispatch, identifiers, views
from bot.cards import Card, Tone
from bot.commands import COMMANDS
from bot.core import Core
from bot.errors import BotError, DeliveryError, Outcome, Problem, UserError
from bot.ports import Interactions
from bot.subscriptions import Asker, Channel

_LATER, _UPDATE_LATER, _CHOICES = 5, 6, 8
_TRIES, _SECONDS, _PAUSE = 3, 0.8, 0.1  # of an acknowledgement: Discord waits for three seconds
_LONGEST_CHOICE, _MOST_CHOICES = 100, 25
_COMPLETED_SECONDS = 1.5  # then nothing is suggested: it could come too late

log = logging.getLogger(__name__)
Json = dict[str, Any]
Interaction = discord.Interaction[Any]


@dataclass(frozen=True, slots=True)
class _Said:
    """A command, as text, how it is answered, and whether whoever says it was allowed to change what the channel gets."""

    text: str
    answer: Callable[[], Awaitable[Card]]
    granted: Channel | None = None


class Answers:
    """Answers the interactions of one bot."""

    def __init__(self, core: Callable[[], Core], rest: Rest, posts: Posts, interactions: Interactions) -> None:
        self._core = core
        self._rest = rest
        self._posts = posts
        self._interactions = interactions

    async def handle(self, interaction: Interaction) -> None:
        """Answer it; one that came too late or twice is swallowed."""
        try:
            match interaction.type:
                case discord.InteractionType.application_command:
                    await self._command(interaction)
                case discord.InteractionType.autocomplete:
                    await self._complete(interaction)
                case discord.InteractionType.component:
                    await self._pressed(interaction)
        except DeliveryError as error:  # it expired, was answered already, or Discord is in trouble
            log.info("an interaction was not answered: %s", error)
        except BotError as error:
            log.error("an interaction was not answered: %s", error)
        except Exception:  # the outermost edge
            log.exception("an interaction was not answered")

    async def _command(self, interaction: Interaction) -> None:
        await self._acknowledge(interaction, Press.SAY)
        data: Json = dict(interaction.data or {})
        said = self._chosen(data, interaction) if data.get("type", 1) != 1 else self._typed(data, interaction)
        card = await self._allowed(interaction, said) if said else views.no_paper_in_message()
        await self._show(interaction, card, Press.SAY, said.text if said else "")

    def _typed(self, data: Json, interaction: Interaction) -> _Said:
        """A verb with its options."""
        verb, given, _ = commands.arguments(data["options"])
        if verb not in COMMANDS:  # of another version, whose commands somebody still sees
            return self._said(f"help {verb}", interaction)
        text = COMMANDS[verb].typed({**COMMANDS[verb].defaults, **given})
        asker, now = _asker(interaction), self._posts.now()
        # Discord itself decides who may use the managing group, as the admins have set it.
        channel = asker.channel if data.get("name") == commands.MANAGING_GROUP else None
        return _Said(text, lambda: dispatch.run(verb, given, self._core(), now, asker=asker), channel)

    def _chosen(self, data: Json, interaction: Interaction) -> _Said | None:
        """The papers of a message, from its menu; None when it has none."""
        found = identifiers.find(_all_text(data))
        return self._said(f"show {' '.join(found)}", interaction) if found else None

    def _said(self, pressed: str, interaction: Interaction) -> _Said:
        """What a button says, in its channel or in the one for which it was granted."""
        channel, text = read_grant(pressed)
        asker, now = _asker(interaction, channel), self._posts.now()
        return _Said(text, lambda: dispatch.run_text(text, self._core(), now, asker=asker), channel)

    async def _pressed(self, interaction: Interaction) -> None:
        data: Json = dict(interaction.data or {})
        chosen = data.get("values") or [data.get("custom_id", "")]
        pressed = ids.read(str(chosen[0])) or Pressed(Press.SAY)
        is_private = bool(interaction.message and interaction.message.flags.value & EPHEMERAL)
        press = pressed.press if pressed.press is not Press.TURN or is_private else Press.SAY
        await self._acknowledge(interaction, press)
        try:
            text = pressed.command or await self._interactions.kept(pressed.kept, self._posts.now())
        except BotError as error:
            log.warning("a button could not be looked up: %s", error)
            await self._show(interaction, views.failure(UserError(Problem.OUT_OF_ORDER)), press, "")
            return
        if not text:
            await self._show(interaction, views.button_expired(), press, "")
            return
        said = self._said(text, interaction)
        is_ours = said.text.split(" ", 1)[0] in COMMANDS  # exactly so: the rights go by how the verb is written
        card = await self._allowed(interaction, said) if is_ours else views.button_expired()
        await self._show(interaction, card, press, said.text)

    async def _complete(self, interaction: Interaction) -> None:
        data: Json = dict(interaction.data or {})
        verb, given, focused = commands.arguments(data["options"])
        begun = str(given.get(focused, ""))
        choices: list[dispatch.Choice] = []
        try:
            async with asyncio.timeout(_COMPLETED_SECONDS):
                if verb in COMMANDS:
                    choices = await dispatch.complete(verb, focused, begun, self._core(), _asker(interaction))
        except (BotError, TimeoutError) as error:
            log.warning("nothing could be suggested: %s", error or "it took too long")
        shown = [
            {"name": choice.label[:_LONGEST_CHOICE], "value": choice.value}
            for choice in choices
            if 0 < len(choice.value) <= _LONGEST_CHOICE and choice.label
        ]
        await self._respond(interaction, {"type": _CHOICES, "data": {"choices": shown[:_MOST_CHOICES]}})

    async def _allowed(self, interaction: Interaction, said: _Said) -> Card:
        """The answer; where it would change what a channel gets, only to somebody who may, and where we may post."""
        if said.text.split(" ", 1)[0] not in commands.MANAGING:
            return await said.answer()
        if said.granted is None and not interaction.is_guild_integration():
            return views.only_in_servers()
        if said.granted is None and not interaction.permissions.manage_channels:
            return views.needs_right(commands.MANAGING_GROUP)
        if said.text.startswith("subscribe"):
            try:
                await self._posts.check(said.granted or _asker(interaction).channel)
            except DeliveryError as error:
                return views.cannot_post_here(str(error))
        card = await said.answer()
        place = self._posts.place(said.granted or _asker(interaction).channel)
        if said.text.startswith("subscribe") and place and not place.can_read_history:
            card = replace(card, notes=(*card.notes, views.cannot_look_back(rights.HISTORY)))
        return granted(card, said.granted) if said.granted else card

    async def _acknowledge(self, interaction: Interaction, press: Press) -> None:
        if press is Press.TURN:
            await self._respond(interaction, {"type": _UPDATE_LATER})
        else:
            flags = {"flags": EPHEMERAL} if press is Press.SAY else {}
            await self._respond(interaction, {"type": _LATER, "data": flags})

    async def _respond(self, interaction: Interaction, body: Mapping[str, Any]) -> None:
        """Tried again where it may not have been heard, for as long as Discord waits."""
        path, may_be_heard = f"/interactions/{interaction.id}/{interaction.token}/callback", False
        for left in reversed(range(_TRIES)):
            try:
                await self._rest.call("POST", path, body, seconds=_SECONDS)
                return
            except DeliveryError as error:
                if may_be_heard and isinstance(error, RestError) and error.code == ANSWERED_ALREADY:
                    return  # by the try before
                is_final = error.outcome not in (Outcome.NOT_SENT, Outcome.AMBIGUOUS) or error.retry_after > _SECONDS
                if is_final or not left:
                    raise
                may_be_heard |= error.outcome is Outcome.AMBIGUOUS
                await asyncio.sleep(max(error.retry_after, _PAUSE))

    async def _show(self, interaction: Interaction, card: Card, press: Press, text: str) -> None:
        can_share = press is not Press.SHARE and card.tone is not Tone.FAILURE and bool(card.papers)
        rendered = render(card, share=text if can_share else "")
        try:
            await self._interactions.keep(rendered.kept, self._posts.now())
        except BotError as error:  # its longer buttons will say that they have expired
            log.warning("the buttons of an answer could not be kept: %s", error)
        path = f"/webhooks/{interaction.application_id}/{interaction.token}/messages/@original"
        await self._rest.call_again("PATCH", path, rendered.payload)


def _asker(interaction: Interaction, channel: Channel | None = None) -> Asker:
    """Whoever it is, in the given channel or in the one where it was said."""
    here = Channel(NAME, str(interaction.guild_id or ""), str(interaction.channel_id or ""))
    return Asker(channel or here, str(interaction.user.id))


def _all_text(data: Mapping[str, Any]) -> str:
    """Everything in the message of a menu that may hold links to papers."""
    messages = (data.get("resolved") or {}).get("messages") or {}
    return " ".join(text for message in messages.values() for text in _said_in(message))


def _said_in(message: Json) -> list[str]:
    """Also in what it forwards."""
    found = [str(message.get("content") or "")]
    for embed in message.get("embeds") or []:
        found += [str(embed.get(part) or "") for part in ("url", "title", "description")]
        found += [str(field.get(part) or "") for field in embed.get("fields") or [] for part in ("name", "value")]
    for forwarded in message.get("message_snapshots") or []:
        found += _said_in(forwarded.get("message") or {})
    return found + _texts(message.get("components") or [])


def _texts(components: list[Json]) -> list[str]:
    found = []
    for component in components:
        found += [str(component.get("content") or ""), str(component.get("url") or "")]
        found += _texts(component.get("components") or [])
    return found
