"""Where log lines go, and how they look. No secret is ever in them."""

import json
import logging
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from bot import events, typed
from bot.config import Config

HIDDEN = "[hidden]"
_TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_QUIET = ("httpx", "httpcore", "asyncio", "aiosqlite", "aiohttp", "discord", "faiss", "slack_bolt", "slack_sdk")
# What looks like a secret, also one that is no setting: tokens of Slack, Hugging Face and Discord, what an Authorization
# header holds, and the parts of addresses by which whoever has them may answer for the bot.
_SECRETS = re.compile(
    r"xox[a-z]-[\w-]{8,}|xapp-[\w-]{8,}|hf_\w{8,}|\b[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}"
    r"|(?<=Bearer )[^\s'\"]+|(?<=Bot )[\w.-]{20,}"
    r"|(?<=[?&]token=)[^&\s'\"]+|(?<=[?&]ticket=)[^&\s'\"]+"
    r"|(?<=hooks\.slack\.com/)[^\s'\"]+"
    r"|(?<=/webhooks/)\d+/[\w-]{8,}|(?<=/interactions/)\d+/[\w-]{8,}"
)


class _Text(logging.Formatter):
    """A line of text, and a traceback below it where there is one."""

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__(_TEXT)
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        """The whole of it without secrets; only a traceback has more than one line."""
        message = record.getMessage()
        if "\n" in message and not record.exc_info:  # what a host says must not look like lines of ours
            record = logging.makeLogRecord({**record.__dict__, "msg": typed.visible(message), "args": None})
        return without_secrets(super().format(record), self._secrets)


class _Json(logging.Formatter):
    """One JSON object a line; of what happened, with the values by name."""

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__()
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if event := getattr(record, "event", None):
            line |= {"event": event.kind, **events.fields(event)}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        shown = {
            name: without_secrets(value, self._secrets) if isinstance(value, str) else value
            for name, value in line.items()
        }
        return json.dumps(shown, ensure_ascii=False)


def set_up(settings: Config, *, quiet: bool) -> None:
    """Log to standard error as the settings say; libraries, and commands that are `quiet`, only from warnings on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter((_Json if settings.log_format == "json" else _Text)(settings.secrets))
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    at_least_warnings = max(logging.WARNING, level)
    shown = at_least_warnings if quiet else level
    handler.setLevel(shown)  # whoever counts gets all that happens, whatever is shown
    logging.basicConfig(level=shown, handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(at_least_warnings)


def without_secrets(text: str, secrets: Sequence[str]) -> str:
    """The text with every secret hidden, and whatever looks like one."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return _SECRETS.sub(HIDDEN, text)
