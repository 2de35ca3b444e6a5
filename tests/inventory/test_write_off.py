"""It takes two people to take much off the record."""

from dataclasses import replace
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from inventory.looking.write_off import First, Look, Word, gone, judge

PEOPLE = [UUID(int=n) for n in range(1, 4)]
units, alone = st.integers(0, 60), st.integers(0, 20)


@given(units, alone, st.lists(st.tuples(st.sampled_from(PEOPLE), units), max_size=8))
def test_the_record_falls_no_further_than_two_people_have_seen(
    record: int, alone: int, looks: list[tuple[UUID, int]]
) -> None:
    first, seen = First(), dict[UUID, int]()
    for who, counted in looks:
        word = judge(counted, record, first, who, alone)
        seen[who] = min(counted, seen.get(who, counted))
        if word is Word.ENOUGH:
            others = [least for other, least in seen.items() if other != who]
            assert counted >= min([record, *others]) - alone
            return
        if word is Word.SECOND:
            first = First(who, counted)
        else:
            assert first.by == who
        assert record - counted > alone


@given(units, alone, st.lists(units, max_size=12))
def test_one_person_takes_no_more_off_by_counting_again_and_again(
    record: int, alone: int, looks: list[int]
) -> None:
    first, most, said = First(), record, list[Look]()
    for counted in looks:
        word = judge(counted, record, first, PEOPLE[0], alone, gone(said))
        if word is Word.ENOUGH:
            said.append(Look(counted - record, by_one=True))
            record, first, most = counted, First(), max(most, counted)
        elif word is Word.SECOND:
            first = First(PEOPLE[0], counted)
        assert gone(said) == most - record <= alone


@given(st.lists(st.builds(Look, st.integers(-20, 20), st.booleans()), max_size=12))
def test_what_two_people_have_seen_is_off_the_record_by_right(words: list[Look]) -> None:
    assert gone([*words, Look(-60, by_one=False)]) == 0
    assert gone([*words, Look(60 * 12, by_one=True), Look(-1, by_one=True)]) == 1


@given(units, units, alone, st.sampled_from(PEOPLE))
def test_whoever_did_not_find_it_does_not_confirm_it(
    counted: int, record: int, alone: int, who: UUID
) -> None:
    said = First(by=PEOPLE[0])

    word = judge(counted, record, said, who, alone)

    if who == PEOPLE[0]:
        assert word is (Word.SAME if counted <= record else Word.ENOUGH)
    else:  # that the first one missed some says nothing of all the others
        assert word is (Word.ENOUGH if record - counted <= alone else Word.SECOND)
    corrected = replace(said, counted=record + 1)
    assert judge(counted, record, corrected, PEOPLE[0], alone) is judge(
        counted, record, said, PEOPLE[0], alone
    )
    assert judge(counted, record, said, None, alone) is Word.ENOUGH
