"""A store's floor as a person at a desk reads it: what is blocked, how the store picks. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote

from markupsafe import Markup

from associates.picking.picking import How, ShelfFirst
from bopis.kernel import speech
from bopis.ops import said, words
from bopis.ops.floor import drawing
from bopis.ops.views import Action, Ask, Cell, Column, Outcome, Rows, Table
from inventory.layout.floor import Direction, Floor, Way

SHELF: Final = {
    ShelfFirst.NEVER: "Never: the item is enough",
    ShelfFirst.UNSURE: "Where we are not sure that the item is there",
    ShelfFirst.ALWAYS: "Always",
}
TOTES: Final = {"no": "No", "yes": "Yes, after each line of a walk for several orders"}
HEAVY: Final = {
    "last": "After the rest, before what is cold",
    "first": "First, at the bottom of the tote",
}
SPOKEN: Final = {"": "That of its country", **speech.LANGUAGES}
DIRECTIONS: Final = {
    Direction.BOTH: "Both ways",
    Direction.FORTH: "Only from its first bay to its last",
    Direction.BACK: "Only from its last bay to its first",
}


@dataclass(frozen=True, slots=True)
class FloorPage:
    """A headline, the map, forms and tables. None: there is no plan to draw."""

    title: str
    lead: str
    drawing: Markup | None
    forms: Sequence[Action]
    tables: Sequence[Table]
    language: str
    """Which is spoken in the store, for what is printed from here."""
    outcome: Outcome | None = None


def key(way: Way) -> str:
    """Return what a form says of an aisle: its zone and its name, with no blank in either."""
    return f"{quote(way.zone, safe='')} {quote(way.aisle, safe='')}"


def name(way: Way) -> str:
    kind = "Cross aisle" if way.is_cross else "Aisle"
    bays = f", bays {way.bays[0]} to {way.bays[1]}" if way.bays else ""
    return f"{kind} {way.aisle}{f', {way.zone}' if way.zone else ''}{bays}"


def stores_table(rows: Rows) -> Table:
    return Table(
        name="floors",
        caption=words.counted(len(rows), "store"),
        columns=(Column("Store"), Column("Aisles", number=True), Column("Blocked", number=True)),
        rows=[
            (
                Cell(row["name"], note=row["store_id"], href=f"/ops/floor/{row['store_id']}"),
                Cell(f"{row['aisles']:,}", sort=row["aisles"]),
                Cell(f"{row['blocked']:,}", sort=row["blocked"]),
            )
            for row in rows
        ],
        why_empty="There is no store yet. Load them with PUT /v1/stores.",
    )


def page(
    *,
    store_id: str,
    title: str,
    floor: Floor | None,
    how: How,
    language: str,
    cut_off: Sequence[Way],
    now: datetime,
    zone: str,
    decided: Rows,
    outcome: Outcome | None,
) -> FloorPage:
    """Return the page of one store.

    Shapes:
        floor: as it is blocked now.
        cut_off: the aisles to which no way leads just now.
        decided: the latest first.
    """
    lately = _lately(decided, now, zone)
    if floor is None:
        lead = (
            "We have no plan of its floor. Load one with PUT /v1/floors: walks get shorter by it."
        )
        forms = [_picking(store_id, how)]
        return FloorPage(title, lead, None, forms, (lately,), language, outcome)
    blocked = [way for way in floor.ways if way.block]
    lead = _lead(blocked, cut_off)
    return FloorPage(
        title,
        lead,
        drawing.drawn(floor, f"Map of the aisles. {lead}"),
        [_block(store_id, floor), _picking(store_id, how)],
        (_blocks(store_id, blocked, now, zone), lately),
        language,
        outcome,
    )


def _lead(blocked: Sequence[Way], cut_off: Sequence[Way]) -> str:
    if not blocked:
        return "Every aisle can be walked."
    names = ", ".join(way.aisle for way in blocked)
    told = f"{words.counted(len(blocked), 'aisle').capitalize()} blocked: {names}."
    lost = [way for way in cut_off if way not in blocked]
    if lost:
        told += f" Because of that nobody gets to {', '.join(way.aisle for way in lost)}."
    return told


def _blocks(store_id: str, blocked: Sequence[Way], now: datetime, zone: str) -> Table:
    return Table(
        name="blocked",
        caption="What is blocked",
        columns=(
            Column("Aisle"),
            Column("Why"),
            Column("Which way"),
            Column("Bays"),
            Column("Until"),
            Column(""),
        ),
        rows=[_row(store_id, way, now, zone) for way in blocked],
        why_empty="Nothing is blocked.",
    )


def _row(store_id: str, way: Way, now: datetime, zone: str) -> Sequence[Cell]:
    block = way.block
    assert block is not None
    bays = "all" if block.bays is None else " to ".join(str(bay) for bay in sorted(set(block.bays)))
    until = words.clock(block.until, zone, now) if block.until else "somebody says so"
    fields = {"store": store_id, "aisle": key(way)}
    return (
        Cell(name(way).partition(", bays")[0]),
        Cell(block.reason),
        Cell(DIRECTIONS[block.direction]),
        Cell(bays),
        Cell(until),
        Cell("", actions=(Action("It is free", "/ops/floor/free", fields, tone="go"),)),
    )


def _lately(decided: Rows, now: datetime, zone: str) -> Table:
    """Return what was decided about this floor, and by whom."""
    return Table(
        name="decided",
        caption="What was decided",
        columns=(Column("When"), Column("Who"), Column("What"), Column("Why")),
        rows=[
            (
                Cell(words.clock(one["occurred_at"], zone, now), sort=-number),
                Cell(said.actor(one["actor"])),
                Cell(str(one["payload"]["act"]).capitalize()),
                Cell(one["payload"]["note"]),
            )
            for number, one in enumerate(decided)
        ],
        why_empty="Nobody has blocked an aisle here, or said how this store picks.",
    )


def _block(store_id: str, floor: Floor) -> Action:
    """Return the form that blocks an aisle."""
    aisles = [("", "Choose"), *((key(way), name(way)) for way in floor.ways)]
    return Action(
        "Block an aisle",
        "/ops/floor/block",
        {"store": store_id},
        (
            Ask("aisle", "Which aisle?", options=aisles),
            Ask("direction", "Which way does nobody walk?", options=list(DIRECTIONS.items())),
            Ask("bays", "Beside which bays? 4-6, or empty: all of it", optional=True),
            Ask(
                "until",
                "Until, by the store's clock. Empty: until somebody says so",
                when="-",
                optional=True,
            ),
            Ask("reason", "What stands there? Associates read it"),
        ),
        tone="stop",
    )


def _picking(store_id: str, how: How) -> Action:
    """Return the form that says how the store picks; what is so now comes first."""
    totes, heavy = "yes" if how.totes else "no", "first" if how.heavy_first else "last"
    return Action(
        "How this store picks",
        "/ops/floor/picking",
        {"store": store_id},
        (
            Ask("shelf", "Scan the shelf before the item?", options=_now(SHELF, how.shelf_first)),
            Ask("totes", "Scan the label of the tote?", options=_now(TOTES, totes)),
            Ask("heavy", "When is what is heavy fetched?", options=_now(HEAVY, heavy)),
            Ask("alone", "How many units may one person write off?", options=_alone(how.alone)),
            Ask(
                "language",
                "Which language is spoken here?",
                options=_now(SPOKEN, how.language),
                optional=True,
            ),
        ),
    )


_ALONE: Final = (0, 3, 10, 30, 100)


def _alone(chosen: int) -> list[tuple[str, str]]:
    """Return how many units one person's word may take off the record, today's number first."""
    said = {
        str(n): f"Up to {words.counted(n, 'unit')} by one count" if n else "None: it takes two"
        for n in sorted({*_ALONE, chosen})
    }
    return _now(said, str(chosen))


def _now(options: dict[str, str] | dict[ShelfFirst, str], chosen: str) -> list[tuple[str, str]]:
    """Return options with the one that holds now first: a form begins with its first."""
    listed = [(str(value), words_) for value, words_ in options.items()]
    return sorted(listed, key=lambda one: one[0] != chosen)
