"""One address, asked again and again: a file comes only when it is another one than before."""

import ssl
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from http import HTTPStatus
from typing import Final
from urllib.parse import urljoin, urlsplit

import httpx

from inventory.sources.connecting import (
    CHUNK,
    CONNECT_WITHIN,
    SILENT_FOR,
    FetchFailed,
    Found,
    NotModified,
    Opened,
    Secrets,
)
from inventory.sources.declaration import Http

REDIRECTS: Final = 5

_SAID: Final = {
    HTTPStatus.UNAUTHORIZED: "it does not know our secret",
    HTTPStatus.FORBIDDEN: "our secret does not let us in",
    HTTPStatus.NOT_FOUND: "nothing lies at this address",
    HTTPStatus.GONE: "nothing lies at this address any more",
    HTTPStatus.TOO_MANY_REQUESTS: "we ask too often",
}


class HttpPull:
    """A connector for one address. What it sends is whole, or the connection says otherwise."""

    grows = False
    is_here = False

    def __init__(self, way: Http, secrets: Secrets, client: httpx.AsyncClient) -> None:
        self._way = way
        self._client = client
        self._secret = _secret_headers(way, secrets)
        self._host = _host(way.url)

    @classmethod
    @asynccontextmanager
    async def connected(cls, way: Http, secrets: Secrets) -> AsyncIterator["HttpPull"]:
        waits = httpx.Timeout(SILENT_FOR.total_seconds(), connect=CONNECT_WITHIN.total_seconds())
        client = httpx.AsyncClient(timeout=waits, trust_env=False, verify=_trusted())
        async with client:
            yield cls(way, secrets, client)

    async def listed(self) -> list[Found]:
        name = urlsplit(self._way.url).path.rpartition("/")[2]
        return [Found(name or self._host, "")]

    @asynccontextmanager
    async def opened(self, found: Found, known: str | None) -> AsyncIterator[Opened]:
        answer = await self._answer(known)
        try:
            fresh = _found(found.name, answer)
            if answer.status_code == HTTPStatus.NOT_MODIFIED or (known and fresh.version == known):
                raise NotModified
            _check(answer)
            yield Opened(fresh, _chunks(answer))
        finally:
            await answer.aclose()

    async def taken(self, found: Found) -> None:
        """Leave it: an address is not ours to tidy."""

    async def _answer(self, known: str | None) -> httpx.Response:
        """Ask, and follow where we are sent: never from https to http, nor to a strange host."""
        url = self._way.url
        for _ in range(REDIRECTS + 1):
            asked = self._client.build_request("GET", url, headers=self._headers(url, known))
            try:
                answer = await self._client.send(asked, stream=True)
            except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
                raise FetchFailed(_in_words(error, self._host)) from None
            if not answer.has_redirect_location:
                return answer
            await answer.aclose()
            url = self._sent_on(url, answer.headers["location"])
        raise FetchFailed(f"{self._host} sends us on more than {REDIRECTS} times.")

    def _headers(self, url: str, known: str | None) -> dict[str, str]:
        headers = {"Accept-Encoding": "gzip", "User-Agent": "bopis"}
        if _origin(url) == _origin(self._way.url):
            headers |= self._secret
        if known and known.startswith("etag:"):
            headers["If-None-Match"] = known.removeprefix("etag:")
        elif known and known.startswith("modified:"):
            headers["If-Modified-Since"] = known.removeprefix("modified:")
        return headers

    def _sent_on(self, url: str, location: str) -> str:
        target = urljoin(url, location)
        scheme, host = urlsplit(target).scheme, _host(target)
        if scheme not in {"http", "https"} or (scheme == "http" and url.startswith("https:")):
            raise FetchFailed(f"{self._host} sends us on to {scheme}:, where we do not go.")
        if host != self._host and host not in self._way.redirects_to:
            raise FetchFailed(
                f"{self._host} sends us on to {host}. If that is right, declare it in redirects_to."
            )
        return target


@cache
def _trusted() -> ssl.SSLContext:
    """Return whom we trust: read from the disk once, for it takes longer than a small file.

    ``SSL_CERT_FILE`` may name a retailer's own authority.
    """
    return httpx.create_ssl_context()


def _secret_headers(way: Http, secrets: Secrets) -> dict[str, str]:
    if way.bearer_env is not None:
        return {"Authorization": f"Bearer {secrets.of(way.bearer_env)}"}
    if way.user is not None and way.password_env is not None:
        pair = f"{way.user}:{secrets.of(way.password_env)}".encode()
        return {"Authorization": f"Basic {b64encode(pair).decode()}"}
    if way.header is not None and way.header_env is not None:
        return {way.header: secrets.of(way.header_env)}
    return {}


def _found(name: str, answer: httpx.Response) -> Found:
    etag = answer.headers.get("etag", "").strip()
    modified = answer.headers.get("last-modified", "").strip()
    version = f"etag:{etag}" if etag else f"modified:{modified}" if modified else ""
    length = answer.headers.get("content-length", "")
    return Found(
        name,
        version,
        size=int(length) if length.isascii() and length.isdigit() else None,
        modified_at=_instant(modified),
        content_type=answer.headers.get("content-type", ""),
    )


def _instant(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _check(answer: httpx.Response) -> None:
    host, status = answer.url.host, answer.status_code
    if status != HTTPStatus.OK:
        said = _SAID.get(HTTPStatus(status)) if status in set(HTTPStatus) else None
        raise FetchFailed(f"{host} answers {status}" + (f": {said}." if said else "."))
    if (
        answer.headers.get("content-type", "")
        .lower()
        .startswith(("text/html", "application/xhtml"))
    ):
        raise FetchFailed(f"{host} answers with a web page, not with a file.")


async def _chunks(answer: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for chunk in answer.aiter_bytes(CHUNK):
            yield chunk
    except (httpx.HTTPError, OSError) as error:
        raise FetchFailed(_in_words(error, answer.url.host)) from None


def _in_words(error: Exception, host: str) -> str:
    if isinstance(error, httpx.ConnectTimeout | httpx.ConnectError):
        return f"{host} cannot be reached."
    if isinstance(error, httpx.TimeoutException):
        return f"{host} took too long to answer."
    if isinstance(error, httpx.RemoteProtocolError):
        return f"{host} broke off before the file was whole."
    return f"The answer of {host} cannot be read: {type(error).__name__}."


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port
