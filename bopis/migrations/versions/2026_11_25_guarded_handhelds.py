"""Guarded handhelds."""

from alembic import op

revision = "d0f5e1a60a01"
down_revision = "c9e4d0f50902"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
