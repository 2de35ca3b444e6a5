"""The handheld's page: modules without a build step, each under an address made of its content."""

from pathlib import Path
from typing import Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from bopis.kernel import pages

_HERE: Final = Path(__file__).parent
_STATIC: Final = _HERE / "static"
MODULES: Final = tuple(
    sorted(str(path.relative_to(_STATIC)) for path in _STATIC.glob("handheld/**/*.js"))
)

router: Final = APIRouter(include_in_schema=False)
pages.add_assets(_STATIC)
_pages: Final = pages.Pages(_HERE / "templates")


@router.get("/handheld")
def handheld() -> HTMLResponse:
    """Return the app. It holds nobody's data: what it shows, it asks for with its own keys."""
    return _pages.render(
        "handheld.html",
        import_map={"imports": {name: pages.asset(name) for name in MODULES}},
        preload=[pages.asset(name) for name in MODULES],
        entry=pages.asset("handheld/app.js"),
    )
