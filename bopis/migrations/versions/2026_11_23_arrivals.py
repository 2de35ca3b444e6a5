"""Arrivals"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "b8d3c9e40807"
down_revision = "b8d3c9e40806"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "arrivals",
        sa.Column("store_id", sa.Text(collation="C"), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(collation="C"), server_default="none", nullable=False),
        sa.Column("expected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("was_ready", sa.Boolean(), nullable=True),
        sa.Column("waits_at", sa.Text(collation="C"), nullable=True),
        sa.Column("spot", sa.Text(collation="C"), server_default="", nullable=False),
        sa.Column("changes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("served_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('none', 'on_my_way', 'arrived', 'served', 'left')",
            name=op.f("ck_arrivals_state"),
        ),
        sa.CheckConstraint("waits_at IN ('counter', 'parking')", name=op.f("ck_arrivals_waits_at")),
        sa.CheckConstraint(
            "(state = 'arrived') <= (arrived_at IS NOT NULL)", name=op.f("ck_arrivals_arrived_at")
        ),
        sa.CheckConstraint(
            "(state = 'served') = (served_at IS NOT NULL)", name=op.f("ck_arrivals_served_at")
        ),
        sa.CheckConstraint(
            "length(spot) <= 12 AND (spot = '' OR state = 'arrived')",
            name=op.f("ck_arrivals_spot"),
        ),
        sa.PrimaryKeyConstraint("store_id", "order_id", name=op.f("pk_arrivals")),
        info={"placement": "distributed"},
    )
    op.create_foreign_key(
        op.f("fk_arrivals_store_id_order_id"),
        "arrivals",
        "orders",
        ["store_id", "order_id"],
        ["store_id", "id"],
    )
    op.create_index(
        "ix_arrivals_coming",
        "arrivals",
        ["store_id", "said_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('on_my_way', 'arrived')"),
    )
    op.create_index(
        "ix_arrivals_served",
        "arrivals",
        ["store_id", "served_at"],
        unique=False,
        postgresql_where=sa.text("state = 'served'"),
    )
    op.add_column("pick_tasks", sa.Column("here_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "record_days",
        sa.Column(
            "waits",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
    )
    op.alter_column("scans", "associate_id", existing_type=sa.Uuid(), nullable=True)
    op.create_table(
        "disputes",
        sa.Column("store_id", sa.Text(collation="C"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("associate_id", sa.Uuid(), nullable=False),
        sa.Column("about", sa.Text(collation="C"), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.Text(collation="C"), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("length(words) BETWEEN 1 AND 500", name=op.f("ck_disputes_words")),
        sa.CheckConstraint("length(answer) BETWEEN 1 AND 500", name=op.f("ck_disputes_answer")),
        sa.CheckConstraint(
            "(answer IS NULL) = (answered_at IS NULL) AND (answer IS NULL) = (answered_by IS NULL)",
            name=op.f("ck_disputes_answered"),
        ),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_disputes")),
        info={"placement": "distributed"},
    )
    op.create_index(
        "ix_disputes_store_id_associate_id", "disputes", ["store_id", "associate_id"], unique=False
    )
    op.create_index(
        "ix_disputes_open",
        "disputes",
        ["store_id", "made_at"],
        unique=False,
        postgresql_where=sa.text("answered_at IS NULL"),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("disputes")
    # Who it was is not known any more: nobody, then. No associate has this id.
    op.execute(
        "UPDATE scans SET associate_id = '00000000-0000-0000-0000-000000000000' WHERE associate_id IS NULL"
    )
    op.alter_column("scans", "associate_id", existing_type=sa.Uuid(), nullable=False)
    op.drop_column("record_days", "waits")
    op.drop_column("pick_tasks", "here_since")
    op.drop_table("arrivals")
