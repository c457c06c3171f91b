"""Time as it is passed in, and whether it can be trusted."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic

from bot.errors import BotError

MOST_DRIFT = 60.0  # seconds between two looks
MOST_AHEAD = 120.0  # seconds of a platform's clock
OLD = 300.0  # seconds after which a platform is asked what time it is, where no answer of it has said so meanwhile
ASKED_EVERY = 60.0  # seconds, at most
ANSWERED_WITHIN = 5.0
AGREEING = 2  # looks in a row after which the clock is trusted again

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time by both clocks of the machine: by the one that never jumps (seconds), and by that on the wall."""

    steady: float
    wall: datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """The wall clock (aware), a clock that never jumps (seconds), and how to wait."""

    now: Callable[[], datetime]
    monotonic: Callable[[], float] = monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    def moment(self) -> Moment:
        """Now."""
        return Moment(self.monotonic(), self.now())

    def since(self, moment: Moment) -> float:
        """Seconds, by the clock that counts more: one stands still while the machine sleeps, the other may be put back."""
        return max(self.monotonic() - moment.steady, (self.now() - moment.wall).total_seconds())


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
    _asked: float | None = None
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)

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

    async def asked(self, now: Callable[[], datetime], ask: Callable[[], Awaitable[object]]) -> float | None:
        """As `ahead`, after a call that any answer ends, where what is known may be wrong.

        That is so before the first answer and long after the last one; and when the clocks differ, as they seem to after
        the machine has slept (the clock that never jumps stands still meanwhile) and where a proxy gave a wrong date.
        """
        async with self._asking:  # whoever comes second waits for the answer, too
            if self._is_doubtful(now()):
                self._asked = self.monotonic()
                try:
                    async with asyncio.timeout(ANSWERED_WITHIN):
                        await ask()
                except (BotError, TimeoutError) as error:  # a refusal has a date, too; without one, nothing is learnt
                    log.debug("asked for the time: %s", error)
        return self.ahead(now())

    def _is_doubtful(self, wall: datetime) -> bool:
        at = self.monotonic()
        if self._asked is not None and at - self._asked < ASKED_EVERY:
            return False
        ahead = self.ahead(wall)
        return self._seen is None or ahead is None or at - self._seen[1] > OLD or abs(ahead) > MOST_AHEAD
