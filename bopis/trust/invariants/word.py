"""Our word: promises, news, apologies, and what backs each sentence we send."""

from typing import Final

from bopis.trust.invariants.invariant import Invariant, Level

_P1: Final = """
    SELECT o.store_id, o.number || ': promise ' || o.promise_version || ' is not the last on record'
           AS what
      FROM orders o
      LEFT JOIN (SELECT store_id, order_id, count(*) AS versions, max(version) AS last
                   FROM promises GROUP BY store_id, order_id) v
             ON v.store_id = o.store_id AND v.order_id = o.id
      LEFT JOIN promises p
             ON p.store_id = o.store_id AND p.order_id = o.id AND p.version = o.promise_version
     WHERE v.last IS DISTINCT FROM o.promise_version OR v.versions IS DISTINCT FROM v.last
        OR p.latest IS DISTINCT FROM o.promised_at
"""
_P2: Final = """
    SELECT o.store_id, o.number || ': promise ' || p.version || ' was never put into words' AS what
      FROM t, promises p
      JOIN orders o ON o.store_id = p.store_id AND o.id = p.order_id
     WHERE p.made_at < t.settled
       AND NOT EXISTS (SELECT FROM messages m
                        WHERE m.store_id = o.store_id AND m.order_id = o.id
                          AND m.promise_version >= p.version)
       AND NOT EXISTS (  -- overtaken by better news, or by the end
                       SELECT FROM events e
                        WHERE e.store_id = o.store_id AND e.subject = o.id
                          AND e.name IN ('order.ready', 'order.cancelled', 'order.collected')
                          AND e.occurred_at BETWEEN p.made_at AND p.made_at + (t.now - t.settled))
"""
_P3: Final = """
    SELECT o.store_id, o.number || ': news was due at ' || o.next_update_due_at AS what
      FROM t, orders o
     WHERE o.closed_at IS NULL AND o.next_update_due_at < t.settled
"""
_P4: Final = """
    SELECT DISTINCT o.store_id, o.number || ': seen coming, and not said before ' || p.latest
           AS what
      FROM t, delay_signals s
      JOIN promises p ON p.store_id = s.store_id AND p.order_id = s.order_id
                     AND p.version = s.promise_version
      JOIN orders o ON o.store_id = s.store_id AND o.id = s.order_id
     WHERE s.p_late >= s.threshold AND s.at <= p.latest - s.lead_minutes * interval '1 minute'
       AND p.latest < t.settled
       AND p.version <= 2  -- after two apologies a person calls
       AND NOT coalesce(o.first_ready_at <= p.latest, false)
       AND NOT coalesce(o.closed_at <= p.latest, false)
       AND NOT EXISTS (SELECT FROM messages m
                        WHERE m.store_id = o.store_id AND m.order_id = o.id
                          AND m.kind IN ('delay_apology', 'ready_withdrawn', 'order_cancelled',
                                         'choice_needed')
                          AND coalesce(m.attempted_at, m.settled_at)
                              BETWEEN s.at - (t.now - t.settled) AND p.latest)
"""
_P5: Final = """
    SELECT p.store_id, p.order_id || ': promise ' || q.version || ' does not follow ' || p.version
           AS what
      FROM promises p
      JOIN promises q ON q.store_id = p.store_id AND q.order_id = p.order_id
                     AND q.version = p.version + 1
     WHERE q.made_at < p.made_at OR q.latest < p.latest
"""
_P6: Final = """
    SELECT e.store_id, e.subject || ': first promise was ' || (e.payload ->> 'promised_at') AS what
      FROM events e
      JOIN promises p ON p.store_id = e.store_id AND p.order_id = e.subject AND p.version = 1
     WHERE e.name = 'order.accepted' AND (e.payload ->> 'promised_at')::timestamptz <> p.latest
"""
_ADMISSIBLE: Final = """
    (VALUES ('accepted', '{accepted}'),
            ('ready_by', '{accepted,delayed,retracted,news_due,line_short}'),
            ('ready_by', '{choice_closed,confirmed}'),
            ('delay', '{delayed,retracted}'),
            ('apology', '{delayed,retracted,cancelled,line_short}'),
            ('short', '{line_short,ready}'), ('ready', '{ready,hold_ending}'),
            ('not_ready', '{accepted,retracted,news_due}'), ('held_until', '{ready,hold_ending}'),
            ('expired', '{expired}'), ('cancelled', '{cancelled}'), ('collected', '{collected}'),
            ('choice', '{choice_offered}'), ('settled', '{choice_closed}'),
            ('confirmed', '{confirmed}'), ('credit', '{granted}'),
            ('news_by', '{accepted,delayed,retracted,news_due}'))
"""
_C1: Final = f"""
    SELECT m.store_id, m.kind || ' ' || m.id || ' says ' || c.kind || ' without proof' AS what
      FROM message_claims c
      JOIN messages m ON m.store_id = c.store_id AND m.id = c.message_id
     WHERE NOT EXISTS (SELECT FROM events e
                         JOIN {_ADMISSIBLE} AS a (claim, facts) ON a.claim = c.kind
                          AND split_part(e.name, '.', 2) = ANY (a.facts::text[])
                        WHERE e.store_id = c.store_id AND e.id = ANY (c.evidence)
                          AND (e.name LIKE 'order.%' OR e.name = 'credit.granted')
                          AND e.subject = m.order_id
                          AND e.occurred_at <= m.created_at)
"""  # noqa: S608 -- joined from the constants above
_C2: Final = """
    SELECT m.store_id, m.kind || ' ' || m.id || ' left and claims nothing on record' AS what
      FROM messages m
     WHERE m.attempted_at IS NOT NULL
       AND NOT EXISTS (SELECT FROM message_claims c
                        WHERE c.store_id = m.store_id AND c.message_id = m.id)
"""
_C3: Final = """
    SELECT store_id, 'message ' || id || ': version ' || order_version || ' after ' || before
           AS what
      FROM (SELECT store_id, id, order_version,
                   lag(order_version) OVER (PARTITION BY store_id, order_id, channel
                                            ORDER BY attempted_at, order_version, id) AS before
              FROM messages WHERE attempted_at IS NOT NULL) m
     WHERE order_version < before
"""
_C4: Final = """
    SELECT m.store_id, m.kind || ' ' || m.id AS what
      FROM messages m
      JOIN recipients r ON r.store_id = m.store_id AND r.order_id = m.order_id
     WHERE m.attempted_at > r.opted_out_at OR m.attempted_at > r.forgotten_at
"""
_C5: Final = """
    SELECT m.store_id, m.order_id || ': ' || count(*) || ' apologies for '
           || count(DISTINCT m.promise_version) || ' delays' AS what
      FROM messages m
     WHERE m.kind = 'delay_apology' AND m.state IN ('sent', 'unknown')
     GROUP BY m.store_id, m.order_id, m.channel
    HAVING count(*) > 2 OR count(*) > count(DISTINCT m.promise_version)
"""
_C6: Final = """
    SELECT m.store_id, m.kind || ' ' || m.id || ' is ' || m.state AS what
      FROM t, messages m
     WHERE (m.state = 'sending' AND m.claimed_until < t.machine - interval '5 minutes')
        OR (m.state = 'queued' AND m.attempts = 0
            AND m.send_after < t.now - greatest(interval '2 minutes', t.now - t.settled))
"""
_C7: Final = """
    SELECT m.store_id, m.kind || ' ' || m.id || ' says ' || c.value || ', the promise was '
           || p.latest AS what
      FROM message_claims c
      JOIN messages m ON m.store_id = c.store_id AND m.id = c.message_id
      JOIN promises p ON p.store_id = m.store_id AND p.order_id = m.order_id
                     AND p.version = m.promise_version
     WHERE c.kind = 'ready_by' AND c.value <> '' AND c.value::timestamptz <> p.latest
"""

