"""Bags and their labels"""

revision = "b8d3c9e40806"
down_revision = "b8d3c9e40805"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
