"""Scanners as they are"""

revision = "b8d3c9e40808"
down_revision = "b8d3c9e40807"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
