"""Turns what was read into what is shown: rows into tables, sentences and tags. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode

from bopis.kernel.ids import outward
from bopis.ops import words
from bopis.ops.views import (
    MANY,
    PATIENCE,
    SHOWS,
    Action,
    Ask,
    Cell,
    Column,
    Figure,
    Listing,
    Rows,
    Table,
    Tone,
)
from bopis.trust.day import Report

Row = Mapping[str, Any]

_STATES: Final[Mapping[str, tuple[str, str, Tone]]] = {
    "accepted": ("accepted", "circle", ""),
    "picking": ("picking", "walk", ""),
    "partially_ready": ("partly ready", "bag", ""),
    "ready_for_pickup": ("ready", "check", "go"),
    "partially_picked_up": ("partly collected", "bag", ""),
    "picked_up": ("collected", "check", ""),
    "cancelled": ("cancelled", "cross", ""),
    "expired": ("never collected", "cross", "amber"),
    "rejected": ("refused", "cross", ""),
    "rerouted": ("at another store", "refresh", ""),
}

NOTE: Final = Ask("note", "Why? It is kept with your name.")
COUNTED: Final = Ask("counted", "Units in the building, with those picked or staged", number=True)


def state(code: str) -> Cell:
    text, icon, tone = _STATES.get(code, (code.replace("_", " "), "circle", ""))
    return Cell(text, icon=icon, tone=tone)


def word(row: Row, now: datetime) -> Cell:
    """Return how our word stands, as a state."""
    if row["ready_at"] is not None:
        first = row["first_promised_at"] or row["promised_at"]
        kept = row["ready_at"] <= first
        return (
            Cell("kept", icon="check", tone="go")
            if kept
            else Cell("late", icon="clock", tone="amber")
        )
    if row["closed_at"] is not None:
        return Cell("ended", icon="circle")
    if row["promised_at"] < now:
        return Cell("past its time", icon="alert", tone="stop")
    if row["promise_status"] == "delayed":
        return Cell("late, and told", icon="clock", tone="amber")
    if row["promise_status"] == "at_risk" or (row["estimate_at"] or now) > row["promised_at"]:
        return Cell("at risk", icon="clock", tone="amber")
    return Cell("on track", icon="check", tone="go")


def order_href(row: Row) -> str:
    return f"/ops/orders/{outward(row['store_id'], row['id'])}"


def orders_of(store: str, show: str = "open") -> str:
    return "/ops/orders?" + urlencode({"show": show, "q": store})


def batch_href(row: Row) -> str:
    return f"/ops/feeds/{quote(row['source'], safe='')}/{quote(row['batch_id'], safe='')}"


def _stamp(moment: datetime | None, zone: str, now: datetime, *, none: str = "") -> Cell:
    if moment is None:
        return Cell(none, sort="")
    return Cell(words.clock(moment, zone, now), sort=moment.isoformat())


def orders_table(rows: Rows, now: datetime, *, name: str, caption: str, why_empty: str) -> Table:
    shown = rows[:MANY]
    return Table(
        name=name,
        caption=caption,
        columns=(
            Column("Order"),
            Column("Store"),
            Column("State"),
            Column("Our word"),
            Column("Promised by"),
            Column("Now expected"),
            Column("Chance late", number=True),
        ),
        rows=[_order_row(row, now) for row in shown],
        why_empty=why_empty,
        more=f"The first {MANY}. Search to see others." if len(rows) > MANY else "",
    )


def _order_row(row: Row, now: datetime) -> Sequence[Cell]:
    zone, first = row["time_zone"], row["first_promised_at"]
    promised = _stamp(row["promised_at"], zone, now)
    if first is not None and first != row["promised_at"]:
        promised = Cell(
            promised.text, note=f"first {words.clock(first, zone, now)}", sort=promised.sort
        )
    waits = row["closed_at"] is None and row["ready_at"] is None
    expected = row["ready_at"] or (row["estimate_at"] if waits else None)
    done = "ready " if row["ready_at"] else ""
    risk = row["p_late"] if waits else None
    return (
        Cell(row["number"], note=row["reference"], href=order_href(row)),
        Cell(row["store"]),
        state(row["state"]),
        word(row, now),
        promised,
        Cell(done + words.clock(expected, zone, now), sort=expected.isoformat())
        if expected
        else Cell("", sort=""),
        Cell("" if risk is None else f"{100 * risk:.0f} %", sort=-1 if risk is None else risk),
    )


def feed_state(row: Row, now: datetime) -> Cell:
    """Return how fresh a store's stock news is, against the rhythm of its source."""
    if row["as_of"] is None:
        return Cell("never heard", icon="alert", tone="stop")
    rhythm = timedelta(minutes=row["cadence_minutes"])
    span = now - row["as_of"]
    if span > 2 * PATIENCE * rhythm:
        return Cell("silent", icon="alert", tone="stop")
    if span > PATIENCE * rhythm:
        return Cell("late", icon="clock", tone="amber")
    return Cell("fresh", icon="check", tone="go")


