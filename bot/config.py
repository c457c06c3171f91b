"""Settings from the environment and `.env`; every problem is reported at once, and no secret is ever printed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from urllib.parse import urlsplit

from bot.errors import ConfigError

LOG_LEVELS = ("debug", "info", "warning", "error")
LOG_FORMATS = ("text", "json")
YES_OR_NO = ("yes", "no")
_SQLITE = "sqlite:///"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_SHORTEST_TOKEN = 16
_HTTP_TOKEN_FORM = f"write {_SHORTEST_TOKEN} letters and digits or more, for example what `openssl rand -hex 16` prints"


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that can be set; the names are those of the variables in lower case."""

    database_url: str = ""  # empty: paper-round.db in the data folder
    data_dir: Path = Path("data")
    discord_token: str = field(default="", repr=False)
    discord_api_url: str = "https://discord.com/api/v10"
    discord_silent: str = "no"
    slack_bot_token: str = field(default="", repr=False)
    slack_app_token: str = field(default="", repr=False)
    slack_api_url: str = "https://slack.com/api/"
    hf_api_url: str = "https://huggingface.co/api"
    hf_token: str = field(default="", repr=False)
    arxiv_api_url: str = "https://export.arxiv.org/api/query"
    model_dir: str = ""
    hf_hub_url: str = "https://huggingface.co"
    http_host: str = "127.0.0.1"
    http_port: str = "8080"  # 0: any that is free
    http_token: str = field(default="", repr=False)
    log_level: str = "info"
    log_format: str = "text"

    @property
    def database_path(self) -> Path:
        """Where the SQLite database lies."""
        return Path(self.database_url.removeprefix(_SQLITE)) if self.database_url else self.data_dir / "paper-round.db"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown or logged."""
        return tuple(
            value for name in self.__dataclass_fields__ if name.endswith("_token") and (value := getattr(self, name))
        )

    @property
    def index_dir(self) -> Path:
        """Where the search index lies."""
        return self.data_dir / "index"


def load(environment: Mapping[str, str]) -> Config:
    """The settings; unknown variables are left alone, empty ones count as not set.

    Raises ConfigError with every problem.
    """
    given = {
        name: environment[name.upper()].strip() for name in Config.__dataclass_fields__ if _is_set(environment, name)
    }
    problems = [f"{name.upper()}: it holds a character that cannot be meant" for name in given if "\0" in given[name]]
    problems += [_CHECKS[name][1] for name, value in given.items() if not _CHECKS.get(name, _ANYTHING)[0](value)]
    if ("slack_bot_token" in given) != ("slack_app_token" in given):
        problems.append("SLACK_BOT_TOKEN and SLACK_APP_TOKEN: set both, or none of them")
    host = given.get("http_host", Config().http_host)
    if _is_host(host) and not is_loopback(host) and "http_token" not in given:
        problems.append(f"HTTP_TOKEN: set it, because HTTP_HOST opens the page to other machines; {_HTTP_TOKEN_FORM}")
    if problems:
        raise ConfigError(problems)
    if "data_dir" in given:
        return Config(**{**given, "data_dir": Path(given["data_dir"])})  # type: ignore[arg-type]
    return Config(**given)  # type: ignore[arg-type]  # the only one that is no text


def is_loopback(host: str) -> bool:
    """Whether only programs of this machine reach the host."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _is_set(environment: Mapping[str, str], name: str) -> bool:
    return bool(environment.get(name.upper(), "").strip())


def _is_address(url: str) -> bool:
    """Whether it is an address that may be asked: https, or http on this machine."""
    try:
        parts = urlsplit(url)
        _ = parts.port
        if parts.username or parts.password or parts.query or parts.fragment:
            return False
    except ValueError:
        return False
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    )


def _is_sqlite(url: str) -> bool:
    return url.startswith(_SQLITE) and bool(Path(url.removeprefix(_SQLITE)).name)


def _is_host(text: str) -> bool:
    """Whether it is a name or an address alone; one of a link says which, as in fe80::1%eth0."""
    if ":" not in text:
        return text.isascii() and text.isprintable() and not set(text) & set(" /@?#")
    try:
        address = IPv6Address(text.strip("[]"))
    except ValueError:
        return False
    return not address.is_link_local or bool(address.scope_id)


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text) < 2**16


def _is_long_token(text: str) -> bool:
    return _is_token(text) and len(text) >= _SHORTEST_TOKEN


def _is_bot_token(text: str) -> bool:
    return _is_token(text) and not text.startswith("xapp-")


def _is_app_token(text: str) -> bool:
    return _is_token(text) and not text.startswith("xox")


def _is_token(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text


# For each setting: what a value must fulfil, and what is said when it does not. Values are not repeated: some are secret.
_ANYTHING: tuple[Callable[[str], bool], str] = (lambda _: True, "")
_CHECKS: Mapping[str, tuple[Callable[[str], bool], str]] = {
    "database_url": (
        _is_sqlite,
        "DATABASE_URL: write sqlite:///data/paper-round.db, or sqlite:////an/absolute/path.db (no other database yet)",
    ),
    "hf_api_url": (
        _is_address,
        "HF_API_URL: write an https address such as https://huggingface.co/api (http only for this machine)",
    ),
    "arxiv_api_url": (
        _is_address,
        "ARXIV_API_URL: write an https address such as https://export.arxiv.org/api/query (http only for this machine)",
    ),
    "discord_token": (_is_token, "DISCORD_TOKEN: it holds characters that no token has; copy it again"),
    "discord_api_url": (
        _is_address,
        "DISCORD_API_URL: write an https address such as https://discord.com/api/v10 (http only for this machine)",
    ),
    "discord_silent": (YES_OR_NO.__contains__, "DISCORD_SILENT: write yes or no"),
    "slack_bot_token": (_is_bot_token, "SLACK_BOT_TOKEN: copy the token of the bot again, which begins with xoxb-"),
    "slack_app_token": (_is_app_token, "SLACK_APP_TOKEN: copy the token of the app again, which begins with xapp-"),
    "slack_api_url": (
        _is_address,
        "SLACK_API_URL: write an https address such as https://slack.com/api/ (http only for this machine)",
    ),
    "hf_token": (_is_token, "HF_TOKEN: it holds characters that no token has; copy it again"),
    "hf_hub_url": (
        _is_address,
        "HF_HUB_URL: write an https address such as https://huggingface.co (http only for this machine)",
    ),
    "http_host": (
        _is_host,
        "HTTP_HOST: write an address of this machine such as 127.0.0.1 or fe80::1%eth0, without a port; 0.0.0.0 is all of them",
    ),
    "http_port": (_is_port, "HTTP_PORT: write a number from 0 to 65535; 0 takes one that is free"),
    "http_token": (_is_long_token, f"HTTP_TOKEN: {_HTTP_TOKEN_FORM}"),
    "log_level": (LOG_LEVELS.__contains__, f"LOG_LEVEL: write one of {', '.join(LOG_LEVELS)}"),
    "log_format": (LOG_FORMATS.__contains__, f"LOG_FORMAT: write one of {', '.join(LOG_FORMATS)}"),
}
