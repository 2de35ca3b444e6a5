"""What describes the chain is read as it was meant, or named as it was written."""

import io
import json
import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from associates.crew import rosters
from bopis.kernel.database import Database
from inventory.catalog import bulk, sheets
from inventory.catalog.bulk import Catalog, Entry
from inventory.catalog.loading import load
from inventory.catalog.sheets import Job
from inventory.feeds import pages
from inventory.feeds.intake import File, FileUnreadable
from inventory.feeds.records import Format
from inventory.feeds.rejects import Bad, Reason, Reject, Unreadable
from inventory.layout import floor_files
from tests.kernel import apart_calls

SHEETS = {kind: getattr(bulk, kind.name) for kind in Catalog}


def read(
    kind: Catalog, data: str | bytes, form: Format = Format.CSV
) -> tuple[list[Entry], list[Reject]]:
    source = io.BytesIO(data.encode() if isinstance(data, str) else data)
    pages = list(bulk.read(source, form, SHEETS[kind]))
    return [entry for page in pages for _, entry in page.rows], [
        reject for page in pages for reject in page.rejects
    ]


def test_a_store_in_full() -> None:
    entries, rejects = read(
        Catalog.STORES,
        "store_id,name,time_zone,latitude,longitude,hold_days,hours,exceptions,staging\n"
        'S1,Lakeview,America/Chicago,41.94,-87.65,5,"Mon-Fri 09:00-21:00; Sat 09:00-12:00,'
        ' 13:00-18:00; Sun closed","2026-12-24 09:00-13:00; 2026-12-25 closed","A1=Shelf A; A2"\n',
    )

    assert rejects == []
    weekdays = [(day, "09:00", "21:00") for day in range(5)]
    assert entries == [
        {
            "store_id": "S1",
            "name": "Lakeview",
            "time_zone": "America/Chicago",
            "latitude": 41.94,
            "longitude": -87.65,
            "hold_days": 5,
            "hours": [*weekdays, (5, "09:00", "12:00"), (5, "13:00", "18:00")],
            "exceptions": [("2026-12-24", "09:00", "13:00"), ("2026-12-25", "closed", "")],
            "staging": [("A1", "Shelf A"), ("A2", "A2")],
        }
    ]


def test_only_what_is_said_is_in_the_entry() -> None:
    line = {"sku": "oats", "name": "Oat drink", "size": None, "gtins": "4006381333931*6"}
    entries, rejects = read(Catalog.ITEMS, json.dumps(line), Format.NDJSON)

    assert rejects == []
    assert entries == [
        {"sku": "oats", "name": "Oat drink", "size": "", "gtins": [("04006381333931", 6)]}
    ]


@pytest.mark.parametrize(
    ("kind", "line", "field", "reason"),
    [
        (Catalog.STORES, {"store_id": " "}, "store_id", Reason.MISSING),
        (Catalog.STORES, {"store_id": "S 1"}, "store_id", Reason.NOT_A_CODE),
        (Catalog.STORES, {"time_zone": "Europe/Paradise"}, "time_zone", Reason.UNKNOWN_ZONE),
        (Catalog.STORES, {"time_zone": "../../etc/passwd"}, "time_zone", Reason.UNKNOWN_ZONE),
        (Catalog.STORES, {"latitude": 91}, "latitude", Reason.OUT_OF_RANGE),
        (Catalog.STORES, {"latitude": "north"}, "latitude", Reason.NOT_A_NUMBER),
        (Catalog.STORES, {"hold_days": 2.5}, "hold_days", Reason.NOT_WHOLE),
        (Catalog.STORES, {"is_active": "maybe"}, "is_active", Reason.NOT_A_CHOICE),
        (Catalog.STORES, {"hours": "Mon-Fri 9-17"}, "hours", Reason.NOT_HOURS),
        (Catalog.STORES, {"hours": "Mon 09:00-12:00; Mon closed"}, "hours", Reason.NOT_HOURS),
        (Catalog.STORES, {"hours": "Mon 09:00-12:00, 11:00-13:00"}, "hours", Reason.NOT_HOURS),
        (Catalog.STORES, {"exceptions": "Christmas closed"}, "exceptions", Reason.NOT_HOURS),
        (Catalog.STORES, {"pickup_hours": "Mon 9-17"}, "pickup_hours", Reason.NOT_HOURS),
        (Catalog.STORES, {"slots": "Mon 09:00-12:00"}, "slots", Reason.NOT_SLOTS),
        (Catalog.STORES, {"slots": "Mon 9-12 2 per 60 min"}, "slots", Reason.NOT_HOURS),
        (Catalog.STORES, {"slots": "Mon 09:00-12:00 2 per 5 min"}, "slots", Reason.OUT_OF_RANGE),
        (
            Catalog.STORES,
            {"slots": "Mon 09:00-12:00 2 per 60 min; Mon 14:00-16:00 3 per 60 min"},
            "slots",
            Reason.NOT_HOURS,
        ),
        (Catalog.STORES, {"staging": "A1; A1"}, "staging", Reason.CONTRADICTED),
        (Catalog.STORES, {"color": "red"}, "color", Reason.UNKNOWN_FIELD),
        (Catalog.ITEMS, {"sku": "x", "gtins": "4006381333932"}, "gtins", Reason.CHECK_DIGIT),
        (Catalog.ITEMS, {"sku": "x", "name": "y" * 201}, "name", Reason.TOO_LONG),
        (Catalog.ITEMS, {"sku": "x", "name": ["y"]}, "row", Reason.NOT_JSON),
        (Catalog.LOCATIONS, {"sku": "x", "kind": "moon"}, "kind", Reason.NOT_A_CHOICE),
    ],
)
def test_a_bad_field_is_named(
    kind: Catalog, line: dict[str, object], field: str, reason: Reason
) -> None:
    whole = {"store_id": "S1", "name": "x", "time_zone": "UTC", "sku": "x", "aisle": "4"}
    said = {name: whole[name] for name in SHEETS[kind].required} | line
    entries, rejects = read(kind, json.dumps(said), Format.NDJSON)

    assert entries == []
    assert [(reject.field, reject.reason) for reject in rejects] == [(field, reason)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("Sat-Mon 10:00-18:00", [(d, "10:00", "18:00") for d in (0, 5, 6)]),
        ("Fri 18:00-02:00", [(4, "18:00", "02:00")]),
        ("Sunday 00:00-24:00", [(6, "00:00", "00:00")]),
    ],
)
def test_hours_as_people_write_them(text: str, expected: list[tuple[int, str, str]]) -> None:
    assert bulk.weekly("hours", text) == expected


