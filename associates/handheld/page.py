"""The handheld's page: modules without a build step, each under an address made of its content.

It can be installed, and starts without a network: a service worker, made here, keeps one version of
the page and all its files. The page holds nobody's data: what it shows, it asks for with its own
keys. So it is the same for everyone, and its one inline script is let in by its hash.
"""

import base64
import gzip
import hashlib
import json
import re
from functools import cache, partial
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

from fastapi import APIRouter, Header
from fastapi.responses import HTMLResponse, JSONResponse, Response

from bopis.kernel import pages, speech

_HERE: Final = Path(__file__).parents[1]
_STATIC: Final = _HERE / "static"
_WORKER: Final = _HERE / "worker" / "sw.js"
_TYPES: Final = "handheld/types.js"
"""Read by the type checker alone."""
MODULES: Final = tuple(
    name
    for path in sorted(_STATIC.glob("handheld/**/*.js"))
    if (name := path.relative_to(_STATIC).as_posix()) != _TYPES
)
ENTRY: Final = "handheld/first.js"
_NEEDS: Final = re.compile(r"^(?:import|export) [^;]*?from '(handheld/[^']+)';", re.MULTILINE)


def needed(module: str) -> list[str]:
    """Return the modules that have to be there before this one runs, itself the last of them."""
    found: dict[str, None] = {}

    def look(name: str) -> None:
        if name in found:
            return
        found[name] = None
        for other in _NEEDS.findall((_STATIC / name).read_text(encoding="utf-8")):
            look(other)
        found[name] = found.pop(name)

    look(module)
    return list(found)


FIRST: Final = tuple(needed(ENTRY))
"""What the first screen needs. The rest comes when that is to be seen, but comes by itself."""
STYLES: Final = ("look.css", "handheld/handheld.css")
ICONS: Final = {"icon.svg": "any", "handheld/icon-192.png": "192x192"}
LARGE_ICON: Final = {"handheld/icon-512.png": "512x512"}
"""For the splash screen of a device that installs the page; nobody else ever asks for it."""
CATALOGS: Final = {
    language: f"handheld/{language}.json"
    for language in speech.LANGUAGES
    if language != speech.SOURCE
}
"""What the modules say, in each language but their own."""

router: Final = APIRouter(include_in_schema=False)
pages.add_assets(_STATIC)
_pages: Final = pages.Pages(_HERE / "templates")


def sign(text: str) -> str:
    """Return what stands for a sentence in a device's catalog: it has the English already.

    FNV-1a in the last five digits of base 36, as in `handheld/words.js`.
    """
    found = 0x811C9DC5
    for letter in text:
        found = (found ^ ord(letter)) * 0x01000193 & 0xFFFFFFFF
    digits = ""
    for _ in range(5):
        found, digit = divmod(found, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits


def _catalog(language: str) -> bytes:
    said = {sign(text): forms for text, forms in speech.said_in(language, ".js").items()}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


for _language, _name in CATALOGS.items():
    pages.add_made(_name, partial(_catalog, _language))


def imports(*modules: str) -> dict[str, dict[str, str]]:
    """Return an import map of modules, and of the catalogs that they speak by."""
    return {"imports": {name: pages.asset(name) for name in (*modules, *CATALOGS.values())}}


def files() -> list[str]:
    """Return the addresses of all that the page needs to start without a network."""
    return [pages.asset(name) for name in (*STYLES, *MODULES, *CATALOGS.values(), *ICONS)]


@cache
def _made() -> tuple[str, str, str]:
    """Return the page, the hash of its inline script, and the name of this version of it all."""
    import_map = json.dumps(imports(*MODULES), separators=(",", ":"))
    digest = base64.b64encode(hashlib.sha256(import_map.encode()).digest()).decode()
    about: dict[str, Any] = {
        "import_map": import_map,
        "first": [pages.asset(name) for name in FIRST],
        "later": [pages.asset(name) for name in MODULES if name not in FIRST],
        "entry": pages.asset(ENTRY),
    }
    said = "\n".join([_pages.write("handheld.html", version="", **about), *files()])
    version = hashlib.sha256((said + _WORKER.read_text()).encode()).hexdigest()[:16]
    return _pages.write("handheld.html", version=version, **about), digest, version


@cache
def _zipped(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


R = TypeVar("R", bound=Response)
Takes = Annotated[str, Header(alias="accept-encoding")]


def _packed(answer: R, takes: str) -> R:
    """Return an answer as small as who asks can read it: it is the same for all, and no secret."""
    answer.headers["Vary"] = "Accept-Encoding"
    if "gzip" in takes:
        answer.body = _zipped(bytes(answer.body))
        answer.headers["Content-Encoding"] = "gzip"
        answer.headers["Content-Length"] = str(len(answer.body))
    return answer


@router.get("/handheld")
async def handheld(takes: Takes = "") -> HTMLResponse:
    """Return the app."""
    html, digest, _ = _made()
    return _packed(pages.shown(html, inline=f" 'sha256-{digest}'"), takes)


@router.get("/handheld/sw.js")
async def service_worker(takes: Takes = "") -> Response:
    """Return the service worker: another one whenever any of what it keeps is another."""
    _, _, version = _made()
    script = pages.lean(_WORKER.read_text(encoding="utf-8"))
    script = script.replace("{{version}}", version).replace("{{files}}", json.dumps(files()))
    headers = {
        "Cache-Control": "no-cache",
        "Content-Security-Policy": "default-src 'none'; connect-src 'self'",
        "Service-Worker-Allowed": "/handheld",
    }
    return _packed(Response(script, media_type="text/javascript", headers=headers), takes)


@router.get("/handheld/manifest.webmanifest")
def manifest() -> JSONResponse:
    """Return what a device shows of the installed page."""
    icons = [
        {"src": pages.asset(name), "sizes": sizes, "purpose": purpose}
        for name, sizes in (ICONS | LARGE_ICON).items()
        for purpose in ("any", "maskable")
    ]
    return JSONResponse(
        {
            "name": "Handheld",
            "short_name": "Handheld",
            "id": "/handheld",
            "start_url": "/handheld",
            "scope": "/handheld",
            "display": "standalone",
            "background_color": "#ffffff",
            "theme_color": "#ffffff",
            "icons": icons,
        },
        media_type="application/manifest+json",
        headers={"Cache-Control": "no-cache"},
    )
