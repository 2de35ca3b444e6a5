"""Which tables could not be sharded by store, asked of PostgreSQL's own catalog."""

from collections.abc import Mapping
from typing import Final

import asyncpg

VIOLATIONS: Final = """
    WITH placement (rel, kind) AS (
        SELECT to_regclass(p.name)::oid, p.kind
          FROM unnest($1::text[], $2::text[]) AS p (name, kind)
    ),
    dist AS (
        SELECT p.rel, a.attnum, a.atttypid, a.attcollation, a.attnotnull
          FROM placement AS p
          LEFT JOIN pg_attribute AS a
            ON a.attrelid = p.rel AND a.attname = 'store_id' AND NOT a.attisdropped
         WHERE p.kind = 'distributed'
    ),
    uq AS (
        SELECT i.indrelid AS rel, c.relname AS idx, i.indkey::int2[] AS keys, i.indnkeyatts AS n,
               con.contype, con.conexclop
          FROM pg_index AS i
          JOIN pg_class AS c ON c.oid = i.indexrelid
          LEFT JOIN pg_constraint AS con
            ON con.conindid = i.indexrelid AND con.contype IN ('p', 'u', 'x')
         WHERE i.indisunique OR i.indisexclusion
    )
    SELECT 'S1 undeclared table' AS rule, c.oid::regclass::text AS on_table, '' AS detail
      FROM pg_class AS c
     WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND c.relnamespace = 'public'::regnamespace AND c.oid NOT IN (SELECT rel FROM placement)
    UNION ALL
    SELECT 'S2 no store_id', rel::regclass::text, '' FROM dist WHERE attnum IS NULL
    UNION ALL
    SELECT 'S2 store_id nullable', rel::regclass::text, '' FROM dist WHERE NOT attnotnull
    UNION ALL
    SELECT 'S2 store_id of another type', rel::regclass::text, format_type(atttypid, NULL)
      FROM dist
     WHERE atttypid <> 'text'::regtype
        OR attcollation <> (SELECT oid FROM pg_collation WHERE collname = 'C' LIMIT 1)
    UNION ALL
    SELECT 'S3 no primary key', rel::regclass::text, '' FROM dist
     WHERE NOT EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = rel AND i.indisprimary)
    UNION ALL
    SELECT 'S3 unique without store_id', d.rel::regclass::text, u.idx
      FROM dist AS d JOIN uq AS u ON u.rel = d.rel
     WHERE NOT EXISTS (
           SELECT FROM generate_subscripts(u.keys, 1) AS s
            WHERE s < u.n AND u.keys[s] = d.attnum
              AND (u.conexclop IS NULL OR EXISTS (
                  SELECT FROM pg_operator AS o
                   WHERE o.oid = u.conexclop[s + 1] AND o.oprname = '=')))
    UNION ALL
    SELECT 'S3 primary key does not begin with store_id', d.rel::regclass::text, u.idx
      FROM dist AS d JOIN uq AS u ON u.rel = d.rel AND u.contype = 'p'
     WHERE u.keys[0] <> d.attnum
    UNION ALL
    SELECT 'S5 foreign key without store_id', c.conrelid::regclass::text, c.conname
      FROM pg_constraint AS c
      JOIN dist AS d ON d.rel = c.conrelid
      JOIN dist AS f ON f.rel = c.confrelid
     WHERE c.contype = 'f' AND NOT EXISTS (
           SELECT FROM generate_subscripts(c.conkey, 1) AS s
            WHERE c.conkey[s] = d.attnum AND c.confkey[s] = f.attnum)
    UNION ALL
    SELECT 'S6 foreign key into a distributed table', c.conrelid::regclass::text, c.conname
      FROM pg_constraint AS c
      JOIN dist AS f ON f.rel = c.confrelid
      LEFT JOIN placement AS p ON p.rel = c.conrelid
     WHERE c.contype = 'f' AND coalesce(p.kind, 'local') <> 'distributed'
    UNION ALL
    SELECT 'S6 foreign key to a local table', c.conrelid::regclass::text, c.conname
      FROM pg_constraint AS c
      JOIN placement AS p ON p.rel = c.conrelid
      LEFT JOIN placement AS q ON q.rel = c.confrelid
     WHERE c.contype = 'f' AND p.kind <> 'local' AND coalesce(q.kind, 'local') = 'local'
    UNION ALL
    SELECT 'S7 foreign key rewrites store_id', c.conrelid::regclass::text, c.conname
      FROM pg_constraint AS c JOIN dist AS d ON d.rel = c.conrelid
     WHERE c.contype = 'f' AND d.attnum = ANY (c.conkey)
       AND (c.confdeltype IN ('n', 'd') OR c.confupdtype IN ('n', 'd', 'c'))
    UNION ALL
    SELECT 'S8 trigger', t.tgrelid::regclass::text, t.tgname
      FROM pg_trigger AS t JOIN placement AS p ON p.rel = t.tgrelid
     WHERE NOT t.tgisinternal AND p.kind <> 'local'
    UNION ALL
    SELECT 'S9 sequence not bigint', a.attrelid::regclass::text, a.attname
      FROM pg_attribute AS a JOIN placement AS p ON p.rel = a.attrelid
     WHERE p.kind <> 'local' AND a.atttypid <> 'bigint'::regtype
       AND (a.attidentity <> '' OR EXISTS (
           SELECT FROM pg_depend AS x JOIN pg_class AS s ON s.oid = x.objid AND s.relkind = 'S'
            WHERE x.refobjid = a.attrelid AND x.refobjsubid = a.attnum))
    UNION ALL
    SELECT 'S10 partitions of partitions', i.inhrelid::regclass::text, ''
      FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
     WHERE c.relkind = 'p' AND i.inhparent IN (SELECT rel FROM placement)
    UNION ALL
    SELECT 'S11 inheritance', i.inhparent::regclass::text, i.inhrelid::regclass::text
      FROM pg_inherits AS i
      JOIN pg_class AS c ON c.oid = i.inhrelid
      JOIN pg_class AS parent ON parent.oid = i.inhparent
     WHERE c.relkind = 'r' AND parent.relkind = 'r' AND i.inhparent IN (SELECT rel FROM placement)
    UNION ALL
    SELECT 'S11 rule', r.ev_class::regclass::text, r.rulename
      FROM pg_rewrite AS r JOIN placement AS p ON p.rel = r.ev_class
     WHERE p.kind <> 'local'
     ORDER BY 1, 2, 3
"""
"""After the appendix of the study on scaling out; stricter where Citus accepts something broken."""


async def violations(
    connection: asyncpg.Connection, placement: Mapping[str, str]
) -> list[tuple[str, str, str]]:
    """Return every rule that the schema breaks: the rule, the table, and what in it."""
    rows = await connection.fetch(VIOLATIONS, list(placement), list(placement.values()))
    return [(row["rule"], row["on_table"], row["detail"]) for row in rows]
