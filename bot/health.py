"""Whether the bot can answer and send, as those who watch it are told."""

from dataclasses import dataclass, field
from enum import StrEnum


class Front(StrEnum):
    """How a platform is."""

    SERVING = "serving"
    WAITING = "waiting"  # it failed, and is tried again
    REFUSED = "refused"  # it never lets the bot in with these settings
    ENDED = "ended"


@dataclass(slots=True)
class Health:
    """The one value that changes while the bot runs; whoever serves a platform writes to it."""

    fronts: dict[str, Front] = field(default_factory=dict)  # by the name of the platform
    is_ending: bool = False

    @property
    def can_send(self) -> bool:
        """Whether any platform is served, or there is none but the page."""
        return not self.is_ending and (not self.fronts or Front.SERVING in self.fronts.values())
