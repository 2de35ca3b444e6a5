"""Holds and baskets"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "c3d2e2f50733"
down_revision = "b2e1d1e4f622"
branch_labels = None
depends_on = None

_C = sa.Text(collation="C")
_AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("stock", sa.Column("held", sa.Integer(), server_default="0", nullable=False))
    op.create_check_constraint(op.f("ck_stock_held"), "stock", "held >= 0")
    op.add_column("orders", sa.Column("hold_id", sa.Uuid(), nullable=True))
    op.add_column("orders", sa.Column("basket_store", _C, nullable=True))
    op.add_column("orders", sa.Column("basket_id", sa.Uuid(), nullable=True))
    op.add_column(
        "orders",
        sa.Column("awaits_basket", sa.Boolean(), server_default="false", nullable=False),
    )
    op.create_index(
        "ix_orders_awaiting",
        "orders",
        ["store_id", "accepted_at"],
        postgresql_where=sa.text("awaits_basket AND closed_at IS NULL"),
    )
    op.create_table(
        "baskets",
        sa.Column("store_id", _C, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel", _C, nullable=False),
        sa.Column("reference", _C, nullable=False),
        sa.Column("fingerprint", _C, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("state", _C, server_default="open", nullable=False),
        sa.Column("stores", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("begun_at", _AT, nullable=False),
        sa.Column("decided_at", _AT, nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'refused')", name=op.f("ck_baskets_state")
        ),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_baskets")),
        info={"placement": "distributed"},
    )
    op.create_index(
        "uq_baskets_reference",
        "baskets",
        ["store_id", "channel", "reference"],
        unique=True,
        postgresql_where=sa.text("state <> 'refused'"),
    )
    op.create_table(
        "holds",
        sa.Column("store_id", _C, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner", _C, nullable=False),
        sa.Column("taken_at", _AT, nullable=False),
        sa.Column("until", _AT, nullable=False),
        sa.Column("ended_at", _AT, nullable=True),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_holds")),
        info={"placement": "distributed"},
    )
    op.create_index(
        "ix_holds_live",
        "holds",
        ["store_id", "owner", "until"],
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_holds_store_id_until", "holds", ["store_id", "until"])
    op.create_table(
        "hold_lines",
        sa.Column("store_id", _C, nullable=False),
        sa.Column("hold_id", sa.Uuid(), nullable=False),
        sa.Column("sku", _C, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("until", _AT, nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_hold_lines_quantity")),
        sa.PrimaryKeyConstraint("store_id", "hold_id", "sku", name=op.f("pk_hold_lines")),
        info={"placement": "distributed"},
    )
    op.create_index("ix_hold_lines_store_id_sku_until", "hold_lines", ["store_id", "sku", "until"])
    op.create_table(
        "hold_turns",
        sa.Column("store_id", _C, nullable=False),
        sa.Column("owner", _C, nullable=False),
        sa.Column("since", _AT, nullable=False),
        sa.Column("taken", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("store_id", "owner", name=op.f("pk_hold_turns")),
        info={"placement": "distributed"},
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("hold_turns")
    op.drop_table("hold_lines")
    op.drop_table("holds")
    op.drop_table("baskets")
    op.drop_index(
        "ix_orders_awaiting",
        table_name="orders",
        postgresql_where=sa.text("awaits_basket AND closed_at IS NULL"),
    )
    op.drop_column("orders", "awaits_basket")
    op.drop_column("orders", "basket_id")
    op.drop_column("orders", "basket_store")
    op.drop_column("orders", "hold_id")
    op.drop_column("stock", "held")
