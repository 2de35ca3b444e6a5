"""A folder on an SFTP server that we know by its key, and never on any other."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from inventory.sources.connecting import (
    CHUNK,
    CONNECT_WITHIN,
    SILENT_FOR,
    FetchFailed,
    FileChanged,
    Found,
    Opened,
    Secrets,
    extra,
    is_wanted,
)
from inventory.sources.declaration import Sftp

_REGULAR = 1
"""SSH_FILEXFER_TYPE_REGULAR: neither a folder nor a link."""


class SftpFolder:
    """A connector for a folder that is far away; its clock may be another than ours."""

    grows = True
    is_here = False

    def __init__(self, way: Sftp, client: Any) -> None:
        self._way = way
        self._client = client
        self._errors = extra("asyncssh", "sftp").Error

    @classmethod
    @asynccontextmanager
    async def connected(cls, way: Sftp, secrets: Secrets) -> AsyncIterator["SftpFolder"]:
        ssh = extra("asyncssh", "sftp")
        options = _options(ssh, way, secrets)
        with _in_words(ssh, way):
            connection = await ssh.connect(way.host, way.port, **options)
        async with connection:
            with _in_words(ssh, way):
                client = await connection.start_sftp_client()
            async with client:
                yield cls(way, client)

    async def listed(self) -> list[Found]:
        try:
            names = await self._client.readdir(self._way.path)
        except (self._errors, OSError) as error:
            raise FetchFailed(f"{self._way.path} on {self._way.host}: {error}.") from None
        return [
            _found(name.filename, name.attrs)
            for name in names
            if name.attrs.type == _REGULAR and is_wanted(name.filename, self._way.files)
        ]

    @asynccontextmanager
    async def opened(self, found: Found, known: str | None) -> AsyncIterator[Opened]:
        path = self._path(found)
        try:
            file = await self._client.open(path, "rb")
        except (self._errors, OSError) as error:
            raise FileChanged(f"{found.name} cannot be opened: {error}.") from None
        async with file:

            async def chunks() -> AsyncIterator[bytes]:
                try:
                    while chunk := await file.read(CHUNK):
                        yield chunk
                    is_still = await self._is_still(found)
                except (self._errors, OSError) as error:
                    raise FetchFailed(f"{found.name} broke off: {error}.") from None
                if not is_still:
                    raise FileChanged(f"{found.name} was written while it was read.")

            yield Opened(found, chunks())

    async def taken(self, found: Found) -> None:
        if self._way.after == "keep":
            return
        path = self._path(found)
        try:
            if not await self._is_still(found):
                return  # a newer one has come under this name
            if self._way.after == "delete":
                await self._client.remove(path)
            else:
                folder = f"{self._way.path}/{self._way.move_to}"
                await self._client.makedirs(folder, exist_ok=True)
                stamp = (
                    ""
                    if not await self._client.exists(f"{folder}/{found.name}")
                    else (f".{found.version}")
                )
                await self._client.rename(path, f"{folder}/{found.name}{stamp}")
        except (self._errors, OSError) as error:
            raise FetchFailed(f"{found.name} was taken, but cannot be tidied: {error}.") from None

    def _path(self, found: Found) -> str:
        return f"{self._way.path}/{found.name}"

    async def _is_still(self, found: Found) -> bool:
        now = await self._client.lstat(self._path(found))
        return now.type == _REGULAR and _found(found.name, now).version == found.version


def _found(name: str, attrs: Any) -> Found:
    size, seconds = attrs.size or 0, attrs.mtime or 0
    modified_at = datetime.fromtimestamp(seconds, UTC)
    return Found(name, f"{size}-{seconds}", size, modified_at)


def _options(ssh: Any, way: Sftp, secrets: Secrets) -> dict[str, Any]:
    """Return how we connect: by what the source declares, and nothing that lies about here."""
    options: dict[str, Any] = {
        "username": way.user,
        "config": None,
        "agent_path": None,
        "client_keys": None,
        "connect_timeout": CONNECT_WITHIN.total_seconds(),
        "login_timeout": SILENT_FOR.total_seconds(),
        "keepalive_interval": SILENT_FOR.total_seconds() / 2,
    }
    if way.known_hosts is not None:
        if not Path(way.known_hosts).is_file():
            raise FetchFailed(f"The file of known hosts, {way.known_hosts}, is not there.")
        options["known_hosts"] = way.known_hosts
    else:
        options["known_hosts"] = ([], [], [])
        options["client_factory"] = _keeper(ssh, (way.fingerprint or "").rstrip("="))
    if way.password_env is not None:
        options["password"] = secrets.of(way.password_env)
        options["preferred_auth"] = "password"
    elif way.key_file is not None:
        phrase = secrets.of(way.passphrase_env) if way.passphrase_env else None
        try:
            options["client_keys"] = [ssh.read_private_key(way.key_file, phrase)]
        except (OSError, ValueError) as error:
            raise FetchFailed(f"Our key {way.key_file} cannot be read: {error}.") from None
        options["preferred_auth"] = "publickey"
    return options


def _keeper(ssh: Any, fingerprint: str) -> Any:
    class Keeper(ssh.SSHClient):  # type: ignore[misc]
        """Knows one key, and refuses every other."""

        def validate_host_public_key(self, host: str, addr: str, port: int, key: Any) -> bool:
            shown: str = key.get_fingerprint("sha256")
            return shown.rstrip("=") == fingerprint

    return Keeper


@contextmanager
def _in_words(ssh: Any, way: Sftp) -> Iterator[None]:
    try:
        yield
    except ssh.HostKeyNotVerifiable:
        raise FetchFailed(
            f"{way.host} does not show the key by which it is known. Nothing was sent. If it has a "
            "new key, ask its owner for it, and declare that."
        ) from None
    except ssh.PermissionDenied:
        raise FetchFailed(f"{way.host} does not let {way.user} in.") from None
    except (ssh.Error, OSError, ValueError) as error:
        raise FetchFailed(f"{way.host} cannot be reached: {type(error).__name__}.") from None
