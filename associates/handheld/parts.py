"""Pieces that several screens of the handheld share: an item, a place."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal, cast
from zoneinfo import ZoneInfo

from asyncpg import Record

from associates.handheld import place_wording, wording
from associates.handheld.part_schemas import ItemOut, Place
from associates.handheld.task_schemas import TaskHead
from associates.picking.scans import Spot
from bopis.kernel.database import Tx
from bopis.kernel.ids import Sku, outward
from bopis.kernel.speech import t
from inventory.layout import locations
from inventory.layout.sought import Sought
from inventory.models import Location, LocationKind, Store

_TAIL: Final = 4

Kind = Literal["shelf", "backroom", "display"]


def about(known: Mapping[Sku, Sought], names: Mapping[Sku, str]) -> dict[Sku, ItemOut]:
    """Return what the screen says of each item."""
    return {
        sku: ItemOut(sku=sku, name=names[sku], size=one.size, gtin_tail=one.code[-_TAIL:])
        for sku, one in known.items()
    }


def place(location: Location, zone: ZoneInfo, now: datetime) -> Place:
    """Return a place as it is shown, with how sure we are of it."""
    return Place(
        zone=location.zone,
        aisle=location.aisle,
        bay=location.bay,
        shelf=location.shelf,
        kind=location.kind.value,
        words=place_wording.how_sure(location, zone, now),
    )


def homes(known: list[Location]) -> list[Place]:
    """Return where an item belongs, to be put back: as the plan says, its shelf first."""
    order = [LocationKind.SHELF, LocationKind.DISPLAY, LocationKind.BACKROOM]
    home = sorted(known, key=lambda one: (not one.planned, order.index(one.kind)))
    return [said(locations.place_of(one), one.kind, words="") for one in home]


def said(spot: Spot, kind: str, words: str | None = None) -> Place:
    """Return a place that the associate named, and of which we knew nothing."""
    zone, aisle, bay, shelf = spot
    return Place(
        zone=zone,
        aisle=aisle,
        bay=bay,
        shelf=shelf,
        kind=cast("Kind", kind),
        words=t(place_wording.SAID) if words is None else words,
    )


def head(tx: Tx, store: Store, row: Record) -> TaskHead:
    return TaskHead(
        task_id=outward(store.store_id, row["id"]),
        number=row["number"],
        due_at=row["due_at"],
        due=wording.when(row["due_at"], ZoneInfo(store.time_zone), tx.now),
        late=row["due_at"] < tx.now,
        fence=row["fence"],
    )
