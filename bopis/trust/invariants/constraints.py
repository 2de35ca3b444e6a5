"""What the database itself refuses."""

from typing import Final

from bopis.trust.invariants.invariant import Invariant, constraint

CONSTRAINTS: Final[tuple[Invariant, ...]] = (
    constraint("B1", "Every unit of a line is in exactly one bucket", "ck_order_lines_buckets"),
    constraint("B2", "No bucket is negative", "ck_order_lines_quantities"),
    constraint(
        "S0",
        "Nothing reserved or unsellable is negative",
        "ck_stock_reserved",
        "ck_stock_unsellable",
        "ck_reservations_quantity",
    ),
    constraint("S7", "An order holds an item once", "pk_reservations"),
    constraint("S9", "At most one conflict is open for an item", "uq_stock_conflicts_open"),
    constraint("O1", "An order is closed if and only if its state is final", "ck_orders_closed_at"),
    constraint("O2", "The shop's reference is taken once", "uq_orders_store_id_channel_reference"),
    constraint("O3", "No two open orders share a pickup code", "ix_orders_pickup_code"),
    constraint("P0", "A promise lies after the moment at which it is made", "ck_promises_latest"),
    constraint("P7", "A version of a promise is made once", "pk_promises"),
    constraint("P8", "An open order has a time at which we owe news", "ck_orders_silence"),
    constraint(
        "T0",
        "A scan is recorded once, by its id and by its place in the device's sequence",
        "pk_scans",
        "uq_scans_store_id_device_id_device_seq",
    ),
    constraint("T8", "An order has at most one live task", "uq_pick_tasks_live"),
    constraint("T9", "Found and short never exceed what was asked for", "ck_pick_lines_quantities"),
    constraint(
        "C8", "One statement about one fact is queued once", "uq_messages_store_id_dedupe_key"
    ),
    constraint(
        "F1",
        "The same feed content is applied once, whatever its name",
        "uq_feed_runs_store_id_source_digest",
    ),
    constraint("F4", "A source's batch is taken once", "pk_feed_batches", "pk_feed_runs"),
)
