"""Keeps everything that runs alive: what fails is begun again, and what is asked to end is ended in order."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.cli.wiring import Front
from bot.connecting import STEADY_SECONDS
from bot.errors import ConfigError
from bot.health import Front as State
from bot.health import Health, Phase
from bot.planning import backoff

WORK_ENDS_WITHIN, FRONTS_END_WITHIN = 8.0, 1.0  # seconds; the rest of the ten is for closing what is open

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Life:
    """The fronts, and the work behind them. `sleep` and `time` (seconds) are those of the event loop."""

    health: Health
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    time: Callable[[], float] = field(default_factory=lambda: asyncio.get_running_loop().time)

    async def live(self, fronts: Sequence[Front], work: Iterable[Coroutine[Any, Any, None]]) -> None:
        """Until a front has ended by itself, or this is cancelled.

        Raises ConfigError when no front is left, as all were refused for good.
        """
        self.health.phase = Phase.RUNNING
        behind = [asyncio.create_task(one) for one in work]
        before = {asyncio.create_task(self.keep(front)): front.platform.name for front in fronts}
        try:
            await self._until_over(before, behind)
        finally:
            self.health.phase = Phase.ENDING  # before anything else, so that nobody sends anything here any more
            await _end(behind, WORK_ENDS_WITHIN)
            await _end([*before], FRONTS_END_WITHIN)

    async def keep(self, front: Front) -> None:
        """Serve it, again and again while it fails. Raises ConfigError when it is refused for good."""
        name, failures = front.platform.name, 0
        self.health.connected[name] = front.is_connected
        while True:
            self.health.fronts[name] = State.SERVING
            began = self.time()
            try:
                await front.run()
            except ConfigError:
                self.health.fronts[name] = State.REFUSED
                raise
            except Exception:  # whatever it is, the other platforms are served on
                failures = 1 if self.time() - began >= STEADY_SECONDS else failures + 1
                wait = backoff(failures - 1, 0.0, 1.0)  # no chance in it, as nobody else fails at the same moment
                log.exception("%s failed and is begun again in %.0f seconds", name, wait)
            else:
                self.health.fronts[name] = State.ENDED
                return
            self.health.fronts[name] = State.WAITING
            await self.sleep(wait)

    async def _until_over(self, before: dict[asyncio.Task[None], str], behind: Collection[asyncio.Task[None]]) -> None:
        problems: list[str] = []
        left = set(before)
        while left:
            ended, _ = await asyncio.wait({*left, *behind}, return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                error = task.exception()
                if not isinstance(error, ConfigError) or task in behind:
                    task.result()
                    if task in behind:
                        raise RuntimeError(f"{task.get_coro()} has ended, without which nothing is kept up to date")
                    return
                problems += error.problems
                left.discard(task)
                if left:
                    log.error("%s is not served: %s", before[task], "; ".join(error.problems))
        raise ConfigError(problems)


async def _end(tasks: Collection[asyncio.Task[None]], seconds: float) -> None:
    """Ask them to end, and wait so long."""
    for task in tasks:
        task.cancel()
    if tasks:
        ended, _ = await asyncio.wait(tasks, timeout=seconds)
        for task in ended:
            if not task.cancelled() and (error := task.exception()):
                log.debug("ended with %s", type(error).__name__)
