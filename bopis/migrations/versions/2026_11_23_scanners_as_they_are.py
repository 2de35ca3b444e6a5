"""Scanners as they are: a scan may say that a thing is past its date"""

import re

import sqlalchemy as sa
from alembic import op

revision = "b8d3c9e40808"
down_revision = "b8d3c9e40807"
branch_labels = None
depends_on = None

_SAID = """
    SELECT pg_get_constraintdef(oid) FROM pg_constraint
     WHERE conrelid = 'scans'::regclass AND conname = 'ck_scans_outcome'
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _allow([*_allowed(), "past_date"])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    # The older release has no word for it: the thing was not taken, and that is what it reads.
    op.execute("UPDATE scans SET outcome = 'not_now' WHERE outcome = 'past_date'")
    _allow([word for word in _allowed() if word != "past_date"])


def _allowed() -> list[str]:
    """Return the words that are allowed by now: other rooms add theirs."""
    said = op.get_bind().execute(sa.text(_SAID)).scalar_one()
    return re.findall(r"'(\w+)'", said)


def _allow(words: list[str]) -> None:
    """Change what an outcome may be; rows are checked without keeping writers out."""
    listed = ", ".join(f"'{word}'" for word in words)
    op.execute("ALTER TABLE scans DROP CONSTRAINT ck_scans_outcome")
    op.execute(
        f"ALTER TABLE scans ADD CONSTRAINT ck_scans_outcome CHECK (outcome IN ({listed})) NOT VALID"
    )
    op.execute("ALTER TABLE scans VALIDATE CONSTRAINT ck_scans_outcome")
