"""The record of each store, and what was said of it"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "f6b1a7c20606"
down_revision = "e5a0f6b10505"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "offer_trials",
        sa.Column("store_id", sa.Text(collation="C"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("best", sa.Text(collation="C"), nullable=False),
        sa.Column("tied", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("propensity", sa.Float(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "propensity > 0 AND propensity <= 1", name=op.f("ck_offer_trials_propensity")
        ),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_offer_trials")),
        info={"placement": "distributed"},
    )
    op.create_index("ix_offer_trials_store_id_at", "offer_trials", ["store_id", "at"], unique=False)
    op.create_table(
        "record_days",
        sa.Column("store_id", sa.Text(collation="C"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("due", sa.Integer(), server_default="0", nullable=False),
        sa.Column("kept", sa.Integer(), server_default="0", nullable=False),
        sa.Column("late_minutes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("warned", sa.Integer(), server_default="0", nullable=False),
        sa.Column("knowable", sa.Integer(), server_default="0", nullable=False),
        sa.Column("knowable_warned", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cancelled_by_us", sa.Integer(), server_default="0", nullable=False),
        sa.Column("excused", sa.Integer(), server_default="0", nullable=False),
        sa.Column("ready_said", sa.Integer(), server_default="0", nullable=False),
        sa.Column("false_ready", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lines", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lines_found", sa.Integer(), server_default="0", nullable=False),
        sa.Column("silent_minutes", sa.Float(), server_default="0.0", nullable=False),
        sa.Column("silent_squares", sa.Float(), server_default="0.0", nullable=False),
        sa.Column("revisions", sa.Integer(), server_default="0", nullable=False),
        sa.Column("revision_squares", sa.Integer(), server_default="0", nullable=False),
        sa.Column("pinball", sa.Float(), server_default="0.0", nullable=False),
        sa.Column("pinball_squares", sa.Float(), server_default="0.0", nullable=False),
        sa.Column("lengths", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("open_orders", sa.Integer(), server_default="0", nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("computed_by", sa.Text(collation="C"), nullable=False),
        sa.CheckConstraint(
            "kept BETWEEN 0 AND due AND warned BETWEEN 0 AND due - kept AND knowable_warned BETWEEN 0 AND knowable AND knowable <= due - kept AND cancelled_by_us BETWEEN 0 AND due AND lines_found BETWEEN 0 AND lines AND false_ready >= 0 AND open_orders >= 0",
            name=op.f("ck_record_days_counts"),
        ),
        sa.PrimaryKeyConstraint("store_id", "day", name=op.f("pk_record_days")),
        info={"placement": "distributed"},
    )
    op.create_table(
        "record_notes",
        sa.Column("store_id", sa.Text(collation="C"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(collation="C"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_record_notes_days")),
        sa.CheckConstraint("length(words) BETWEEN 1 AND 500", name=op.f("ck_record_notes_words")),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_record_notes")),
        info={"placement": "distributed"},
    )
    op.create_index(
        "ix_record_notes_store_id_made_at", "record_notes", ["store_id", "made_at"], unique=False
    )
    op.create_table(
        "store_standings",
        sa.Column("store_id", sa.Text(collation="C"), nullable=False),
        sa.Column("found_lower", sa.Float(), nullable=False),
        sa.Column("on_time_lower", sa.Float(), nullable=False),
        sa.Column("ready_true_lower", sa.Float(), nullable=False),
        sa.Column("found_ok", sa.Integer(), server_default="0", nullable=False),
        sa.Column("found_n", sa.Integer(), server_default="0", nullable=False),
        sa.Column("on_time_ok", sa.Integer(), server_default="0", nullable=False),
        sa.Column("on_time_n", sa.Integer(), server_default="0", nullable=False),
        sa.Column("ready_true_ok", sa.Integer(), server_default="0", nullable=False),
        sa.Column("ready_true_n", sa.Integer(), server_default="0", nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "found_ok BETWEEN 0 AND found_n AND on_time_ok BETWEEN 0 AND on_time_n AND ready_true_ok BETWEEN 0 AND ready_true_n",
            name=op.f("ck_store_standings_counts"),
        ),
        sa.PrimaryKeyConstraint("store_id", name=op.f("pk_store_standings")),
        info={"placement": "distributed"},
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("store_standings")
    op.drop_index("ix_record_notes_store_id_made_at", table_name="record_notes")
    op.drop_table("record_notes")
    op.drop_table("record_days")
    op.drop_index("ix_offer_trials_store_id_at", table_name="offer_trials")
    op.drop_table("offer_trials")
