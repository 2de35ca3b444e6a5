"""``make bench``: what we do beside what the machine could do, measured in the same run.

Each round measures the limit and us in turn, so that a machine whose speed drifts moves both. Read
the ratios, not the absolute figures.
"""

import argparse
import asyncio
import json
import platform
import sys
import tempfile
from pathlib import Path

from benchmarks import belief_pages, crowd, handheld, idle, nightly, quotes, walks
from benchmarks.accept import accept
from benchmarks.feed import feed
from benchmarks.house import House, built, postgres
from benchmarks.page import page
from benchmarks.row import Row
from benchmarks.scans import scans
from benchmarks.sweep import sweep
from benchmarks.truth import __main__ as truth


async def main(args: argparse.Namespace, dsn: str, folder: Path) -> list[Row]:  # noqa: C901
    rows: list[Row] = []
    if "sweep" in args.what:
        rows.extend(await sweep(dsn, args.rounds))
    if args.what == ["sweep"]:
        return rows
    async with built(dsn, items=args.items) as house:
        if "accept" in args.what:
            rows.append(await accept(house, args.rounds, args.seconds, hot=False))
            rows.append(await accept(house, args.rounds, args.seconds, hot=True))
        if "crowd" in args.what:
            rows.extend(await crowd.gone(house, args.rounds, args.seconds, args.buyers))
        if "beside" in args.what:
            rows.extend(await crowd.beside_a_feed(house, args.rounds, args.seconds, folder))
        if "page" in args.what:
            rows.extend(await page(house, args.rounds, args.seconds))
        if "feed" in args.what:
            rows.extend(await feed(house, args.rounds, folder, args.rows or args.items))
        if "scans" in args.what:
            rows.extend(await scans(house, args.rounds, args.devices, args.seconds * 3))
        if "quotes" in args.what:
            rows.append(await quotes.near(house, args.rounds, args.seconds))
        if "belief" in args.what:
            rows.append(await night(house, args.rounds, args.beliefs))
    return rows


async def night(house: House, rounds: int, rows: int) -> Row:
    """Hold every cap of a store against what we believe by now."""
    row = Row("belief, nightly step", "rows/s", 0.8)
    found, row.notes = await nightly.measured(house.dsn, rows, rounds)
    for ours, limit in found:
        row.add(ours, limit)
    return row


def proof(*, write: bool) -> None:
    """Say what belief is worth in stores that are made up; see ``benchmarks.belief``."""
    cases = belief_pages.cases()
    seeds = belief_pages.repeated()
    print(belief_pages.figures(cases, seeds))
    if write:
        belief_pages.write(cases, seeds)


if __name__ == "__main__":
    if sys.argv[1:2] == ["handheld"]:
        sys.exit(handheld.main(sys.argv[2:]))
    if sys.argv[1:2] == ["truth"]:
        sys.exit(truth.main(sys.argv[2:]))
    if sys.argv[1:2] == ["walks"]:
        sys.exit(walks.main(sys.argv[2:]))
    if sys.argv[1:2] == ["idle"]:
        sys.exit(idle.main(sys.argv[2:]))
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "what",
        nargs="*",
        default=["accept", "crowd", "beside", "page", "scans", "quotes", "feed", "belief", "sweep"],
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--items", type=int, default=25_000, help="in each of eight stores")
    parser.add_argument("--rows", type=int, help="of one feed, over as many stores as it takes")
    parser.add_argument("--buyers", type=int, default=10_000, help="of 100 units, in a crowd")
    parser.add_argument("--devices", type=int, default=200, help="handhelds that scan")
    parser.add_argument("--beliefs", type=int, default=1_000_000, help="rows of the nightly step")
    parser.add_argument("--write", action="store_true", help="the proof alone, into docs/belief.md")
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    chosen = parser.parse_args()
    if "belief" in chosen.what:
        proof(write=chosen.write)
    if chosen.write:
        sys.exit(0)
    with postgres() as address, tempfile.TemporaryDirectory() as scratch:
        found = asyncio.run(main(chosen, address, Path(scratch)))
    said = [row.said() for row in found]
    print(f"\n{platform.python_version()}, {platform.machine()}; medians of {chosen.rounds} rounds")
    for line in said:
        mark = "reached" if float(str(line["ratio"])) >= float(str(line["goal"])) else "MISSED"
        print(
            f"{line['what']:<24} {line['ours']:>10,} of {line['limit']:>10,} {line['unit']:<9}"
            f" ratio {line['ratio']} (goal {line['goal']}: {mark})"
        )
    if chosen.json:
        chosen.json.write_text(json.dumps(said, indent=2) + "\n")
    sys.exit(0)
