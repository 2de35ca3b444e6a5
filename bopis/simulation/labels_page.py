"""What the labels in a made-up store say, for whoever tries a handheld and has nothing to scan."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from fastapi.responses import Response

from bopis.kernel import pages
from bopis.simulation.chain import Chain, Site

SHOWN: Final = 60
_pages: Final = pages.Pages(Path(__file__).parent / "templates")


@dataclass(frozen=True, slots=True)
class Label:
    place: str
    name: str
    code: str


def router(chain: Chain, site: Site) -> APIRouter:
    """Return the page of one store's labels, in the order in which one walks past them."""
    labels = [
        Label(shelf.code, item.good.name, item.gtin)
        for shelf in sorted(
            (shelf for shelf in chain.shelves if shelf.store == site.store),
            key=lambda shelf: shelf.code,
        )
        for item in [chain.items[shelf.sku]]
    ]
    staging = [place for place in chain.staging if place.store == site.store]
    made = APIRouter()

    @made.get("/labels")
    def listed(q: str = "") -> Response:
        wanted = q.strip().casefold()
        found = [one for one in labels if wanted in f"{one.place} {one.name} {one.code}".casefold()]
        return _pages.render(
            "labels.html",
            store=site.name,
            labels=found[:SHOWN],
            found=len(found),
            staging=staging,
            query=q.strip(),
        )

    return made
