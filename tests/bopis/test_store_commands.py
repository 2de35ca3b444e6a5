"""A store's time by the command line: holidays are shown before they are written, pauses kept."""

from datetime import date

import asyncpg
import pytest

from inventory.opening import holidays
from inventory.opening.holidays import HolidaysUnknown, HolidayUnknown
from tests.bopis.test_cli import at, bopis

__all__ = ["at"]

THANKSGIVING, EVE = date(2027, 11, 25), date(2027, 12, 24)
DAYS = {
    THANKSGIVING: "Thanksgiving Day",
    date(2027, 11, 26): "Day After Thanksgiving",
    EVE: "Christmas Day (observed)",
    date(2027, 12, 25): "Christmas Day",
}


def test_a_day_is_named_by_its_date_or_by_what_only_it_is_called() -> None:
    said = holidays.decide(DAYS, closed=["thanksgiving day", "2027-12-25"], hours=[])
    every = holidays.decide(DAYS, closed=["all"], hours=["2027-12-24 09:00-13:00, 14:00-16:00"])

    assert said == {THANKSGIVING: (), date(2027, 12, 25): ()}
    assert every == dict.fromkeys(DAYS, ()) | {EVE: (("09:00", "13:00"), ("14:00", "16:00"))}


@pytest.mark.parametrize(
    ("closed", "hours", "why"),
    [
        (["thanksgiving"], [], "may be 2027-11-25, 2027-11-26"),
        (["2027-07-04"], [], "is none of them"),
        ([""], [], "is none of them"),
        ([], ["2027-12-24 nine to one"], "Write '2027-12-24 nine to one' as"),
        ([], ["2027-12-24 09:00-25:00"], "as 2027-12-24 09:00-13:00"),
        (["2027-12-24"], ["2027-12-24 09:00-13:00"], "Two things are said of 2027-12-24"),
    ],
)
def test_what_is_said_of_no_holiday_is_refused(
    closed: list[str], hours: list[str], why: str
) -> None:
    with pytest.raises(HolidayUnknown, match=why):
        holidays.decide(DAYS, closed=closed, hours=hours)


def test_holidays_are_those_of_a_country_and_of_a_part_of_it() -> None:
    texas, france = holidays.listed("US", "TX", 2027), holidays.listed("FR", None, 2027)

    assert texas[date(2027, 3, 2)] == "Texas Independence Day"
    assert date(2027, 7, 14) in france
    assert list(texas) == sorted(texas)
    for country, part in (("ZZ", None), ("US", "ZZ")):
        with pytest.raises(HolidaysUnknown):
            holidays.listed(country, part, 2027)


async def test_holidays_and_pauses_by_the_command_line(
    at: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    connection = await asyncpg.connect(at)
    await connection.execute(
        "INSERT INTO stores (store_id, name, time_zone) VALUES ('S1', 'A', 'America/Chicago')"
    )
    await connection.execute(
        "INSERT INTO store_hours (store_id, weekday, opens, closes)"
        " SELECT 'S1', n, '09:00', '21:00' FROM generate_series(0, 6) AS n"
    )
    holidays_of = ("store", "holidays", "S1", "--country", "us", "--year", "2027")
    closed = ("--closed", "2027-12-25", "--hours", "2027-11-25 10:00-14:00")
    written = "SELECT day, opens, closes, note FROM store_hours_exceptions ORDER BY day"

    assert await bopis(*holidays_of, *closed) == 0
    shown = capsys.readouterr().out
    assert await connection.fetch(written) == []
    assert await bopis(*holidays_of, *closed, "--apply") == 0
    first = capsys.readouterr().out
    assert await bopis(*holidays_of, *closed, "--apply") == 0
    again = capsys.readouterr().out
    rows = [tuple(row) for row in await connection.fetch(written)]
    assert await bopis("store", "pause", "S1", "--until", "+2h", "--reason", "water") == 0
    paused = capsys.readouterr().out
    assert await bopis("store", "pause", "S1", "--until", "soon", "--reason", "water") == 1
    assert "write it as +2h" in capsys.readouterr().err
    assert await bopis("store", "hours", "S1") == 0
    hours = capsys.readouterr().out
    assert await bopis("store", "resume", "S1") == 0
    assert await bopis("store", "resume", "S1") == 0
    resumed = capsys.readouterr().out
    acts = await connection.fetch(
        "SELECT payload->>'act' AS act FROM events WHERE name='ops.noted'"
    )
    await connection.close()

    assert "Christmas Day                             09:00-21:00 -> closed" in shown
    assert "Labor Day                                 09:00-21:00\n" in shown
    assert shown.rstrip().endswith("and --apply to write it.")
    assert first.rstrip().endswith("2 days written.")
    assert again.rstrip().endswith("0 days written.")
    assert rows == [
        ("2027-11-25", "10:00", "14:00", "Thanksgiving Day"),
        ("2027-12-25", "closed", "", "Christmas Day"),
    ]
    assert "(water; closed, no new orders). 0 open orders are in it." in paused
    assert len(hours.splitlines()) == 1 + 1 + 14
    assert resumed.startswith("ended: paused from")
    assert resumed.endswith("Nothing was paused.\n")
    assert len(acts) == 3


async def test_a_store_says_by_the_command_line_which_language_is_spoken_there(
    at: str, capsys: pytest.CaptureFixture[str]
) -> None:
    connection = await asyncpg.connect(at)
    await connection.execute(
        "INSERT INTO stores (store_id, name, time_zone) VALUES ('S1', 'A', 'America/Chicago')"
    )
    kept = "SELECT language, alone FROM picking"

    assert await bopis("picking", "show", "S1") == 0
    before = capsys.readouterr().out
    assert await bopis("picking", "set", "S1", "--language", "klingon") == 1
    refused = capsys.readouterr().err
    assert await connection.fetch(kept) == []
    assert await bopis("picking", "set", "S1", "--language", "es", "--alone", "3") == 0
    said = capsys.readouterr().out
    assert await bopis("picking", "labels", "--store", "S1") == 0
    labels = capsys.readouterr().out
    rows = [tuple(row) for row in await connection.fetch(kept)]
    assert await bopis("picking", "set", "S1", "--language", "country") == 0
    after = capsys.readouterr().out
    await connection.close()

    assert "its language:         English, by its country" in before
    assert "--language klingon: it is en, es, fr, or country." in refused
    assert "its language:         Español, as it says" in said
    assert "Cesta 1" in labels.replace("_20", " ")
    assert rows == [("es", 3)]
    assert "English, by its country" in after
    assert "up to 3 units" in after
