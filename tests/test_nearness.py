"""The vectors of papers in memory: what is near is found, and at which cosine."""

import threading
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.search.model import DIMENSION, Vector
from bot.search.neighbours import Neighbours, packed

NEAR_ENOUGH = 0.01  # by which a cosine of packed vectors may be off
CHANCE = np.random.default_rng(5)


def unit(rows: np.ndarray) -> Vector:
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), np.float32)


# Vectors that are far enough from each other for their order to be certain, and some that are near to one of them.
POOL = unit(CHANCE.standard_normal((40, DIMENSION)))
CLOSE = unit(POOL[:5] + 0.3 * unit(CHANCE.standard_normal((5, DIMENSION))))
VECTORS = np.concatenate([POOL, CLOSE])

ids = st.sampled_from([f"2401.{n:05}" for n in range(12)] + ["hep-th/9901001", "a", "z" * 18])
puts = st.lists(st.tuples(ids, st.integers(0, len(VECTORS) - 1)), min_size=1, max_size=12)


def name(number: int) -> str:
    return f"2401.{number:05}"


def put(neighbours: Neighbours, given_: Sequence[tuple[str, int]]) -> None:
    neighbours.put([id_ for id_, _ in given_], [packed(VECTORS[number]) for _, number in given_])


@given(st.lists(puts, max_size=4), st.lists(puts, max_size=6), st.integers(0, len(VECTORS) - 1), st.integers(1, 6))
def test_all_that_was_put_in_is_found_as_by_comparing_one_by_one(
    before: list[list[tuple[str, int]]], after: list[list[tuple[str, int]]], wanted: int, most_late: int
) -> None:
    neighbours = Neighbours(most_late=most_late)
    for some in before:
        put(neighbours, some)
    neighbours.ready()
    for some in after:
        put(neighbours, some)
    there = {id_: VECTORS[number] for some in (*before, *after) for id_, number in some}
    exact = {id_: float(vector @ VECTORS[wanted]) for id_, vector in there.items()}

    found = neighbours.nearest(VECTORS[wanted], 100)
    few = neighbours.nearest(VECTORS[wanted], 3)

    assert len(neighbours) == len(there)
    assert found.keys() == there.keys()
    assert found == pytest.approx(exact, abs=NEAR_ENOUGH)
    assert [*found.values()] == sorted(found.values(), reverse=True)
    assert neighbours.cosines(VECTORS[wanted], [*there, "unknown"]) == pytest.approx(exact, abs=NEAR_ENOUGH)
    assert [*few.values()] == pytest.approx([*found.values()][:3])
    assert all(neighbours.of(id_) @ vector > 1 - NEAR_ENOUGH for id_, vector in there.items())


def test_before_it_is_ready_nothing_is_found() -> None:
    neighbours = Neighbours()
    put(neighbours, [("a", 0), ("b", 1)])
    assert neighbours.nearest(VECTORS[0], 5) == {}
    assert neighbours.cosines(VECTORS[0], ["a"]) == {}
    assert neighbours.of("a") is None
    neighbours.ready()
    assert [*neighbours.nearest(VECTORS[0], 5)] == ["a", "b"]


def test_where_nothing_was_put_in_nothing_is_found() -> None:
    neighbours = Neighbours()
    neighbours.ready()
    neighbours.put([], [])
    assert len(neighbours) == 0
    assert neighbours.nearest(VECTORS[0], 5) == {}
    assert neighbours.cosines(VECTORS[0], ["a"]) == {}
    assert neighbours.of("a") is None


def test_a_paper_that_was_replaced_many_times_crowds_nobody_out() -> None:
    neighbours = Neighbours()
    neighbours.ready()
    put(neighbours, [("other", 1)])
    for _ in range(50):
        put(neighbours, [("often", 0)])
    assert [*neighbours.nearest(VECTORS[0], 2)] == ["often", "other"]


