"""Reads the command line and the settings, runs one command, and turns every failure into one sentence."""

import argparse
import asyncio
import io
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from dotenv import dotenv_values

from bot import __version__, config, typed
from bot.cli import ask, backup, check, digest, import_, logs, reindex, run, sync
from bot.config import Config
from bot.errors import BotError, ConfigError

FAILED, MISUSED = 1, 2
INTERRUPTED, ENDED = 128 + signal.SIGINT, 128 + signal.SIGTERM  # as shells count them
_COMMANDS = (run, ask, sync, import_, digest, reindex, check, backup)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status is 0, 1 for a failure, or 2 for settings or arguments that are wrong."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # not every terminal has every letter
    options = _parser().parse_args(arguments)
    try:
        settings = config.load(_environment())
        logs.set_up(settings, quiet=options.command is not run.main or _is_read_by_a_person(settings))
        return asyncio.run(_interruptible(options, settings))
    except ConfigError as error:
        _complain(*error.problems)
        return MISUSED
    except BrokenPipeError:  # whoever read what was printed has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except (BotError, OSError) as error:
        _complain(str(error))
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except asyncio.CancelledError:
        return ENDED


def _is_read_by_a_person(settings: Config) -> bool:
    """Whether the console is at a terminal, where a line for each command would stand between the answers."""
    return sys.stderr.isatty() and not (settings.discord_token or settings.slack_bot_token)


def _complain(*sentences: str) -> None:
    for sentence in sentences:  # they may hold what a host or a damaged file says
        print(f"paper-round: {typed.visible(sentence)}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="paper-round", description="A chat bot that finds research papers.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for command in _COMMANDS:
        name = command.__name__.rpartition(".")[2].rstrip("_")
        summary = (command.__doc__ or "").strip()
        sub = commands.add_parser(name, help=summary, description=summary)
        command.add_arguments(sub)
        sub.set_defaults(command=command.main)
    parser.set_defaults(command=run.main)
    return parser


async def _interruptible(options: argparse.Namespace, settings: Config) -> int:
    """The command; a request of the system to end it lets it close what is open."""
    task = asyncio.current_task()
    assert task
    loop = asyncio.get_running_loop()

    def end() -> None:
        loop.add_signal_handler(signal.SIGTERM, lambda: None)  # what is being closed is not to be interrupted
        task.cancel()

    loop.add_signal_handler(signal.SIGTERM, end)
    status: int = await options.command(options, settings)
    return status


def _environment() -> dict[str, str]:
    """The variables of the process, over those of `.env` in the current folder."""
    try:
        written = dotenv_values(Path(".env"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f".env cannot be read: {error}"]) from error
    return {name: value for name, value in written.items() if value is not None} | dict(os.environ)
