"""What is recorded about a person: all of it said, shown to them alone, and forgotten in time."""

import re
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import ARRAY, CheckConstraint, DateTime, String

from associates import jobs
from associates.bagging.bag_models import TakeOver
from associates.crew import own_records, record_words
from associates.crew.about_me import HEADINGS, NAMED, PARTS, PEOPLE
from associates.crew.dispute_models import Dispute
from associates.crew.forgetting import HELD
from associates.crew.own_records import DisputeUnknown
from associates.crew.record_words import AS_IT_IS, VALUES
from associates.handheld import devices
from associates.models import AssociateSession, PickTask, Scan, SignInFailure
from associates.offline.case_models import CaseKind, HandheldCase
from associates.picking import acts
from associates.picking.scans import ScanKind, ScanOutcome, TaskState
from bopis.kernel.clock import machine_clock
from bopis.kernel.columns import Table
from bopis.kernel.ids import AssociateId, DeviceId, OrderId, Sku, TaskId
from bopis.kernel.speech import speaking
from bopis.ops.goods import counts
from bopis.orders.counter import counter_router
from bopis.tables import METADATA
from inventory.models import CountPriority, CountRequest
from tests.associates.floor import ADA_BADGE, STORE, Floor

SAYS_WHO: Final = re.compile(
    r"associate|assigned|device|badge|pin_|actor|holder|_by$|_from$|person"
)
ELSEWHERE: Final = {
    **dict.fromkeys([("bags", "placed_by"), ("bags", "given_by")], "a scan, of those listed"),
    **dict.fromkeys(
        [
            ("feed_batches", "decided_by"),
            ("feed_gaps", "actor"),
            ("incidents", "called_by"),
            ("record_notes", "made_by"),
            ("record_days", "computed_by"),
        ],
        "store operations, by their key, or a job",
    ),
    **dict.fromkeys([("feed_fetches", "holder"), ("leases", "holder")], "a process of ours"),
    ("orders", "moved_from"): "an order",
    ("floor_ways", "blocked_from"): "a bay",
    ("events", "actor"): "a device, never a person: said in BY_DEVICE",
}
"""Columns that sound like a person of the floor, and who it is instead."""
ACTS: Final = counter_router.router
"""Of the counter, which registers its acts by being there."""


def test_every_column_that_can_tell_who_it_was_has_a_sentence() -> None:
    unsaid, missing = [], []
    for table in METADATA.sorted_tables:
        part = NAMED.get(table.name)
        if part is not None:
            missing += [f"{part.table}.{c}" for c in set(part.columns) ^ {x.name for x in table.c}]
            missing += [f"{part.table}.{c}" for c in part.who | part.hidden if c not in table.c]
        for column in table.columns:
            is_time = isinstance(column.type, DateTime)
            if is_time or not SAYS_WHO.search(column.name):
                continue
            said = column.name in part.columns if part is not None else False
            if not said and (table.name, column.name) not in ELSEWHERE:
                unsaid.append(f"{table.name}.{column.name}")

    assert missing == [], "about_me.py and the schema differ"
    assert unsaid == [], "say in about_me.py what these record about a person"
    assert {c for part in PARTS for c in part.columns} == set(HEADINGS)
    told = {"id", "number", "badge_digest", "pin_hash", "device_id", "device_seq", "asked_from"}
    assert {c for part in PARTS for c in part.who} - told == PEOPLE
    assert set(own_records._OF) == set(NAMED)  # noqa: SLF001 -- each list is read


