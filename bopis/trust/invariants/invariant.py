"""The shape of an invariant. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    K = "K"  # a constraint: cannot be broken while it is there
    A = "A"  # always
    Q = "Q"  # at quiescence: nothing left to deliver


@dataclass(frozen=True, slots=True)
class Invariant:
    """A sentence, and a query that returns who breaks it.

    Shapes:
        broken: selects ``store_id`` and ``what`` (both text); no row while the sentence is true. It
            may read ``t``: ``now`` (store clock), ``settled`` (that less the grace), ``machine``.
    """

    id: str
    level: Level
    sentence: str
    broken: str


def constraint(id_: str, sentence: str, *names: str) -> Invariant:
    """Return an invariant that the database keeps, for as long as these constraints are valid."""
    listed = ", ".join(f"('{name}')" for name in names)
    return Invariant(
        id_,
        Level.K,
        sentence,
        f"""
        SELECT '' AS store_id, 'missing: ' || k.name AS what
          FROM (VALUES {listed}) AS k (name)
         WHERE NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conname = k.name AND c.convalidated)
           AND NOT EXISTS (SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
                            WHERE c.relname = k.name AND i.indisvalid AND i.indisunique)
        """,  # noqa: S608 -- names written in this package
    )
