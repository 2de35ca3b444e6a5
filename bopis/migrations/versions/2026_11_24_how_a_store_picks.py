"""How a store picks."""

revision = "c9e4d0f50901"
down_revision = "b8d3c9e40808"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
