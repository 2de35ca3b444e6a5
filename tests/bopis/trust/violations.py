"""One statement for each invariant that makes it false, or that a constraint refuses."""

# ruff: noqa: E501, S608 - a table of statements, each from constants of this module

from typing import Final

from tests.bopis.trust import world

O0, O1, O2 = (f"'{world.order_id(n)}'" for n in range(3))
T0, T1, T2 = (f"'{world.task_id(n)}'" for n in range(3))
E0, E1 = f"'{world.event_id(0, 0)}'", f"'{world.event_id(1, 1)}'"
M00, M10, M11 = (f"'{world.message_id(n, s)}'" for n, s in ((0, 0), (1, 0), (1, 1)))
SCAN, STAGE = f"'{world.scan_id(1, 0)}'", f"'{world.scan_id(1, 1)}'"
NOW: Final = "timestamptz '2026-03-06 18:00Z'"

CASE: Final = (
    "INSERT INTO choice_cases (store_id, order_id, number, state, cause, lines, ask_after, options,"
    " default_choice, answer_by, elsewhere, opened_at, closed_at) VALUES"
)

BAG: Final = (
    "INSERT INTO bags (store_id, code, task_id, order_id, number, made_at, state, staging_code,"
    " placed_by, given_by) VALUES"
)

BROKEN: Final[dict[str, str]] = {
    "H1": "INSERT INTO record_days (store_id, day, due, kept, lengths, computed_at, computed_by)"
    f" VALUES ('S1', '2026-03-03', 1, 1, '[]', {NOW}, 'job:trust.record')",
    "S1": "UPDATE stock SET on_hand = 3; UPDATE stock_ledger SET on_hand = 5 WHERE kind = 'feed_set'",
    "S2": "UPDATE stock SET on_hand = on_hand + 1",
    "S3": "UPDATE reservations SET quantity = 3 WHERE quantity = 2",
    "S5": f"UPDATE order_lines SET staged = 1, handed_over = 1 WHERE order_id = {O2}",
    "S6": f"UPDATE reservations SET quantity = 1 WHERE order_id = {O2}",
    "S8": f"UPDATE reservations SET quantity = 1 WHERE order_id = {O1}",
    "S10": "INSERT INTO put_back_duties (store_id, id, order_id, number, sku, name, quantity, opened_at)"
    f" VALUES ('S1', {O1}, {O1}, 'n', 'oats', 'Oat drink', 1, {NOW})",
    "S11": "UPDATE stock SET held = 1 WHERE sku = 'oats'",
    "L1": "UPDATE reservations SET staged = 1 WHERE quantity = 2",
    "L2": "UPDATE stock SET feed_quantity = 19",
    "T1": f"UPDATE scans SET fence = 7 WHERE id = {SCAN}",
    "T2": f"UPDATE scans SET outcome = 'wrong_item' WHERE id = {SCAN}",
    "T3": f"UPDATE scans SET sku = 'barley' WHERE id = {SCAN}",
    "T4": f"UPDATE devices SET revoked_at = {NOW} - interval '2 hours'",
    "T5": f"UPDATE scans SET device_seq = 99 WHERE id = {SCAN}",
    "T6": f"UPDATE pick_tasks SET order_id = {SCAN} WHERE id = {T0}",
    "T7": f"UPDATE pick_tasks SET state = 'cancelled' WHERE id = {T0}",
    "G2": f"{BAG} ('S1', 'BG1', {T2}, {O2}, 1, {NOW}, 'packed', NULL, NULL, NULL)",
    "G3": f"{BAG} ('S1', 'BG1', {T1}, {O1}, 1, {NOW}, 'given', 'P1', {STAGE}, {E0})",
    "G4": f"{BAG} ('S1', 'BG1', {T1}, {O1}, 1, {NOW}, 'packed', NULL, NULL, NULL)",
    "G5": f"{BAG} ('S1', 'BG1', {T1}, {O1}, 1, {NOW}, 'waiting', 'P1', {E0}, NULL)",
    "R1": f"DELETE FROM scans WHERE id = {STAGE}",
    "R2": f"UPDATE orders SET state = 'ready_for_pickup' WHERE id = {O0}",
    "R3": "INSERT INTO events (store_id, id, name, subject, actor, payload, occurred_at)"
    f" VALUES ('S1', {SCAN}, 'order.retracted', {O1}, 'x', '{{}}', {NOW} - interval '20 minutes')",
    "R4": f"UPDATE orders SET staging_code = NULL WHERE id = {O1}",
    "E1": f"UPDATE events SET payload = jsonb_set(payload, '{{version}}', '9') WHERE id = '{world.event_id(2, 0)}'",
    "E2": "DELETE FROM events WHERE name = 'order.collected'",
    "P1": f"UPDATE orders SET promised_at = promised_at + interval '1 hour' WHERE id = {O0}",
    "P2": f"UPDATE messages SET promise_version = NULL WHERE id = {M00}",
    "P3": f"UPDATE orders SET next_update_due_at = {NOW} - interval '2 minutes' WHERE id = {O0}",
    "P4": f"UPDATE promises SET latest = {NOW} - interval '20 minutes' WHERE order_id = {O0};"
    f"UPDATE orders SET promised_at = {NOW} - interval '20 minutes' WHERE id = {O0};"
    "INSERT INTO delay_signals"
    " (store_id, id, order_id, promise_version, at, p_late, threshold, lead_minutes)"
    f" VALUES ('S1', {SCAN}, {O0}, 1, {NOW} - interval '50 minutes', 0.9, 0.7, 5)",
    "P5": "INSERT INTO promises SELECT store_id, order_id, 2, earliest, latest - interval '1 minute',"
    f" confidence, sample_size, basis, base_minutes, reason, made_at FROM promises WHERE order_id = {O0}",
    "P6": f"UPDATE promises SET latest = latest + interval '1 minute' WHERE order_id = {O0}",
    "C1": f"UPDATE message_claims SET evidence = ARRAY[{E0}::uuid] WHERE message_id = {M11}",
    "C2": f"DELETE FROM message_claims WHERE message_id = {M11}",
    "C3": f"UPDATE messages SET order_version = 5 WHERE id = {M10}",
    "C4": f"UPDATE recipients SET opted_out_at = {NOW} - interval '40 minutes' WHERE order_id = {O1}",
    "C5": "UPDATE messages SET kind = 'delay_apology', dedupe_key = id::text",
    "C6": f"UPDATE messages SET state = 'queued', attempts = 0, attempted_at = NULL WHERE id = {M11}",
    "C7": f"UPDATE message_claims SET value = '2026-03-06T18:31:00Z' WHERE message_id = {M00}",
    "U1": "UPDATE order_lines SET handed_over = handed_over - 1, cancelled = cancelled + 1"
    f" WHERE order_id = {O2}; INSERT INTO events (store_id, id, name, subject, actor, payload, occurred_at)"
    f" VALUES ('S1', {SCAN}, 'order.line_short', {O2}, 'x', '{{\"line\": 1, \"case\": 1}}', {NOW} - interval '1 hour')",
    "U2": f"{CASE} ('S1', {O0}, 1, 'offered', 'not_there', '[]', {NOW}, '[]', 'partial_now',"
    f" {NOW} - interval '9 minutes', '[]', {NOW}, NULL)",
    "U3": f"{CASE} ('S1', {O0}, 1, 'defaulted', 'not_there', '[]', {NOW}, '[]', 'partial_now',"
    f" {NOW}, '[]', {NOW}, {NOW} - interval '9 minutes')",
    "M1": "INSERT INTO moves (store_id, order_id, number, case_number, to_store, to_order, lines, state,"
    f" begun_at, decided_at) VALUES ('S1', {O0}, 1, 1, 'S2', {SCAN}, '[]', 'done', {NOW}, {NOW})",
    "M2": f"UPDATE order_lines SET cancelled = 0, rerouted = 1, ordered = ordered + 1 WHERE order_id = {O0}",
    "F2": "UPDATE stock_ledger SET kind = 'feed_set', effective_at = effective_at - interval '9 hours'"
    " WHERE kind = 'hand_over'",
    "F3": "UPDATE feed_batches SET rejected = rows + 11",
    "F5": "UPDATE feed_batches SET state = 'receiving'",
    "F6": "UPDATE feed_batches SET state = 'quarantined'",
    "X1": "INSERT INTO deliveries (store_id, event_id, subscriber, subject, seq, due_at)"
    f" VALUES ('S1', {E0}, 'nobody', {O0}, 1, clock_timestamp() - interval '1 minute')",
    "A2": f"UPDATE recipients SET forgotten_at = {NOW} WHERE order_id = {O0}",
    "A3": f"""UPDATE messages SET facts = '{{"first_name": "Ada"}}' WHERE id = {M00}""",
    "A4": f"""UPDATE events SET payload = payload || '{{"email": "ada@example.com"}}' WHERE id = {E1}""",
}

