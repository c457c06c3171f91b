"""Where log lines go, and how they look."""

import json
import logging
import sys
from datetime import UTC, datetime

from bot.config import Config

_TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_QUIET = ("httpx", "httpcore", "asyncio", "aiosqlite")


class _Json(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def set_up(settings: Config, *, quiet: bool) -> None:
    """Log to standard error as the settings say; libraries, and commands that are `quiet`, only from warnings on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if settings.log_format == "json" else logging.Formatter(_TEXT))
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    at_least_warnings = max(logging.WARNING, level)
    logging.basicConfig(level=at_least_warnings if quiet else level, handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(at_least_warnings)
