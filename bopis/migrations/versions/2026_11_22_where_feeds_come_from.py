"""Where feeds come from"""

from alembic import op

revision = "b2e1d1e4f622"
down_revision = "a1f0c0d3e511"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
