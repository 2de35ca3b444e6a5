"""Turns what was read into what is shown: rows into tables, sentences and tags. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, urlencode

from bopis.kernel.ids import outward
from bopis.ops import words
from bopis.ops.views import (
    MANY,
    SHOWS,
    Action,
    Ask,
    Cell,
    Column,
    Listing,
    Rows,
    Table,
    Tone,
)

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
REASON: Final = Ask("reason", "Why? It is kept with your name.")
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


def item_href(sku: str, store_id: str = "") -> str:
    """Return the page that explains an item's stock: in one store, or store by store."""
    path = f"/ops/stock/{quote(sku, safe='')}"
    return f"{path}?{urlencode({'store': store_id})}" if store_id else path


def batch_href(row: Row) -> str:
    return f"/ops/feeds/{quote(row['source'], safe='')}/{quote(row['batch_id'], safe='')}"


def stamp(moment: datetime | None, zone: str, now: datetime, *, none: str = "") -> Cell:
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
    promised = stamp(row["promised_at"], zone, now)
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
