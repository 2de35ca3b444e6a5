"""Locations that learn"""

import sqlalchemy as sa
from alembic import op

revision = "e5b404172955"
down_revision = "d4c3f3061844"
branch_labels = None
depends_on = None

KINDS = ("item", "short", "skip", "undo", "stage", "hand_over", "retract", "put_back")
NEW_KINDS = ("look", "miss", "zero_check", "count")
OUTCOMES = (
    *("applied", "wrong_item", "unknown_code", "too_many", "not_a_code", "not_now"),
    *("superseded", "undone"),
)
NEW_OUTCOMES = ("count_again", "stale")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _allow("kind", KINDS + NEW_KINDS)
    _allow("outcome", OUTCOMES + NEW_OUTCOMES)
    op.add_column("scans", sa.Column("place", sa.ARRAY(sa.Text()), nullable=True))
    op.create_index("ix_scans_received_at", "scans", ["received_at"], postgresql_using="brin")
    for column in (
        sa.Column("label", sa.Text(collation="C"), server_default="", nullable=False),
        sa.Column("planned", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("found", sa.Float(), server_default="0.0", nullable=False),
        sa.Column("missed", sa.Float(), server_default="0.0", nullable=False),
        sa.Column("learned_at", sa.DateTime(timezone=True), nullable=True),
    ):
        op.add_column("locations", column)
    op.create_index(
        "ix_locations_label",
        "locations",
        ["store_id", "label"],
        postgresql_where=sa.text("label <> ''"),
    )
    for added in (
        sa.Column("priority", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cause", sa.Uuid(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_by", sa.Uuid(), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_count", sa.Integer(), nullable=True),
    ):
        op.add_column("count_requests", added)
    op.create_index(
        "ix_count_requests_store_id_opened_at", "count_requests", ["store_id", "opened_at"]
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_count_requests_store_id_opened_at", table_name="count_requests")
    for name in ("first_count", "claimed_until", "claimed_by", "due_at", "cause", "priority"):
        op.drop_column("count_requests", name)
    op.drop_index("ix_locations_label", table_name="locations")
    for name in ("learned_at", "missed", "found", "planned", "label"):
        op.drop_column("locations", name)
    op.drop_index("ix_scans_received_at", table_name="scans", postgresql_using="brin")
    op.drop_column("scans", "place")
    # What the older release has no word for it cannot read: the log keeps everything else.
    new = ", ".join(f"'{word}'" for word in (*NEW_KINDS, *NEW_OUTCOMES))
    op.execute(f"DELETE FROM scans WHERE kind IN ({new}) OR outcome IN ({new})")  # noqa: S608
    _allow("kind", KINDS)
    _allow("outcome", OUTCOMES)


def _allow(column: str, words: tuple[str, ...]) -> None:
    name = f"ck_scans_{column}"
    allowed = ", ".join(f"'{word}'" for word in words)
    op.drop_constraint(op.f(name), "scans", type_="check")
    op.create_check_constraint(op.f(name), "scans", f"{column} IN ({allowed})")
