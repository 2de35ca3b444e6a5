"""After a second failure"""

revision = "b8d3c9e40802"
down_revision = "b8d3c9e40801"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