ALSO: Final[dict[str, set[str]]] = {
    "S1": {"L2"},
    "S2": {"L2"},
    "S3": {"S8"},
    "S5": {"R2"},
    "S6": {"S3"},
    "S8": {"S3"},
    "T2": {"R1"},
    "T6": {"T7"},
    "R1": {"T5"},
    "R2": {"R4", "E2"},
    "P4": {"P6", "C7"},
    "P5": {"P1", "P2"},
    "P6": {"P1", "C7"},
    "F2": {"L2"},
}
"""What else the same change makes false: the sentences overlap, and it is good that they do."""

REFUSED: Final[dict[str, str]] = {
    "B1": "UPDATE order_lines SET picked = 1",
    "B2": "UPDATE order_lines SET picked = -1, reserved = reserved + 1",
    "S0": "UPDATE stock SET reserved = -1",
    "S7": "INSERT INTO reservations SELECT * FROM reservations",
    "S9": "INSERT INTO stock_conflicts (store_id, id, sku, source, on_hand, reserved, opened_at)"
    f" VALUES ('S1', {O0}, 'oats', 'x', 0, 1, {NOW}), ('S1', {O1}, 'oats', 'x', 0, 1, {NOW})",
    "O1": f"UPDATE orders SET closed_at = {NOW}",
    "O2": "UPDATE orders SET reference = 'R0'",
    "O3": "UPDATE orders SET pickup_code = 'SAME'",
    "P0": "UPDATE promises SET latest = made_at",
    "P7": "INSERT INTO promises SELECT * FROM promises",
    "P8": f"UPDATE orders SET next_update_due_at = NULL WHERE id = {O0}",
    "T0": "UPDATE scans SET device_seq = 1",
    "T8": f"UPDATE pick_tasks SET order_id = {O0}, state = 'open'",
    "T9": "UPDATE pick_lines SET found = 3",
    "G1": f"{BAG} ('S1', 'BG1', {T1}, {O1}, 1, {NOW}, 'emptied', NULL, NULL, NULL),"
    f" ('S1', 'BG1', {T2}, {O2}, 1, {NOW}, 'emptied', NULL, NULL, NULL)",
    "C8": "UPDATE messages SET dedupe_key = 'same'",
    "F1": "INSERT INTO feed_runs SELECT store_id, source, 'b2', kind, as_of, applied_at, digest FROM feed_runs",
    "F4": "INSERT INTO feed_runs SELECT * FROM feed_runs",
}
