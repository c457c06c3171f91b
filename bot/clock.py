"""Time as it is passed in, and whether it can be trusted."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic

MOST_DRIFT = 60.0  # seconds between two looks
MOST_AHEAD = 120.0  # seconds of a platform's clock
AGREEING = 2  # looks in a row after which the clock is trusted again


@dataclass(frozen=True, slots=True)
class Clock:
    """The wall clock (aware), a clock that never jumps (seconds), and how to wait."""

    now: Callable[[], datetime]
    monotonic: Callable[[], float] = monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(slots=True)
class ClockWatch:
    """Tells a clock that jumped or is wrong: a digest that goes out on a wrong day cannot be called back (DELIVERY)."""

    is_trusted: bool = True
    _offset: float | None = None  # of the wall clock to the one that never jumps
    _agreeing: int = AGREEING

    def look(self, wall: datetime, steady: float, ahead: float | None) -> bool:
        """Whether digests may be sent; `ahead`: seconds by which the wall clock is ahead of the platform's, if known."""
        offset = wall.timestamp() - steady
        has_jumped = self._offset is not None and abs(offset - self._offset) > MOST_DRIFT
        self._offset = offset
        is_wrong = ahead is not None and abs(ahead) > MOST_AHEAD
        self._agreeing = 0 if has_jumped or is_wrong else self._agreeing + 1
        self.is_trusted = self._agreeing >= AGREEING
        return self.is_trusted


@dataclass(slots=True)
class ServerClock:
    """The clock of a platform, as the `Date` headers of its answers tell it; it goes on when our own one jumps."""

    monotonic: Callable[[], float] = monotonic
    _seen: tuple[float, float] | None = None  # its time in epoch seconds, and ours that never jumps

    def heed(self, date: str | None) -> None:
        """An answer came with this header; one that is no date says nothing."""
        try:
            moment = parsedate_to_datetime(date or "")
        except (ValueError, TypeError):
            return
        self._seen = moment.replace(tzinfo=moment.tzinfo or UTC).timestamp(), self.monotonic()

    def ahead(self, wall: datetime) -> float | None:
        """By how many seconds the wall clock is ahead of it; None before its first answer."""
        if self._seen is None:
            return None
        told, at = self._seen
        return wall.timestamp() - told - (self.monotonic() - at)
