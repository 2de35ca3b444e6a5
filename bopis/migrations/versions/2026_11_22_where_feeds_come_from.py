"""Where feeds come from"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "b2e1d1e4f622"
down_revision = "a1f0c0d3e511"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "feed_declarations",
        sa.Column("source", sa.Text(collation="C"), nullable=False),
        sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("origin", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("is_retired", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_feed_declarations")),
        info={"placement": "reference"},
    )
    op.create_table(
        "feed_fetches",
        sa.Column("source", sa.Text(collation="C"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("holder", sa.Text(collation="C"), nullable=True),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("succeeded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_feed_fetches")),
        info={"placement": "local"},
    )
    op.create_table(
        "feed_files",
        sa.Column("source", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(collation="C"), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sha256", sa.Text(collation="C"), nullable=True),
        sa.Column("batch_id", sa.Text(collation="C"), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('seen', 'taken', 'refused')", name=op.f("ck_feed_files_state")
        ),
        sa.PrimaryKeyConstraint("source", "name", name=op.f("pk_feed_files")),
        info={"placement": "local"},
    )
    op.create_index("ix_feed_files_source_seen_at", "feed_files", ["source", "seen_at"])
    op.create_table(
        "feed_readings",
        sa.Column("source", sa.Text(collation="C"), nullable=False),
        sa.Column("batch_id", sa.Text(collation="C"), nullable=False),
        sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("source", "batch_id", name=op.f("pk_feed_readings")),
        info={"placement": "local"},
    )
    op.create_table(
        "feed_silences",
        sa.Column("store_id", sa.Text(collation="C"), nullable=False),
        sa.Column("source", sa.Text(collation="C"), nullable=False),
        sa.Column("last_as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("store_id", "source", name=op.f("pk_feed_silences")),
        info={"placement": "distributed"},
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("feed_silences")
    op.drop_table("feed_readings")
    op.drop_table("feed_files")
    op.drop_table("feed_fetches")
    op.drop_table("feed_declarations")
