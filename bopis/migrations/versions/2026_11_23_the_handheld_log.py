"""The log of a handheld"""

revision = "b8d3c9e40804"
down_revision = "b8d3c9e40803"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
