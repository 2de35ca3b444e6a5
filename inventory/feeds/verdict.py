"""Whether a whole batch may be believed, before any store learns it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from inventory.feeds.feed import is_suspect

SWING: Final = 0.5
"""Half of what a store has does not come or go between two snapshots."""

CRY_WOLF: Final = 1000
"""Units. A store that has fewer is not judged: a pallet is a big share of a small store."""

_NAMED: Final = 5


class Cause(StrEnum):
    """Why a batch was set aside whole."""

    TOTALS = "totals"  # not what its sender said that it would be
    REJECTS = "rejects"  # too many bad rows
    UNKNOWN_STORES = "unknown_stores"
    SWING = "swing"  # a store's stock would jump
    SEQUENCE = "sequence"  # its number belongs to another content


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a batch is set aside, in words for whoever decides."""

    cause: Cause
    words: str


@dataclass(frozen=True, slots=True)
class Swing:
    """What one snapshot would do to one store.

    Units:
        known: units on hand, by all we know.
        change: units that the snapshot adds (or, below zero, takes), of items that we know there.
    """

    store_id: str
    known: int
    change: int

    def is_wild(self, bound: float) -> bool:
        return self.known >= CRY_WOLF and abs(self.change) > bound * self.known


def of_totals(
    *, rows: int, rows_said: int | None, sha256: str, sha256_said: str | None
) -> Verdict | None:
    """Return what speaks against a file that is not what its sender said it would be."""
    if sha256_said is not None and sha256_said.lower() != sha256:
        return Verdict(Cause.TOTALS, "Its content does not have the checksum that was announced.")
    if rows_said is not None and rows_said != rows:
        return Verdict(Cause.TOTALS, f"It has {rows} rows, and {rows_said} were announced.")
    return None


def of_stores(*, rows: int, strange: int, names: Sequence[str]) -> Verdict | None:
    """Return what speaks against a file of which too many rows are about no store of ours."""
    if not is_suspect(rows, strange):
        return None
    named = ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
    return Verdict(
        Cause.UNKNOWN_STORES, f"{strange} of {rows} rows name stores that we do not know ({named})."
    )


def of_rows(*, rows: int, rejected: int) -> Verdict | None:
    if not is_suspect(rows, rejected):
        return None
    return Verdict(Cause.REJECTS, f"{rejected} of {rows} rows are bad: too many to trust the rest.")


def of_swings(swings: Sequence[Swing], bound: float) -> Verdict | None:
    """Return what speaks against a snapshot under which stores would jump."""
    wild = [swing for swing in swings if swing.is_wild(bound)]
    if not wild:
        return None
    named = "; ".join(
        f"{swing.store_id} would go from {swing.known} units to {swing.known + swing.change}"
        for swing in wild[:_NAMED]
    )
    more = f"; and {len(wild) - _NAMED} stores more" if len(wild) > _NAMED else ""
    return Verdict(
        Cause.SWING,
        f"{named}{more}: more than the {bound:.0%} that one snapshot of this source may move.",
    )
