"""Holds and baskets"""

from alembic import op

revision = "c3d2e2f50733"
down_revision = "b2e1d1e4f622"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