_U1: Final = """
    SELECT o.store_id, o.number || ' line ' || l.line || ': ' || l.cancelled
           || ' taken off, and nobody was asked' AS what
      FROM orders o
      JOIN order_lines l ON l.store_id = o.store_id AND l.order_id = o.id
     WHERE l.cancelled > 0
       AND coalesce(o.close_reason, 'not_found')
           IN ('not_found', 'feed_conflict', 'collected', 'no_show')
       AND EXISTS (SELECT FROM events e  -- without a case: from before shoppers were asked
                    WHERE e.store_id = o.store_id AND e.subject = o.id
                      AND e.name = 'order.line_short' AND e.payload ->> 'case' IS NOT NULL
                      AND e.payload ->> 'line' = l.line::text)
       AND NOT EXISTS (SELECT FROM choice_cases c
                        WHERE c.store_id = o.store_id AND c.order_id = o.id
                          AND c.state IN ('answered', 'defaulted')
                          AND c.outcome IN ('without', 'cancelled')
                          AND c.lines @> jsonb_build_array(jsonb_build_object('line', l.line)))
"""
_U2: Final = """
    SELECT c.store_id, c.order_id || ' was to be settled by ' || coalesce(c.answer_by, c.ask_after)
           AS what
      FROM t, choice_cases c
     WHERE c.closed_at IS NULL
       AND CASE c.state WHEN 'offered' THEN c.answer_by ELSE c.ask_after END < t.settled
"""
_U3: Final = """
    SELECT c.store_id, c.order_id || ' was defaulted at ' || c.closed_at || ', and told '
           || c.answer_by AS what
      FROM choice_cases c
      JOIN orders o ON o.store_id = c.store_id AND o.id = c.order_id
     WHERE c.state = 'defaulted' AND c.closed_at < c.answer_by
       AND o.close_reason IS DISTINCT FROM 'no_show'
"""

WORD: Final[tuple[Invariant, ...]] = (
    Invariant("P1", Level.A, "Every order has its promises on record, without a gap", _P1),
    Invariant("P2", Level.A, "Every promise was put into words", _P2),
    Invariant("P3", Level.A, "No open order is past the time at which we owed it news", _P3),
    Invariant("P4", Level.A, "Lateness that could be known was said before the promise broke", _P4),
    Invariant("P5", Level.A, "A promise only ever moves later", _P5),
    Invariant("P6", Level.A, "The first promise never changes", _P6),
    Invariant(
        "C1", Level.A, "Every claim is backed by a fact of its order, recorded before it", _C1
    ),
    Invariant("C2", Level.A, "What has left says on record what it claims", _C2),
    Invariant("C3", Level.A, "What a shopper hears never goes back to an older state", _C3),
    Invariant("C4", Level.A, "Nobody is written to after saying no", _C4),
    Invariant("C5", Level.A, "At most one apology for a delay, and two for an order", _C5),
    Invariant("C6", Level.A, "No message waits longer than it may", _C6),
    Invariant("U1", Level.A, "Nothing is taken off an order before its shopper was asked", _U1),
    Invariant("U2", Level.A, "No question is put late, and none outlives its own clock", _U2),
    Invariant("U3", Level.A, "No default happens before the time that was told", _U3),
    Invariant("C7", Level.A, "The time in a message is the time that was promised", _C7),
)
