"""Everything that runs: begun again when it fails, and ended in order when the system asks for it."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.cli.life import Life
from bot.cli.wiring import Front
from bot.connecting import STEADY_SECONDS
from bot.errors import ConfigError
from bot.health import Front as State
from bot.health import Health, Phase
from tests.living import FakePlatform, SimulatedTime
from tests.papers import NOON
from tests.waiting import until


@dataclass(slots=True)
class Stage:
    """A life whose waits are written down and over at once."""

    time: SimulatedTime = field(default_factory=lambda: SimulatedTime(NOON))
    health: Health = field(default_factory=Health)
    waits: list[float] = field(default_factory=list)

    @property
    def life(self) -> Life:
        return Life(self.health, self._sleep, self.time.monotonic)

    def front(self, name: str, run: Callable[[], Coroutine[Any, Any, None]]) -> Front:
        return Front(FakePlatform(self.time, name=name), run)

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        await self.time.sleep(seconds)


async def for_ever() -> None:
    await asyncio.Event().wait()


async def refused() -> None:
    raise ConfigError(["DISCORD_TOKEN: it is refused"])


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def test_a_platform_that_crashes_is_begun_again_while_the_other_is_served_on(stage: Stage) -> None:
    begun: list[str] = []

    async def crash() -> None:
        begun.append("discord")
        if len(begun) < 4:
            raise RuntimeError("it fell over")
        await for_ever()

    fronts = [stage.front("discord", crash), stage.front("slack", for_ever)]
    living = asyncio.create_task(stage.life.live(fronts, [for_ever()]))

    async def is_back() -> bool:
        return len(begun) == 4

    await until(is_back, "the fourth beginning")
    assert stage.waits == [1.0, 2.0, 4.0]
    assert stage.health.fronts == {"discord": State.SERVING, "slack": State.SERVING}
    assert not living.done()
    living.cancel()
    with pytest.raises(asyncio.CancelledError):
        await living


async def test_the_wait_grows_to_five_minutes_and_is_short_again_after_a_steady_time(stage: Stage) -> None:
    lasting = [0.0] * 11 + [STEADY_SECONDS, 0.0]

    async def crash() -> None:
        if not lasting:
            return
        stage.time.advance(seconds=lasting.pop(0))
        raise RuntimeError("it fell over")

    await stage.life.keep(stage.front("discord", crash))
    assert stage.waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 1, 2]


async def test_a_platform_that_refuses_the_bot_leaves_the_other_running(stage: Stage) -> None:
    fronts = [stage.front("discord", refused), stage.front("slack", for_ever)]
    living = asyncio.create_task(stage.life.live(fronts, []))

    async def is_refused() -> bool:
        return stage.health.fronts.get("discord") is State.REFUSED

    await until(is_refused, "the refusal")
    assert not living.done()
    assert stage.health.can_send
    living.cancel()
    with pytest.raises(asyncio.CancelledError):
        await living


async def test_when_all_platforms_refuse_the_program_ends_and_says_all_of_it(stage: Stage) -> None:
    async def refused_too() -> None:
        raise ConfigError(["SLACK_APP_TOKEN: Slack refuses it"])

    fronts = [stage.front("discord", refused), stage.front("slack", refused_too)]
    with pytest.raises(ConfigError) as raised:
        await stage.life.live(fronts, [for_ever()])
    assert sorted(raised.value.problems) == ["DISCORD_TOKEN: it is refused", "SLACK_APP_TOKEN: Slack refuses it"]


async def test_a_front_that_ends_by_itself_ends_everything(stage: Stage) -> None:
    async def quit_() -> None:
        return

    await stage.life.live([stage.front("console", quit_), stage.front("slack", for_ever)], [for_ever()])
    assert stage.health.phase is Phase.ENDING


@pytest.mark.parametrize("error", [None, ValueError("it cannot go on")])
async def test_work_that_ends_is_never_passed_over(stage: Stage, error: Exception | None) -> None:
    async def work() -> None:
        if error:
            raise error

    with pytest.raises(type(error) if error else RuntimeError):
        await stage.life.live([stage.front("slack", for_ever)], [work()])


async def test_when_it_is_asked_to_end_it_is_first_not_ready_then_work_ends_then_the_platforms(stage: Stage) -> None:
    seen: list[tuple[str, Phase]] = []

    def noting(name: str) -> Callable[[], Coroutine[Any, Any, None]]:
        async def run() -> None:
            try:
                await for_ever()
            finally:
                await asyncio.sleep(0)  # what is under way is finished
                seen.append((name, stage.health.phase))

        return run

    living = asyncio.create_task(stage.life.live([stage.front("slack", noting("slack"))], [noting("outbox")()]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    living.cancel()
    with pytest.raises(asyncio.CancelledError):
        await living
    assert seen == [("outbox", Phase.ENDING), ("slack", Phase.ENDING)]
