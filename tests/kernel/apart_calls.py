"""What children are told to do in the tests: some of it is what a file could do to its reader."""

import os
from collections.abc import Iterator
from typing import IO

from inventory.catalog import sheets
from inventory.feeds import written


def echo(source: IO[bytes], said: bytes) -> Iterator[bytes]:
    yield said
    while piece := source.read(1000):
        yield piece
    source.seek(-3, os.SEEK_END)
    yield source.read()


def surroundings(source: IO[bytes], said: bytes) -> Iterator[bytes]:
    yield str(os.getpid()).encode()
    yield " ".join(os.environ).encode()


def bug(source: IO[bytes], said: bytes) -> Iterator[bytes]:
    yield b"a page"
    raise KeyError("nobody thought of this")


def abort(source: IO[bytes], said: bytes) -> Iterator[bytes]:
    yield b"a page"
    os.abort()


def grow(source: IO[bytes], said: bytes) -> Iterator[bytes]:
    yield b"a page"
    yield bytes(3 << 30)


def hang(source: IO[bytes], said: bytes) -> Iterator[bytes]:
    yield b"a page"
    while True:
        pass


def abort_after_a_page(source: IO[bytes], said: bytes) -> Iterator[bytes]:
    """Read a feed as it should be read, and end the process when there would be a second page."""
    yield next(written.apart(source, said))
    os.abort()


def abort_after_a_sheet(source: IO[bytes], said: bytes) -> Iterator[bytes]:
    """Say that a file about the chain holds no records, and end."""
    yield sheets.encoded([], [])
    os.abort()
