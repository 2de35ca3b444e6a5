"""Apologies, credits, and who has been told enough"""

from alembic import op

revision = "d4f9e5a00404"
down_revision = "c3e8d4f90303"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")


def downgrade() -> None:
    pass
