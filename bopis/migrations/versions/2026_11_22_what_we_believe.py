"""What we believe"""

from alembic import op

revision = "d4c3f3061844"
down_revision = "c3d2e2f50733"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
