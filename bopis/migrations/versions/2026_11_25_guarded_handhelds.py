"""Guarded handhelds: locked after wrong PINs, seen last, and what one person may write off"""

# ruff: noqa: S608 -- lists of words, put together from the constants of this file

import re

import sqlalchemy as sa
from alembic import op

revision = "d0f5e1a60a01"
down_revision = "c9e4d0f50902"
branch_labels = None
depends_on = None

_OUTCOMES = ("second_person", "same_person")
_SAID = """
    SELECT pg_get_constraintdef(oid) FROM pg_constraint
     WHERE conrelid = 'scans'::regclass AND conname = 'ck_scans_outcome'
"""


def _allowed() -> list[str]:
    """Return the outcomes that ``scans`` may hold by now, whoever has added some."""
    return re.findall(r"'(\w+)'", op.get_bind().execute(sa.text(_SAID)).scalar_one())


def _allow(words: list[str]) -> None:
    """Change what the outcome may be; rows are checked without keeping writers out."""
    listed = ", ".join(f"'{word}'" for word in words)
    op.execute("ALTER TABLE scans DROP CONSTRAINT ck_scans_outcome")
    op.execute(
        f"ALTER TABLE scans ADD CONSTRAINT ck_scans_outcome CHECK (outcome IN ({listed})) NOT VALID"
    )
    op.execute("ALTER TABLE scans VALIDATE CONSTRAINT ck_scans_outcome")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for column in ("wrong_tries", "unsent"):
        op.add_column(
            "devices", sa.Column(column, sa.Integer(), server_default="0", nullable=False)
        )
    for column in ("locked_at", "seen_at"):
        op.add_column("devices", sa.Column(column, sa.DateTime(timezone=True), nullable=True))
    op.add_column("count_requests", sa.Column("first_by", sa.Uuid(), nullable=True))
    op.add_column("picking", sa.Column("alone", sa.Integer(), server_default="10", nullable=False))
    op.create_check_constraint(op.f("ck_picking_alone"), "picking", "alone >= 0")
    _allow([*_allowed(), *_OUTCOMES])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    # The older release has no words for these: nothing was done, and that is what it reads.
    listed = ", ".join(f"'{word}'" for word in _OUTCOMES)
    op.execute(f"UPDATE scans SET outcome = 'not_now' WHERE outcome IN ({listed})")
    _allow([word for word in _allowed() if word not in _OUTCOMES])
    op.drop_constraint(op.f("ck_picking_alone"), "picking")
    op.drop_column("picking", "alone")
    op.drop_column("count_requests", "first_by")
    for column in ("seen_at", "locked_at", "unsent", "wrong_tries"):
        op.drop_column("devices", column)
