"""Odds by slot."""

revision = "c9e4d0f50903"
down_revision = "c9e4d0f50902"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
