"""The feed protocol"""

from alembic import op

revision = "a1f0c0d3e511"
down_revision = "07a1247ed919"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
