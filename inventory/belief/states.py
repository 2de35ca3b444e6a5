"""A belief in 61 bytes, and back. Pure."""

from typing import Final

import numpy as np

from inventory.belief.filter import BINS, Rows, normalized

_FULL: Final = 255


def packed(rows: Rows) -> bytes:
    """Return the rows one after the other, a byte for each bin.

    A byte holds the root of a chance beside that of its row's largest: so what is one in a hundred
    thousand is not lost beside what is nearly certain, and an error is small where chances are.
    """
    largest = rows.max(axis=1, keepdims=True)
    roots = np.rint(np.sqrt(rows / largest) * _FULL)
    return bytes(roots.astype(np.uint8).tobytes())


def unpacked(content: bytes) -> Rows:
    """Return the rows of ``packed``, each of them summing to one again."""
    roots = np.frombuffer(content, dtype=np.uint8).reshape(-1, BINS).astype(np.float32)
    made = roots * roots
    return normalized(made, np.zeros(len(made), dtype=np.int64))
