"""What stores keep: pickup hours, pauses, slots and shifts"""

import sqlalchemy as sa
from alembic import op

revision = "a1c6b2d70101"
down_revision = "f6a515283a66"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "pickup_hours",
        sa.Column("store_id", sa.Text(collation="C"), nullable=False),
        sa.Column("weekday", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("opens", sa.Text(collation="C"), nullable=False),
        sa.Column("closes", sa.Text(collation="C"), nullable=False),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_pickup_hours_weekday")),
        sa.PrimaryKeyConstraint("store_id", "weekday", "opens", name=op.f("pk_pickup_hours")),
        info={"placement": "reference"},
    )
    op.create_table(
        "pickup_hours_exceptions",
        sa.Column("store_id", sa.Text(collation="C"), nullable=False),
        sa.Column("day", sa.Text(collation="C"), nullable=False),
        sa.Column("opens", sa.Text(collation="C"), nullable=False),
        sa.Column("closes", sa.Text(collation="C"), server_default="", nullable=False),
        sa.PrimaryKeyConstraint(
            "store_id", "day", "opens", name=op.f("pk_pickup_hours_exceptions")
        ),
        info={"placement": "reference"},
    )
    op.create_table(
        "store_slots",
        sa.Column("store_id", sa.Text(collation="C"), nullable=False),
        sa.Column("weekday", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("opens", sa.Text(collation="C"), nullable=False),
        sa.Column("closes", sa.Text(collation="C"), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_store_slots_weekday")),
        sa.CheckConstraint("minutes BETWEEN 15 AND 1440", name=op.f("ck_store_slots_minutes")),
        sa.CheckConstraint("capacity >= 0", name=op.f("ck_store_slots_capacity")),
        sa.PrimaryKeyConstraint("store_id", "weekday", "opens", name=op.f("pk_store_slots")),
        info={"placement": "reference"},
    )
    op.create_table(
        "pauses",
        sa.Column("store_id", sa.Text(collation="C"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(collation="C"), nullable=False),
        sa.Column("takes_orders", sa.Boolean(), nullable=False),
        sa.Column("closes", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "reason IN ('water', 'power', 'fire_alarm', 'weather', 'damage', 'systems',"
            " 'short_staffed', 'too_busy', 'event', 'other')",
            name=op.f("ck_pauses_reason"),
        ),
        sa.CheckConstraint("ends_at > begins_at", name=op.f("ck_pauses_ends_at")),
        sa.CheckConstraint("closes OR NOT takes_orders", name=op.f("ck_pauses_closes")),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_pauses")),
        info={"placement": "distributed"},
    )
    op.create_index("ix_pauses_store_id_ends_at", "pauses", ["store_id", "ends_at"], unique=False)
    op.create_table(
        "planned_shifts",
        sa.Column("store_id", sa.Text(collation="C"), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.CheckConstraint("ends_at > begins_at", name=op.f("ck_planned_shifts_ends_at")),
        sa.CheckConstraint("people >= 0", name=op.f("ck_planned_shifts_people")),
        sa.PrimaryKeyConstraint("store_id", "begins_at", "ends_at", name=op.f("pk_planned_shifts")),
        info={"placement": "distributed"},
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in (
        "planned_shifts",
        "pauses",
        "store_slots",
        "pickup_hours_exceptions",
        "pickup_hours",
    ):
        op.drop_table(table)
