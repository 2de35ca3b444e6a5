"""The record: a figure that people are shown is what happened, and nobody wrote it by hand."""

from typing import Final

from bopis.trust.invariants.invariant import Invariant, Level

_H1: Final = """
    SELECT d.store_id, d.day || ': ' || d.kept || ' of ' || d.due || ' kept, counted anew '
           || coalesce(n.kept, 0) || ' of ' || coalesce(n.due, 0) AS what
      FROM t, record_days d
      LEFT JOIN (
           SELECT o.store_id, (p.latest AT TIME ZONE s.time_zone)::date AS day,
                  count(*) FILTER (WHERE NOT x.excused) AS due,
                  count(*) FILTER (WHERE o.first_ready_at <= p.latest) AS kept,
                  count(*) FILTER (WHERE x.excused) AS excused,
                  count(*) FILTER (WHERE x.ours) AS ours,
                  sum(o.promise_version - 1) FILTER (WHERE NOT x.excused) AS revisions
             FROM t, orders o
             JOIN stores s ON s.store_id = o.store_id
             JOIN promises p ON p.store_id = o.store_id AND p.order_id = o.id AND p.version = 1
            CROSS JOIN LATERAL (
                  SELECT o.state = 'cancelled' AND o.first_ready_at IS NULL
                         AND o.promise_version = 1 AND o.closed_at <= p.latest
                         AND o.close_reason IN ('shopper_request', 'payment_failed', 'fraud_hold',
                                                'basket_incomplete') AS excused,
                         o.state IN ('cancelled', 'rejected', 'rerouted')
                         AND coalesce(o.close_reason, '') <> ALL (
                             ARRAY['shopper_request', 'payment_failed', 'fraud_hold',
                                   'basket_incomplete', 'shopper_refused_at_counter']) AS ours
                  ) AS x
            WHERE NOT o.awaits_basket AND p.latest > t.now - interval '31 days'
              AND p.latest <= t.now AND o.accepted_at > t.now - interval '91 days'
            GROUP BY 1, 2) n ON n.store_id = d.store_id AND n.day = d.day
     WHERE d.open_orders = 0 AND d.day > (t.now - interval '29 days')::date
       AND d.computed_at::date > d.day + 1  -- counted when all of it was over, everywhere
       AND (d.due, d.kept, d.excused, d.cancelled_by_us, d.revisions)
           IS DISTINCT FROM (coalesce(n.due, 0), coalesce(n.kept, 0), coalesce(n.excused, 0),
                             coalesce(n.ours, 0), coalesce(n.revisions, 0))
"""

RECORD: Final[tuple[Invariant, ...]] = (
    Invariant(
        "H1", Level.A, "Every day of a store's record is what counting it anew comes to", _H1
    ),
)
