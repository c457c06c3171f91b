"""The command line: one file a command."""

from bot.cli.main import main

__all__ = ["main"]
