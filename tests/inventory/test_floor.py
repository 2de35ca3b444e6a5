"""A store's floor: measured, loaded, blocked, freed."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bopis import cli
from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.ids import StoreId
from inventory.feeds.rejects import EXPLAINED, Bad, Reject
from inventory.layout import floor_files, floors
from inventory.layout.floor import Block, Floor, Point, PointKind, Way
from inventory.layout.floors import AisleUnknown, BlockImpossible
from inventory.layout.ways import net
from inventory.models import Store

S1 = StoreId("S1")
NOON = datetime(2026, 3, 6, 18, tzinfo=UTC)
PLAN = """store_id,kind,name,x,y,x2,y2,first_bay,last_bay,one_way
S1,aisle,1,0,0,0,20,1,10,
S1,aisle,2,5,0,5,20,1,10,yes
S1,cross,front,0,0,5,0,,,
S1,cross,back,0,20,5,20,,,
S1,counter,Pickup,0,-3,,,,,
"""
STORES = "store_id,name,time_zone\nS1,Riverside,America/Chicago\n"
BAD = """store_id,kind,name,x,y,x2,y2,first_bay,last_bay,one_way
S1,aisle,1,0,0,0,20,1,10,
S1,aisle,1,9,0,9,20,1,10,
S1,aisle,3,0,0,0,0,,,
S1,aisle,4,zero,0,0,20,,,
S1,aisle,5,0,0,,20,,,
S1,aisle,6,0,0,0,20,4,,
S1,stairs,7,0,0,0,20,,,
S1,aisle,8,0,99999,0,20,,,
S9,aisle,1,0,0,0,20,,,
"""


columns = sorted({*floor_files.SHEET.required, *floor_files.SHEET.optional})


@given(st.dictionaries(st.sampled_from(columns), st.text(max_size=12)))
@settings(max_examples=20)
def test_whatever_a_line_says_it_is_a_floor_or_a_fault_with_words(texts: dict[str, str]) -> None:
    whole = {"store_id": "S1", "kind": "aisle", "name": "1", "x": "0", "y": "0", "x2": "9"}
    floor = Floor(())
    faults: list[Reject] = []
    try:
        entry = floor_files.SHEET.entry({**whole, "y2": "0", **texts})
        floor, faults = floor_files.understood([(1, entry)])
    except Bad as bad:
        faults = [Reject(1, bad.field, bad.reason, "")]

    assert bool(faults) is not bool(floor.ways)
    assert all(EXPLAINED[fault.reason] for fault in faults)


lines = st.tuples(*(st.integers(-20, 20).map(float) for _ in range(4))).filter(
    lambda at: abs(at[0] - at[2]) + abs(at[1] - at[3]) > 1
)


@given(st.lists(lines, min_size=1, max_size=8), st.lists(st.booleans(), min_size=8, max_size=8))
@settings(max_examples=15, deadline=None)
def test_whatever_a_plan_looks_like_a_path_is_as_long_as_its_distance(
    drawn: list[tuple[float, float, float, float]], one_way: list[bool]
) -> None:
    floor = Floor(
        tuple(
            Way(str(n), (x1, y1), (x2, y2), bays=(1, 4), is_one_way=one_way[n])
            for n, (x1, y1, x2, y2) in enumerate(drawn)
        )
    )
    made = net(floor)
    spots = [spot for n in range(len(drawn)) if (spot := made.at(("", str(n), "2", "")))]

    assert len(spots) == len(drawn)
    for a in spots:
        assert made.distance(a, a) == 0
        for b in spots:
            path = made.path(a, b)
            walked = sum(
                ((p[0] - q[0]) ** 2 + (p[1] - q[1]) ** 2) ** 0.5 for p, q in pairwise(path)
            )
            assert bool(path) is (made.distance(a, b) < float("inf"))
            if path:  # lines that nearly touch are joined: a few centimeters each
                assert walked == pytest.approx(made.distance(a, b), abs=0.25 * len(path))


def test_a_bay_is_where_its_number_says() -> None:
    up = Way("1", (0, 0), (0, 20), bays=(1, 10))
    down = Way("1", (0, 0), (0, 20), bays=(10, 1))

    assert [up.along(bay) for bay in ("1", "bay 10", "99", "", "top", "C")] == [
        1.0, 19.0, 19.0, 10.0, 10.0, 5.0,
    ]  # fmt: skip
    assert down.along("10") == 1.0
    assert up.reach(4, 5) == (6.0, 10.0)


def test_an_aisle_is_found_by_its_sign_and_by_its_zone_where_two_have_it() -> None:
    garden = Way("7", (0, 0), (0, 9), zone="Garden")
    ways = (garden, Way("7", (5, 0), (5, 9)), Way("A1", (9, 0), (9, 9)))
    floor = Floor((*ways, Way("front", (0, 0), (9, 0), is_cross=True)))

    assert floor.way("garden", "7") is ways[0]
    assert floor.way("Home", "7") is ways[1]
    assert floor.way("", " a1 ") is ways[2]
    assert floor.way("", "front") is None
    assert Floor(ways[:1] + ways[:1]).way("Home", "7") is None


@pytest.fixture
async def store(db: Database) -> Database:
    async with db.transaction() as tx:
        await tx.add(Store(store_id=S1, name="Riverside", time_zone="America/Chicago"))
    return db


async def put(db: Database, *ways: Way) -> bool:
    async with db.transaction(S1) as tx:
        return await floors.put(tx, S1, Floor(ways, (Point(PointKind.COUNTER, 0, 0, "Pickup"),)))


AISLE = Way("1", (0, 0), (0, 20), bays=(1, 10))
OTHER = Way("2", (5, 0), (5, 20))


async def test_a_floor_comes_back_as_it_was_put_and_the_same_again_says_nothing(
    store: Database,
) -> None:
    assert await put(store, AISLE, OTHER)
    assert not await put(store, AISLE, OTHER)
    async with store.transaction(S1) as tx:
        floor = await floors.of(tx, S1)
        said = await tx.value("SELECT count(*) FROM events WHERE name = 'floor.changed'")

    assert floor == Floor((AISLE, OTHER), (Point(PointKind.COUNTER, 0.0, 0.0, "Pickup"),))
    assert said == 1
    assert floors.unreached(floor) == [OTHER]


async def test_an_obstacle_stays_when_the_plan_is_new_and_goes_when_its_time_has_come(
    store: Database, clock: ManualClock
) -> None:
    await put(store, AISLE, OTHER)
    until = store.clock() + timedelta(hours=1)
    async with store.transaction(S1) as tx:
        await floors.block(tx, S1, "1", Block(" a pallet ", until, (4, 3)))
    await put(store, Way("1", (0, 0), (0, 30), bays=(1, 10)))
    async with store.transaction(S1) as tx:
        now, kept = await floors.of(tx, S1), await floors.kept(tx, S1)
        mark = await floors.mark(tx, S1)
    early = await floors.lapse(store)
    clock.advance(timedelta(hours=1))
    lapsed = [await floors.lapse(store), await floors.lapse(store)]
    async with store.transaction(S1) as tx:
        free = await floors.kept(tx, S1)
        after = await floors.mark(tx, S1)

    assert (early, lapsed) == (0, [1, 0])
    assert mark != after
    assert now
    assert kept
    assert free
    assert now.ways[0].block == Block("a pallet", until, (3, 4))
    assert kept.now(until).ways[0].block is None
    assert free.ways[0].block is None


@pytest.mark.parametrize(
    ("aisle", "block", "refused"),
    [
        ("9", Block("a pallet"), AisleUnknown),
        ("1", Block("  "), BlockImpossible),
        ("1", Block("a pallet", bays=(4, 11)), BlockImpossible),
        ("2", Block("a pallet", bays=(1, 1)), BlockImpossible),
        ("1", Block("a pallet", until=datetime(2020, 1, 1, tzinfo=UTC)), BlockImpossible),
    ],
)
async def test_what_cannot_be_in_the_way_is_refused_and_nothing_is(
    store: Database, aisle: str, block: Block, refused: type[Exception]
) -> None:
    await put(store, AISLE, OTHER)
    async with store.transaction(S1) as tx:
        with pytest.raises(refused):
            await floors.block(tx, S1, aisle, block)
        floor = await floors.of(tx, S1)

    assert floor
    assert not any(way.block for way in floor.ways)


def test_a_time_of_the_day_is_the_next_one_on_the_wall() -> None:
    zone = "America/Chicago"
    assert floors.moment("15:00", zone, NOON).astimezone(ZoneInfo(zone)).hour == 15
    assert floors.moment("09:00", zone, NOON) - NOON == timedelta(hours=21)
    with pytest.raises(ValueError, match="Invalid isoformat"):
        floors.moment("later", zone, NOON)


async def _noted(dsn: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(dsn)
    try:
        return list(
            await connection.fetch(
                "SELECT name, actor, payload->>'note' AS note FROM events"
                " WHERE name = 'ops.noted' ORDER BY seq"
            )
        )
    finally:
        await connection.close()


def test_a_plan_by_the_command_line(
    dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", dsn)
    for name, text in {"plan": PLAN, "bad": BAD, "stores": STORES}.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    assert cli.main(["load", "stores", str(tmp_path / "stores.csv")]) == 0
    assert cli.main(["floor", "load", str(tmp_path / "plan.csv")]) == 0
    assert cli.main(["floor", "load", str(tmp_path / "bad.csv")]) == 1
    wet = ["--reason", "wet floor", "--bays", "4-6", "--until", "23:59"]
    assert cli.main(["floor", "block", "S1", "1", *wet]) == 0
    assert cli.main(["floor", "block", "S1", "7", "--reason", "a pallet"]) == 1
    up = ["--reason", "a lift", "--direction", "forth"]
    assert cli.main(["floor", "block", "S1", "front", *up]) == 0
    assert cli.main(["floor", "block", "S1", "2", *up[:2], "--direction", "back"]) == 1
    assert cli.main(["floor", "show", "S1"]) == 0

    with asyncio.Runner() as runner:
        noted = runner.run(_noted(dsn))
    said = capsys.readouterr()
    assert [(one["name"], one["note"]) for one in noted] == [
        ("ops.noted", "wet floor"),
        ("ops.noted", "a lift"),
    ]
    assert all(one["actor"].startswith("ops:") for one in noted)
    assert all("command line" in one["actor"] for one in noted)
    assert "floor: 5 rows, 5 written, 0 rejected" in said.out
    assert "floor: 9 rows, 0 written, 8 rejected" in said.out
    fields = ("name", "x2", "x", "x2", "last_bay", "kind", "y", "store_id")
    for line, field in enumerate(fields, 3):
        assert f"line {line}, {field}: " in said.out
    assert "0, 0 to 0, 20, bays 1 to 10; BLOCKED: wet floor" in said.out
    assert "0, 0 to 5, 0; BLOCKED (forth): a lift" in said.out
    assert "Nobody walks aisle 2 that way: it is one-way." in said.err
    assert "The plan has no aisle 7. It has 1, 2, front, back." in said.err
