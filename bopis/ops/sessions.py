"""Who is signed in: an ops key, remembered by a signed cookie that a script cannot read.

The cookie holds the key's id and no secret, and is worth nothing once the key is revoked. A form is
believed if it comes from our own pages (Sec-Fetch-Site, or else Origin) and carries their token.
"""

import hmac
import secrets
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import quote, urlsplit
from uuid import UUID

from fastapi import Depends, HTTPException, Request, Response
from itsdangerous import BadSignature, Signer, URLSafeTimedSerializer

from bopis.kernel.errors import Refused
from bopis.kernel.http import Db
from bopis.kernel.ids import StoreId
from bopis.kernel.keys import ApiKey, KeyKind

COOKIE: Final = "bopis_ops"
LIFE: Final = 12 * 3600
"""Seconds, on the machine's clock."""


class FormForged(Refused):
    title = "This form did not come from our page"


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody signed in. ``only_store`` None: all stores."""

    name: str
    only_store: StoreId | None
    token: str

    @property
    def actor(self) -> str:
        return f"ops:{self.name}"


def _keys(request: Request) -> list[bytes]:
    """Return the signing keys as itsdangerous wants them: the newest last."""
    chosen = request.app.state.settings.link_keys
    return [key.get_secret_value().encode() for key in reversed(chosen)]


def _serializer(request: Request) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(_keys(request), salt="bopis.ops.session")


def _token(request: Request, nonce: str) -> str:
    """Return what a form of this session carries: the same for all its life."""
    return Signer(_keys(request), salt="bopis.ops.form").get_signature(nonce).decode()


def begin(request: Request, response: Response, key: ApiKey) -> None:
    value = _serializer(request).dumps([key.id.hex, secrets.token_hex(8)])
    secure = request.app.state.settings.base_url.startswith("https://")
    response.set_cookie(
        COOKIE, value, max_age=LIFE, path="/ops", secure=secure, httponly=True, samesite="lax"
    )


def end(response: Response) -> None:
    response.delete_cookie(COOKIE, path="/ops")


_KEY: Final = "SELECT * FROM api_keys WHERE id = $1 AND revoked_at IS NULL AND kind = $2"


async def find(request: Request, db: Db) -> Session | None:
    """Return who is signed in, or None: no cookie, an old or forged one, or a revoked key."""
    try:
        key_id, nonce = _serializer(request).loads(request.cookies.get(COOKIE, ""), max_age=LIFE)
    except BadSignature:
        return None
    async with db.transaction() as tx:
        row = await tx.row(_KEY, UUID(hex=key_id), KeyKind.OPS)
    if row is None:
        return None
    key = ApiKey.of(row)
    return Session(key.name, key.only_store, _token(request, nonce))


async def _signed_in(request: Request, db: Db) -> Session:
    session = await find(request, db)
    if session is None:
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        back = here if request.method == "GET" else "/ops"
        raise HTTPException(303, "Sign in first", {"Location": f"/ops/sign-in?next={quote(back)}"})
    return session


SignedIn = Annotated[Session, Depends(_signed_in)]


async def _meant(request: Request, session: SignedIn) -> Session:
    """Return who is signed in, if they meant to send this form.

    Raises:
        FormForged: Another site sent it, or it does not carry our token.
    """
    same_site(request)
    form = await request.form()
    if not hmac.compare_digest(str(form.get("token", "")).encode(), session.token.encode()):
        raise FormForged("Reload the page and do it again: its form was too old, or not ours.")
    return session


Meant = Annotated[Session, Depends(_meant)]


def same_site(request: Request) -> None:
    """Refuse what a browser says another site has sent.

    Raises:
        FormForged: It was another site.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        ours = site in {"same-origin", "none"}
    else:
        ours = origin is None or urlsplit(origin).netloc == request.headers.get("host")
    if not ours:
        raise FormForged("Open our page and do it there.")


def safe_next(path: str) -> str:
    """Return where to go after signing in: a page of ours, whatever the address said."""
    return path if path == "/ops" or path.startswith(("/ops/", "/ops?")) else "/ops"
