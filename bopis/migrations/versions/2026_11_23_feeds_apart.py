"""Feeds are read apart"""

revision = "b8d3c9e40803"
down_revision = "b8d3c9e40802"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
