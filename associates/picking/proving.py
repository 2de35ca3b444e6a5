"""What the screen says of labels that a store wants scanned: which shelf, which tote. Reads."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from asyncpg import Record

from associates.handheld import parts, place_wording
from associates.handheld.task_schemas import ToteOut
from associates.handheld.wording import Scene
from associates.picking import hands, pickings
from associates.picking.hands import Hand
from associates.picking.pickings import Hands
from associates.picking.scans import Heard, Looks, ScanOutcome
from associates.walking import wave
from associates.walking.wave import TOTES
from bopis.kernel.database import Tx
from bopis.kernel.ids import Sku, StoreId
from inventory.codes import gtin
from inventory.layout import locations


def into(shown: Hands, line: Mapping[str, Any] | None = None) -> ToteOut | None:
    """Return the tote that is to be scanned first, if the screen does not ask for more of the line.

    Shapes:
        line: on the screen, with its task; None: everything is found.
    """
    loose = shown.loose
    if loose is None or (line and (line["task_id"], line["line"]) == (loose.task_id, loose.line)):
        return None
    return hands.tote(loose.tote)


async def totes(tx: Tx, hand: Hand, heard: Heard, scene: Scene) -> Scene:
    """Return which tote was scanned, and which one waits for its scan."""
    if heard.outcome is ScanOutcome.APPLIED:
        return scene  # it lies in the tote of its order
    shown = await pickings.in_hand(tx, hand.asked["store_id"], hand.ids, totes=hand.has_totes)
    number = shown.loose.tote if shown.loose else None
    scanned = wave.read(gtin.scanned(heard.code).text)
    return replace(
        scene,
        tote=TOTES[number].words if number else scene.tote,
        scanned=TOTES[scanned].words if scanned else scene.scanned,
    )


async def asked_shelf(tx: Tx, store_id: StoreId, line: Record) -> str:
    """Return that the place where we send somebody is to be scanned."""
    known = (await locations.find(tx, store_id, [Sku(line["sku"])]))[Sku(line["sku"])]
    here = Looks.of(line["looks"] or ()).here([locations.place_of(place) for place in known])
    place = next((place for place in known if locations.place_of(place) == here), None)
    return place_wording.scan_first(place) if place else ""


async def elsewhere(tx: Tx, store_id: StoreId, line: Record) -> str:
    """Return the place whose label was scanned just now, if we had sent them to another one.

    Whoever has missed the item somewhere looks where they like.
    """
    said = line["looks"] or ()
    known = (await locations.find(tx, store_id, [Sku(line["sku"])]))[Sku(line["sku"])]
    before, now = Looks.of(said[:-1]), Looks.of(said)
    asked = before.here([locations.place_of(place) for place in known])
    if asked is None or now.at in {None, asked} or before.missed:
        return ""
    return place_wording.signs(parts.said(now.at, now.kind))
