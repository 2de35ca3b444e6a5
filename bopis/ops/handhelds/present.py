"""Handhelds as tables: what is odd about them, which there are, what they had shown. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from bopis.kernel.ids import outward
from bopis.ops.handhelds import signs
from bopis.ops.handhelds.signs import Sign
from bopis.ops.present import NOTE, stamp
from bopis.ops.views import (
    Action,
    Cell,
    Column,
    Rows,
    Table,
)

Row = Mapping[str, Any]


def signs_table(rows: Rows, now: datetime) -> Table:
    return Table(
        name="signs",
        caption="Handhelds to look at",
        columns=(
            Column("Handheld"),
            Column("What we see, and what to do"),
            Column("Store"),
        ),
        rows=[_sign_row(row, sign) for row in rows for sign in signs.of(row, now)],
        why_empty=f"Nothing is odd about any handheld: the last {signs.LOOK_BACK.days} days.",
    )


def _sign_row(row: signs.Seen, sign: Sign) -> Sequence[Cell]:
    return (
        Cell(row["name"]),
        Cell(sign.word, note=f"{sign.sentence} {sign.next_step}", icon="alert", tone=sign.tone),
        Cell(row["store"]),
    )


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
        why_empty="Nothing came out otherwise than a handheld had shown.",
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
