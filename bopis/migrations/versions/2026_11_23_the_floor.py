"""The floor of a store, and who walks it"""

import sqlalchemy as sa
from alembic import op

revision = "b8d3c9e40805"
down_revision = "b8d3c9e40804"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "floor_ways",
        sa.Column("store_id", sa.Text(collation="C"), nullable=False),
        sa.Column("zone", sa.Text(collation="C"), nullable=False),
        sa.Column("aisle", sa.Text(collation="C"), nullable=False),
        sa.Column("kind", sa.Text(collation="C"), server_default="aisle", nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("x1", sa.Float(), nullable=False),
        sa.Column("y1", sa.Float(), nullable=False),
        sa.Column("x2", sa.Float(), nullable=False),
        sa.Column("y2", sa.Float(), nullable=False),
        sa.Column("first_bay", sa.Integer(), nullable=True),
        sa.Column("last_bay", sa.Integer(), nullable=True),
        sa.Column("is_one_way", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("blocked_reason", sa.Text(), nullable=True),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("blocked_from", sa.Integer(), nullable=True),
        sa.Column("blocked_to", sa.Integer(), nullable=True),
        sa.CheckConstraint("kind IN ('aisle', 'cross')", name=op.f("ck_floor_ways_kind")),
        sa.CheckConstraint(
            "(first_bay IS NULL) = (last_bay IS NULL)", name=op.f("ck_floor_ways_bays")
        ),
        sa.CheckConstraint(
            "(blocked_from IS NULL) = (blocked_to IS NULL)",
            name=op.f("ck_floor_ways_blocked_bays"),
        ),
        sa.PrimaryKeyConstraint("store_id", "zone", "aisle", name=op.f("pk_floor_ways")),
        info={"placement": "distributed"},
    )
    op.create_table(
        "floor_points",
        sa.Column("store_id", sa.Text(collation="C"), nullable=False),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("label", sa.Text(collation="C"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("x", sa.Float(), nullable=False),
        sa.Column("y", sa.Float(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('counter', 'staging', 'entrance', 'backroom')",
            name=op.f("ck_floor_points_kind"),
        ),
        sa.PrimaryKeyConstraint("store_id", "kind", "label", name=op.f("pk_floor_points")),
        info={"placement": "distributed"},
    )
    op.add_column("pick_tasks", sa.Column("wave_id", sa.Uuid(), nullable=True))
    op.add_column("pick_tasks", sa.Column("tote", sa.Integer(), nullable=True))
    op.add_column(
        "pick_tasks", sa.Column("is_at_risk", sa.Boolean(), server_default="false", nullable=False)
    )
    op.add_column("pick_tasks", sa.Column("slow_minutes", sa.Float(), nullable=True))
    op.add_column("pick_lines", sa.Column("turn", sa.Integer(), nullable=True))
    op.add_column(
        "pick_lines", sa.Column("is_cut_off", sa.Boolean(), server_default="false", nullable=False)
    )
    op.create_check_constraint(
        op.f("ck_pick_tasks_tote"),
        "pick_tasks",
        "(wave_id IS NULL) = (tote IS NULL)",
        postgresql_not_valid=True,
    )
    op.execute("ALTER TABLE pick_tasks VALIDATE CONSTRAINT ck_pick_tasks_tote")
    op.create_index(
        "ix_pick_tasks_wave",
        "pick_tasks",
        ["store_id", "wave_id"],
        unique=False,
        postgresql_where=sa.text("wave_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_pick_tasks_wave", table_name="pick_tasks")
    op.drop_constraint(op.f("ck_pick_tasks_tote"), "pick_tasks")
    for column in ("slow_minutes", "is_at_risk", "tote", "wave_id"):
        op.drop_column("pick_tasks", column)
    for column in ("is_cut_off", "turn"):
        op.drop_column("pick_lines", column)
    op.drop_table("floor_points")
    op.drop_table("floor_ways")
