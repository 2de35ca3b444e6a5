"""Lateness foreseen: what was left, by stage and load"""

from alembic import op

revision = "c3e8d4f90303"
down_revision = "b2d7c3e80202"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")


def downgrade() -> None:
    pass