def stores_table(rows: Rows, now: datetime) -> Table:
    return Table(
        name="stores",
        caption=words.counted(len(rows), "store"),
        columns=(
            Column("Store"),
            Column("Feed"),
            Column("Stock as of"),
            Column("Open orders", number=True),
            Column("Ready", number=True),
            Column("Late", number=True),
            Column("Conflicts", number=True),
        ),
        rows=[_store_row(row, now) for row in rows],
        why_empty="There is no store yet. Load them with PUT /v1/stores.",
    )


def _store_row(row: Row, now: datetime) -> Sequence[Cell]:
    as_of = row["as_of"]
    span = "" if as_of is None else f"{words.age(now - as_of)} ago"
    return (
        Cell(row["name"], note=row["store_id"], href=orders_of(row["name"])),
        feed_state(row, now),
        Cell(span, note=row["source"] or "", sort=0 if as_of is None else as_of.timestamp()),
        *(Cell(f"{row[k]:,}", sort=row[k]) for k in ("open", "waiting", "late", "conflicts")),
    )


def figures(report: Report, trend: Sequence[int]) -> list[Figure]:
    """Return today in six numbers, each with what it was counted on."""
    short, refused = sum(report.units_short.values()), sum(report.refused.values())
    asked = report.units_found + short
    told_all = report.apologized_in_time == report.late
    return [
        Figure(
            "Orders accepted",
            f"{report.accepted:,}",
            f"{words.counted(refused, 'order')} refused",
            "/ops/orders?show=today",
            trend=trend,
            trend_words=f"By hour: {', '.join(map(str, trend))}",
        ),
        Figure(
            "Ready by the first promise",
            words.share(report.on_time_first, report.promises_due),
            f"of {words.counted(report.promises_due, 'promise')} due so far"
            if report.promises_due
            else "no promise has come due today",
            "/ops/orders?show=late",
            tone="go"
            if report.promises_due and report.on_time_first == report.promises_due
            else "",
        ),
        Figure(
            "Units found",
            words.share(report.units_found, asked),
            f"{report.units_found:,} of {asked:,} looked for",
        ),
        Figure(
            "Told before it was late",
            f"{report.apologized_in_time} of {report.late}" if report.late else "none late",
            "late orders" if report.late else "no promise has been broken today",
            "/ops/orders?show=late",
            tone="" if not report.late else "go" if told_all else "amber",
        ),
        Figure(
            "Wrong “ready”",
            f"{report.false_ready:,}",
            f"of {report.ready_said:,} times that we said it",
            tone="stop" if report.false_ready else "",
        ),
        Figure(
            "Silent minutes",
            f"{report.silent_minutes:,}",
            "past the time at which we owed news",
            tone="stop" if report.silent_minutes else "",
        ),
    ]


_BATCHES: Final[Mapping[str, tuple[str, Tone]]] = {
    "applied": ("check", "go"),
    "quarantined": ("alert", "stop"),
    "receiving": ("refresh", ""),
}


