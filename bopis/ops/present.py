"""Turns what was read into what is shown: rows into tables, sentences and tags. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, urlencode

from bopis.kernel.ids import outward
from bopis.ops import words
from bopis.ops.views import (
    Ask,
    Cell,
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
