"""Feeds at speed"""

from alembic import op

revision = "a7c2b8d30707"
down_revision = "f6b1a7c20606"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")


def downgrade() -> None:
    pass
