"""Values -> cards: every word that the bot says to people is in this package."""

from bot.views.answers import NEXT, abstract, citation, named_papers, no_next, search_results, similar_papers, trending
from bot.views.guide import command_help, overview, privacy
from bot.views.papers import name_choice, title_choice
from bot.views.problems import failure, with_hint
from bot.views.state import status

__all__ = [
    "NEXT",
    "abstract",
    "citation",
    "command_help",
    "failure",
    "name_choice",
    "named_papers",
    "no_next",
    "overview",
    "privacy",
    "search_results",
    "similar_papers",
    "status",
    "title_choice",
    "trending",
    "with_hint",
]
