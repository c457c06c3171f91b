"""What each platform would be sent for a card, but for what a channel and a delivery add to it."""

from collections.abc import Callable, Mapping
from typing import Any

from adapters.discord import render as discord
from adapters.slack import render as slack
from bot.cards import Card

# The card, and the command that shows it to everybody; empty where it is shown to everybody already.
PAYLOADS: Mapping[str, Callable[[Card, str], dict[str, Any]]] = {
    "discord": lambda card, share: discord.render(card, share=share).payload,
    "slack": lambda card, share: slack.render(card, share=share),
}
