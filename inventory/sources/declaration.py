"""What a source says about itself: how its files are written, where they lie, how often. Pure.

Secrets are never part of it. Where one is needed, the declaration names the environment variable
that holds it, in the process that fetches.
"""

import re
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from inventory.feeds.feed import FeedKind
from inventory.sources.mapping import FileMapping

SOURCE_PATTERN: Final = r"^[A-Za-z0-9._:-]{1,100}$"
GROUPS: Final = frozenset({"as_of", "batch", "kind", "sequence", "store"})
"""What the name of a file may say: named groups of ``name``."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
Variable = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,99}$")]
"""The name of an environment variable."""

_SECRET: Final = re.compile(r"(?i)secret|password|token|access_key|sas|credential|private_key")


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Http(_Document):
    """One address that is asked again and again."""

    url: Text
    bearer_env: Variable | None = None
    user: Text | None = None
    password_env: Variable | None = None
    header: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,64}$")] | None = None
    """A header of the sender's own, whose value is in ``header_env``."""
    header_env: Variable | None = None
    redirects_to: tuple[Text, ...] = Field(default=(), max_length=5)
    """Other hosts that it may send us on to. They are shown no secret."""

    @field_validator("url")
    @classmethod
    def _bare(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("has to begin with https:// or http:// and a host")
        if parts.username is not None or parts.password is not None:
            raise ValueError("holds a secret: name variables in user and password_env instead")
        return value

    @model_validator(mode="after")
    def _pairs(self) -> Self:
        if (self.user is None) != (self.password_env is None):
            raise ValueError("user and password_env go together")
        if (self.header is None) != (self.header_env is None):
            raise ValueError("header and header_env go together")
        if self.user is not None and self.bearer_env is not None:
            raise ValueError("bearer_env or user, not both")
        return self


class _Place(_Document):
    """Somewhere where files lie."""

    files: Text = "*"
    """Of which name: ``*`` and ``?`` stand for what varies. Hidden files are never taken."""
    after: Literal["keep", "move", "delete"] = "keep"
    move_to: Text | None = None

    @model_validator(mode="after")
    def _goes_somewhere(self) -> Self:
        if (self.after == "move") != (self.move_to is not None):
            raise ValueError('after = "move" and move_to go together')
        return self


class Folder(_Place):
    path: Text


class Sftp(_Place):
    host: Text
    port: int = Field(default=22, ge=1, le=65535)
    user: Text
    path: Text = "."
    password_env: Variable | None = None
    key_file: Text | None = None
    passphrase_env: Variable | None = None
    known_hosts: Text | None = None
    """A file as OpenSSH keeps it. This or ``fingerprint``: an unknown server is never spoken to."""
    fingerprint: (
        Annotated[str, StringConstraints(pattern=r"^SHA256:[A-Za-z0-9+/]{43}=?$")] | None
    ) = None

    @model_validator(mode="after")
    def _is_known(self) -> Self:
        if (self.known_hosts is None) == (self.fingerprint is None):
            raise ValueError("say how the server is known: known_hosts or fingerprint")
        if (self.password_env is None) == (self.key_file is None):
            raise ValueError("say how we are known: password_env or key_file")
        return self


class ObjectStore(_Place):
    url: Text
    """``s3://bucket/prefix``, ``gs://…``, ``az://…``, or ``file:///…``."""
    options: dict[str, str] = Field(default_factory=dict, max_length=30)
    """As obstore has them: region, endpoint, and the like."""
    secrets: dict[str, Variable] = Field(default_factory=dict, max_length=10)
    """Options whose values are in environment variables."""

    @field_validator("options")
    @classmethod
    def _no_secrets(cls, value: dict[str, str]) -> dict[str, str]:
        if found := [name for name in value if _SECRET.search(name)]:
            raise ValueError(f"{', '.join(found)}: belongs in secrets, as the name of a variable")
        return value

    @model_validator(mode="after")
    def _stays(self) -> Self:
        if self.after == "move":
            raise ValueError('an object is not moved: after is "keep" or "delete"')
        return self


class Fetch(_Document):
    """Where the files of a source lie, and what is known of each before it is opened."""

    http: Http | None = None
    folder: Folder | None = None
    sftp: Sftp | None = None
    objectstore: ObjectStore | None = None

    as_of: Literal["name", "column", "modified", "fetched"]
    """Where it is said when the numbers were true. ``fetched``: they are true when we ask."""
    name: Text | None = None
    """A regular expression for file names. Its named groups say ``as_of``, ``batch`` and so on."""
    kind: FeedKind = FeedKind.SNAPSHOT
    every_minutes: int | None = Field(default=None, ge=1, le=24 * 60)
    """How often to look; None: four times in each cadence."""
    settle_seconds: int = Field(default=60, ge=0, le=24 * 3600)
    """A file that has changed since is still being written."""
    newest_days: int | None = Field(default=None, ge=1, le=3650)
    """Files that were last changed before are left alone."""

    @field_validator("name")
    @classmethod
    def _reads(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            groups = re.compile(value).groupindex
        except re.error as error:
            raise ValueError(f"is no regular expression: {error}") from None
        if strange := groups.keys() - GROUPS:
            raise ValueError(
                f"has groups that mean nothing: {', '.join(sorted(strange))}; "
                f"known are {', '.join(sorted(GROUPS))}"
            )
        return value

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if len(self.ways) != 1:
            raise ValueError("say one of http, folder, sftp, objectstore")
        if self.as_of == "name" and "as_of" not in self.groups:
            raise ValueError('as_of = "name" needs a group (?P<as_of>…) in name')
        if self.as_of == "fetched" and self.http is None:
            raise ValueError('as_of = "fetched" is for http: a file was written before')
        return self

    @property
    def ways(self) -> list[Http | Folder | Sftp | ObjectStore]:
        each = (self.http, self.folder, self.sftp, self.objectstore)
        return [way for way in each if way is not None]

    @property
    def groups(self) -> frozenset[str]:
        return frozenset(re.compile(self.name).groupindex) if self.name else frozenset()


class Declaration(_Document):
    """All that a source says of itself, but how it books pickups and how often it speaks."""

    mapping: FileMapping = Field(default_factory=FileMapping)
    fetch: Fetch | None = None

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.fetch is None:
            return self
        if self.fetch.as_of == "column" and not self.mapping.require_as_of:
            raise ValueError('fetch.as_of = "column" needs mapping.require_as_of = true')
        if "store" in self.fetch.groups and (
            self.mapping.store or "store_id" in self.mapping.columns
        ):
            raise ValueError("fetch.name says the store, and so does the mapping; not both")
        return self


class SourceDocument(Declaration):
    """A source's file: all that an operator says of it."""

    source: Annotated[str, StringConstraints(pattern=SOURCE_PATTERN)]
    books_pickup: Literal["at_order", "at_ready", "at_handover"] = "at_handover"
    cadence_minutes: int = Field(default=24 * 60, ge=1, le=60 * 24 * 60)


def stored(document: BaseModel) -> dict[str, Any]:
    """Return a document as it is kept: without what is said by saying nothing."""
    return document.model_dump(mode="json", exclude_defaults=True)
