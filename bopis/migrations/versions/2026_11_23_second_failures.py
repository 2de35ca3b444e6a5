"""After a second failure: orders that wait for the doors to open are a class of their own"""

from alembic import op

revision = "b8d3c9e40802"
down_revision = "b8d3c9e40801"
branch_labels = None
depends_on = None

_BEFORE = "hour IN ('all', 'morning', 'noon', 'afternoon', 'evening')"
_AFTER = "hour IN ('all', 'opening', 'morning', 'noon', 'afternoon', 'evening')"
_TABLES = ("promises", "preparations", "calibrations", "common_calibrations")


def _words(condition: str) -> None:
    """Change the words that an ``hour`` may be; rows are checked without keeping writers out."""
    for table in _TABLES:
        name = f"ck_{table}_hour"
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({condition}) NOT VALID")
        op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _words(_AFTER)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in ("promises", "preparations"):
        op.execute(f"UPDATE {table} SET hour = 'morning' WHERE hour = 'opening'")  # noqa: S608
    for table in ("calibrations", "common_calibrations"):
        op.execute(f"DELETE FROM {table} WHERE hour = 'opening'")  # noqa: S608
    _words(_BEFORE)
