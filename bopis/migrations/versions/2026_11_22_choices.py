"""Choices"""

from alembic import op

revision = "f6a515283a66"
down_revision = "e5b404172955"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
