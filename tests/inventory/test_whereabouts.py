"""Where an item most likely is, and what a new plan of the store leaves of what was learned."""

from datetime import timedelta
from typing import Any

import httpx
from hypothesis import given
from hypothesis import strategies as st

from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from inventory.layout import locations, whereabouts
from inventory.layout.locations import Place
from inventory.layout.whereabouts import Sure
from inventory.models import Location, LocationKind
from tests.conftest import NOON
from tests.inventory.shelves import OATS, RYE, S1
from tests.inventory.test_router import LOCATIONS, system

__all__ = ["system"]  # a fixture

DAY = timedelta(days=1)
SHELF: Place = ("Food", "4", "2", "3")
BACK: Place = ("Back", "1", "", "")
END: Place = ("Aisle ends", "4", "13", "1")


def at(kind: LocationKind = LocationKind.SHELF, **known: Any) -> Location:
    about = {"zone": "", "aisle": kind.value, "bay": "", "shelf": "", "kind": kind} | known
    return Location(store_id=S1, sku=OATS, **about)


def test_where_nothing_is_known_a_shelf_comes_before_a_display_before_the_back_room() -> None:
    shelf, display, back = at(), at(LocationKind.DISPLAY), at(LocationKind.BACKROOM)

    assert whereabouts.ranked([back, display, shelf], NOON) == [shelf, display, back]


def test_what_was_found_last_comes_first_and_a_recent_miss_sends_elsewhere() -> None:
    shelf = at(missed=1, learned_at=NOON - DAY * 2, last_missed_at=NOON - DAY * 2)
    back = at(LocationKind.BACKROOM, found=1, learned_at=NOON - DAY, last_found_at=NOON - DAY)
    assert whereabouts.ranked([shelf, back], NOON) == [back, shelf]

    good = at(found=5, missed=1, last_found_at=NOON - DAY, last_missed_at=NOON - timedelta(hours=1))
    assert whereabouts.ranked([good, back], NOON) == [back, good]
    assert whereabouts.ranked([good, back], NOON + DAY)[0] is good  # filled again by then
    assert (whereabouts.sure(good, NOON), whereabouts.sure(back, NOON)) == (
        Sure.HARDLY,
        Sure.LIKELY,
    )


looks = st.floats(0, 5)


@given(looks, looks, st.booleans(), st.sampled_from(LocationKind), st.integers(0, 400))
def test_odds_are_odds_and_what_was_learned_fades(
    found: float,
    missed: float,
    planned: bool,  # noqa: FBT001 -- drawn
    kind: LocationKind,
    days: int,
) -> None:
    place = at(kind, found=found, missed=missed, planned=planned, learned_at=NOON)
    blank = at(kind, planned=planned)
    now, later, far = (whereabouts.odds(place, NOON + DAY * n) for n in (0, days, 4000))

    assert 0 < now < 1
    first = whereabouts.odds(blank, NOON)
    assert min(now, first) - 1e-9 <= later <= max(now, first) + 1e-9
    assert abs(far - first) < 1e-6


async def test_a_new_plan_replaces_the_plan_and_not_what_was_learned(
    system: httpx.AsyncClient, db: Database, clock: ManualClock
) -> None:
    async with db.transaction(S1) as tx:
        await locations.found_at(tx, S1, OATS, SHELF)
        await locations.missed_at(tx, S1, OATS, BACK)
        await locations.found_at(tx, S1, OATS, END, LocationKind.DISPLAY)
        await locations.found_at(tx, S1, RYE, END, LocationKind.DISPLAY)
    clock.now += DAY
    async with db.transaction(S1) as tx:
        await locations.missed_at(tx, S1, RYE, END)

    async def load(text: str) -> int:
        header = "store_id,sku,zone,aisle,bay,shelf,kind,label\n"
        answer = await system.put("/v1/locations", content=header + text)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["written"])

    async def known() -> dict[Place, tuple[bool, float, str]]:
        async with db.transaction(S1) as tx:
            found = (await locations.find(tx, S1, [OATS]))[OATS]
        return {locations.place_of(p): (p.planned, round(p.found, 2), p.label) for p in found}

    same = await system.put("/v1/locations", content=LOCATIONS)
    assert same.json()["written"] == 1  # rye was missed since where no plan has it
    assert await known() == {
        SHELF: (True, 1, ""),
        END: (False, 1, ""),
        BACK: (True, 0, ""),
    }

    moved = "S1,oats,Food,9,1,1,shelf,SH-9-1\nS1,oats,Aisle ends,4,13,1,display,\n"
    assert await load(moved) == 4  # one is new, one is planned now, one was never any use, one left
    assert list((await known()).items()) == [
        (END, (True, 1, "")),
        (("Food", "9", "1", "1"), (True, 0, "SH-9-1")),
        (SHELF, (False, 1, "")),
    ]
    assert await load(moved) == 0
    async with db.transaction(S1) as tx:
        assert await locations.labelled(tx, S1, "SH-9-1") == (
            ("Food", "9", "1", "1"),
            LocationKind.SHELF,
        )
    clock.now += timedelta(days=100)
    assert await load(moved) == 1  # not found there for a season
    assert SHELF not in await known()
