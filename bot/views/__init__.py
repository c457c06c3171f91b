"""Values -> cards: every word that the bot says to people is in this package."""

from bot.views.answers import NEXT, abstract, citation, named_papers, no_next, search_results, similar_papers, trending
from bot.views.digests import digest, paused, plain_text, sample, uncertain
from bot.views.guide import command_help, overview, privacy
from bot.views.papers import name_choice, title_choice
from bot.views.problems import failure, with_hint
from bot.views.state import status
from bot.views.subscriptions import (
    edited,
    forgotten,
    going_on,
    sent_again,
    stopped,
    subscribed,
    subscription_preview,
    subscriptions,
    unsubscribed,
)

__all__ = [
    "NEXT",
    "abstract",
    "citation",
    "command_help",
    "digest",
    "edited",
    "failure",
    "forgotten",
    "going_on",
    "name_choice",
    "named_papers",
    "no_next",
    "overview",
    "paused",
    "plain_text",
    "privacy",
    "sample",
    "search_results",
    "sent_again",
    "similar_papers",
    "status",
    "stopped",
    "subscribed",
    "subscription_preview",
    "subscriptions",
    "title_choice",
    "trending",
    "uncertain",
    "unsubscribed",
    "with_hint",
]
