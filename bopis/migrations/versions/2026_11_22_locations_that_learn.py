"""Locations that learn"""

from alembic import op

revision = "e5b404172955"
down_revision = "d4c3f3061844"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
