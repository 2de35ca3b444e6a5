"""Consents, substitutes, and orders that move to another store"""

from alembic import op

revision = "e5a0f6b10505"
down_revision = "d4f9e5a00404"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")


def downgrade() -> None:
    pass
