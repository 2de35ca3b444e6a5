"""Places from which files come: real servers on a free port of this machine."""

import os
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import asyncssh

from bopis.kernel.database import Database
from inventory.feeds import batches
from inventory.feeds.models import BooksPickup
from inventory.sources import declarations, fetching
from inventory.sources.declaration import Declaration
from inventory.sources.fetching import Fetched
from tests.conftest import NOON
from tests.inventory.shelves import HOUR

FILE = "store_id,sku,quantity\nS1,oats,7\n"


def put(folder: Path, name: str, text: str = FILE, *, age: timedelta = HOUR) -> Path:
    """Write a file that was last changed an hour before noon of the test's day."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    then = (NOON - age).timestamp()
    os.utime(path, (then, then))
    return path


async def declare(db: Database, fetch: dict[str, Any], source: str = "erp", **mapping: Any) -> None:
    said = Declaration.model_validate({"mapping": mapping, "fetch": fetch})
    async with db.transaction() as tx:
        await batches.declare(tx, source, books_pickup=BooksPickup.AT_HANDOVER, cadence_minutes=60)
        await declarations.declare(tx, source, said.mapping)
        await declarations.fetch_from(tx, source, said.fetch)


async def fetched(db: Database, source: str = "erp") -> Fetched:
    return await fetching.fetch(db, source)


async def arrived(db: Database) -> list[tuple[str, str]]:
    async with db.transaction() as tx:
        rows = await tx.rows("SELECT batch_id, state FROM feed_batches ORDER BY received_at")
    return [(row["batch_id"], row["state"]) for row in rows]


@dataclass
class Answer:
    body: bytes = FILE.encode()
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    """What it claims; None: the truth."""


@dataclass
class Web:
    """A web server that answers by path, and remembers what it was asked."""

    url: str = ""
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)


@contextmanager
def web() -> Iterator[Web]:
    made = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
            answer = made.answers.get(self.path, Answer(status=404))
            etag = answer.headers.get("ETag")
            if etag and self.headers.get("If-None-Match") == etag:
                answer = Answer(b"", 304, {"ETag": etag})
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            length = len(answer.body) if answer.length is None else answer.length
            self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(answer.body)
            self.close_connection = True

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Ssh:
    port: int
    fingerprint: str
    known_hosts: str
    key_file: str


@asynccontextmanager
async def sftp(root: Path) -> AsyncIterator[Ssh]:
    """Serve a folder to ``till``, who has a key, and whose password is ``swordfish``."""
    own = asyncssh.generate_private_key("ssh-ed25519")
    own.write_private_key(root / "till_key")
    known = asyncssh.import_authorized_keys(own.export_public_key().decode())
    key = asyncssh.generate_private_key("ssh-ed25519")

    class Server(asyncssh.SSHServer):
        def begin_auth(self, username: str) -> bool:
            return True

        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, given: str) -> bool:
            return (username, given) == ("till", "swordfish")

    def files(channel: Any) -> asyncssh.SFTPServer:
        return asyncssh.SFTPServer(channel, chroot=str(root).encode())

    acceptor = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=Server,
        server_host_keys=[key],
        authorized_client_keys=known,
        sftp_factory=files,
    )
    port = acceptor.get_port()
    public = key.export_public_key().decode().strip()
    try:
        yield Ssh(
            port,
            key.get_fingerprint("sha256"),
            f"[127.0.0.1]:{port} {public}\n",
            str(root / "till_key"),
        )
    finally:
        acceptor.close()
        await acceptor.wait_closed()
