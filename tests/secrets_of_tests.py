"""Every token that a test gives to the bot: none of them may ever be shown or logged."""

from tests import discord_state, emulator, slack_state
from tests.web_page import TOKEN

SECRETS = (
    discord_state.TOKEN,
    emulator.TOKEN,
    slack_state.APP_TOKEN,
    slack_state.BOT_TOKEN,
    TOKEN,
)
