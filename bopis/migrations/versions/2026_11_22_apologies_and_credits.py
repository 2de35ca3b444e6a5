"""Apologies, credits, and who has been told enough"""

# ruff: noqa: ISC004, S608 -- lists of words, put together from the constants of this file

import sqlalchemy as sa
from alembic import op

revision = "d4f9e5a00404"
down_revision = "c3e8d4f90303"
branch_labels = None
depends_on = None

_CLAIMS = (
    "'accepted', 'ready_by', 'delay', 'apology', 'short', 'ready', 'not_ready', 'held_until', "
    "'expired', 'cancelled', 'collected', 'news_by', 'choice', 'settled', 'confirmed'",
    "'credit'",
)


def _words(words: str) -> None:
    """Change the words that a claim may be; rows are checked without keeping writers out."""
    name = "ck_message_claims_kind"
    op.execute(f"ALTER TABLE message_claims DROP CONSTRAINT {name}")
    op.execute(
        f"ALTER TABLE message_claims ADD CONSTRAINT {name} CHECK (kind IN ({words})) NOT VALID"
    )
    op.execute(f"ALTER TABLE message_claims VALIDATE CONSTRAINT {name}")


_MOVED = ("apologize_for_delay", "correct_ready", "say_cancelled")


def _heard_in(room: str, *, before: str) -> None:
    """Hand facts that wait for a subscriber to the room in which it lives from now on."""
    for handler in _MOVED:
        op.execute(
            f"UPDATE deliveries SET subscriber = 'bopis.orders.{room}.{handler}'"
            f" WHERE subscriber = 'bopis.orders.{before}.{handler}'"
        )


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _heard_in("apologizing", before="telling")
    op.add_column("orders", sa.Column("total", sa.Numeric(), nullable=True))
    op.add_column("orders", sa.Column("currency", sa.Text(collation="C"), nullable=True))
    op.execute(
        "ALTER TABLE orders ADD CONSTRAINT ck_orders_total"
        " CHECK ((total IS NULL) = (currency IS NULL)) NOT VALID"
    )
    op.execute("ALTER TABLE orders VALIDATE CONSTRAINT ck_orders_total")
    op.create_table(
        "incidents",
        sa.Column("store_id", sa.Text(collation="C"), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("what", sa.Text(collation="C"), nullable=False),
        sa.Column("order_version", sa.Integer(), nullable=False),
        sa.Column("tier", sa.Text(collation="C"), nullable=False),
        sa.Column("said", sa.Text(collation="C"), nullable=False),
        sa.Column("late_minutes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("warned", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("call_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("called_by", sa.Text(collation="C"), nullable=True),
        sa.Column("call_note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "what IN ('late', 'not_ready', 'cancelled')", name=op.f("ck_incidents_what")
        ),
        sa.CheckConstraint(
            "tier IN ('small', 'medium', 'long', 'cancelled', 'not_ready')",
            name=op.f("ck_incidents_tier"),
        ),
        sa.CheckConstraint(
            "said IN ('apology', 'facts', 'person')", name=op.f("ck_incidents_said")
        ),
        sa.CheckConstraint("number > 0", name=op.f("ck_incidents_number")),
        sa.PrimaryKeyConstraint("store_id", "order_id", "number", name=op.f("pk_incidents")),
        sa.UniqueConstraint(
            "store_id",
            "order_id",
            "what",
            "order_version",
            name=op.f("uq_incidents_store_id_order_id_what_order_version"),
        ),
        info={"placement": "distributed"},
    )
    op.create_index("ix_incidents_store_id_opened_at", "incidents", ["store_id", "opened_at"])
    op.create_index(
        "ix_incidents_to_call",
        "incidents",
        ["store_id", "call_by"],
        postgresql_where=sa.text("call_by IS NOT NULL AND called_at IS NULL"),
    )
    op.create_foreign_key(
        op.f("fk_incidents_store_id_order_id"),
        "incidents",
        "orders",
        ["store_id", "order_id"],
        ["store_id", "id"],
    )
    op.create_table(
        "credits",
        sa.Column("store_id", sa.Text(collation="C"), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("incident", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("tier", sa.Text(collation="C"), nullable=False),
        sa.Column("amount", sa.Numeric(), nullable=False),
        sa.Column("currency", sa.Text(collation="C"), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "tier IN ('small', 'medium', 'long', 'cancelled', 'not_ready')",
            name=op.f("ck_credits_tier"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_credits_amount")),
        sa.PrimaryKeyConstraint("store_id", "order_id", "incident", name=op.f("pk_credits")),
        info={"placement": "distributed"},
    )
    op.create_index("ix_credits_store_id_granted_at", "credits", ["store_id", "granted_at"])
    op.create_foreign_key(
        op.f("fk_credits_store_id_order_id_incident"),
        "credits",
        "incidents",
        ["store_id", "order_id", "incident"],
        ["store_id", "order_id", "number"],
    )
    _words(", ".join(_CLAIMS))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _heard_in("telling", before="apologizing")
    op.execute(f"DELETE FROM message_claims WHERE kind IN ({_CLAIMS[1]})")
    _words(_CLAIMS[0])
    op.drop_table("credits")
    op.drop_table("incidents")
    op.drop_constraint("ck_orders_total", "orders")
    op.drop_column("orders", "currency")
    op.drop_column("orders", "total")
