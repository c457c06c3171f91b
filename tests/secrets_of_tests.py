"""Every token that a test gives to the bot, and a word that somebody asks for: none of them may ever be logged."""

from tests import discord_state, emulator, slack_state
from tests.web_page import TOKEN

ASKED = "zebracancer"
SECRETS = (
    ASKED,
    discord_state.TOKEN,
    emulator.TOKEN,
    slack_state.APP_TOKEN,
    slack_state.BOT_TOKEN,
    TOKEN,
)
