"""Who is offered first, and why, is a rule; and it is cautious with whom it does not know."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bopis.kernel.ids import StoreId
from bopis.orders.placing.ranking import EXPLORED, TARGET, Candidate, Worth, parts, rank
from bopis.promises.standing import Share, Standing, lower, unknown

HOUR = timedelta(hours=1)


def known(store: str, kept: int, n: int) -> Standing:
    share = Share(lower(kept, n, 0.9), kept, n)
    return Standing(StoreId(store), share, share, share)


def sure(on_time: float, *, padding: float = 1.0) -> Standing:
    share = Share(0.98, 98, 100)
    return Standing(StoreId("S1"), share, Share(on_time, 100, 100), share, padding=padding)


def worth_of(one: Candidate) -> float:
    return sum(parts(one, Worth()).values())


def candidate(store: str = "S1", **other: object) -> Candidate:
    values: dict[str, object] = {
        "store_id": StoreId(store),
        "standing": known(store, 190, 200),
        "odds": (0.97,),
        "distance_km": 2.0,
        "rho": 0.4,
        "wide": timedelta(0),
        "wait": HOUR,
    }
    return Candidate(**(values | other))  # type: ignore[arg-type]


candidates = st.lists(
    st.builds(
        candidate,
        store=st.sampled_from([f"S{n}" for n in range(30)]),
        odds=st.tuples(st.one_of(st.none(), st.floats(0, 1))),
        distance_km=st.floats(0, 50),
        rho=st.floats(0, 2),
        wide=st.timedeltas(timedelta(0), 6 * HOUR),
        wait=st.timedeltas(timedelta(0), 48 * HOUR),
    ),
    max_size=8,
    unique_by=lambda one: one.store_id,
)


@settings(max_examples=40)
@given(candidates, st.binary(max_size=8))
def test_everybody_is_ranked_once_the_best_first_but_for_a_draw_among_equals(
    found: list[Candidate], seed: bytes
) -> None:
    ranked, trial = rank(found, seed)

    worths = [sum(parts(one.candidate, Worth()).values()) for one in ranked]
    assert sorted(one.candidate.store_id for one in ranked) == sorted(c.store_id for c in found)
    assert rank(list(reversed(found)), seed) == (ranked, trial)
    if trial is None:
        assert worths == sorted(worths, reverse=True)
    else:
        assert worths[1:] == sorted(worths[1:], reverse=True)
        assert ranked[0].candidate.store_id == trial.first
        assert max(worths) - worths[0] < 0.05 * abs(max(worths))
        assert 0 < trial.propensity <= 1
    assert all(one.why.endswith(".") for one in ranked)


@given(st.floats(0, 40), st.floats(0, 1), st.timedeltas(timedelta(0), 6 * HOUR), st.floats(0, 0.9))
def test_farther_fuller_vaguer_later_and_less_sure_is_never_better(
    far: float, over: float, wide: timedelta, less: float
) -> None:
    good = candidate()
    worse = [
        replace(good, distance_km=2 + far),
        replace(good, rho=0.4 + over),
        replace(good, wide=wide),
        replace(good, wait=HOUR + wide),
        replace(good, odds=(0.97 - less,)),
    ]

    worth = sum(parts(good, Worth()).values())
    assert all(sum(parts(one, Worth()).values()) <= worth for one in worse)


@given(
    st.floats(1.0, 12.0),
    st.floats(0.0, 1.0),
    st.timedeltas(20 * timedelta(minutes=1), 6 * HOUR),
    st.timedeltas(timedelta(0), 3 * HOUR),
)
def test_longer_times_than_nine_of_ten_orders_need_buy_no_place(
    times: float, more: float, wait: timedelta, wide: timedelta
) -> None:
    honest = candidate(standing=sure(TARGET), wait=wait, wide=wide)
    padded = replace(
        honest,
        standing=sure(TARGET + more * (1 - TARGET), padding=times),
        wait=wait * times,
        wide=wide * times,
    )

    assert worth_of(padded) <= worth_of(honest)
    assert times < 1.2 or worth_of(padded) < worth_of(honest)


def test_a_store_with_too_few_people_stands_behind_one_that_keeps_its_word_as_well() -> None:
    """Both keep nine of ten: the one by naming three and a half hours, the other fifty minutes."""
    quick = candidate("S2", standing=sure(0.87), wait=timedelta(minutes=50))
    slow = candidate("S1", standing=sure(0.885), wait=timedelta(minutes=212))

    ranked, _ = rank([slow, quick], b"no draw")

    assert [one.candidate.store_id for one in ranked] == ["S2", "S1"]
    assert ranked[1].why == "Ready later."


def test_a_store_nobody_knows_is_cautious_and_not_bad() -> None:
    new = candidate("S9", standing=unknown(StoreId("S9")), odds=(None,))
    good = candidate("S1", standing=known("S1", 195, 200), odds=(None,))
    bad = candidate("S2", standing=known("S2", 120, 200), odds=(None,))

    ranked, _ = rank([new, bad, good], b"")

    assert [one.candidate.store_id for one in ranked] == ["S1", "S9", "S2"]
    assert ranked[0].why == "Offered first: it is the surest to have all of it ready in time."
    assert ranked[2].why == "Less sure to have all of it ready in time."


def test_each_consideration_is_said_when_it_decides() -> None:
    best = candidate()
    said = {
        rank([best, replace(best, store_id=StoreId("S2"), **other)], b"")[0][1].why
        for other in (
            {"distance_km": 9.0},
            {"rho": 1.2},
            {"wide": 3 * HOUR},
            {"wait": 30 * HOUR},
            {"standing": replace(best.standing, padding=3.0)},
            {},
        )
    }

    assert said == {
        "Farther away.",
        "Its hands are full just now.",
        "Its time is less certain.",
        "Ready later.",
        "It names later times than its orders need.",
        "As good as the first.",
    }
    assert rank([best], b"")[0][0].why == "The only store near that has all of it."
    assert rank([], b"") == ([], None)


def test_three_in_a_hundred_near_ties_are_drawn_and_no_clear_case_is() -> None:
    best, tied = candidate("S1"), candidate("S2", distance_km=2.01)
    far = candidate("S3", distance_km=30.0)

    drawn = [t for n in range(4000) if (t := rank([best, tied], str(n).encode())[1])]
    clear = [t for n in range(1000) if (t := rank([best, far], str(n).encode())[1])]

    assert 80 < len(drawn) < 160
    assert {one.first for one in drawn} == {"S1", "S2"}
    second = next(one for one in drawn if one.first == "S2")
    assert second.propensity == EXPLORED / 2
    assert second.tied == ("S1", "S2")
    assert not clear
