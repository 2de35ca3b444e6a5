"""Cases and positions as programs read them. Pure."""

from datetime import datetime
from typing import Any

from bopis.kernel.ids import outward
from bopis.ops.goods.cases import Case, Claimant
from bopis.ops.goods.item import since_and_before
from bopis.ops.goods.position import sentence, sum_of
from bopis.ops.goods.positions import Position
from bopis.ops.goods.settled import settled
from bopis.ops.views import Rows

Answer = dict[str, Any]


def of_case(case: Case) -> Answer:
    row, known = case.row, case.known
    answer = {name: row[name] for name in _CASE} | {
        "id": outward(row["store_id"], row["id"]),
        "promised": row["reserved"],
        "there": row["on_hand"],
        "as_of": known.as_of if known else None,
        "told_by": known.source if known else None,
        "facts": _facts(case.facts),
    }
    if not case.is_open:
        return answer | {"closed_at": row["closed_at"], "settled": settled(case)}
    return answer | {
        "orders_waiting": case.waiting,
        "orders_losing": case.losing,
        "in_line": [_claimant(one) for one in case.line],
    }


_CASE = ("store_id", "store", "sku", "item", "source", "batch_id", "opened_at")


def _claimant(one: Claimant) -> Answer:
    order = one.order
    return {
        "place": one.place,
        "order_id": outward(order["store_id"], order["id"]),
        "number": order["number"],
        "to_find": one.claim.to_find,
        "goes_without": one.claim.goes_without,
        "promised_at": order["promised_at"],
        "first_promised_at": order["first_promised_at"],
        "attention": order["attention"],
        "facts": _facts(one.facts),
        "messages": [
            {
                name: message[name]
                for name in ("kind", "state", "reason", "created_at", "settled_at")
            }
            for message in one.messages
        ],
    }


def _facts(rows: Rows) -> list[Answer]:
    return [
        {"name": row["name"], "at": row["occurred_at"], "by": row["actor"], "says": row["payload"]}
        for row in rows
    ]


def of_position(position: Position, now: datetime) -> Answer:
    steps, known = sum_of(position, now), position.known
    store_id = position.store.store_id
    since, before = since_and_before(position)
    return {
        "store_id": store_id,
        "store": position.store.name,
        "sku": position.item.sku,
        "name": position.item.name,
        "available": known.available,
        "on_hand": known.on_hand,
        "reserved": known.reserved,
        "as_of": known.as_of,
        "told_by": known.source,
        "p_find": position.odds.p_find if position.odds else None,
        "tier": position.odds.tier if position.odds else None,
        "says": sentence(position, steps, now),
        "sum": [{"role": one.role, "units": one.units, "what": one.what} for one in steps],
        "orders": [
            {
                "order_id": outward(store_id, row["id"]),
                "number": row["number"],
                "state": row["state"],
                "quantity": row["quantity"],
                "staged": row["staged"],
                "promised_at": row["promised_at"],
            }
            for row in position.holders
        ],
        "locations": [place.model_dump(exclude={"store_id", "sku"}) for place in position.places],
        "counts_asked": position.counts,
        "in_doubt": position.doubt,
        "conflict": outward(store_id, position.conflict["id"]) if position.conflict else None,
        "ledger": [
            {name: entry[name] for name in _ENTRY}
            | {"then": then, "order": entry["number"], "since_last_word": is_since}
            for entries, is_since in ((since, True), (before, False))
            for entry, then in entries
        ],
    }


_ENTRY = (
    "kind",
    "on_hand",
    "reserved",
    "unsellable",
    "source",
    "note",
    "effective_at",
    "recorded_at",
)
