"""The door of the pages: a key for a cookie, and back."""

from typing import Final

from fastapi import APIRouter, Request, Response

from bopis.kernel.errors import Problem
from bopis.kernel.keys import KeyKind, Keyring
from bopis.ops import (
    sessions,
)
from bopis.ops.frame import HEADERS, Text, pages, to
from bopis.ops.sessions import Meant

router: Final = APIRouter(prefix="/ops", include_in_schema=False, default_response_class=Response)


@router.get("/sign-in")
async def sign_in_page(next: str = "/ops") -> Response:  # noqa: A002
    return _sign_in(next)


def _sign_in(next_: str, refused: str = "", status: int = 200) -> Response:
    return pages.render(
        "ops/sign_in.html",
        status=status,
        headers=HEADERS,
        next=sessions.safe_next(next_),
        refused=refused,
    )


@router.post("/sign-in")
async def sign_in(request: Request, key: Text, next: Text = "/ops") -> Response:  # noqa: A002
    """Exchange a key for a cookie."""
    sessions.same_site(request)
    keyring: Keyring = request.app.state.keyring
    try:
        found = await keyring.find(key.strip())
    except Problem as problem:
        return _sign_in(next, problem.detail, problem.status)
    if found.kind is not KeyKind.OPS:
        return _sign_in(next, f"This key is for {found.kind}, not for operations.", 403)
    response = to(sessions.safe_next(next))
    sessions.begin(request, response, found)
    return response


@router.post("/sign-out")
async def sign_out(session: Meant) -> Response:
    response = to("/ops/sign-in")
    sessions.end(response)
    return response
