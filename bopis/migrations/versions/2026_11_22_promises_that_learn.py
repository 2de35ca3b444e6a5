"""Promises that learn from every promise"""

import sqlalchemy as sa
from alembic import op

revision = "b2d7c3e80202"
down_revision = "a1c6b2d70101"
branch_labels = None
depends_on = None

_HOURS = "hour IN ('all', 'morning', 'noon', 'afternoon', 'evening')"
_KEPT = "kept BETWEEN 0 AND sample_size"
_TEXT = sa.Text(collation="C")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("promises", sa.Column("kept", sa.Integer(), nullable=True))
    op.add_column("promises", sa.Column("hour", _TEXT, server_default="all", nullable=False))
    op.add_column("promises", sa.Column("promised_minutes", sa.Float(), nullable=True))
    op.add_column("preparations", sa.Column("missed", sa.Boolean(), nullable=True))
    op.add_column("preparations", sa.Column("hour", _TEXT, server_default="all", nullable=False))
    op.add_column("preparations", sa.Column("promised_minutes", sa.Float(), nullable=True))
    # Of what is there already nobody has written down whether the promise was kept: no row of it
    # is touched, and none is asked about.
    op.add_column(
        "preparations",
        sa.Column("is_learned", sa.Boolean(), server_default="true", nullable=False),
    )
    op.alter_column("preparations", "is_learned", server_default="false")
    for table, name, rule in (
        ("promises", "hour", _HOURS),
        ("promises", "kept", _KEPT),
        ("preparations", "hour", _HOURS),
    ):
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_{name} CHECK ({rule}) NOT VALID")
        op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_{name}")
    op.create_index(
        "ix_preparations_to_learn",
        "preparations",
        ["store_id", "known_at"],
        postgresql_where=sa.text("NOT is_learned"),
    )
    for table, keys, placement in (
        ("calibrations", ["store_id", "hour"], "distributed"),
        ("common_calibrations", ["hour"], "reference"),
    ):
        op.create_table(
            table,
            *(sa.Column(key, _TEXT, nullable=False) for key in keys),
            sa.Column("theta", sa.Float(), nullable=False),
            sa.Column("orders", sa.Integer(), nullable=False),
            sa.Column("missed", sa.Integer(), nullable=False),
            sa.CheckConstraint(_HOURS, name=op.f(f"ck_{table}_hour")),
            sa.CheckConstraint("missed BETWEEN 0 AND orders", name=op.f(f"ck_{table}_missed")),
            sa.PrimaryKeyConstraint(*keys, name=op.f(f"pk_{table}")),
            info={"placement": placement},
        )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("common_calibrations")
    op.drop_table("calibrations")
    op.drop_index("ix_preparations_to_learn", "preparations")
    for column in ("is_learned", "promised_minutes", "hour", "missed"):
        op.drop_column("preparations", column)
    for column in ("promised_minutes", "hour", "kept"):
        op.drop_column("promises", column)
