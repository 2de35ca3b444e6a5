"""Who left."""

revision = "c9e4d0f50902"
down_revision = "c9e4d0f50901"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