def test_slots_as_people_write_them() -> None:
    assert bulk.slots(
        "slots", "Fri-Sat 09:00-12:00, 13:00-18:00 12 per 60 min; Sun 10:00-14:00 5 per 30min"
    ) == [
        (4, "09:00", "12:00", 60, 12),
        (4, "13:00", "18:00", 60, 12),
        (5, "09:00", "12:00", 60, 12),
        (5, "13:00", "18:00", 60, 12),
        (6, "10:00", "14:00", 30, 5),
    ]
    assert bulk.slots("slots", " ") == []


@given(st.text("MonFriSat0123456789:-;, closed", max_size=30))
def test_hours_as_nobody_writes_them(text: str) -> None:
    try:
        rows = bulk.weekly("hours", text)
    except Bad:
        return
    assert all(0 <= day <= 6 for day, _, _ in rows)


@given(st.binary(max_size=200), st.sampled_from(Catalog), st.sampled_from(Format))
def test_nonsense_is_refused_or_rejected(data: bytes, kind: Catalog, form: Format) -> None:
    head = (",".join(SHEETS[kind].required) + "\n").encode() if form is Format.CSV else b""
    try:
        entries, _ = read(kind, head + data, form)
    except Unreadable:
        return
    assert all(entry.keys() >= SHEETS[kind].required.keys() for entry in entries)


def test_records_come_back_from_next_door_as_they_are_read_here() -> None:
    store = (
        "store_id,name,time_zone,latitude,phone,hours,exceptions,slots,staging\n"
        'S1,Läk,America/Chicago,41.94,,"Mon 09:00-12:00, 13:00-18:00","2026-12-25 closed",'
        '"Mon 09:00-12:00 2 per 60 min","A1=Shelf A; A2"\nS 2,x,Europe/Paris\n'
    )
    item = '{"sku":"oats","name":"Oat drink","size":null,"gtins":"4006381333931*6"}\n{"sku":1}\n'
    floor = "store_id,kind,x,y,name,x2,y2,first_bay,last_bay\nS1,aisle,1,2,3,4,5.5,,\n"
    plan = "store_id,begins,ends,people\nS1,2026-03-05T09:00,2026-03-05T17:00Z,2\n"
    place = "store_id,sku,aisle,bay\nS1,oats,3,\n"
    for text, form, name, sheet in (
        (store, Format.CSV, "inventory.catalog.bulk:STORES", SHEETS[Catalog.STORES]),
        (item * 1500, Format.NDJSON, "inventory.catalog.bulk:ITEMS", SHEETS[Catalog.ITEMS]),
        (place, Format.CSV, "inventory.catalog.bulk:LOCATIONS", SHEETS[Catalog.LOCATIONS]),
        (floor, Format.CSV, "inventory.layout.floor_files:SHEET", floor_files.SHEET),
        (plan, Format.CSV, "associates.crew.rosters:SHEET", rosters.SHEET),
        ("\0", Format.CSV, "inventory.layout.floor_files:SHEET", floor_files.SHEET),
    ):
        said = msgspec.msgpack.encode(Job(form, name))
        told = sheets.apart(io.BytesIO(text.encode()), said)
        try:
            here = list(bulk.read(io.BytesIO(text.encode()), form, sheet))
        except Unreadable as error:
            with pytest.raises(Unreadable, match=re.escape(str(error))):
                sheets.heard(next(told))
        else:
            assert [sheets.heard(page) for page in told] == here


async def test_a_long_file_is_read_next_door_and_a_death_is_told(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "SMALL", 0)
    file = File(io.BytesIO(b"sku,name\noats,Oats\n\xff,\n"), Format.CSV, "")
    loaded = await load(db, Catalog.ITEMS, file, actor="key:x")
    monkeypatch.setattr(sheets, "APART", f"{apart_calls.__name__}:abort_after_a_sheet")
    with pytest.raises(FileUnreadable) as refused:
        await load(db, Catalog.LOCATIONS, file, actor="key:x")

    assert (loaded.rows, loaded.written, loaded.rejected) == (2, 1, 1)
    assert "given up, for it was ended by SIGABRT. What came before" in str(refused.value)
    assert "changes nothing twice" in str(refused.value)
