"""How columns are declared, so that every table shards by store and says so.

A table's *placement* is ``distributed`` (has ``store_id`` first in every key), ``reference``
(small, the same everywhere) or ``local`` (bookkeeping about no one store). The schema tests read
it.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar, Final, Literal, Self, get_args
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    DefaultClause,
    MetaData,
    Text,
    Uuid,
    event,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import configure_mappers
from sqlalchemy.orm.instrumentation import manager_of_class
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from sqlmodel import Field, SQLModel

Placement = Literal["distributed", "reference", "local"]

NAMES: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

SQLModel.metadata.naming_convention = NAMES


@event.listens_for(Column, "after_parent_attach")
def _default_in_the_database_too(column: Column[Any], table: object) -> None:
    """Plain SQL inserts see the same defaults as Python does."""
    default = column.default
    if isinstance(default, ScalarElementColumnDefault) and column.server_default is None:
        value = default.arg
        shown = str(value).lower() if isinstance(value, bool) else str(value)
        column.server_default = DefaultClause(shown)
        column.server_default._set_parent_with_dispatch(column)  # noqa: SLF001


class Table(SQLModel):
    """A row. It does not validate (tables never do): inputs are plain pydantic models."""

    metadata: ClassVar[MetaData] = SQLModel.metadata

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Self:
        """Return the row that a query read, with its words as the enums they are.

        A record needs no construction field by field, which costs half a millisecond for an order:
        its values are put where the constructor would have put them.
        """
        values = {**_defaults(cls), **record}
        for name, word in _words(cls).items():
            if values[name] is not None:
                values[name] = word(values[name])
        row: Self = manager_of_class(cls).new_instance()
        row.__dict__.update(values)
        for name, value in _PYDANTIC:
            object.__setattr__(row, name, value)
        object.__setattr__(row, "__pydantic_fields_set__", set(values))
        return row


_PYDANTIC: Final = (("__pydantic_extra__", None), ("__pydantic_private__", None))


@cache
def _defaults(table: type[SQLModel]) -> dict[str, Any]:
    """Return what the columns that a query left out are, as after construction."""
    configure_mappers()  # what the first constructor would have done
    return {
        name: None if field.is_required() else field.get_default()
        for name, field in table.model_fields.items()
    }


@cache
def _words(table: type[SQLModel]) -> dict[str, type[StrEnum]]:
    found: dict[str, type[StrEnum]] = {}
    for name, field in table.model_fields.items():
        for kind in (field.annotation, *get_args(field.annotation)):
            if isinstance(kind, type) and issubclass(kind, StrEnum):
                found[name] = kind
    return found


def placed(placement: Placement, **options: Any) -> dict[str, Any]:
    """Return the last element of ``__table_args__``: where the table's rows live."""
    return {"info": {"placement": placement}, **options}


def key_text(*, key: bool = False, **options: Any) -> Any:
    """Declare a text that is compared byte by byte: store ids, SKUs, codes, words."""
    return Field(primary_key=key, sa_type=Text(collation="C"), **options)


def text(**options: Any) -> Any:
    """Declare a text that people read."""
    return Field(sa_type=Text, **options)


def identity(*, key: bool = False, **options: Any) -> Any:
    """Declare an id made in the app."""
    return Field(primary_key=key, sa_type=Uuid, **options)


def instant(**options: Any) -> Any:
    """Declare an aware instant. Pass ``default=None`` for one that may be absent."""
    return Field(sa_type=DateTime(timezone=True), **options)


def document(**options: Any) -> Any:
    """Declare a JSON document."""
    return Field(sa_type=JSONB, **options)


def one_of(column: str, words: type[StrEnum]) -> CheckConstraint:
    """Return the CHECK that stands in for a native enum, which a migration could hardly change."""
    listed = ", ".join(f"'{word.value}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


__all__ = [
    "UUID",
    "Placement",
    "Table",
    "datetime",
    "document",
    "identity",
    "instant",
    "key_text",
    "one_of",
    "placed",
    "text",
]
