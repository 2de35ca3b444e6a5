"""What the name of a file says about its content. Pure."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from inventory.feeds.feed import FeedKind
from inventory.feeds.rejects import Bad
from inventory.sources.declaration import Fetch
from inventory.sources.mapping import FileMapping
from inventory.sources.translating import Translator

_STRANGE: Final = re.compile(r"[^A-Za-z0-9._:-]+")
_LONGEST: Final = 60
_MOST: Final = 2**31 - 1


class Unnamed(Exception):
    """The name does not say what it should; the message says why."""


@dataclass(frozen=True, slots=True)
class Said:
    """What is known of a file before it is opened."""

    kind: FeedKind
    as_of: datetime | None = None
    batch: str | None = None
    sequence: int | None = None
    store: str | None = None


def read(name: str, fetch: Fetch, mapping: FileMapping) -> Said:
    """Return what a file's name says, by the pattern of its source.

    Raises:
        Unnamed: The pattern does not fit, or what it finds means nothing.
    """
    said = Said(fetch.kind)
    if fetch.name is None:
        return said
    found = re.fullmatch(fetch.name, name.rpartition("/")[2])
    if found is None:
        raise Unnamed(f"The name {name} does not fit the pattern {fetch.name}.")
    parts = {group: text for group, text in found.groupdict().items() if text is not None}
    if "kind" in parts:
        said = replace(said, kind=_kind(parts["kind"]))
    if "sequence" in parts:
        said = replace(said, sequence=_sequence(parts["sequence"]))
    if "as_of" in parts:
        said = replace(said, as_of=_instant(parts["as_of"], mapping))
    if "store" in parts:
        said = replace(said, store=_store(parts["store"], mapping))
    return replace(said, batch=parts.get("batch"))


def batch_id(name: str, as_of: datetime, digest: str) -> str:
    """Return a name for a batch whose file has none of its own: another content, another name."""
    short = code(name)[-_LONGEST:] or "file"
    return f"{short}-{as_of:%Y%m%dT%H%M%SZ}-{digest[:12]}"


def code(name: str) -> str:
    """Return a name in the characters that a batch may have."""
    return _STRANGE.sub("_", name.rpartition("/")[2])[:100]


def _kind(text: str) -> FeedKind:
    try:
        return FeedKind(text.lower())
    except ValueError:
        raise Unnamed(f"{text} is neither snapshot nor delta.") from None


def _sequence(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,10}", text, re.ASCII) or int(text) > _MOST:
        raise Unnamed(f"{text} is not a sequence number.")
    return int(text)


def _instant(text: str, mapping: FileMapping) -> datetime:
    try:
        return Translator(mapping).moment(text)
    except Bad as bad:
        raise Unnamed(f"{text} is not a time that the mapping reads ({bad.reason}).") from None


def _store(text: str, mapping: FileMapping) -> str:
    if mapping.stores and text not in mapping.stores:
        raise Unnamed(f"The mapping translates no store code {text}.")
    return mapping.stores.get(text, text)
