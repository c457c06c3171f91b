"""Whether the bot can answer and send, as those who watch it are told."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum


class Phase(StrEnum):
    """How far the bot is in its life."""

    STARTING = "starting"  # it opens what it has, and fetches something to answer from where it has nothing
    STANDING_BY = "standing by"  # another process holds the database
    RUNNING = "running"
    ENDING = "ending"


class Front(StrEnum):
    """How a platform is."""

    SERVING = "serving"
    WAITING = "waiting"  # there is no connection, and it is tried again
    REFUSED = "refused"  # it never lets the bot in with these settings
    ENDED = "ended"


@dataclass(slots=True)
class Health:
    """The one value that changes while the bot runs; whoever serves a platform writes to it."""

    fronts: dict[str, Front] = field(default_factory=dict)  # by the name of the platform
    connected: dict[str, Callable[[], bool]] = field(default_factory=dict)  # by its name, whether there is a connection
    phase: Phase = Phase.STARTING

    @property
    def states(self) -> dict[str, Front]:
        """How each platform is at this moment."""
        lost = {name for name, is_connected in self.connected.items() if not is_connected()}
        return {
            name: Front.WAITING if front is Front.SERVING and name in lost else front
            for name, front in self.fronts.items()
        }

    @property
    def can_send(self) -> bool:
        """Whether any platform is served, or there is none but the page."""
        is_served = not self.fronts or Front.SERVING in self.states.values()
        return self.phase is Phase.RUNNING and is_served
