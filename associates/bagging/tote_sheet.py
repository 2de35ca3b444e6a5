"""Labels for the totes of a cart: on paper from a browser, or as a label printer is told them.

They are the same for every cart and every store, and open nothing.
"""

from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from associates.bagging import label
from associates.bagging.label import Size, ToteLabel
from associates.walking.wave import TOTES
from bopis.kernel import pages

ADDRESS: Final = "/tote-labels"
_pages: Final = pages.Pages(Path(__file__).parents[1] / "templates")
router: Final = APIRouter(include_in_schema=False)
SizeAsked = Annotated[Size, Query()]


def labels() -> list[ToteLabel]:
    return [ToteLabel(tote) for tote in TOTES.values()]


def zpl(size: Size) -> bytes:
    """Return all of them as one job for a label printer."""
    return b"".join(label.zpl(one, size) for one in labels())


@router.get(ADDRESS)
def sheet(size: SizeAsked = "100x50") -> HTMLResponse:
    """Show the labels of one cart, to be printed."""
    drawn = [Markup(label.svg(one, size)) for one in labels()]  # noqa: S704 -- our own constants
    return _pages.render("tote_sheet.html", labels=drawn, size=size)


@router.get(f"{ADDRESS}.zpl")
def job(size: SizeAsked = "100x50") -> Response:
    """Return the same in ZPL, to be sent to port 9100 of a label printer."""
    return Response(zpl(size), media_type="application/zpl")