def test_every_word_that_a_record_may_hold_is_said() -> None:
    unsaid, may_hold = [], dict[tuple[str, str], set[Any]]()
    for name in NAMED:
        table = METADATA.tables[name]
        for check in (one for one in table.constraints if isinstance(one, CheckConstraint)):
            if found := re.fullmatch(r"(\w+) IN \('(.+)'\)", str(check.sqltext)):
                may_hold[name, found[1]] = set(found[2].split("', '"))
        unsaid += [
            f"{name}.{column.name}"
            for column in table.c
            if isinstance(column.type, String | ARRAY) and column.name != "store_id"
            if (name, column.name) not in {*VALUES, *AS_IT_IS} and not hidden(name, column.name)
        ]
    assert len(may_hold) == 5
    may_hold |= {
        ("count_requests", "reason"): {*counts._WHY},  # noqa: SLF001 -- as operations read them
        ("count_requests", "priority"): {*CountPriority},
        ("handheld_cases", "act"): {"", *acts._acts, *ScanKind},  # noqa: SLF001
        ("handheld_cases", "told"): {*ScanOutcome},
        ("disputes", "about"): {*NAMED},
    }

    assert {key: set(words) for key, words in VALUES.items()} == may_hold
    assert unsaid == [], "say in record_words.py what they may hold, or that it is shown as it is"
    with speaking("fr"):
        row = record_words.said("scans", {"kind": "item", "outcome": "new_word", "code": "item"})
    assert row["kind"] != "item"
    assert (row["outcome"], row["code"]) == ("new_word", "item")


def hidden(table: str, column: str) -> bool:
    return column in NAMED[table].hidden


def aged(floor: Floor, days: float) -> dict[str, Table]:
    """Return a row of every list that says who somebody is, so many days old."""
    ada, at = floor.ada, floor.db.clock() - timedelta(days=days)
    machine = machine_clock() - timedelta(days=days)
    who: dict[str, Any] = {"associate_id": ada.associate_id, "device_id": ada.device_id}
    task = TaskId(uuid4())
    return {
        "associate_sessions": AssociateSession(
            store_id=STORE, id=uuid4(), token_digest=b"x", started_at=machine, ends_at=machine,
            **who,
        ),
        "sign_in_failures": SignInFailure(
            store_id=STORE, device_id=DeviceId(uuid4()), number="7", failures=1,
            locked_until=machine,
        ),
        "scans": Scan(
            store_id=STORE, id=uuid4(), device_seq=int(1_000 + days), kind=ScanKind.ITEM,
            outcome=ScanOutcome.APPLIED, scanned_at=at, received_at=at, **who,
        ),
        "pick_tasks": PickTask(
            store_id=STORE, id=task, order_id=OrderId(uuid4()), number=f"T-{days}", due_at=at,
            state=TaskState.DONE, assigned_to=ada.associate_id, device_id=ada.device_id,
            opened_at=at, ended_at=at,
        ),
        "take_overs": TakeOver(
            store_id=STORE, id=uuid4(), task_id=task, fence=1, asked_by=ada.associate_id,
            asked_from=ada.device_id, asked_at=at,
        ),
        "count_requests": CountRequest(
            store_id=STORE, id=uuid4(), sku=Sku(f"sku {days}"), reason="", opened_at=at,
            claimed_by=ada.associate_id, first_by=ada.associate_id, done_at=at, counted=1,
        ),
        "handheld_cases": HandheldCase(
            store_id=STORE, id=uuid4(), kind=CaseKind.CONFLICT, device_seq=int(days), act="scan",
            body="what I said", opened_at=at, **who,
        ),
        "disputes": Dispute(
            store_id=STORE, id=uuid4(), associate_id=ada.associate_id, about="scans",
            words="This is not so.", made_at=at, answer="It is.", answered_by="ops:lee",
            answered_at=at,
        ),
    }  # fmt: skip


def names(found: Any, ada: AssociateId) -> bool:
    return ada in found.values() or ada.hex in repr(found) or str(ada) in repr(found)


def test_what_is_no_single_word_stays_as_it_is() -> None:
    row = {"place": ["Food", "12", "4", "2"], "quantity": 2}

    assert record_words.said("scans", row) == row


async def test_whatever_says_who_it_was_fades_after_ninety_days(floor: Floor) -> None:
    ada = floor.ada.associate_id
    for table in NAMED:
        if table != "associates":  # whoever works here
            await floor.rows(f"DELETE FROM {table}")  # noqa: S608 -- a table of ours
    old, young = aged(floor, HELD.days + 1), aged(floor, HELD.days - 1)
    assert set(old) == {part.table for part in PARTS} - {"associates"}, "a new list: does it fade?"
    async with floor.db.transaction(STORE) as tx:
        await tx.add(*old.values(), *young.values())

    await jobs.forget(floor.db)

    left = {table: await floor.rows(f"SELECT * FROM {table}") for table in old}  # noqa: S608
    known = {t: sum(names(dict(row), ada) for row in rows) for t, rows in left.items()}
    assert known == {table: int(table != "sign_in_failures") for table in old}
    kept = {"scans", "pick_tasks", "count_requests"}  # the facts stay
    assert {t for t, rows in left.items() if len(rows) == 2} == kept
    assert await jobs.forget(floor.db) == 0


