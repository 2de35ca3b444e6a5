"""It takes two people to take much off the record."""

from dataclasses import replace
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from inventory.looking.write_off import First, Word, judge

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


@given(units, units, alone, st.sampled_from(PEOPLE))
def test_whoever_did_not_find_it_does_not_confirm_it(
    counted: int, record: int, alone: int, who: UUID
) -> None:
    said = First(by=PEOPLE[0])

    word = judge(counted, record, said, who, alone)

    assert word is (Word.SAME if who == PEOPLE[0] and counted <= record else Word.ENOUGH)
    corrected = replace(said, counted=record + 1)
    assert judge(counted, record, corrected, who, alone) is word
    assert judge(counted, record, said, None, alone) is Word.ENOUGH
