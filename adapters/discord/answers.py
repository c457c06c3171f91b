"""Interactions: acknowledged at once, answered from the core, shown to whoever asked.

What a channel gets is changed by whoever may manage it, and by those whom its admins let use the managing group. Real
clients send only ids of buttons that the bot put on a message which the person sees. So nobody can forge one; but a
message stays, and so do its buttons, when somebody is no longer allowed what they were. That is why no button carries
a right: one in a direct message names its channel, and Discord is asked what whoever presses it may do there now. Only
Discord knows whom admins let use a group, so that those press the buttons of its private answers, for a few minutes.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import discord

from adapters.discord import commands, rights
from adapters.discord.posts import NAME, Posts
from adapters.discord.render import EPHEMERAL, render
from adapters.discord.rest import Rest
from bot import buttons, views
from bot.answering import Answering, Said, papers_of, shared_by
from bot.buttons import Press
from bot.cards import Card, Tone
from bot.commands import COMMANDS
from bot.errors import BotError, DeliveryError
from bot.subscriptions import Asker, Channel

_LATER, _UPDATE_LATER, _CHOICES = 5, 6, 8
_LONGEST_CHOICE, _MOST_CHOICES = 100, 25
_LET_FOR = timedelta(minutes=15)  # as long as Discord lets an interaction be answered

log = logging.getLogger(__name__)
Json = dict[str, Any]
Interaction = discord.Interaction[Any]
Manages = Callable[[str, Channel], Awaitable[bool]]


class Answers:
    """Answers the interactions of one bot; `manages` asks whether a person may manage a channel now."""

    def __init__(self, answering: Answering, rest: Rest, posts: Posts, manages: Manages) -> None:
        self._answering = answering
        self._rest = rest
        self._posts = posts
        self._manages = manages

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
        """A verb with its options, or the menu of a message."""
        await self._acknowledge(interaction, Press.SAY)
        data: Json = dict(interaction.data or {})
        if data.get("type", 1) != 1:
            text = papers_of([*(data.get("resolved") or {}).get("messages", {}).values()])
            card = await self._card(interaction, Said(text, _asker(interaction))) if text else None
            return await self._show(interaction, card or views.no_paper_in_message(), Press.SAY, text)
        verb, given, _ = commands.arguments(data["options"])
        said = Said(f"help {verb}", _asker(interaction))  # of another version, whose commands somebody still sees
        if verb in COMMANDS:
            said = replace(said, text=COMMANDS[verb].typed({**COMMANDS[verb].defaults, **given}), given=given)
        is_let = data.get("name") == commands.MANAGING_GROUP
        card = await self._card(interaction, said, is_let=is_let)
        shown = buttons.about(card, said.asker.channel) if is_let else card
        return await self._show(interaction, shown, Press.SAY, said.text)

    async def _pressed(self, interaction: Interaction) -> None:
        data: Json = dict(interaction.data or {})
        pressed = buttons.read(str((data.get("values") or [data.get("custom_id", "")])[0]))
        press, message = pressed.press if pressed else Press.SAY, interaction.message
        is_private = bool(message and message.flags.value & EPHEMERAL)
        press = press if press is not Press.TURN or is_private else Press.SAY
        await self._acknowledge(interaction, press)
        command = await self._answering.command_of(pressed)
        if isinstance(command, Card):
            return await self._show(interaction, command, press, "")
        channel, text = buttons.read_about(command, NAME)
        if text.split(" ", 1)[0] not in COMMANDS:  # exactly as we write them
            return await self._show(interaction, views.button_expired(), press, "")
        here, asker = _asker(interaction).channel, _asker(interaction, channel)
        if channel in (None, here):
            is_new = bool(message and interaction.created_at - message.created_at < _LET_FOR)
            card = await self._card(interaction, Said(text, asker), is_let=bool(channel and is_private and is_new))
        elif await self._manages(asker.person, asker.channel):
            card = await self._card(interaction, Said(text, asker), is_let=True)
        else:
            card = views.needs_right(commands.MANAGING_GROUP)
        return await self._show(interaction, card, press, text)

    async def _complete(self, interaction: Interaction) -> None:
        data: Json = dict(interaction.data or {})
        verb, given, focused = commands.arguments(data["options"])
        found = await self._answering.choices(verb, focused, str(given.get(focused, "")), _asker(interaction))
        shown = [
            {"name": choice.label[:_LONGEST_CHOICE], "value": choice.value}
            for choice in found
            if 0 < len(choice.value) <= _LONGEST_CHOICE and choice.label
        ]
        await self._respond(interaction, {"type": _CHOICES, "data": {"choices": shown[:_MOST_CHOICES]}})

    async def _card(self, interaction: Interaction, said: Said, *, is_let: bool = False) -> Card:
        """The answer; `is_let`: it is known already that they may change what the channel gets."""
        refusal = None
        if not is_let and not interaction.is_guild_integration():
            refusal = views.only_in_servers()
        elif not is_let and not interaction.permissions.manage_channels:
            refusal = views.needs_right(commands.MANAGING_GROUP)
        card = await self._answering.answer(said, refusal)
        is_ordered = said.verb == "subscribe" and card.tone is not Tone.FAILURE
        if is_ordered and self._posts.is_blind(said.asker.channel):
            return replace(card, notes=(*card.notes, views.cannot_look_back(rights.HISTORY)))
        return card

    async def _acknowledge(self, interaction: Interaction, press: Press) -> None:
        if press is Press.TURN:
            await self._respond(interaction, {"type": _UPDATE_LATER})
        else:
            flags = {"flags": EPHEMERAL} if press is Press.SAY else {}
            await self._respond(interaction, {"type": _LATER, "data": flags})

    async def _respond(self, interaction: Interaction, body: Mapping[str, Any]) -> None:
        path = f"/interactions/{interaction.id}/{interaction.token}/callback"
        await self._rest.call_again("POST", path, body, is_urgent=True)

    async def _show(self, interaction: Interaction, card: Card, press: Press, text: str) -> None:
        rendered = render(card, share=shared_by(card, text) if press is not Press.SHARE else "")
        await self._answering.keep(rendered.kept)
        path = f"/webhooks/{interaction.application_id}/{interaction.token}/messages/@original"
        await self._rest.call_again("PATCH", path, rendered.payload)


def _asker(interaction: Interaction, channel: Channel | None = None) -> Asker:
    """Whoever it is, in the given channel or in the one where it was said."""
    here = Channel(NAME, str(interaction.guild_id or ""), str(interaction.channel_id or ""))
    return Asker(channel or here, str(interaction.user.id))
