"""The floor of a store, and who walks it"""

revision = "b8d3c9e40805"
down_revision = "b8d3c9e40804"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