def feeds_table(rows: Rows, zone: str, now: datetime, *, details: bool) -> Table:
    return Table(
        name="batches",
        caption="Batches, newest first",
        columns=(
            Column("Batch"),
            Column("Source"),
            Column("What became of it"),
            Column("Stock as of"),
            Column("Came in"),
            Column("Rows", number=True),
            Column("Rejected", number=True),
        ),
        rows=[
            (
                Cell(
                    row["batch_id"],
                    note=row["kind"],
                    href=batch_href(row) if details else None,
                ),
                Cell(row["source"]),
                Cell(
                    row["state"],
                    note=row["problem"] or "",
                    icon=_BATCHES[row["state"]][0],
                    tone=_BATCHES[row["state"]][1],
                ),
                _stamp(row["as_of"], zone, now),
                _stamp(row["received_at"], zone, now),
                Cell(f"{row['rows']:,}", sort=row["rows"]),
                Cell(f"{row['rejected']:,}", sort=row["rejected"]),
            )
            for row in rows
        ],
        why_empty="No stock system has sent anything yet. A batch comes in by"
        " PUT /v1/feeds/{source}/batches/{batch_id}, or by “bopis feed apply”.",
    )


def rejects_table(rows: Rows, batch_id: str) -> Table:
    return Table(
        name="rejects",
        caption=f"Rows of {batch_id} that we could not use",
        columns=(Column("Line", number=True), Column("Field"), Column("Why"), Column("As it came")),
        rows=[
            (
                Cell(str(row["line"]), sort=row["line"]),
                Cell(row["field"]),
                Cell(row["reason"].replace("_", " ")),
                Cell(row["raw"]),
            )
            for row in rows
        ],
        why_empty="Every row of this batch could be used.",
    )


def conflicts_table(rows: Rows, now: datetime) -> Table:
    return Table(
        name="conflicts",
        caption="More is promised than there is",
        columns=(
            Column("Item"),
            Column("Store"),
            Column("Promised", number=True),
            Column("There", number=True),
            Column("Orders", number=True),
            Column("Since"),
            Column("Said by"),
            Column("What became of it"),
        ),
        rows=[_conflict_row(row, now) for row in rows],
        why_empty="Everything that is promised is there, as far as we know.",
    )


def _conflict_row(row: Row, now: datetime) -> Sequence[Cell]:
    is_open = row["closed_at"] is None
    identity = {"conflict": outward(row["store_id"], row["id"])}
    actions = (
        Action("Enter a count", "/ops/conflicts/close", identity, (COUNTED, NOTE), tone="go"),
        Action("Close with a note", "/ops/conflicts/close", identity, (NOTE,)),
    )
    return (
        Cell(row["item"], note=row["sku"]),
        Cell(row["store"]),
        Cell(str(row["promised"] if is_open else row["reserved"])),
        Cell(str(row["there"] if is_open else row["on_hand"])),
        Cell(str(row["orders"]) if is_open else ""),
        Cell(
            words.clock(row["opened_at"], row["time_zone"], now), sort=row["opened_at"].isoformat()
        ),
        Cell(row["source"].replace("_", " ")),
        Cell("", actions=actions) if is_open else Cell(row["resolution"] or "closed"),
    )


def counts_table(rows: Rows, now: datetime) -> Table:
    return Table(
        name="counts",
        caption="To be counted: a shelf was not as we thought",
        columns=(
            Column("Item"),
            Column("Store"),
            Column("We think", number=True),
            Column("Promised", number=True),
            Column("Why"),
            Column("Since"),
            Column(""),
        ),
        rows=[_count_row(row, now) for row in rows],
        why_empty="Nobody is asked to count anything.",
    )


def _count_row(row: Row, now: datetime) -> Sequence[Cell]:
    identity = {"request": outward(row["store_id"], row["id"])}
    enter = Action("Enter a count", "/ops/counts", identity, (COUNTED, NOTE), tone="go")
    return (
        Cell(row["item"], note=row["sku"]),
        Cell(row["store"]),
        Cell(str(row["on_hand"])),
        Cell(str(row["reserved"])),
        Cell(row["reason"].replace("_", " ")),
        _stamp(row["opened_at"], row["time_zone"], now),
        Cell("", actions=(enter,)),
    )


