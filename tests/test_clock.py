"""Whether the clock can be trusted: a digest that goes out on a wrong day cannot be called back."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import ClockWatch
from tests.papers import NOON


def look(watch: ClockWatch, steady: float, *, wrong_by: float = 0.0, ahead: float | None = None) -> bool:
    """A look after so many seconds, by a wall clock that is wrong by so much."""
    return watch.look(NOON + timedelta(seconds=steady + wrong_by), steady, ahead)


def test_a_clock_that_goes_evenly_is_trusted_from_the_first_look_on() -> None:
    watch = ClockWatch()
    assert watch.is_trusted
    assert all(look(watch, steady) for steady in (0, 0.3, 0.6, 3_600, 90_000))


@pytest.mark.parametrize("jump", [-86_400, -3_600, -61, 61, 3_600, 86_400, 10 * 365 * 86_400])
def test_after_a_jump_the_clock_is_trusted_again_at_the_second_look_that_agrees(jump: float) -> None:
    watch = ClockWatch()
    assert look(watch, 0)
    looks = [look(watch, steady, wrong_by=jump) for steady in (1, 2, 3, 4)]
    assert looks == [False, False, True, True]
    assert watch.is_trusted


@pytest.mark.parametrize("jump", [-3_600, 3_600, 86_400])
def test_a_jump_there_and_back_is_two_jumps(jump: float) -> None:
    watch = ClockWatch()
    wrong = [0, jump, 0, 0, 0]
    looks = [look(watch, steady, wrong_by=by) for steady, by in enumerate(wrong)]
    assert looks == [True, False, False, False, True]


@pytest.mark.parametrize("jump", [-60, -1, 1, 60])
def test_a_step_of_a_minute_as_time_servers_make_it_is_no_jump(jump: float) -> None:
    watch = ClockWatch()
    assert look(watch, 0) and look(watch, 1, wrong_by=jump) and look(watch, 2, wrong_by=jump)


def test_a_clock_that_drifts_slowly_is_trusted_however_far_it_gets() -> None:
    watch = ClockWatch()
    assert all(look(watch, steady, wrong_by=steady / 50) for steady in range(0, 30 * 86_400, 900))


def test_a_machine_that_slept_is_not_trusted_at_once() -> None:
    watch = ClockWatch()  # the clock that never jumps stands still meanwhile
    look(watch, 100)
    assert [look(watch, steady, wrong_by=8 * 3_600) for steady in (100.3, 100.6, 100.9)] == [False, False, True]


@pytest.mark.parametrize("ahead", [-86_400, -3_600, -121, 120.5, 3_600, 86_400])
def test_a_clock_that_differs_from_the_platforms_is_never_trusted(ahead: float) -> None:
    watch = ClockWatch()
    assert not any(look(watch, steady, ahead=ahead) for steady in range(10))
    assert not watch.is_trusted


@pytest.mark.parametrize("ahead", [-120, -1, 0, 119.9, 120, None])
def test_a_clock_that_differs_from_the_platforms_a_little_is_trusted(ahead: float | None) -> None:
    assert look(ClockWatch(), 0, ahead=ahead)


def test_a_clock_that_was_put_right_is_trusted_at_the_second_look_that_agrees() -> None:
    watch = ClockWatch()
    seen = [(3_600, 3_600), (3_600, 3_600), (0, 0), (0, 0), (0, 0)]
    looks = [look(watch, steady, wrong_by=by, ahead=ahead) for steady, (by, ahead) in enumerate(seen)]
    assert looks == [False, False, False, False, True]


def test_a_forward_jump_is_not_trusted_while_the_platform_tells_another_time() -> None:
    watch = ClockWatch()
    look(watch, 0, ahead=0)
    assert not any(look(watch, steady, wrong_by=86_400, ahead=86_400) for steady in range(1, 100))


@given(
    st.lists(
        st.tuples(st.sampled_from([0.0, 30.0, 4_000.0, -4_000.0]), st.sampled_from([None, 0.0, 500.0])), max_size=30
    )
)
def test_two_looks_that_agree_are_what_it_takes_to_be_trusted(seen: list[tuple[float, float | None]]) -> None:
    watch, since, last = ClockWatch(), 2, None
    for steady, (wrong_by, ahead) in enumerate(seen):
        agrees = (last is None or abs(wrong_by - last) <= 60) and not ahead
        since, last = (since + 1 if agrees else 0), wrong_by
        assert look(watch, steady, wrong_by=wrong_by, ahead=ahead) is (since >= 2)
