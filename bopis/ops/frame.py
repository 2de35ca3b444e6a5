"""What every page behind the sign-in shows around its own, and what its forms may send."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from bopis.kernel.database import Tx
from bopis.kernel.pages import Pages, speak
from bopis.ops import reads, views, words
from bopis.ops.sessions import Session
from bopis.ops.views import Table, Viewer
from inventory import stores

pages: Final = Pages(Path(__file__).parent / "templates")
speak("/ops", pages, "ops/problem.html")
pages.environment.filters |= {"spark": views.spark, "units": words.units, "signed": words.signed}

_NAMES: Final = (
    ("/ops", "Today", ""),
    ("/ops/stores", "Stores", ""),
    ("/ops/orders", "Orders", ""),
    ("/ops/stock", "Stock", ""),
    ("/ops/conflicts", "Conflicts", "conflicts"),
    ("/ops/counts", "Counts", ""),
    ("/ops/feeds", "Feeds", "feeds"),
    ("/ops/dead-letters", "Dead letters", "dead_letters"),
    ("/ops/report", "Report", ""),
    ("/ops/trust", "Trust", ""),
    ("/ops/hours", "Hours", ""),
    ("/ops/floor", "Aisles", ""),
    ("/ops/devices", "Handhelds", ""),
)
HEADERS: Final = {"Referrer-Policy": "same-origin"}
"""So that a form tells where it comes from: with no referrer at all, its Origin would be null."""

Text = Annotated[str, Form(max_length=300)]
Note = Annotated[str, Form(min_length=1, max_length=200)]
Csv = Annotated[str, Query(max_length=40)]
Done = Annotated[str, Query(max_length=300)]
"""What a form that was just sent was about: the page says what has become of it."""


@dataclass(frozen=True, slots=True)
class Frame:
    request: Request
    viewer: Viewer
    badges: dict[str, int]

    def show(
        self, template: str, tables: Sequence[Table] = (), csv: str = "", **page: Any
    ) -> Response:
        """Return the page, or one of its tables as a file."""
        for table in tables:
            if csv == table.name:
                name = f'attachment; filename="{table.name}.csv"'
                return Response(
                    table.as_csv(),
                    media_type="text/csv; charset=utf-8",
                    headers={"Content-Disposition": name},
                )
        query = self.request.url.query
        path = self.request.url.path
        return pages.render(
            template,
            headers=HEADERS,
            viewer=self.viewer,
            here=path + (f"?{query}" if query else ""),
            room=max((p for p, *_ in _NAMES if f"{path}/".startswith(f"{p}/")), key=len),
            pages=[(p, title, self.badges.get(key, 0)) for p, title, key in _NAMES],
            **page,
        )


async def around(tx: Tx, request: Request, session: Session) -> Frame:
    """Return the frame of a page for whoever is signed in."""
    scope = "All stores"
    if session.only_store is not None:
        scope = (await stores.get(tx, session.only_store)).name
    viewer = Viewer(name=session.name, scope=scope, token=session.token)
    return Frame(request, viewer, await reads.badges(tx, session.only_store))


def to(path: str) -> Response:
    """Lead a browser on after a form, so that loading the page again sends nothing twice."""
    return RedirectResponse(path, 303)