def dead_letters_table(rows: Rows) -> Table:
    return Table(
        name="dead",
        caption="What could not be carried out, oldest first",
        columns=(
            Column("About"),
            Column("Store"),
            Column("After"),
            Column("Step"),
            Column("Error"),
            Column("For"),
            Column(""),
        ),
        rows=[_dead_row(row) for row in rows],
        why_empty="Every fact has been acted upon: no step has failed for good.",
    )


def _dead_row(row: Row) -> Sequence[Cell]:
    order = {"store_id": row["store_id"], "id": row["subject"]}
    identity = {
        "event": outward(row["store_id"], row["event_id"]),
        "subscriber": row["subscriber"],
    }
    return (
        Cell(row["number"] or row["fact"], href=order_href(order) if row["number"] else None),
        Cell(row["store"]),
        Cell(row["fact"]),
        Cell(row["subscriber"].rpartition(".")[2].replace("_", " ")),
        Cell(row["error"] or "", note=f"{row['attempts']} tries"),
        Cell(words.age(row["age"]), sort=row["age"].total_seconds()),
        Cell(
            "",
            actions=(
                Action("Try again", "/ops/dead-letters/retry", identity),
                Action("Give up", "/ops/dead-letters/discard", identity, (NOTE,), tone="stop"),
            ),
        ),
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
    if row["revoked_at"] is not None:
        standing = Cell("shut out", icon="cross")
    elif row["in_use"]:
        standing = Cell("in use", icon="person", tone="go")
    else:
        standing = Cell("idle", icon="circle")
    return (
        Cell(row["name"]),
        Cell(row["store"]),
        standing,
        _stamp(row["enrolled_at"], zone, now),
        _stamp(row["last_scan_at"], zone, now, none="never"),
        Cell("", actions=(revoke,) if row["revoked_at"] is None else ()),
    )


def associates_table(rows: Rows) -> Table:
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
        rows=[_associate_row(row) for row in rows[:MANY]],
        why_empty="Nobody works here yet. Take people on with bopis associates add.",
        more=f"The first {MANY}. bopis associates list shows all." if len(rows) > MANY else "",
    )


def _associate_row(row: Row) -> Sequence[Cell]:
    deactivate = Action(
        "Has left",
        "/ops/associates/deactivate",
        {"associate": outward(row["store_id"], row["id"])},
        (NOTE,),
        tone="stop",
    )
    works = row["is_active"]
    ways = [way for way, has in (("badge", row["has_badge"]), ("PIN", row["has_pin"])) if has]
    return (
        Cell(row["name"]),
        Cell(row["number"]),
        Cell(row["store"]),
        Cell("works here", icon="check") if works else Cell("has left", icon="cross"),
        Cell(" or ".join(ways) if works else ""),
        Cell("", actions=(deactivate,) if works else ()),
    )


_WHY_NO_ORDERS: Final[Mapping[str, str]] = {
    "open": "No order is open: none has come in, or all are settled.",
    "risk": "No promise is at risk: every open order is expected before its time.",
    "late": "No order has been late today.",
    "waiting": "No order waits for its customer.",
    "staff": "No order needs a person.",
    "today": "No order has been accepted today.",
    "closed": "No order has been closed today.",
    "all": "There is no order yet.",
}


def orders_page(rows: Rows, now: datetime, *, show: str, find: str) -> Listing:
    why = f"No such order matches “{find}”." if find else _WHY_NO_ORDERS[show]
    return Listing(
        title="Orders",
        lead="A number opens everything that happened to its order.",
        tables=(orders_table(rows, now, name="orders", caption=SHOWS[show], why_empty=why),),
        search=find,
        choices=[(orders_of(find, key), text, key == show) for key, text in SHOWS.items()],
    )
