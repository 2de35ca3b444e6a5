"""A bucket, or a prefix of one: S3, Google Cloud Storage, Azure, through obstore."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from inventory.sources.connecting import (
    CHUNK,
    CONNECT_WITHIN,
    FetchFailed,
    FileChanged,
    Found,
    Opened,
    Secrets,
    extra,
    is_wanted,
)
from inventory.sources.declaration import ObjectStore


class Bucket:
    """A connector for objects. One is there as a whole or not at all."""

    is_here = False

    def __init__(self, way: ObjectStore, store: Any) -> None:
        self._way = way
        self._store = store
        self._obstore = extra("obstore", "objectstore")
        self._errors = extra("obstore.exceptions", "objectstore")
        self.grows = way.url.startswith("file:")

    @classmethod
    @asynccontextmanager
    async def connected(cls, way: ObjectStore, secrets: Secrets) -> AsyncIterator["Bucket"]:
        stores = extra("obstore.store", "objectstore")
        errors = extra("obstore.exceptions", "objectstore")
        chosen: dict[str, Any] = dict(way.options)
        chosen |= {name: secrets.of(variable) for name, variable in way.secrets.items()}
        if not way.url.startswith(("file:", "memory:")):
            chosen["client_options"] = {"connect_timeout": f"{CONNECT_WITHIN.total_seconds():.0f}s"}
            chosen["retry_config"] = {"max_retries": 2}
        try:
            store = stores.from_url(way.url, **chosen)
        except (errors.BaseError, ValueError, TypeError) as error:
            raise FetchFailed(f"{way.url} is not a store that we can open: {error}") from None
        yield cls(way, store)

    async def listed(self) -> list[Found]:
        try:
            listing = await self._obstore.list_with_delimiter_async(self._store)
        except (self._errors.BaseError, OSError) as error:
            raise FetchFailed(f"{self._way.url} cannot be listed: {_short(error)}") from None
        return [
            _found(meta)
            for meta in listing["objects"]
            if is_wanted(meta["path"].rpartition("/")[2], self._way.files)
        ]

    @asynccontextmanager
    async def opened(self, found: Found, known: str | None) -> AsyncIterator[Opened]:
        try:
            answer = await self._obstore.get_async(self._store, found.name)
        except (self._errors.BaseError, OSError) as error:
            raise FileChanged(f"{found.name} cannot be opened: {_short(error)}") from None
        if _found(answer.meta).version != found.version:
            raise FileChanged(f"{found.name} is another object than it was.")

        async def chunks() -> AsyncIterator[bytes]:
            try:
                async for chunk in answer.stream(min_chunk_size=CHUNK):
                    yield bytes(chunk)
                is_still = not self.grows or await self._is_still(found)
            except (self._errors.BaseError, OSError) as error:
                raise FetchFailed(f"{found.name} broke off: {_short(error)}") from None
            if not is_still:
                raise FileChanged(f"{found.name} was written while it was read.")

        yield Opened(found, chunks())

    async def taken(self, found: Found) -> None:
        if self._way.after != "delete":
            return
        try:
            if await self._is_still(found):
                await self._obstore.delete_async(self._store, found.name)
        except (self._errors.BaseError, OSError) as error:
            raise FetchFailed(
                f"{found.name} was taken, but cannot be deleted: {_short(error)}"
            ) from None

    async def _is_still(self, found: Found) -> bool:
        meta = await self._obstore.head_async(self._store, found.name)
        return _found(meta).version == found.version


def _found(meta: Any) -> Found:
    modified_at = meta["last_modified"]
    version = meta["e_tag"] or f"{meta['size']}-{modified_at.isoformat()}"
    return Found(meta["path"], version, meta["size"], modified_at)


def _short(error: Exception) -> str:
    """Return the first line of what a store says: the rest is addresses and headers."""
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
