"""What was done about a conflict, and how it was settled, in words. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from bopis.ops import said
from bopis.ops.goods.cases import Case

Row = Mapping[str, Any]


def there(units: int) -> str:
    return f"{units:,} there" if units > 0 else "none there"


_SAID: Final[Mapping[str, str]] = {
    "delay_apology": "Apology",
    "news_due": "News",
    "item_short": "Word that it is short",
    "choice_needed": "Question what shall become of it",
    "choice_settled": "Word of how it was settled",
    "order_received": "Word that we have the order",
}
_BECAME: Final[Mapping[str, str]] = {
    "queued": "waits to be sent",
    "sending": "is being sent",
    "failed": "did not arrive",
    "unknown": "may not have arrived",
    "suppressed": "was held back",
}


def message(row: Row) -> str:
    what = _SAID.get(row["kind"]) or row["kind"].replace("_", " ").capitalize()
    if row["state"] == "sent":
        return f"{what} sent"
    why = f": {row['reason']}" if row["reason"] else ""
    return f"{what} {_BECAME[row['state']]}{why}"


def event(fact: Row) -> str:
    payload = fact["payload"]
    match fact["name"]:
        case "stock.conflict_opened":
            by = said.source(payload["source"])
            return f"{payload['reserved']} promised, {there(payload['on_hand'])}: told by {by}"
        case "stock.conflict_deepened":
            by = said.source(payload["source"])
            return f"Worse: {payload['reserved']} promised, {there(payload['on_hand'])}, by {by}"
        case "ops.noted":
            note = f": “{payload['note']}”" if payload["note"] else ""
            return f"{said.actor(fact['actor']).capitalize()} chose to {payload['act']}{note}"
        case "stock.conflict_closed":
            return "Closed"
    return str(fact["name"])


_BY: Final[Mapping[str, str]] = {
    "release": "by itself: an order gave up what it held",
    "hand_over": "by itself: a shopper took what was theirs",
    "put_back": "by itself: picked units went back to their shelf",
    "found": "by itself: an associate found it after all",
    "not_found": "by itself: an associate looked, and what is missing is promised no more",
    "short_quantity": "by itself: an associate looked, and what is missing is promised no more",
    "damaged": "by itself: what was damaged is promised no more",
    "wrong_item_at_location": "by itself: what is missing is promised no more",
    "recalled_or_not_sellable": "by itself: what may not be sold is promised no more",
}


def settled(case: Case) -> str:
    """Return how a conflict was closed, and why."""
    by = case.row["resolution"] or ""
    noted = [fact for fact in case.facts if fact["name"] == "ops.noted"]
    if noted and noted[-1]["payload"]["note"] == by and by:
        return f"by {said.actor(noted[-1]['actor'])}: “{by}”"
    if noted and by == noted[-1]["actor"]:
        note = noted[-1]["payload"]["note"]
        counted = noted[-1]["payload"]["act"].rpartition(" ")[2]
        said_so = f"by a count of {counted}, from {said.actor(by)}"
        return f"{said_so}: “{note}”" if note else said_so
    if by in _BY:
        return _BY[by]
    if by.startswith(("ops:", "device:", "associate")):
        return f"by itself: {said.source(by)} found enough"
    return f"by itself: a newer number from {by}" if by else "by itself"
