"""A walk that a person can foresee."""

from hypothesis import given
from hypothesis import strategies as st

from associates.walking.walk import Place, Stop, natural, serpentine

words = st.sampled_from(["1", "2", "9", "12", "12A", "Garden", ""])
places = st.builds(Place, st.sampled_from(["", "Chilled", "Frozen", "Home"]), words, words, words)
stop_lists = st.lists(st.tuples(st.none() | places, st.integers(0, 2)), max_size=12).map(
    lambda made: [Stop(line, place, skipped) for line, (place, skipped) in enumerate(made)]
)


def stop(line: int, at: str, *, zone: str = "", skipped: int = 0) -> Stop:
    aisle, bay, shelf = at.split("-")
    return Stop(line, Place(zone, aisle, bay, shelf), skipped)


def lines(stops: list[Stop]) -> list[int]:
    return [stop.line for stop in serpentine(stops)]


@given(stop_lists)
def test_every_stop_is_walked_once_and_no_aisle_is_entered_twice(stops: list[Stop]) -> None:
    walk = serpentine(stops)

    assert sorted(walk, key=lambda s: s.line) == stops
    entered = [
        (s.skipped, s.place and (s.place.zone, natural(s.place.aisle)))
        for s, before in zip(walk, [None, *walk], strict=False)
        if before is None
        or (s.skipped, s.place and (s.place.zone, natural(s.place.aisle)))
        != (before.skipped, before.place and (before.place.zone, natural(before.place.aisle)))
    ]
    assert len(entered) == len(set(entered))


@given(stop_lists, st.randoms(use_true_random=False))
def test_the_order_they_came_in_does_not_matter(stops: list[Stop], random: object) -> None:
    shuffled = list(stops)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert serpentine(shuffled) == serpentine(stops)


def test_every_other_aisle_is_walked_back() -> None:
    assert lines(
        [stop(1, "2-1-1"), stop(2, "2-9-1"), stop(3, "1-9-1"), stop(4, "1-1-1"), stop(5, "3-5-1")]
    ) == [4, 3, 2, 1, 5]


def test_shelves_of_one_bay_are_read_from_the_first_either_way() -> None:
    assert lines([stop(1, "1-1-1"), stop(2, "2-4-2"), stop(3, "2-4-1")]) == [1, 3, 2]


def test_aisles_are_numbers_where_they_look_like_numbers() -> None:
    assert lines([stop(1, "12-1-1"), stop(2, "9-1-1"), stop(3, "12A-1-1")]) == [2, 1, 3]


def test_cold_things_come_last() -> None:
    assert lines(
        [stop(1, "1-1-1", zone="Frozen"), stop(2, "2-1-1", zone="Chilled"), stop(3, "30-1-1")]
    ) == [3, 2, 1]


def test_skipped_and_unknown_places_come_last() -> None:
    assert lines([stop(1, "1-1-1", skipped=1), Stop(2, None), stop(3, "2-1-1")]) == [3, 2, 1]


def test_a_skip_turns_nobody_round() -> None:
    before = [stop(1, "1-1-1"), stop(2, "2-1-1"), stop(3, "2-9-1")]
    after = [stop(1, "1-1-1", skipped=1), *before[1:]]

    assert lines(before) == [1, 3, 2]
    assert lines(after) == [3, 2, 1]
