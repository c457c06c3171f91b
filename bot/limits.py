"""What keeps a source from being asked too often: a sliding window of calls, and a circuit breaker."""

import asyncio
import re
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Self

from bot.errors import SourceError

LONGEST_REST = 3600.0  # seconds; whatever a host says, it is asked again after an hour


@dataclass(slots=True)
class SlidingWindow:
    """At most `calls` calls in any `seconds` seconds; callers wait for their turn, first come first served."""

    calls: int
    seconds: float
    now: Callable[[], float] = monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _taken: deque[float] = field(default_factory=deque)
    _blocked_until: float = 0.0
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @classmethod
    def evenly(cls, per_second: int, now: Callable[[], float], sleep: Callable[[float], Awaitable[None]]) -> Self:
        """A few at a time, evenly, and so much fewer that no second has more, however unevenly they arrive."""
        group = max(1, per_second // 10)
        return cls(group, 1.05 * group / per_second, now, sleep)

    async def take(self) -> None:
        """Wait until a call may be made, and count it."""
        async with self._turn:
            while (wait := self._wait()) > 0:
                await self.sleep(wait)
            self._taken.append(self.now())

    def obey(self, header: str) -> None:
        """Heed a header such as `"api";r=0;t=120`: r calls are left for t seconds.

        Source: https://huggingface.co/docs/hub/rate-limits, after an IETF draft (RateLimit header fields).
        """
        left, seconds = (re.search(rf";\s*{name}=([0-9]{{1,6}})", header) for name in "rt")
        if left and seconds and int(left[1]) == 0:
            wait = min(int(seconds[1]), self.seconds)  # whatever a header says, a window is never longer
            self._blocked_until = max(self._blocked_until, self.now() + wait)

    def _wait(self) -> float:
        now = self.now()
        while self._taken and self._taken[0] + self.seconds <= now:  # the same sum as below: no rounding between them
            self._taken.popleft()
        full = self._taken[0] + self.seconds - now if len(self._taken) >= self.calls else 0.0
        return max(full, self._blocked_until - now)


@dataclass(slots=True)
class Breaker:
    """After `failures` failures in a row nothing is asked for `seconds`; then one try decides.

    A host that says itself for how long it wants to rest gets that at once.
    """

    failures: int = 6
    seconds: float = 60.0
    now: Callable[[], float] = monotonic
    _failed: int = 0
    _open_until: float = 0.0
    _reason: str = ""

    def check(self) -> None:
        """Raises SourceError while nothing may be asked."""
        wait = self._open_until - self.now()
        if wait > 0:
            raise SourceError(self._reason, waiting=wait)

    def failed(self) -> None:
        """A call failed."""
        self._failed += 1
        if self._failed >= self.failures:
            self._open(self.seconds, "it failed again and again, so it is left alone for a minute")

    def rest(self, seconds: float) -> None:
        """The host asked not to be called for so long."""
        self._open(min(seconds, LONGEST_REST), "it asked to be left alone for a while")

    def succeeded(self) -> None:
        """A call was answered."""
        self._failed = 0

    def _open(self, seconds: float, reason: str) -> None:
        if (until := self.now() + seconds) > self._open_until:
            self._open_until, self._reason = until, reason
