"""Word kept, after another look: whom a person asks, how long times are, how true odds"""

import sqlalchemy as sa
from alembic import op

revision = "b8d3c9e40801"
down_revision = "a7c2b8d30707"
branch_labels = None
depends_on = None


_BROUGHT = ("met_before", "sorry_before")
_ODDS = (("odds_said", sa.Integer()), ("odds_kept", sa.Integer()), ("odds_squares", sa.Float()))


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE choice_cases ADD COLUMN call_by timestamptz")
    op.add_column(
        "store_standings", sa.Column("padding", sa.Float(), server_default="1", nullable=False)
    )
    for name in _BROUGHT:
        op.add_column("orders", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    for name, kind in _ODDS:
        op.add_column("record_days", sa.Column(name, kind, server_default="0", nullable=False))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name, _ in _ODDS:
        op.drop_column("record_days", name)
    for name in _BROUGHT:
        op.drop_column("orders", name)
    op.drop_column("store_standings", "padding")
    op.execute("ALTER TABLE choice_cases DROP COLUMN call_by")
