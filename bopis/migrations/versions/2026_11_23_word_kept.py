"""Word kept, after another look: who has to be asked by a person"""

from alembic import op

revision = "b8d3c9e40801"
down_revision = "a7c2b8d30707"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE choice_cases ADD COLUMN call_by timestamptz")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE choice_cases DROP COLUMN call_by")
