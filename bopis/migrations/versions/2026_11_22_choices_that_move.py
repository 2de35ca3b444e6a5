"""Consents, substitutes, and orders that move to another store"""

# ruff: noqa: S608 -- lists of words, put together from the constants of this file

import re

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "e5a0f6b10505"
down_revision = "d4f9e5a00404"
branch_labels = None
depends_on = None

_CHOICES = ("other_store", "substitute")
_NEW = (
    ("messages", "kind", ("order_moved",)),
    ("choice_cases", "cause", ("delayed", "closed")),
    ("choice_cases", "default_choice", _CHOICES),
    ("choice_cases", "answer", _CHOICES),
    ("choice_cases", "outcome", ("kept", "split", "moved", "substituted")),
)


def _words(table: str, column: str) -> list[str]:
    """Return the words that a column may hold now, whoever has added to them before us."""
    name = f"ck_{table}_{column}"
    found = op.get_bind().scalar(
        sa.text(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conname = :name AND conrelid = CAST(:table AS regclass)"
        ),
        {"name": name, "table": table},
    )
    return re.findall(r"'(\w+)'::text", found)


def _allow(table: str, column: str, words: list[str]) -> None:
    """Change what a column may hold; rows are checked without keeping writers out."""
    name = f"ck_{table}_{column}"
    listed = ", ".join(f"'{word}'" for word in words)
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    op.execute(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({column} IN ({listed})) NOT VALID"
    )
    op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, column, words in _NEW:
        _allow(table, column, [*_words(table, column), *words])
    op.add_column(
        "choice_cases", sa.Column("delays", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column("choice_cases", sa.Column("target", sa.Text(collation="C"), nullable=True))
    op.add_column("orders", sa.Column("moved_store", sa.Text(collation="C"), nullable=True))
    op.add_column("orders", sa.Column("moved_order", sa.Uuid(), nullable=True))
    op.add_column("orders", sa.Column("moved_number", sa.Integer(), nullable=True))
    op.add_column("orders", sa.Column("moved_from", sa.Text(collation="C"), nullable=True))
    op.add_column(
        "order_lines",
        sa.Column("consent", sa.Text(collation="C"), server_default="never", nullable=False),
    )
    op.add_column(
        "order_lines",
        sa.Column("accepts", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    )
    op.add_column("order_lines", sa.Column("stands_for", sa.Integer(), nullable=True))
    op.execute(
        "ALTER TABLE order_lines ADD CONSTRAINT ck_order_lines_consent"
        " CHECK (consent IN ('never', 'ask', 'listed')) NOT VALID"
    )
    op.execute("ALTER TABLE order_lines VALIDATE CONSTRAINT ck_order_lines_consent")
    op.create_table(
        "moves",
        sa.Column("store_id", sa.Text(collation="C"), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("case_number", sa.Integer(), nullable=False),
        sa.Column("to_store", sa.Text(collation="C"), nullable=False),
        sa.Column("to_order", sa.Uuid(), nullable=True),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("whole", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("state", sa.Text(collation="C"), server_default="open", nullable=False),
        sa.Column("reason", sa.Text(collation="C"), nullable=True),
        sa.Column("to_number", sa.Text(collation="C"), nullable=True),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'done', 'void')", name=op.f("ck_moves_state")),
        sa.CheckConstraint(
            "(state = 'open') = (decided_at IS NULL)", name=op.f("ck_moves_decided_at")
        ),
        sa.CheckConstraint(
            "(state = 'done') = (to_order IS NOT NULL)", name=op.f("ck_moves_to_order")
        ),
        sa.ForeignKeyConstraint(
            ["store_id", "order_id"],
            ["orders.store_id", "orders.id"],
            name=op.f("fk_moves_store_id_order_id"),
        ),
        sa.PrimaryKeyConstraint("store_id", "order_id", "number", name=op.f("pk_moves")),
        info={"placement": "distributed"},
    )
    op.create_index(
        "uq_moves_open",
        "moves",
        ["store_id", "order_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("moves")
    for column in ("stands_for", "accepts", "consent"):
        op.drop_column("order_lines", column)
    for column in ("moved_from", "moved_number", "moved_order", "moved_store"):
        op.drop_column("orders", column)
    op.execute(
        "DELETE FROM message_claims AS c USING messages AS m"
        " WHERE m.store_id = c.store_id AND m.id = c.message_id AND m.kind = 'order_moved'"
    )
    op.execute("DELETE FROM messages WHERE kind = 'order_moved'")
    gone = [f"{column} IN ({_listed(words)})" for table, column, words in _NEW[1:]]
    op.execute(f"DELETE FROM choice_cases WHERE {' OR '.join(gone)}")
    for column in ("target", "delays"):
        op.drop_column("choice_cases", column)
    for table, column, words in _NEW:
        _allow(table, column, [word for word in _words(table, column) if word not in words])


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)
