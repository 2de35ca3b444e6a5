"""Who and what is on the floor: handhelds, and associates. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from bopis.kernel.ids import outward
from bopis.ops.present import NOTE, stamp
from bopis.ops.views import (
    MANY,
    Action,
    Cell,
    Column,
    Rows,
    Table,
)

Row = Mapping[str, Any]


def devices_table(rows: Rows, now: datetime) -> Table:
    return Table(
        name="devices",
        caption="Handhelds",
        columns=(
            Column("Handheld"),
            Column("Store"),
            Column("State"),
            Column("Joined"),
            Column("Last scan"),
            Column(""),
        ),
        rows=[_device_row(row, now) for row in rows],
        why_empty="No handheld has joined yet. Make a code and type it on the device.",
    )


def _device_row(row: Row, now: datetime) -> Sequence[Cell]:
    zone = row["time_zone"]
    revoke = Action(
        "Shut out",
        "/ops/devices/revoke",
        {"device": outward(row["store_id"], row["id"])},
        (NOTE,),
        tone="stop",
    )
    unlock = Action(
        "Unlock",
        "/ops/devices/unlock",
        {"device": outward(row["store_id"], row["id"])},
        (NOTE,),
        tone="go",
    )
    if row["revoked_at"] is not None:
        standing = Cell("shut out", icon="cross")
    elif row["locked_at"] is not None:
        since = stamp(row["locked_at"], zone, now, none="")
        standing = Cell("locked", icon="alert", tone="stop", note=f"Wrong tries, {since.text}")
    elif row["in_use"]:
        standing = Cell("in use", icon="person", tone="go")
    else:
        standing = Cell("idle", icon="circle")
    return (
        Cell(row["name"]),
        Cell(row["store"]),
        standing,
        stamp(row["enrolled_at"], zone, now),
        stamp(row["last_scan_at"], zone, now, none="never"),
        Cell("", actions=_of_device(row, unlock, revoke)),
    )


def _of_device(row: Row, unlock: Action, revoke: Action) -> Sequence[Action]:
    if row["revoked_at"] is not None:
        return ()
    return (revoke,) if row["locked_at"] is None else (unlock, revoke)


def cases_table(rows: Rows, now: datetime) -> Table:
    return Table(
        name="cases",
        caption="What handhelds had shown otherwise",
        columns=(
            Column("Handheld"),
            Column("Store"),
            Column("What was done"),
            Column("What became of it"),
            Column("When"),
            Column(""),
        ),
        rows=[_case_row(row, now) for row in rows],
        why_empty="Every handheld has shown what became of it.",
    )


_BECAME: Final = {
    "withheld": "Kept and not done: the handheld is shut out.",
    "refused": "Not done.",
    "conflict": "Not done, and the handheld had shown that it was.",
}
_DONE: Final = {
    "item": "Scanned",
    "short": "Said that it is not there",
    "skip": "Skipped",
    "look": "Looked elsewhere",
    "miss": "Did not find it at a place",
    "undo": "Took something back",
    "stage": "Put the order at a pickup place",
    "take": "Took the order on",
    "hand_over": "Handed over",
    "retract": "Said that it is not there after all",
    "put_back": "Put it back on its shelf",
    "tasks/{task_id}/scans": "Scanned something",
    "tasks/{task_id}/take": "Took an order on",
    "put-backs/{duty_id}/done": "Put something back",
    "counts/{count_id}/done": "Counted something",
    "counter/{code}/hand-over": "Handed an order over",
    "counter/{code}/retract": "Said that an order is not there after all",
}


def _case_row(row: Row, now: datetime) -> Sequence[Cell]:
    looked = Action(
        "Looked at",
        "/ops/devices/looked",
        {"device": outward(row["store_id"], row["device_id"])},
        (NOTE,),
    )
    about = " · ".join(word for word in (row["item"], row["number"], row["who"]) if word)
    became = f"{_BECAME[row['kind']]} {row['why']}".strip()
    return (
        Cell(row["name"]),
        Cell(row["store"]),
        Cell(_DONE.get(row["act"], "Something on the floor"), note=about),
        Cell(became),
        stamp(row["scanned_at"] or row["opened_at"], row["time_zone"], now),
        Cell("", actions=(looked,)),
    )


FORGOTTEN: Final = "Somebody who has left"
"""Instead of a name, from 90 days after they have."""


def associates_table(rows: Rows, now: datetime) -> Table:
    return Table(
        name="associates",
        caption="Associates",
        columns=(
            Column("Associate"),
            Column("Number"),
            Column("Store"),
            Column("State"),
            Column("Signs in by"),
            Column(""),
        ),
        rows=[_associate_row(row, now) for row in rows[:MANY]],
        why_empty="Nobody works here yet. Take people on with bopis associates add.",
        more=f"The first {MANY}. bopis associates list shows all." if len(rows) > MANY else "",
    )


def _associate_row(row: Row, now: datetime) -> Sequence[Cell]:
    deactivate = Action(
        "Has left",
        "/ops/associates/deactivate",
        {"associate": outward(row["store_id"], row["id"])},
        (NOTE,),
        tone="stop",
    )
    unlock = Action(
        "Let them try again",
        "/ops/associates/unlock",
        {"associate": outward(row["store_id"], row["id"])},
        (NOTE,),
        tone="go",
    )
    works, waits = row["is_active"], row["waits_until"] is not None
    ways = [way for way, has in (("badge", row["has_badge"]), ("PIN", row["has_pin"])) if has]
    standing = Cell("works here", icon="check")
    if waits:
        standing = Cell("has to wait", icon="alert", tone="amber", note="After wrong PINs")
    if not works:
        since = stamp(row["left_at"], row["time_zone"], now, none="")
        standing = Cell("has left", icon="cross", note=since.text)
    return (
        Cell(row["name"] or FORGOTTEN),
        Cell(row["number"] if row["name"] else ""),
        Cell(row["store"]),
        standing,
        Cell(" or ".join(ways) if works else ""),
        Cell("", actions=(*((unlock,) if waits else ()), deactivate) if works else ()),
    )
