"""Keeps those who open many connections, or send too slowly, from keeping everybody else out."""

from asyncio import BaseProtocol
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp.web import Server


@dataclass(frozen=True, slots=True)
class Limits:
    """What everybody together can ask of the page; a browser has six connections, a process often a thousand files.

    `seconds` may pass until the head of a request is there, then until it is answered, and then until the next one.
    """

    connections: int = 200  # at once
    seconds: float = 30.0


USUAL = Limits()


def admitting(server: Server, most: int) -> Callable[[], BaseProtocol]:
    """What handles each new connection; where there are too many, the oldest is closed, whatever it does.

    Were the newest refused instead, whoever opens so many and says nothing would keep everybody else out.
    """

    def admitted() -> BaseProtocol:
        connections = server.connections  # the oldest first
        for one in connections[: max(0, len(connections) + 1 - most)]:
            if one.transport:
                one.transport.abort()  # to close it would wait until what was sent to it is read
        return server()

    return admitted
