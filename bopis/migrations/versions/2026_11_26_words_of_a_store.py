"""The words of a store: which language is spoken there, where its country does not say it"""

import sqlalchemy as sa
from alembic import op

revision = "e1a6f2b70b02"
down_revision = "d0f5e1a60a01"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "picking",
        sa.Column("language", sa.Text(collation="C"), server_default="", nullable=False),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column("picking", "language")
