"""What the core needs of the world; the outer ring implements it, and the wiring puts it together."""

from bot.ports.board import Board
from bot.ports.deliveries import Interactions, Ledger, Records, Subscriptions
from bot.ports.meaning import Meaning, Vectors
from bot.ports.papers import Feed, Index, Source, Store
from bot.ports.platform import Platform

__all__ = [
    "Board",
    "Feed",
    "Index",
    "Interactions",
    "Ledger",
    "Meaning",
    "Platform",
    "Records",
    "Source",
    "Store",
    "Subscriptions",
    "Vectors",
]
