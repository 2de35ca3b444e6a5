"""Choices: what shoppers are asked, and what was only likely"""

# ruff: noqa: ISC004, S608 -- lists of words, put together from the constants of this file

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "f6a515283a66"
down_revision = "e5b404172955"
branch_labels = None
depends_on = None

_KINDS = (
    "'order_received', 'delay_apology', 'news_due', 'item_short'",
    "'choice_needed', 'choice_settled', 'items_confirmed'",
    "'order_ready', 'ready_withdrawn', 'pickup_reminder', 'order_expired', 'order_cancelled', "
    "'picked_up'",
)
_CLAIMS = (
    "'accepted', 'ready_by', 'delay', 'apology', 'short', 'ready', 'not_ready', 'held_until', "
    "'expired', 'cancelled', 'collected', 'news_by'",
    "'choice', 'settled', 'confirmed'",
)


def _words(table: str, words: str) -> None:
    """Change the words that a ``kind`` may be; rows are checked without keeping writers out."""
    name = f"ck_{table}_kind"
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK (kind IN ({words})) NOT VALID")
    op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "choice_cases",
        sa.Column("store_id", sa.Text(collation="C"), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(collation="C"), server_default="opened", nullable=False),
        sa.Column("cause", sa.Text(collation="C"), nullable=False),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("ask_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("options", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("default_choice", sa.Text(collation="C"), nullable=True),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wait_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("elsewhere", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("answer", sa.Text(collation="C"), nullable=True),
        sa.Column("via", sa.Text(collation="C"), nullable=True),
        sa.Column("outcome", sa.Text(collation="C"), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('opened', 'offered', 'answered', 'defaulted', 'withdrawn')",
            name=op.f("ck_choice_cases_state"),
        ),
        sa.CheckConstraint("cause IN ('not_there', 'doubted')", name=op.f("ck_choice_cases_cause")),
        sa.CheckConstraint(
            "default_choice IN ('wait', 'partial_now', 'cancel_order')",
            name=op.f("ck_choice_cases_default_choice"),
        ),
        sa.CheckConstraint(
            "answer IN ('wait', 'partial_now', 'cancel_order')",
            name=op.f("ck_choice_cases_answer"),
        ),
        sa.CheckConstraint(
            "outcome IN ('without', 'cancelled', 'found', 'looking')",
            name=op.f("ck_choice_cases_outcome"),
        ),
        sa.CheckConstraint(
            "(state IN ('opened', 'offered')) = (closed_at IS NULL)",
            name=op.f("ck_choice_cases_closed_at"),
        ),
        sa.CheckConstraint(
            "state <> 'offered' OR (default_choice IS NOT NULL AND answer_by IS NOT NULL)",
            name=op.f("ck_choice_cases_default_is_said"),
        ),
        sa.PrimaryKeyConstraint("store_id", "order_id", "number", name=op.f("pk_choice_cases")),
        info={"placement": "distributed"},
    )
    op.create_index(
        "uq_choice_cases_live",
        "choice_cases",
        ["store_id", "order_id"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "confirmations",
        sa.Column("store_id", sa.Text(collation="C"), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("confirm_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_found", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("store_id", "order_id", name=op.f("pk_confirmations")),
        info={"placement": "distributed"},
    )
    op.create_index(
        "ix_confirmations_waiting",
        "confirmations",
        ["store_id"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    for table in ("choice_cases", "confirmations"):
        op.create_foreign_key(
            op.f(f"fk_{table}_store_id_order_id"),
            table,
            "orders",
            ["store_id", "order_id"],
            ["store_id", "id"],
        )
    _words("messages", ", ".join(_KINDS))
    _words("message_claims", ", ".join(_CLAIMS))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        "DELETE FROM message_claims AS c USING messages AS m"
        " WHERE m.store_id = c.store_id AND m.id = c.message_id"
        f" AND (m.kind IN ({_KINDS[1]}) OR c.kind IN ({_CLAIMS[1]}))"
    )
    op.execute(f"DELETE FROM messages WHERE kind IN ({_KINDS[1]})")
    _words("message_claims", _CLAIMS[0])
    _words("messages", ", ".join(_KINDS[::2]))
    op.drop_table("confirmations")
    op.drop_table("choice_cases")
