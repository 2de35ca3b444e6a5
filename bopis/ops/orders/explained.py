"""One order, explained: where each unit is, what we promised, what we said, what happened. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from bopis.kernel.ids import outward
from bopis.ops import words
from bopis.ops.orders import asked
from bopis.ops.present import NOTE, state
from bopis.ops.sentences import sentence
from bopis.ops.views import Action, Ask, Cell, Column, Fact, OrderPage, Rows, Table, Tone

Row = Mapping[str, Any]

_SENT: Final[Mapping[str, tuple[str, Tone]]] = {
    "sent": ("check", "go"),
    "queued": ("clock", ""),
    "sending": ("mail", ""),
    "suppressed": ("circle", ""),
    "failed": ("alert", "stop"),
    "unknown": ("alert", "amber"),
}


CALL_NOTE: Final = Ask("note", "What came of it? It is kept with your name.")


def order_page(order: Row, now: datetime, contact: str = "") -> OrderPage:
    """Return one order explained: where every unit is, what we said, and why.

    ``contact``: how to reach the customer, for whoever has just asked for it.
    """
    zone = order["time_zone"]

    def when(moment: datetime) -> str:
        return words.clock(moment, zone, now)

    versions = order["promises"]
    names = {line["sku"]: line["name"] for line in order["lines"]}
    first = versions[0]["latest"] if versions else order["promised_at"]
    moved = f", now {when(order['promised_at'])}" if order["promised_at"] != first else ""
    ready = f" Ready {when(order['ready_at'])}." if order["ready_at"] else ""
    retract = Action(
        "Take “ready” back",
        "/ops/orders/retract",
        {"order": outward(order["store_id"], order["id"])},
        (NOTE,),
        tone="stop",
    )
    return OrderPage(
        title=f"Order {order['number']}",
        lead=f"{order['store']}. We promised {when(first)}{moved}.{ready}",
        state=state(order["state"]),
        pairs=[
            *_order_pairs(order, when),
            *asked.pairs(order, now),
            *_incident_pairs(order["incidents"], when, contact),
        ],
        lines=_lines_table(order["lines"]),
        promises=_promises_table(versions, when),
        messages=_messages_table(order["messages"], when),
        facts=[
            Fact(
                at=words.clock_to_the_second(fact["occurred_at"], zone),
                iso=fact["occurred_at"].isoformat(),
                name=fact["name"],
                sentence=sentence(fact["name"], fact["payload"], names, when),
                details=[("by", fact["actor"]), *_details(fact["payload"])],
            )
            for fact in order["facts"]
        ],
        actions=(
            *_calls(order),
            *asked.answers(order, now),
            *((retract,) if order["state"] == "ready_for_pickup" else ()),
        ),
        moves=_moves_table(order, when),
    )


def _calls(order: Row) -> tuple[Action, ...]:
    """Return what somebody does who has to call: the number is shown to whoever asks for it."""
    which = {"order": outward(order["store_id"], order["id"])}
    reach = Action("Show how to reach the customer", "/ops/orders/contact", which)
    if not any(x["call_by"] and not x["called_at"] for x in order["incidents"]):
        return (reach,) if order["case"] and order["case"]["call_by"] else ()
    return (
        reach,
        Action("I have called", "/ops/orders/called", which, (CALL_NOTE,), tone="go"),
    )


_WHAT: Final[Mapping[str, str]] = {
    "late": "late",
    "not_ready": "called ready, and was not",
    "cancelled": "cancelled by us",
}
_SAID: Final[Mapping[str, str]] = {
    "apology": "we said sorry",
    "facts": "told without the word, to compare",
    "person": "told without the word, a person calls",
}


def _incident_pairs(
    incidents: Rows, when: Callable[[datetime], str], contact: str
) -> list[tuple[str, str]]:
    pairs = []
    for one in incidents:
        story = [_WHAT[one["what"]], when(one["opened_at"]), _SAID[one["said"]]]
        if one["amount"] is not None:
            paid = "paid out" if one["settled_at"] else "for the shop to pay out"
            story.append(f"{one['amount']:.2f} {one['currency']} credit, {paid}")
        if one["called_at"]:
            story.append(f"called {when(one['called_at'])} by {one['called_by']}")
        elif one["call_by"]:
            story.append(f"a call is due by {when(one['call_by'])}")
        pairs.append((f"Incident {one['number']}", "; ".join(story)))
    if contact:
        pairs.append(("Reach the customer at", contact))
    return pairs


def _details(payload: Row) -> list[tuple[str, str]]:
    return [(key, str(value)) for key, value in payload.items() if key != "order_id"]


def _order_pairs(order: Row, when: Callable[[datetime], str]) -> list[tuple[str, str]]:
    pairs = [
        ("Shop's reference", f"{order['reference']} ({order['channel']})"),
        ("Accepted", when(order["accepted_at"])),
    ]
    if order["closed_at"] is None:
        due = order["next_update_due_at"]
        pairs.append(("Next news by", when(due)))
        if order["ready_at"] is None and order["estimate_at"] is not None:
            chance = "" if order["p_late"] is None else f" (late: {100 * order['p_late']:.0f} %)"
            pairs.append(("We now expect", when(order["estimate_at"]) + chance))
    else:
        reason = (order["close_reason"] or "").replace("_", " ")
        pairs.append(("Closed", f"{when(order['closed_at'])} ({reason})"))
    if order["staging_code"]:
        pairs.append(("Waits at", order["staging_code"]))
    if order["attention"] != "none":
        pairs.append(("Attention", order["attention"].replace("_", " ")))
    return pairs


_BUCKETS: Final = (
    "reserved",
    "picked",
    "staged",
    "handed_over",
    "short",
    "substituted",
    "rerouted",
    "cancelled",
    "expired",
)


def _lines_table(lines: Rows) -> Table:
    used = [b for b in _BUCKETS if any(line[b] for line in lines)]
    titles = [b.replace("_", " ").capitalize() for b in used]
    return Table(
        name="lines",
        caption=words.counted(len(lines), "line"),
        columns=(
            Column("Item"),
            Column("Ordered", number=True),
            *(Column(title, number=True) for title in titles),
        ),
        rows=[
            (
                Cell(line["name"], note=line["sku"]),
                Cell(str(line["ordered"])),
                *(Cell(str(line[b]) if line[b] else "") for b in used),
            )
            for line in lines
        ],
        why_empty="This order has no lines, which cannot be.",
    )


_MOVE_STATES: Final[Mapping[str, str]] = {
    "open": "is being asked",
    "done": "has taken it on",
    "void": "nothing moved",
}


def _moves_table(order: Row, when: Callable[[datetime], str]) -> Table | None:
    """Return the orders that this one is linked with: in both of them, one leads to the other."""
    rows: list[tuple[Cell, ...]] = []
    if order["moved_order"]:
        came = f"/ops/orders/{outward(order['moved_store'], order['moved_order'])}"
        rows.append(
            (
                Cell("It stands for"),
                Cell(order["moved_from"], note=f"store {order['moved_store']}", href=came),
                Cell("all of its lines"),
                Cell(when(order["accepted_at"])),
            )
        )
    for move in order["moves"]:
        went = move["to_order"] and f"/ops/orders/{outward(move['to_store'], move['to_order'])}"
        what = ", ".join(f"{line['quantity']} {line['name']}" for line in move["lines"])
        why = f" ({move['reason']})" if move["reason"] else ""
        rows.append(
            (
                Cell(f"{move['store']}: {_MOVE_STATES[move['state']]}{why}"),
                Cell(move["to_number"] or "none", note=f"store {move['to_store']}", href=went),
                Cell(what),
                Cell(when(move["begun_at"])),
            )
        )
    if not rows:
        return None
    return Table(
        name="moves",
        caption="A move is a new order and a link; this order keeps its own record",
        columns=(Column("What became of it"), Column("Order"), Column("What"), Column("When")),
        rows=rows,
        why_empty="Nothing has moved.",
    )


_BASES: Final[Mapping[str, str]] = {
    "store": "by {} of this store",
    "pooled": "by {} of all stores",
    "fixed": "a cautious assumption",
}


def _promises_table(versions: Rows, when: Callable[[datetime], str]) -> Table:
    return Table(
        name="promises",
        caption="The first is the one we are judged on",
        columns=(
            Column("Version", number=True),
            Column("Ready by"),
            Column("Made"),
            Column("Why"),
            Column("How sure"),
        ),
        rows=[
            (
                Cell(str(v["version"])),
                Cell(when(v["latest"])),
                Cell(when(v["made_at"])),
                Cell((v["reason"] or "the order came in").replace("_", " ")),
                Cell(
                    f"{100 * v['confidence']:.0f} %",
                    note=_BASES[v["basis"]].format(words.counted(v["sample_size"], "order")),
                ),
            )
            for v in versions
        ],
        why_empty="No promise is on record, which cannot be.",
    )


def _claim(claim: str, when: Callable[[datetime], str]) -> str:
    """Return a claim and its value in words: values are instants, or words already."""
    kind, _, value = claim.partition(" ")
    try:
        value = when(datetime.fromisoformat(value))
    except ValueError:
        value = value.replace("_", " ")
    return f"{kind.replace('_', ' ')} {value}".strip()


def _messages_table(messages: Rows, when: Callable[[datetime], str]) -> Table:
    return Table(
        name="messages",
        caption="What each message says; its words are on the customer's page",
        columns=(
            Column("Message"),
            Column("State"),
            Column("Queued"),
            Column("Left"),
            Column("It says"),
        ),
        rows=[
            (
                Cell(m["kind"].replace("_", " ").capitalize(), note=m["channel"]),
                Cell(
                    m["state"],
                    note=m["reason"] or "",
                    icon=_SENT[m["state"]][0],
                    tone=_SENT[m["state"]][1],
                ),
                Cell(when(m["created_at"])),
                Cell(when(m["attempted_at"]) if m["attempted_at"] else "not yet"),
                Cell("; ".join(_claim(claim, when) for claim in m["claims"] or ())),
            )
            for m in messages
        ],
        why_empty="Nothing has been said yet: the first message follows within seconds.",
    )
