"""What we believe"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "d4c3f3061844"
down_revision = "c3d2e2f50733"
branch_labels = None
depends_on = None

KINDS = "kind IN ('feed_set', 'feed_delta', 'count', 'adjust', 'commit', 'release', 'stage', 'hand_over', 'short', 'put_back', 'damage', 'compensate')"
KINDS_AND_BELIEVE = "kind IN ('feed_set', 'feed_delta', 'count', 'adjust', 'commit', 'release', 'stage', 'hand_over', 'short', 'put_back', 'damage', 'compensate', 'believe')"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "belief_outcomes",
        sa.Column("store_id", sa.Text(collation="C"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.Text(collation="C"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("found", sa.Boolean(), nullable=False),
        sa.Column("elsewhere", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("raw", sa.REAL(), nullable=False),
        sa.Column("said", sa.REAL(), nullable=False),
        sa.Column("present", sa.REAL(), nullable=False),
        sa.Column("record", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("propensity", sa.REAL(), server_default="1.0", nullable=False),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_belief_outcomes")),
        info={"placement": "distributed"},
    )
    op.create_table(
        "belief_stores",
        sa.Column("store_id", sa.Text(collation="C"), nullable=False),
        sa.Column("mode", sa.Text(collation="C"), server_default="watch", nullable=False),
        sa.Column("margin", sa.Float(), server_default="8.0", nullable=False),
        sa.Column("failure", sa.Float(), server_default="32.0", nullable=False),
        sa.Column("alternative", sa.Float(), server_default="0.0", nullable=False),
        sa.Column("heard_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("learned", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("swept_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("mode IN ('off', 'watch', 'on')", name=op.f("ck_belief_stores_mode")),
        sa.CheckConstraint(
            "margin > 0 AND failure > 0 AND alternative >= 0", name=op.f("ck_belief_stores_costs")
        ),
        sa.PrimaryKeyConstraint("store_id", name=op.f("pk_belief_stores")),
        info={"placement": "distributed"},
    )
    op.create_table(
        "beliefs",
        sa.Column("store_id", sa.Text(collation="C"), nullable=False),
        sa.Column("sku", sa.Text(collation="C"), nullable=False),
        sa.Column("bins", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sold", sa.REAL(), server_default="0", nullable=False),
        sa.Column("watched", sa.REAL(), server_default="0", nullable=False),
        sa.Column("moved", sa.Integer(), server_default="0", nullable=False),
        sa.Column("looked", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("kind", sa.Text(collation="C"), server_default="?", nullable=False),
        sa.PrimaryKeyConstraint("store_id", "sku", name=op.f("pk_beliefs")),
        info={"placement": "distributed"},
        postgresql_with={"fillfactor": 80},
    )
    op.drop_constraint(op.f("ck_stock_ledger_kind"), "stock_ledger")
    op.create_check_constraint(op.f("ck_stock_ledger_kind"), "stock_ledger", KINDS_AND_BELIEVE)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("UPDATE stock SET cap = NULL WHERE cap IS NOT NULL")
    op.drop_constraint(op.f("ck_stock_ledger_kind"), "stock_ledger")
    # Entries of the kind that goes stay: nothing takes anything out of the ledger.
    op.create_check_constraint(
        op.f("ck_stock_ledger_kind"), "stock_ledger", KINDS, postgresql_not_valid=True
    )
    op.drop_table("beliefs")
    op.drop_table("belief_stores")
    op.drop_table("belief_outcomes")
