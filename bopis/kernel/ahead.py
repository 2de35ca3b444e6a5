"""Reads of many stores in one round trip: asked together, then answered to the verbs one by one.

A verb reads one store. To ask twenty of them for the same few things would be hundreds of round
trips; so what the verbs are going to ask is put into one statement, each of their own statements a
sub-select for each store, and they then run unchanged on an ``Ahead`` that already knows. What was
not foreseen is asked of the database as always: the answer is right, and only slower.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bopis.kernel.database import Tx
from bopis.kernel.ids import StoreId

_PARAMETER: Final = re.compile(r"\$(\d+)")


@dataclass(frozen=True, slots=True)
class Read:
    """One statement that a verb is going to ask.

    Shapes:
        values: what it is asked with, after the store; may differ a little from what the verb will
            say, if that changes nothing in what it makes of the rows.
        of_store: its ``$1`` is the store; else it is the same for all, and asked once.
    """

    sql: str
    values: Callable[..., Sequence[Any]]
    of_store: bool = True


def together(chosen: str, reads: Sequence[Read], *, after: int) -> str:
    """Return one statement that asks some reads of some stores.

    Args:
        chosen: A query of the stores: gives ``store_id`` and ``place``, from 1 on.
        reads: What to ask of each.
        after: How many parameters ``chosen`` has; those of the reads follow, in order.
    """
    columns, used = [], after
    for n, read in enumerate(reads):
        count = max((int(at) for at in _PARAMETER.findall(read.sql)), default=0)
        first = 2 if read.of_store else 1
        sql = _PARAMETER.sub(_renamed(used, first), read.sql)
        used += max(count - first + 1, 0)
        part = f"(SELECT array_agg(part) FROM ({sql}) AS part)"  # noqa: S608 -- ours, as below
        if not read.of_store:
            part = f"CASE WHEN coalesce(asked.place, 1) = 1 THEN {part} END"
        columns.append(f"{part} AS part_{n}")
    listed = ",\n".join(columns)
    return f"""
        SELECT asked.*, {listed}
          FROM (SELECT) AS always  /* fanout: quote */
          LEFT JOIN ({chosen}) AS asked ON true
         ORDER BY asked.place
    """  # noqa: S608 -- put together from constants of ours


def _renamed(used: int, first: int) -> Callable[[re.Match[str]], str]:
    def renamed(found: re.Match[str]) -> str:
        n = int(found[1])
        return "asked.store_id" if n < first else f"${used + n - first + 1}"

    return renamed


class Ahead(Tx):
    """Reads of one store, known before they are asked. Nothing may be written through it."""

    __slots__ = ("_known",)

    def __init__(
        self, tx: Tx, store_id: StoreId | None, known: Mapping[str, Sequence[Any]]
    ) -> None:
        super().__init__(
            tx.connection,
            now=tx.now,
            ids=tx._ids,  # noqa: SLF001 -- the same transaction, seen from one store
            routes=tx._routes,  # noqa: SLF001
            store_id=store_id,
            actor=tx.actor,
            memory=tx.memory,
        )
        self._known = known

    async def rows(self, sql: str, *values: Any) -> list[Any]:
        known = self._known.get(sql)
        return list(known) if known is not None else await super().rows(sql, *values)

    async def row(self, sql: str, *values: Any) -> Any:
        known = self._known.get(sql)
        if known is None:
            return await super().row(sql, *values)
        return known[0] if known else None

    async def value(self, sql: str, *values: Any) -> Any:
        known = self._known.get(sql)
        if known is None:
            return await super().value(sql, *values)
        return next(iter(known[0].values())) if known else None


_names: dict[str, tuple[str, ...]] = {}


async def _named(tx: Tx, read: Read) -> tuple[str, ...]:
    """Return how the columns of a statement are called; asked once in the life of a process."""
    if read.sql not in _names:
        prepared = await tx.connection.prepare(read.sql)
        _names[read.sql] = tuple(one.name for one in prepared.get_attributes())
    return _names[read.sql]


async def ask(
    tx: Tx, statement: str, reads: Sequence[Read], *chosen: Any, **context: Any
) -> tuple[list[tuple[Any, Ahead]], Ahead]:
    """Run a statement made by ``together``; return each store's row with its reads, and the shared.

    Args:
        tx: Any transaction, or a reader.
        statement: What ``together`` made of the same ``reads``.
        reads: What was put into it.
        chosen: Values of the query that chooses the stores.
        context: What the reads make their values of.
    """
    values = [value for read in reads for value in read.values(**context)]
    names = [await _named(tx, read) for read in reads]
    found = await tx.rows(statement, *chosen, *values)
    parts = [
        {read.sql: _rows(row[f"part_{n}"], names[n]) for n, read in enumerate(reads)}
        for row in found
    ]
    shared = {read.sql: parts[0][read.sql] for read in reads if not read.of_store}
    return [
        (row, Ahead(tx, StoreId(row["store_id"]), {**known, **shared}))
        for row, known in zip(found, parts, strict=True)
        if row["store_id"] is not None
    ], Ahead(tx, None, shared)


def _rows(column: Sequence[Sequence[Any]] | None, names: Sequence[str]) -> list[dict[str, Any]]:
    return [dict(zip(names, row, strict=True)) for row in column or ()]