@pytest.mark.parametrize("size", [0, 1, DIMENSION - 1, DIMENSION + 1, 4 * DIMENSION])
def test_a_vector_of_another_length_is_refused_and_leaves_everything_as_it_was(size: int) -> None:
    neighbours = Neighbours()
    put(neighbours, [("a", 0)])
    with pytest.raises(ValueError, match="reshape"):
        neighbours.put(["a", "b"], [packed(VECTORS[1]), bytes(size)])
    neighbours.ready()
    with pytest.raises(ValueError, match="reshape"):
        neighbours.put(["a"], [bytes(size)])
    assert neighbours.nearest(VECTORS[0], 5) == pytest.approx({"a": 1.0}, abs=NEAR_ENOUGH)


@pytest.mark.filterwarnings("error")
def test_a_vector_of_nothing_is_near_to_nothing() -> None:
    neighbours = Neighbours()
    neighbours.put(["zero"], [bytes(DIMENSION)])
    neighbours.ready()
    assert neighbours.nearest(VECTORS[0], 5) == {"zero": 0.0}
    of_nothing = neighbours.of("zero")
    assert of_nothing is not None and not of_nothing.any()


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_never_stored(wrong: float) -> None:
    vector = VECTORS[0].copy()
    vector[7] = wrong
    with pytest.raises(ValueError, match="numbers that are none"):
        packed(vector)


def test_numbers_too_large_for_a_byte_are_cut_off_and_keep_their_sign() -> None:
    vector = np.zeros(DIMENSION, np.float32)
    vector[:2] = 1, -1
    assert np.frombuffer(packed(vector), np.int8)[:3].tolist() == [127, -127, 0]


def test_above_so_many_papers_only_the_nearest_clusters_are_looked_into() -> None:
    """Papers lie in groups, as real ones do; those that come later and that are replaced are found there too."""
    groups, each = 60, 40
    middles = unit(CHANCE.standard_normal((groups, DIMENSION)))
    spread = unit(CHANCE.standard_normal((groups * each, DIMENSION)))
    rows = unit(np.repeat(middles, each, axis=0) + 0.5 * spread)
    names = [name(number) for number in range(len(rows))]
    clustered, flat = Neighbours(few=1_000, most_late=30), Neighbours()
    for neighbours in (clustered, flat):
        for start in range(0, 2_000, 500):
            some = slice(start, start + 500)
            neighbours.put(names[some], [*map(packed, rows[some])])
        neighbours.ready()
        neighbours.put(names[2_000:], [*map(packed, rows[2_000:])])
        neighbours.put(names[:20], [*map(packed, rows[-20:])])
    wanted = middles[:30]

    hits = [flat.nearest(vector, 10).keys() & clustered.nearest(vector, 10).keys() for vector in wanted]

    assert len(clustered) == len(flat) == len(rows)
    assert sum(map(len, hits)) >= 0.9 * 10 * len(wanted)
    assert clustered.cosines(wanted[0], names) == pytest.approx(flat.cosines(wanted[0], names), abs=1e-5)
    assert clustered.of(names[3]) @ rows[-17] > 1 - NEAR_ENOUGH
    assert type(clustered._index) is not type(flat._index)


def test_searches_while_others_put_in_see_each_paper_once_and_whole() -> None:
    neighbours, failures, is_over = Neighbours(most_late=20), list[str](), threading.Event()
    neighbours.ready()
    put(neighbours, [(name(number), number) for number in range(len(POOL))])

    def search(number: int) -> None:
        while not is_over.is_set():
            found = neighbours.nearest(POOL[number], 100)
            known = neighbours.cosines(POOL[number], [*found])
            right = {name(other): float(POOL[other] @ POOL[number]) for other in range(len(POOL))}
            if found != pytest.approx(right, abs=NEAR_ENOUGH) or known != pytest.approx(right, abs=NEAR_ENOUGH):
                failures.append(name(number))

    def replace(first: int) -> None:
        for number in [*range(first, len(POOL), 2)] * 5:
            put(neighbours, [(name(number), number)])

    searching = [threading.Thread(target=search, args=[number]) for number in range(3)]
    putting = [threading.Thread(target=replace, args=[first]) for first in range(2)]
    for thread in (*searching, *putting):
        thread.start()
    for thread in putting:
        thread.join()
    is_over.set()
    for thread in searching:
        thread.join()
    assert not failures
    assert len(neighbours) == len(POOL)
