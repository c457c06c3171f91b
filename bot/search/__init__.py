"""The index on tantivy: a folder beside the database that can be thrown away at any time."""

from bot.search.index import TantivyIndex

__all__ = ["TantivyIndex"]
