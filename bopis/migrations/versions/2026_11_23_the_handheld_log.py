"""The log of a handheld"""

import sqlalchemy as sa
from alembic import op

revision = "b8d3c9e40804"
down_revision = "b8d3c9e40802"
branch_labels = None
depends_on = None


_KINDS = (
    "'item', 'short', 'skip', 'look', 'miss', 'zero_check', 'undo', 'stage', 'hand_over', "
    "'retract', 'put_back', 'count'"
)


def _kinds(words: str) -> None:
    """Change what a scan may be; rows are checked without keeping writers out."""
    op.execute("ALTER TABLE scans DROP CONSTRAINT ck_scans_kind")
    op.execute(
        f"ALTER TABLE scans ADD CONSTRAINT ck_scans_kind CHECK (kind IN ({words})) NOT VALID"
    )
    op.execute("ALTER TABLE scans VALIDATE CONSTRAINT ck_scans_kind")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _kinds(f"{_KINDS}, 'take'")
    op.create_table(
        "handheld_cases",
        sa.Column("store_id", sa.Text(collation="C"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("device_seq", sa.BigInteger(), nullable=False),
        sa.Column("associate_id", sa.Uuid(), nullable=True),
        sa.Column("act", sa.Text(collation="C"), nullable=False),
        sa.Column("told", sa.Text(collation="C"), nullable=True),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("body", sa.Text(), server_default="", nullable=False),
        sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('conflict', 'refused', 'withheld')", name=op.f("ck_handheld_cases_kind")
        ),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_handheld_cases")),
        info={"placement": "distributed"},
    )
    op.create_index(
        "ix_handheld_cases_device", "handheld_cases", ["store_id", "device_id", "device_seq"]
    )
    op.create_index(
        "ix_handheld_cases_open",
        "handheld_cases",
        ["store_id", "opened_at"],
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DELETE FROM scans WHERE kind = 'take'")
    _kinds(_KINDS)
    op.drop_table("handheld_cases")
