"""Feeds at speed"""

from alembic import op

revision = "a7c2b8d30707"
down_revision = "f6b1a7c20606"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    # A list of items does not get shorter by being compressed, and trying takes its time.
    op.execute("ALTER TABLE feed_confirmations ALTER COLUMN skus SET STORAGE EXTERNAL")


def downgrade() -> None:
    op.execute("ALTER TABLE feed_confirmations ALTER COLUMN skus SET STORAGE EXTENDED")
