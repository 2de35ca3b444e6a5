"""The record of each store, and what was said of it"""

from alembic import op

revision = "f6b1a7c20606"
down_revision = "e5a0f6b10505"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")


def downgrade() -> None:
    pass
