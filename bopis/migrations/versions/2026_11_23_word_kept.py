"""Word kept, after another look"""

revision = "b8d3c9e40801"
down_revision = "a7c2b8d30707"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
