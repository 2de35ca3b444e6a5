"""Orders as a table, and the page that lists them. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from bopis.ops import words
from bopis.ops.present import Row, order_href, orders_of, stamp, state, word
from bopis.ops.views import (
    MANY,
    SHOWS,
    Cell,
    Column,
    Listing,
    Rows,
    Table,
)


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
