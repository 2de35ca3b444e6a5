"""What stores keep: pickup hours, pauses, slots and shifts"""

from alembic import op

revision = "a1c6b2d70101"
down_revision = "f6a515283a66"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")


def downgrade() -> None:
    pass
