"""Labels for the totes of a cart: on paper from a browser, or as a label printer is told them.

They are the same for every cart and every store, in the language of whoever asks, and open nothing.
"""

from pathlib import Path
from typing import Annotated, Final, get_args

from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from associates.bagging import label
from associates.bagging.label import Size, ToteLabel
from associates.walking.wave import TOTES
from bopis.kernel import pages
from bopis.kernel.speech import current, t

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
    return _pages.render(
        "tote_sheet.html",
        lang=current().language,
        labels=drawn,
        size=size,
        others=[(one, _of_size(one)) for one in get_args(Size) if one != size],
        words={
            "skip": t("Skip to the main part"),
            "title": t("Labels for totes"),
            "how": t(
                "One set for each cart: put each on its tote. Print this page on labels of"
                " {wide} by {high} mm, or send this file to a label printer.",
                **_sides(size),
            ),
            "download": t("Download for a label printer (ZPL)"),
        },
    )


def _of_size(size: Size) -> str:
    return t("Labels of {wide} by {high} mm", **_sides(size))


def _sides(size: Size) -> dict[str, str]:
    return dict(zip(("wide", "high"), size.split("x"), strict=True))


@router.get(f"{ADDRESS}.zpl")
def job(size: SizeAsked = "100x50") -> Response:
    """Return the same in ZPL, to be sent to port 9100 of a label printer."""
    return Response(zpl(size), media_type="application/zpl")