async def test_a_person_sees_their_own_rows_takes_them_along_and_disagrees(
    floor: Floor, http: httpx.AsyncClient
) -> None:
    token, headers = await signed_in(floor, http)
    async with floor.db.transaction(STORE) as tx:
        await tx.add(*aged(floor, 1).values())
    theirs = Floor(floor.db, floor.sam, floor.ada)
    async with floor.db.transaction(STORE) as tx:
        await tx.add(*aged(theirs, 2).values())
        await tx.add(
            CountRequest(
                store_id=STORE, id=uuid4(), sku=Sku("both"), reason="asked", opened_at=tx.now,
                first_by=floor.ada.associate_id, claimed_by=floor.sam.associate_id,
            )
        )  # fmt: skip
    ask = "/v1/handheld/about-me"
    dispute = {"dispute_id": str(uuid4()), "about": "scans", "words": "I was not there."}

    noted = [await http.post(f"{ask}/disputes", json=dispute, headers=headers) for _ in range(2)]
    odd = await http.post(f"{ask}/disputes", json={**dispute, "about": "x"}, headers=headers)
    async with floor.db.transaction(STORE, actor="ops:lee") as tx:
        await own_records.answer(tx, STORE, UUID(dispute["dispute_id"]), "We will ask.")
        with pytest.raises(DisputeUnknown):
            await own_records.answer(tx, STORE, UUID(dispute["dispute_id"]), "Again.")
    told = (await http.get(ask, headers=headers)).json()
    taken = await http.get(f"{ask}/export", headers=headers)
    french = await http.get(f"{ask}/export", headers=headers | {"accept-language": "fr"})

    assert [one.status_code for one in noted] == [201, 201]
    assert odd.status_code == 404
    parts = {part["table"]: part for part in told["parts"]}
    assert [part["title"] for part in told["parts"]] == [part.title for part in PARTS]
    mine = [row for row in parts["disputes"]["rows"] if row["words"] == "I was not there."]
    assert [row["answer"] for row in mine] == ["We will ask."]
    assert len(parts["associate_sessions"]["rows"]) >= 1
    for rows in (taken.json()["rows"], {t: part["rows"] for t, part in parts.items()}):
        assert not {"badge_digest", "pin_hash", "token_digest"} & {
            name for listed in rows.values() for row in listed for name in row
        }
    assert taken.headers["content-disposition"] == 'attachment; filename="about-me.json"'
    assert token not in taken.text
    assert not names(taken.json(), floor.sam.associate_id)  # nobody else's rows
    assert len(taken.json()["rows"]["scans"]) == 1
    both = next(row for row in parts["count_requests"]["rows"] if row["sku"] == "both")
    assert (both["first_by"], both["claimed_by"]) == ("You", "Somebody else")
    assert parts["scans"]["rows"][0]["kind"] == "You scanned an item"
    assert taken.json()["rows"]["scans"][0]["kind"] == "item"  # and what it means stands beside it
    kinds = taken.json()["what"]["scans"]["columns"]["kind"]["values"]
    assert kinds["item"] == "You scanned an item"
    column = french.json()["what"]["scans"]["columns"]["scanned_at"]
    assert column == {"title": "Heure du terminal", "says": "Quand, à l’horloge du terminal."}  # noqa: RUF001


async def signed_in(floor: Floor, http: httpx.AsyncClient) -> tuple[str, dict[str, str]]:
    """Sign Ada in on a handheld of her own; return its session's key, and what it shows."""
    code = await floor.do(devices.new_code, STORE)
    enrolled = await http.post("/v1/handheld/enrol", json={"code": code, "name": "No 7"})
    headers = {"Authorization": f"Bearer {enrolled.json()['data']['device_token']}"}
    signed = await http.post("/v1/handheld/sign-in", json={"badge": ADA_BADGE}, headers=headers)
    session = str(signed.json()["data"]["session"])
    return session, {**headers, "X-Associate-Session": session}
