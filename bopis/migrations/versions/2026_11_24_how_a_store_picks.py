"""How a store picks: labels of shelves and totes, what comes first, aisles shut one way"""

# ruff: noqa: S608 -- lists of words, put together from the constants of this file

import re

import sqlalchemy as sa
from alembic import op

revision = "c9e4d0f50901"
down_revision = "b8d3c9e40808"
branch_labels = None
depends_on = None

_KINDS = ("tote",)
_OUTCOMES = ("shelf_first", "tote_first", "wrong_tote")
_SAID = """
    SELECT pg_get_constraintdef(oid) FROM pg_constraint
     WHERE conrelid = 'scans'::regclass AND conname = 'ck_scans_{column}'
"""


def _allowed(column: str) -> list[str]:
    """Return the words that a column of ``scans`` may hold by now, whoever has added some."""
    said = op.get_bind().execute(sa.text(_SAID.format(column=column))).scalar_one()
    return re.findall(r"'(\w+)'", said)


def _allow(column: str, words: list[str]) -> None:
    """Change what a column may hold; rows are checked without keeping writers out."""
    listed = ", ".join(f"'{word}'" for word in words)
    name = f"ck_scans_{column}"
    op.execute(f"ALTER TABLE scans DROP CONSTRAINT {name}")
    op.execute(f"ALTER TABLE scans ADD CONSTRAINT {name} CHECK ({column} IN ({listed})) NOT VALID")
    op.execute(f"ALTER TABLE scans VALIDATE CONSTRAINT {name}")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "picking",
        sa.Column("store_id", sa.Text(collation="C"), nullable=False),
        sa.Column("shelf_first", sa.Text(collation="C"), server_default="never", nullable=False),
        sa.Column("scan_totes", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("heavy_first", sa.Boolean(), server_default="false", nullable=False),
        sa.CheckConstraint(
            "shelf_first IN ('never', 'unsure', 'always')", name=op.f("ck_picking_shelf_first")
        ),
        sa.PrimaryKeyConstraint("store_id", name=op.f("pk_picking")),
        info={"placement": "distributed"},
    )
    op.add_column(
        "floor_ways", sa.Column("blocked_direction", sa.Text(collation="C"), nullable=True)
    )
    op.create_check_constraint(
        op.f("ck_floor_ways_blocked_direction"),
        "floor_ways",
        "blocked_direction IN ('both', 'forth', 'back')",
    )
    _allow("kind", [*_allowed("kind"), *_KINDS])
    _allow("outcome", [*_allowed("outcome"), *_OUTCOMES])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    # The older release has no words for these: nothing was done, and that is what it reads.
    listed = ", ".join(f"'{word}'" for word in _OUTCOMES)
    op.execute(f"UPDATE scans SET outcome = 'not_now' WHERE outcome IN ({listed})")
    op.execute("UPDATE scans SET kind = 'stage', outcome = 'not_now' WHERE kind = 'tote'")
    for column, words in (("kind", _KINDS), ("outcome", _OUTCOMES)):
        _allow(column, [word for word in _allowed(column) if word not in words])
    op.drop_constraint(op.f("ck_floor_ways_blocked_direction"), "floor_ways")
    op.drop_column("floor_ways", "blocked_direction")
    op.drop_table("picking")
