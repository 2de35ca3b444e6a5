"""Bags and their labels"""

# ruff: noqa: S608 -- lists of words, put together from the constants of this file

import re

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "b8d3c9e40806"
down_revision = "b8d3c9e40805"
branch_labels = None
depends_on = None

_KINDS = ("bags",)
_OUTCOMES = ("wrong_bag", "bags_first", "bags_left", "look_first")


def _words(column: str) -> list[str]:
    """Return the words that a column of ``scans`` may hold by now, whoever has added some."""
    [text] = (
        op.get_bind()
        .execute(
            sa.text(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
                f" WHERE conname = 'ck_scans_{column}' AND conrelid = 'scans'::regclass"
            )
        )
        .scalars()
    )
    return re.findall(r"'([a-z_]+)'::text", text)


def _may_be(column: str, words: list[str]) -> None:
    listed = ", ".join(f"'{word}'" for word in words)
    name = f"ck_scans_{column}"
    op.execute(f"ALTER TABLE scans DROP CONSTRAINT {name}")
    op.execute(f"ALTER TABLE scans ADD CONSTRAINT {name} CHECK ({column} IN ({listed})) NOT VALID")
    op.execute(f"ALTER TABLE scans VALIDATE CONSTRAINT {name}")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "bags",
        sa.Column("store_id", sa.Text(collation="C"), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(collation="C"), server_default="packed", nullable=False),
        sa.Column("staging_code", sa.Text(collation="C"), nullable=True),
        sa.Column("placed_by", sa.Uuid(), nullable=True),
        sa.Column("given_by", sa.Uuid(), nullable=True),
        sa.Column("by_hand", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('packed', 'waiting', 'given', 'emptied')", name=op.f("ck_bags_state")
        ),
        sa.CheckConstraint("number BETWEEN 1 AND 999", name=op.f("ck_bags_number")),
        sa.CheckConstraint(
            "state <> 'waiting' OR staging_code IS NOT NULL", name=op.f("ck_bags_place")
        ),
        sa.CheckConstraint(
            "(state = 'given') = (given_by IS NOT NULL)", name=op.f("ck_bags_given_by")
        ),
        sa.PrimaryKeyConstraint("store_id", "code", name=op.f("pk_bags")),
        info={"placement": "distributed"},
    )
    op.create_index("ix_bags_store_id_order_id", "bags", ["store_id", "order_id"])
    op.create_index("ix_bags_made_at", "bags", ["made_at"], postgresql_using="brin")
    op.create_table(
        "bagging",
        sa.Column("store_id", sa.Text(collation="C"), nullable=False),
        sa.Column("labels", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("label_size", sa.Text(collation="C"), server_default="62x29", nullable=False),
        sa.Column("printer_host", sa.Text(collation="C"), nullable=True),
        sa.Column("printer_port", sa.Integer(), server_default="9100", nullable=False),
        sa.Column("look_over", sa.Numeric(), nullable=True),
        sa.Column("look_for", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.CheckConstraint("label_size IN ('62x29', '100x50')", name=op.f("ck_bagging_label_size")),
        sa.CheckConstraint(
            "printer_port BETWEEN 9100 AND 9109", name=op.f("ck_bagging_printer_port")
        ),
        sa.CheckConstraint("look_over >= 0", name=op.f("ck_bagging_look_over")),
        sa.PrimaryKeyConstraint("store_id", name=op.f("pk_bagging")),
        info={"placement": "distributed"},
    )
    op.create_table(
        "take_overs",
        sa.Column("store_id", sa.Text(collation="C"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_from", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_take_overs")),
        info={"placement": "distributed"},
    )
    op.create_index(
        "uq_take_overs_open",
        "take_overs",
        ["store_id", "task_id"],
        unique=True,
        postgresql_where=sa.text("answered_at IS NULL"),
    )
    op.create_index("ix_take_overs_asked_at", "take_overs", ["asked_at"], postgresql_using="brin")

    op.add_column("pick_tasks", sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("pick_tasks", sa.Column("collector", sa.Text(collation="C"), nullable=True))
    op.add_column("pick_tasks", sa.Column("id_looked", sa.Boolean(), nullable=True))
    op.execute(
        "ALTER TABLE pick_tasks ADD CONSTRAINT ck_pick_tasks_collector"
        " CHECK (collector IN ('shopper', 'other')) NOT VALID"
    )
    op.execute("ALTER TABLE pick_tasks VALIDATE CONSTRAINT ck_pick_tasks_collector")
    for column in ("back", "broken", "lost"):
        op.add_column(
            "put_back_duties", sa.Column(column, sa.Integer(), server_default="0", nullable=False)
        )
    op.execute(
        "ALTER TABLE put_back_duties ADD CONSTRAINT ck_put_back_duties_rest CHECK"
        " (back >= 0 AND broken >= 0 AND lost >= 0 AND back + broken + lost <= quantity) NOT VALID"
    )
    op.execute("ALTER TABLE put_back_duties VALIDATE CONSTRAINT ck_put_back_duties_rest")

    op.add_column("orders", sa.Column("other_code", sa.Text(collation="C"), nullable=True))
    op.create_index(
        "ix_orders_other_code",
        "orders",
        ["store_id", "other_code"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL AND other_code IS NOT NULL"),
    )
    op.add_column("recipients", sa.Column("other_first_name", sa.Text(), nullable=True))
    _may_be("kind", [*_words("kind"), *_KINDS])
    _may_be("outcome", [*_words("outcome"), *_OUTCOMES])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    # The older release has no words for these: nothing was done, and that is what it reads.
    listed = ", ".join(f"'{word}'" for word in _OUTCOMES)
    op.execute(f"UPDATE scans SET outcome = 'not_now' WHERE outcome IN ({listed})")
    op.execute("UPDATE scans SET kind = 'stage', outcome = 'not_now' WHERE kind = 'bags'")
    for column, words in (("kind", _KINDS), ("outcome", _OUTCOMES)):
        _may_be(column, [word for word in _words(column) if word not in words])
    op.drop_column("recipients", "other_first_name")
    op.drop_index("ix_orders_other_code", table_name="orders")
    op.drop_column("orders", "other_code")
    op.drop_constraint("ck_put_back_duties_rest", "put_back_duties")
    for column in ("lost", "broken", "back"):
        op.drop_column("put_back_duties", column)
    op.drop_constraint("ck_pick_tasks_collector", "pick_tasks")
    op.drop_column("pick_tasks", "id_looked")
    op.drop_column("pick_tasks", "collector")
    op.drop_column("pick_tasks", "claimed_at")
    op.drop_table("take_overs")
    op.drop_table("bagging")
    op.drop_table("bags")
