"""The ground: clock, ids, errors, columns, database, facts, relay, jobs, http. Knows no retail."""
