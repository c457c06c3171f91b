"""A socket to Slack that is made again whenever it is lost."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.logger.messages import warning_client_prioritized_and_token_skipped
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

from bot.connecting import keep_connected
from bot.errors import ConfigError

_FATAL = {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "not_allowed_token_type", "missing_scope"}
_LOOK_SECONDS, _MISSED = 0.2, 4  # looks in a row at which it is not connected, after which it is lost
_PING_SECONDS, _CONNECT_SECONDS = 5.0, 15.0

log = logging.getLogger(__name__)
_silent = logging.getLogger(f"{__name__}.socket")  # the errors of the socket name its address, which is a secret
_silent.setLevel(logging.CRITICAL)


def quiet() -> logging.Logger:
    """The logger for Bolt; below warnings, it and the SDK write down secret addresses and all that people say."""
    for name in ("slack_bolt", "slack_sdk"):
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
    logger = logging.getLogger("slack_bolt")
    logger.addFilter(_is_news)
    return logger


def _is_news(record: logging.LogRecord) -> bool:
    """Bolt looks for a token in the environment by itself, and tells that it leaves it, as our client has one."""
    return record.getMessage() != warning_client_prioritized_and_token_skipped()


async def serve(
    app: AsyncApp, app_token: str, api_url: str, connected: Callable[[str], Awaitable[None]], pace: float = 1.0
) -> None:
    """Stay connected until cancelled; `connected` is told the workspace each time, and an empty one when that is over.

    Raises ConfigError when Slack refuses the first connection for good; all waits between them are multiplied by `pace`.
    """
    was_connected = False

    async def connection() -> None:
        nonlocal was_connected
        web = AsyncWebClient(app_token, api_url, retry_handlers=[])
        handler = AsyncSocketModeHandler(app, app_token, logger=_silent, web_client=web, ping_interval=_PING_SECONDS)
        try:
            team = await _connect(app, handler.client)
            was_connected = True
            log.info("Connected to Slack")
            await connected(team)
            await _lost(handler.client)
        except ConfigError as error:
            if was_connected:  # other platforms are served on, and Slack again when the bot is back in the workspace
                raise ConnectionError(str(error)) from error
            raise
        finally:
            await connected("")
            await handler.close_async()  # type: ignore[no-untyped-call]

    await keep_connected("Slack", connection, pace)


async def _connect(app: AsyncApp, socket: SocketModeClient) -> str:
    """The workspace. Raises ConfigError for a token that is refused."""
    setting = "SLACK_BOT_TOKEN"
    try:
        team = (await app.client.auth_test())["team_id"]
        setting = "SLACK_APP_TOKEN"
        opened = await socket.web_client.apps_connections_open(app_token=socket.app_token)
    except SlackApiError as error:
        if error.response.get("error") in _FATAL:
            raise ConfigError([f"{setting}: Slack refuses it ({error.response['error']})"]) from error
        raise
    socket.wss_uri = opened["url"]
    async with asyncio.timeout(_CONNECT_SECONDS):  # alone it would try for ever, with an address that is good for once
        await socket.connect()  # type: ignore[no-untyped-call]
    return str(team)


async def _lost(socket: SocketModeClient) -> None:
    """Return when it was not connected for a while; where Slack asks for a new connection, the library makes one itself."""
    missed = 0
    while missed < _MISSED:
        await asyncio.sleep(_LOOK_SECONDS)
        missed = 0 if await socket.is_connected() else missed + 1
