"""Who left."""

import sqlalchemy as sa
from alembic import op

revision = "c9e4d0f50902"
down_revision = "c9e4d0f50901"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("associates", sa.Column("left_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("count_requests", sa.Column("chance", sa.REAL(), nullable=True))
    # Nobody wrote down when they left: their name is known for as long as if it were today.
    op.execute("UPDATE associates SET left_at = clock_timestamp() WHERE NOT is_active")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column("count_requests", "chance")
    op.drop_column("associates", "left_at")
