"""Lateness foreseen: what was left, by stage and load"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "c3e8d4f90303"
down_revision = "b2d7c3e80202"
branch_labels = None
depends_on = None

_C = sa.Text(collation="C")
_AT = sa.DateTime(timezone=True)
_STAGES = "stage IN ('waiting', 'walking', 'searching', 'picked')"


def _learned() -> list[sa.Column[Any]]:
    return [
        sa.Column("stage", _C, nullable=False),
        sa.Column("elapsed", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("load", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("ratios", sa.ARRAY(sa.Float()), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("fitted_at", _AT, nullable=False),
    ]


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "remaining_times",
        sa.Column("store_id", _C, nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("stage", _C, nullable=False),
        sa.Column("elapsed", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("load", sa.Integer(), nullable=False),
        sa.Column("base_minutes", sa.Float(), nullable=False),
        sa.Column("since_accepted", sa.Float(), nullable=False),
        sa.Column("at", _AT, nullable=False),
        sa.CheckConstraint(_STAGES, name=op.f("ck_remaining_times_stage")),
        sa.CheckConstraint("base_minutes > 0", name=op.f("ck_remaining_times_base_minutes")),
        sa.PrimaryKeyConstraint(
            "store_id", "order_id", "stage", "elapsed", name=op.f("pk_remaining_times")
        ),
        info={"placement": "distributed"},
    )
    op.create_index("ix_remaining_times_at", "remaining_times", ["at"], unique=False)
    op.create_index(
        "ix_remaining_times_store_id_at", "remaining_times", ["store_id", "at"], unique=False
    )
    op.create_table(
        "survival_cells",
        sa.Column("store_id", _C, nullable=False),
        *_learned(),
        sa.CheckConstraint(_STAGES, name=op.f("ck_survival_cells_stage")),
        sa.PrimaryKeyConstraint(
            "store_id", "stage", "elapsed", "load", name=op.f("pk_survival_cells")
        ),
        info={"placement": "distributed"},
    )
    op.create_table(
        "survival_cells_of_all",
        *_learned(),
        sa.CheckConstraint(_STAGES, name=op.f("ck_survival_cells_of_all_stage")),
        sa.PrimaryKeyConstraint("stage", "elapsed", "load", name=op.f("pk_survival_cells_of_all")),
        info={"placement": "reference"},
    )


def downgrade() -> None:
    op.drop_table("survival_cells_of_all")
    op.drop_table("survival_cells")
    op.drop_table("remaining_times")
