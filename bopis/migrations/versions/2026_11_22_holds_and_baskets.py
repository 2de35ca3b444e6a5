"""Holds and baskets"""

import sqlalchemy as sa
from alembic import op

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
    op.drop_column("orders", "hold_id")
    op.drop_column("stock", "held")
