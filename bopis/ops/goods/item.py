"""One item's page: in all stores, or in one with its number taken apart. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bopis.kernel.ids import outward
from bopis.ops import said, words
from bopis.ops.goods.position import Step, sentence, sum_of
from bopis.ops.goods.positions import ENTRIES, Position
from bopis.ops.present import item_href, order_href, stamp, state
from bopis.ops.views import Action, Cell, Column, Outcome, Table
from inventory.belief.odds import Tier
from inventory.models import Location

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Explained:
    title: str
    item: str
    lead: str
    tags: Sequence[Cell]
    why: str
    steps: Sequence[Step]
    pairs: Sequence[tuple[str, str]]
    holders: Table
    places: Table
    since: Table
    before: Table
    back: str
    back_words: str
    count: Action | None
    ask: Action | None
    hint: str
    outcome: Outcome | None = None


def explained(position: Position, now: datetime, *, others: bool, done: str = "") -> Explained:
    """Return the page of one item in one store."""
    item, store, known = position.item, position.store, position.known
    steps = sum_of(position, now)
    since, before = since_and_before(position)
    return Explained(
        title=f"{item.name}: {known.available or 'none'} to sell at {store.name}",
        item=", ".join(part for part in (item.name, item.size) if part),
        lead=sentence(position, steps, now),
        tags=_tags(position, now),
        why=f"Why we say {known.available:,}",
        steps=steps,
        pairs=_pairs(position, now),
        holders=_holders(position, now),
        places=_places(position.places, store.time_zone, now),
        since=_ledger(position, since, now, name="since", caption="Since the last word"),
        before=_ledger(position, before, now, name="before", caption="Before that"),
        back=item_href(item.sku) if others else "/ops/stock",
        back_words="The same item in all stores" if others else "Find another item",
        count=_count(position),
        ask=None if position.counts or position.conflict else _ask(position),
        hint=f"All of it in the building, with the {known.reserved:,} that are promised."
        if known.reserved
        else "All of it in the building.",
        outcome=_outcome(position, done),
    )


def _outcome(position: Position, done: str) -> Outcome | None:
    if done == "counted":
        return Outcome(f"Your count is kept: {position.known.on_hand:,} in the building.")
    if done == "asked" and position.counts:
        return Outcome("The store is asked to count it: it is on their handhelds now.")
    return None


def _tags(position: Position, now: datetime) -> list[Cell]:
    tags = []
    if position.conflict:
        opened = outward(position.store.store_id, position.conflict["id"])
        tags.append(
            Cell(
                "more promised than there is",
                icon="alert",
                tone="stop",
                href=f"/ops/conflicts#c-{opened.rpartition('.')[2]}",
            )
        )
    if position.doubt:
        tags.append(Cell("in doubt: a second count is due", icon="alert", tone="amber"))
    known, source = position.known, position.source
    if known.as_of is None:
        return [*tags, Cell("nobody has told us", icon="alert", tone="stop")]
    age = words.age(now - known.as_of)
    cadence = source["cadence_minutes"] * words.MINUTE if source else words.DAY
    if known.source != "count" and now - known.as_of > 1.5 * cadence:
        return [*tags, Cell(f"old news: {age}", icon="clock", tone="amber")]
    return [*tags, Cell(f"as of {age} ago", icon="check", tone="go")]


def _pairs(position: Position, now: datetime) -> list[tuple[str, str]]:
    zone, row = position.store.time_zone, position.stock
    pairs: list[tuple[str, str]] = [("Item number", position.item.sku)]
    if position.codes:
        pairs.append(("Barcodes", _barcodes(position.codes)))
    if row["feed_as_of"] is not None:
        told = f"{row['feed_quantity']:,}, as of {words.clock(row['feed_as_of'], zone, now)}"
        pairs.append((f"{row['feed_source']} said", told))
    if position.source is not None:
        every = words.every(position.source["cadence_minutes"] * words.MINUTE)
        early = {
            "at_order": "takes a pickup off when it is ordered",
            "at_ready": "takes a pickup off when it is ready",
            "at_handover": "takes a pickup off when it is handed over",
        }[position.source["books_pickup"]]
        pairs.append(("It speaks", f"{every}, and {early}"))
    counted = row["counted_at"]
    pairs.append(
        ("A person last looked", words.clock(counted, zone, now) if counted else "never yet")
    )
    if position.odds is not None:
        sure = f"{100 * position.odds.p_find:.0f} % sure"
        pairs.append(("That one more is found", f"{sure}{_TIERS[position.odds.tier]}"))
    for request in position.counts:
        why = said.source(request["reason"])
        age = words.age(now - request["opened_at"])
        pairs.append(("A count is asked for", f"for {age}, because of {why}"))
    return pairs


def _barcodes(codes: Mapping[str, int]) -> str:
    """Name the codes of one unit, then those of packages, with how many each holds."""
    named = [code if units == 1 else f"{code} ({units:,} in it)" for code, units in codes.items()]
    more = len(named) - _CODES_SHOWN
    return ", ".join(named[:_CODES_SHOWN]) + (f" and {more} more" if more > 0 else "")


_CODES_SHOWN: Final = 12
_TIERS: Final[Mapping[Tier, str]] = {
    Tier.AVAILABLE: "",
    Tier.LIKELY: "; it is sold, and its shopper hears for sure by a named time",
    Tier.NOT_HERE: "; too little to sell it",
}


def _holders(position: Position, now: datetime) -> Table:
    zone = position.store.time_zone
    return Table(
        name="holders",
        caption="Orders that hold units of it, the first promise first",
        columns=(
            Column("Order"),
            Column("State"),
            Column("Units", number=True),
            Column("At the counter", number=True),
            Column("Promised by"),
        ),
        rows=[
            (
                Cell(row["number"], href=order_href(row)),
                state(row["state"]),
                Cell(f"{row['quantity']:,}", sort=row["quantity"]),
                Cell(f"{row['staged']:,}" if row["staged"] else "", sort=row["staged"]),
                stamp(row["promised_at"], zone, now),
            )
            for row in position.holders
        ],
        why_empty="No order holds any of it.",
    )


def _places(places: Sequence[Location], zone: str, now: datetime) -> Table:
    return Table(
        name="places",
        caption="Where it is looked for, the likeliest first",
        columns=(
            Column("Place"),
            Column("Kind"),
            Column("Known from"),
            Column("Looks that found it"),
            Column("Last found"),
            Column("Last missed"),
        ),
        rows=[
            (
                Cell(place_words(place)),
                Cell(str(place.kind)),
                Cell("the plan" if place.planned else "who found it there"),
                Cell(_looks(place)),
                stamp(place.last_found_at, zone, now, none="not yet"),
                stamp(place.last_missed_at, zone, now, none="never"),
            )
            for place in places
        ],
        why_empty="No place of it is known here. Load them with PUT /v1/locations.",
    )


def _looks(place: Location) -> str:
    looks = place.found + place.missed
    return f"{place.found:.0f} of {looks:.0f}" if looks >= 1 else "none yet"


def place_words(place: Location) -> str:
    named = (
        ("", place.zone),
        ("aisle ", place.aisle),
        ("bay ", place.bay),
        ("shelf ", place.shelf),
    )
    return ", ".join(f"{name}{value}" for name, value in named if value) or "somewhere"


Balanced = tuple[Row, int]


def since_and_before(position: Position) -> tuple[list[Balanced], list[Balanced]]:
    """Return the ledger since the last word, with that word, and what was before; newest first.

    Each entry comes with how many there were after it, in the order in which it became true.
    """
    left = position.known.on_hand
    entries: list[Balanced] = []
    for entry in position.entries:
        entries.append((entry, left))
        left -= entry["on_hand"]
    as_of = position.known.as_of
    cut = next(
        (n for n, (e, _) in enumerate(entries) if as_of is None or e["effective_at"] <= as_of),
        len(entries),
    )
    return entries[: cut + 1], entries[cut + 1 :]


def _ledger(
    position: Position, entries: Sequence[Balanced], now: datetime, *, name: str, caption: str
) -> Table:
    cut = len(position.entries) == ENTRIES and name == "before"
    return Table(
        name=name,
        caption=f"{caption}, the newest first",
        columns=(
            Column("Became true"),
            Column("We heard"),
            Column("What"),
            Column("In the building", number=True),
            Column("Then", number=True),
            Column("Promised", number=True),
            Column("Why"),
            Column("By"),
        ),
        rows=[_entry(position, entry, left, now) for entry, left in entries],
        why_empty="Nothing has moved.",
        more=f"The newest {ENTRIES} entries. Older ones are in the sum." if cut else "",
    )


def _entry(position: Position, entry: Row, left: int, now: datetime) -> Sequence[Cell]:
    zone = position.store.time_zone
    heard = entry["recorded_at"]
    late = heard - entry["effective_at"]
    why = entry["note"].replace("_", " ")
    order = {"store_id": position.store.store_id, "id": entry["cause"]}
    return (
        stamp(entry["effective_at"], zone, now),
        Cell(
            words.clock(heard, zone, now) if late >= words.MINUTE else "at once",
            note=f"{words.age(late)} later" if late >= words.MINUTE else "",
            sort=heard.isoformat(),
        ),
        Cell(said.WHAT[entry["kind"]]),
        Cell(words.signed(entry["on_hand"]), sort=entry["on_hand"]),
        Cell(words.units(left), sort=left),
        Cell(words.signed(entry["reserved"]), sort=entry["reserved"]),
        Cell(f"order {entry['number']}", note=why, href=order_href(order))
        if entry["number"]
        else Cell(f"batch {why}" if entry["kind"] == "feed_set" and why else why),
        Cell(_by(entry)),
    )


_FLOOR: Final = frozenset({"stage", "hand_over", "short", "put_back", "damage"})


def _by(entry: Row) -> str:
    kind, source = entry["kind"], entry["source"]
    if kind == "commit":
        return f"{entry['channel']}, for a shopper" if entry["channel"] else "a shopper"
    if kind in _FLOOR:
        return "an associate"
    if kind == "compensate":
        return "an associate" if entry["note"] == "found after all" else "a repair"
    if kind == "believe":
        return "this system"
    if kind == "release":
        return "the order"
    return said.actor(source) if ":" in source else source


def _count(position: Position) -> Action | None:
    store_id = position.store.store_id
    back = {"back": item_href(position.item.sku, store_id)}
    if position.conflict:
        fields = {"conflict": outward(store_id, position.conflict["id"])}
        return Action("Save the count", "/ops/conflicts/count", fields | back, tone="go")
    if position.counts:
        fields = {"request": outward(store_id, position.counts[0]["id"])}
        return Action("Save the count", "/ops/counts", fields | back, tone="go")
    return None


def _ask(position: Position) -> Action:
    fields = {"store": position.store.store_id, "sku": position.item.sku}
    return Action("Ask the store to count it", "/ops/stock/ask", fields)
