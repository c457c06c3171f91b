"""For how long a host that answers calls wants to be left alone."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from math import isnan
from time import monotonic

LONGEST_WAIT = 3_600.0  # seconds; whatever a host says, it is asked again after an hour


@dataclass(slots=True)
class Waits:
    """Until when nothing may be asked, by the name of what that concerns."""

    now: Callable[[], float] = monotonic
    _until: dict[str, float] = field(default_factory=dict)

    def begin(self, name: str, seconds: float) -> None:
        """Leave it alone for so long, or for longer where that was said before."""
        now = self.now()
        self._until = {known: until for known, until in self._until.items() if until > now}
        self._until[name] = max(self._until.get(name, 0.0), now + seconds)

    def left(self, *names: str) -> float:
        """Seconds until nothing of these has to be left alone any more; 0 or less where nothing has."""
        return max(self._until.get(name, 0.0) for name in names) - self.now()


@dataclass(slots=True)
class Refusals:
    """Counts what a host refuses: after `most` within `seconds` nothing is asked until fewer were."""

    most: int
    seconds: float
    now: Callable[[], float] = monotonic
    _seen: deque[float] = field(default_factory=deque)

    def count(self) -> int:
        """One more; how many there were lately."""
        self._seen.append(self.now())
        return len(self._seen)

    def left(self) -> float:
        """Seconds until anything may be asked."""
        while self._seen and self._seen[0] + self.seconds <= self.now():
            self._seen.popleft()
        return self._seen[0] + self.seconds - self.now() if len(self._seen) >= self.most else 0.0


def seconds_of(text: object, otherwise: float) -> float:
    """The seconds that a host asks to wait, such as in Retry-After: never negative, never more than an hour."""
    try:
        seconds = float(str(text))
    except ValueError:
        return otherwise
    return otherwise if isnan(seconds) else min(max(seconds, 0.0), LONGEST_WAIT)
