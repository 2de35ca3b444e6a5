"""After a second failure: orders before opening, and on a floor that stands still, seen apart"""

from alembic import op

revision = "b8d3c9e40802"
down_revision = "b8d3c9e40801"
branch_labels = None
depends_on = None

_HOURS = "'all', 'morning', 'noon', 'afternoon', 'evening'"
_OF_HOURS = ("promises", "preparations", "calibrations", "common_calibrations")
_STAGES = "'waiting', 'walking', 'searching', 'picked'"
_OF_STAGES = ("remaining_times", "survival_cells", "survival_cells_of_all")


def _words(tables: tuple[str, ...], column: str, words: str) -> None:
    """Change the words that a column may hold; rows are checked without keeping writers out."""
    for table in tables:
        name, rule = f"ck_{table}_{column}", f"CHECK ({column} IN ({words}))"
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {rule} NOT VALID")
        op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _words(_OF_HOURS, "hour", f"{_HOURS}, 'opening'")
    _words(_OF_STAGES, "stage", f"{_STAGES}, 'still'")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in ("promises", "preparations"):
        op.execute(f"UPDATE {table} SET hour = 'morning' WHERE hour = 'opening'")  # noqa: S608
    for table in ("calibrations", "common_calibrations"):
        op.execute(f"DELETE FROM {table} WHERE hour = 'opening'")  # noqa: S608
    for table in _OF_STAGES:
        op.execute(f"DELETE FROM {table} WHERE stage = 'still'")  # noqa: S608
    _words(_OF_HOURS, "hour", _HOURS)
    _words(_OF_STAGES, "stage", _STAGES)
