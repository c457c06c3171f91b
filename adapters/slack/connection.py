"""A socket to Slack that is made again whenever it is lost."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ConfigError

_FATAL = {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "not_allowed_token_type", "missing_scope"}
_LONGEST_WAIT = 300.0
_LOOK_SECONDS, _PING_SECONDS, _CONNECT_SECONDS = 1.0, 5.0, 15.0

log = logging.getLogger(__name__)
_silent = logging.getLogger(f"{__name__}.socket")  # the errors of the socket name its address, which is a secret
_silent.setLevel(logging.CRITICAL)


def quiet() -> logging.Logger:
    """The logger for Bolt; below warnings, it and the SDK write down secret addresses and all that people say."""
    for name in ("slack_bolt", "slack_sdk"):
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
    return logging.getLogger("slack_bolt")


async def serve(app: AsyncApp, app_token: str, api_url: str, connected: Callable[[str], Awaitable[None]]) -> None:
    """Stay connected until cancelled; `connected` is told the workspace each time.

    Raises ConfigError when Slack refuses the first connection for good.
    """
    failures, was_connected = 0, False
    while True:
        web = AsyncWebClient(app_token, api_url, retry_handlers=[])
        handler = AsyncSocketModeHandler(app, app_token, logger=_silent, web_client=web, ping_interval=_PING_SECONDS)
        try:
            team = await _connect(app, handler.client)
            log.info("Connected to Slack")
            failures, was_connected = 0, True
            await connected(team)
            await _lost(handler.client)
            log.warning("The connection to Slack is lost")
        except ConfigError as error:
            if not was_connected:
                raise
            failures += 1  # other platforms are served on, and Slack again when the bot is back in the workspace
            log.error("%s", error)
        except Exception as error:  # noqa: BLE001 - whatever a library raises when there is no connection
            failures += 1
            log.warning("Slack cannot be reached (%s: %s)", type(error).__name__, error)
        finally:
            await handler.close_async()  # type: ignore[no-untyped-call]
        wait = min(_LONGEST_WAIT, 2.0 ** min(failures, 9) - 1.0) * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
        await asyncio.sleep(wait)


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
    """Return when it was not connected twice in a row; where Slack asks for a new connection, it makes one by itself."""
    missed = 0
    while missed < 2:  # noqa: PLR2004
        await asyncio.sleep(_LOOK_SECONDS)
        missed = 0 if await socket.is_connected() else missed + 1
