"""Pages: Jinja templates under a strict CSP, and static files named by their content."""

import gzip
import hashlib
import mimetypes
import re
import secrets
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

from bopis.kernel.errors import Problem
from bopis.kernel.http import PageUnknown

LOOK: Final = Path(__file__).parent / "look"
FOREVER: Final = "public, max-age=31536000, immutable"

_folders: list[Path] = [LOOK]
_makers: dict[str, Callable[[], bytes]] = {}
router = APIRouter(include_in_schema=False)
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("application/manifest+json", ".webmanifest")


def add_assets(folder: Path) -> None:
    """Serve the files below a folder, each under an address that changes with its content."""
    if folder not in _folders:
        _folders.append(folder)


def add_made(name: str, make: Callable[[], bytes]) -> None:
    """Serve what lies in no folder in the same way; it is made once, when it is first asked for."""
    _makers[name] = make


@cache
def _made(name: str) -> tuple[bytes, str]:
    content = _makers[name]()
    return content, hashlib.sha256(content).hexdigest()[:12]


@cache
def _files(folder: Path) -> Mapping[str, tuple[Path, str]]:
    """Return the files below a folder by name, each with a digest of what is in it."""
    return {
        path.relative_to(folder).as_posix(): (
            path,
            hashlib.sha256(path.read_bytes()).hexdigest()[:12],
        )
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".html"
    }


def _file(name: str) -> tuple[Path, str] | None:
    if name in _makers:
        return Path(name), _made(name)[1]
    return next((files[name] for files in map(_files, _folders) if name in files), None)


def asset(name: str) -> str:
    """Return the address of a static file, for ever the same while its content is."""
    found = _file(name)
    assert found is not None, f"there is no asset {name}"
    return f"/assets/{found[1]}/{name}"


_PACKED: Final = frozenset({".css", ".js", ".json", ".svg"})


_REMARK: Final = re.compile(
    r"^[ \t]*(?:/\*(?:(?!\*/).)*\*/|//[^\n]*)[ \t]*\n", re.MULTILINE | re.DOTALL
)
"""A comment that has its lines to itself: for whoever reads the source, not for a device."""
_ASIDE: Final = re.compile(
    r"/\*\* @type \{[^\n]*?\} \*/ ?|[ \t]+// [^\n'\"`]*$|(?<=[;,{(])[ \t]+// [^\n]*$",
    re.MULTILINE,
)
"""The same beside the code: a cast, or what stands at the end of a line."""
_BLANK: Final = re.compile(r"\n{2,}")
_INDENT: Final = re.compile(r"^[ \t]+", re.MULTILINE)


def lean(source: str) -> str:
    """Return a script or a style sheet without what only its readers need."""
    text = _ASIDE.sub("", _REMARK.sub("", source))
    is_split = any(line.count("`") % 2 for line in text.splitlines())  # a text over several lines
    return text if is_split else _BLANK.sub("\n", _INDENT.sub("", text))


@cache
def _content(path: Path) -> bytes:
    if path.as_posix() in _makers:
        return _made(path.as_posix())[0]
    if path.suffix not in {".css", ".js"}:
        return path.read_bytes()
    return lean(path.read_text(encoding="utf-8")).encode()


@cache
def _packed(path: Path) -> bytes:
    return gzip.compress(_content(path), mtime=0)


@router.get("/assets/{digest}/{name:path}")
async def serve_asset(  # async: a page asks for dozens at once, and each would cost a thread
    digest: str, name: str, accept_encoding: Annotated[str, Header()] = ""
) -> Response:
    found = _file(name)
    if found is None or found[1] != digest:
        raise PageUnknown("There is nothing at this address.")
    path, _ = found
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    headers = {"Cache-Control": FOREVER}
    if path.suffix not in _PACKED:
        return Response(_content(path), media_type=kind, headers=headers)
    headers["Vary"] = "Accept-Encoding"
    if "gzip" not in accept_encoding:
        return Response(_content(path), media_type=kind, headers=headers)
    return Response(_packed(path), media_type=kind, headers={**headers, "Content-Encoding": "gzip"})


class Pages:
    """One room's templates, on top of the shared look."""

    def __init__(self, templates: Path) -> None:
        self.environment = Environment(
            loader=ChoiceLoader([FileSystemLoader(templates), FileSystemLoader(LOOK)]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self.environment.globals["asset"] = asset

    def write(self, template: str, /, **context: Any) -> str:
        """Return the HTML of a page. ``shown`` makes an answer of it."""
        return self.environment.get_template(template).render(**context)

    def render(
        self,
        template: str,
        /,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **context: Any,
    ) -> HTMLResponse:
        """Return a page whose inline scripts and styles are let in by its nonce, if it has any."""
        nonce = secrets.token_urlsafe(16)
        html = self.write(template, nonce=nonce, **context)
        return shown(html, status=status, headers=headers, inline=f" 'nonce-{nonce}'")


def shown(
    html: str, *, status: int = 200, headers: Mapping[str, str] | None = None, inline: str = ""
) -> HTMLResponse:
    """Return a page as an answer: its scripts and styles are our own files, and it is not kept."""
    policy = (
        f"default-src 'none'; script-src 'self'{inline}; style-src 'self'{inline}; "
        "img-src 'self' data:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return HTMLResponse(
        html,
        status,
        {"Content-Security-Policy": policy, "X-Robots-Tag": "noindex", **(headers or {})},
    )


_pages = Pages(LOOK)
_own: dict[str, tuple[Pages, str]] = {}


def speak(below: str, pages: Pages, template: str) -> None:
    """Say what goes wrong below an address with a page of that room's own: who reads it is another.

    The template gets ``problem``, a Problem.
    """
    _own[f"{below}/"] = pages, template


def problem_page(request: Request, problem: Problem) -> Response:
    """Say to a person what went wrong and what to do next."""
    path = f"{request.url.path}/"
    found = next((own for below, own in _own.items() if path.startswith(below)), None)
    pages, template = found or (_pages, "errors.html")
    return pages.render(template, status=problem.status, problem=problem)
