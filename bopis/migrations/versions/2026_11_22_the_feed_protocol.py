"""The feed protocol"""

import sqlalchemy as sa
from alembic import op

revision = "a1f0c0d3e511"
down_revision = "07a1247ed919"
branch_labels = None
depends_on = None

CODE = sa.Text(collation="C")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("stock", sa.Column("ceiling", sa.Integer(), nullable=True))
    _sources()
    _batches()
    op.add_column("feed_runs", sa.Column("sequence", sa.Integer(), nullable=True))
    op.add_column("feed_runs", sa.Column("units", sa.BigInteger(), nullable=True))
    _contents()
    _gaps()


def _sources() -> None:
    swing = sa.Column("swing", sa.Float(), server_default="0.5", nullable=True)
    op.add_column("feed_sources", swing)
    op.add_column("feed_sources", sa.Column("first_sequence", sa.Integer(), nullable=True))
    op.add_column("feed_sources", sa.Column("last_sequence", sa.Integer(), nullable=True))
    op.add_column("feed_sources", sa.Column("last_sequence_as_of", INSTANT, nullable=True))
    op.add_column("feed_sources", sa.Column("numbered_since", INSTANT, nullable=True))


def _batches() -> None:
    for column in (
        sa.Column("cause", CODE, nullable=True),
        sa.Column("form", CODE, server_default="csv", nullable=False),
        sa.Column("parts", sa.Integer(), server_default="1", nullable=False),
        sa.Column("only_store", CODE, nullable=True),
        sa.Column("rows_said", sa.Integer(), nullable=True),
        sa.Column("sha256_said", CODE, nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decided_by", CODE, nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("is_released", sa.Boolean(), server_default="false", nullable=False),
    ):
        op.add_column("feed_batches", column)
    op.drop_constraint(op.f("ck_feed_batches_state"), "feed_batches", type_="check")
    op.create_check_constraint(
        "state",
        "feed_batches",
        "state IN ('announced', 'receiving', 'complete', 'validated', 'applied', 'quarantined',"
        " 'superseded', 'timed_out', 'discarded')",
    )
    op.create_check_constraint(
        "cause",
        "feed_batches",
        "cause IN ('totals', 'rejects', 'unknown_stores', 'swing', 'sequence')",
    )
    op.create_index(
        "ix_feed_batches_source_sequence",
        "feed_batches",
        ["source", "sequence"],
        postgresql_where=sa.text("sequence IS NOT NULL"),
    )
    op.create_index(
        "ix_feed_batches_unsettled",
        "feed_batches",
        ["state"],
        postgresql_where=sa.text("state NOT IN ('applied', 'superseded', 'discarded')"),
    )


def _contents() -> None:
    op.create_table(
        "feed_parts",
        sa.Column("source", CODE, nullable=False),
        sa.Column("batch_id", CODE, nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sha256", CODE, nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.CheckConstraint("part > 0", name=op.f("ck_feed_parts_part")),
        sa.PrimaryKeyConstraint("source", "batch_id", "part", name=op.f("pk_feed_parts")),
        info={"placement": "local"},
    )
    op.create_table(
        "feed_chunks",
        sa.Column("source", CODE, nullable=False),
        sa.Column("batch_id", CODE, nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("chunk", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("source", "batch_id", "part", "chunk", name=op.f("pk_feed_chunks")),
        info={"placement": "local"},
    )


def _gaps() -> None:
    op.create_table(
        "feed_gaps",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", CODE, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("until", sa.Integer(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("resolution", CODE, nullable=True),
        sa.Column("actor", CODE, server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("sequence <= until", name=op.f("ck_feed_gaps_until")),
        sa.CheckConstraint(
            "resolution IN ('arrived', 'moot', 'given_up')", name=op.f("ck_feed_gaps_resolution")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_gaps")),
        info={"placement": "reference"},
    )
    op.create_index(
        "uq_feed_gaps_open",
        "feed_gaps",
        ["source", "sequence"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "feed_doubts",
        sa.Column("store_id", CODE, nullable=False),
        sa.Column("source", CODE, nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("store_id", "source", name=op.f("pk_feed_doubts")),
        info={"placement": "distributed"},
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in ("feed_doubts", "feed_gaps", "feed_chunks", "feed_parts"):
        op.drop_table(table)
    op.drop_column("feed_runs", "units")
    op.drop_column("feed_runs", "sequence")
    op.drop_index("ix_feed_batches_unsettled", table_name="feed_batches")
    op.drop_index("ix_feed_batches_source_sequence", table_name="feed_batches")
    op.drop_constraint(op.f("ck_feed_batches_state"), "feed_batches", type_="check")
    op.execute(_AS_BEFORE)
    op.create_check_constraint(
        "state", "feed_batches", "state IN ('receiving', 'applied', 'quarantined')"
    )
    for column in (
        *("is_released", "decision", "decided_by", "decided_at", "sha256_said", "rows_said"),
        *("only_store", "parts", "form", "cause"),
    ):
        op.drop_column("feed_batches", column)
    for column in (
        "numbered_since",
        "last_sequence_as_of",
        "last_sequence",
        "first_sequence",
        "swing",
    ):
        op.drop_column("feed_sources", column)
    op.drop_column("stock", "ceiling")


_AS_BEFORE = """
    UPDATE feed_batches
       SET state = CASE WHEN state = 'superseded' THEN 'applied'
                        WHEN state = 'discarded' THEN 'quarantined' ELSE 'receiving' END
     WHERE state NOT IN ('receiving', 'applied', 'quarantined')
"""
