"""Promises that learn from every promise"""

from alembic import op

revision = "b2d7c3e80202"
down_revision = "a1c6b2d70101"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")


def downgrade() -> None:
    pass
