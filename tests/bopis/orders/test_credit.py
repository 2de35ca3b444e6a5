"""What is owed for what: the table of the policy, and what no policy may do."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bopis.orders.amends import apology, credit
from bopis.orders.amends.apology import Past, Said
from bopis.orders.amends.credit import DEFAULT, CreditTier, Incident, Money

EUR = Money(Decimal(40), "EUR")
money = st.decimals(Decimal("0.01"), Decimal(5000), places=2).map(lambda n: Money(n, "EUR"))
late = st.integers(0, 600).map(lambda n: timedelta(minutes=n))


@pytest.mark.parametrize(
    ("what", "minutes", "told", "tier", "owed"),
    [
        (Incident.LATE, 14, "warned", CreditTier.SMALL, None),
        (Incident.LATE, 15, "warned", CreditTier.MEDIUM, "2.00"),
        (Incident.LATE, 60, "warned", CreditTier.MEDIUM, "2.00"),
        (Incident.LATE, 61, "warned", CreditTier.LONG, "4.00"),
        (Incident.LATE, 1, "unwarned", CreditTier.LONG, "4.00"),
        (Incident.LATE, 14, "warned again", CreditTier.MEDIUM, "2.00"),
        (Incident.LATE, 30, "warned again", CreditTier.LONG, "4.00"),
        (Incident.CANCELLED, 0, "unwarned", CreditTier.CANCELLED, "5.00"),
        (Incident.NOT_READY, 0, "unwarned", CreditTier.NOT_READY, "20.00"),
    ],
)
def test_the_table(
    what: Incident, minutes: int, told: str, tier: CreditTier, owed: str | None
) -> None:
    found = credit.tier(
        DEFAULT,
        what,
        late=timedelta(minutes=minutes),
        warned=told.startswith("warned"),
        again=told.endswith("again"),
    )

    assert found is tier
    due = credit.owed(DEFAULT, found, EUR, Decimal(0))
    assert (due and str(due.amount)) == owed


@pytest.mark.parametrize(
    ("tier", "total", "owed"),
    [
        (CreditTier.MEDIUM, Money(Decimal(1000), "EUR"), Decimal(5)),
        (CreditTier.LONG, Money(Decimal(1000), "EUR"), Decimal(15)),
        (CreditTier.CANCELLED, Money(Decimal(1000), "EUR"), Decimal(100)),
        (CreditTier.LONG, None, None),  # a share of what nobody told us
        (CreditTier.CANCELLED, None, Decimal(5)),
        (CreditTier.NOT_READY, None, Decimal(20)),
        (CreditTier.NOT_READY, Money(Decimal(40), "JPY"), None),  # we do not trade currencies
    ],
)
def test_the_bounds(tier: CreditTier, total: Money | None, owed: Decimal | None) -> None:
    due = credit.owed(DEFAULT, tier, total, Decimal(0))

    assert (due and due.amount) == owed


@given(total=money, tiers=st.lists(st.sampled_from(list(CreditTier)), max_size=6))
@settings(max_examples=60)
def test_however_often_it_is_granted_the_worst_line_is_all_there_is(
    total: Money, tiers: list[CreditTier]
) -> None:
    granted = Decimal(0)
    for tier in tiers:
        due = credit.owed(DEFAULT, tier, total, granted)
        assert due is None or due.amount > 0
        granted += due.amount if due else 0

    alone = [credit.owed(DEFAULT, tier, total, Decimal(0)) for tier in tiers]
    assert granted == max((due.amount for due in alone if due), default=Decimal(0))


@given(one=late, other=late, warned=st.booleans(), again=st.booleans())
@settings(max_examples=60)
def test_later_unwarned_and_again_are_never_cheaper(
    one: timedelta,
    other: timedelta,
    *,
    warned: bool,
    again: bool,
) -> None:
    rank = [CreditTier.SMALL, CreditTier.MEDIUM, CreditTier.LONG]

    def of(delay: timedelta, *, told: bool, twice: bool) -> int:
        tier = credit.tier(DEFAULT, Incident.LATE, late=delay, warned=told, again=twice)
        return rank.index(tier)

    low, high = sorted((one, other))
    assert of(low, told=warned, twice=again) <= of(high, told=warned, twice=again)
    assert of(one, told=True, twice=again) <= of(one, told=False, twice=again)
    assert of(one, told=warned, twice=False) <= of(one, told=warned, twice=True)


@pytest.mark.parametrize(
    ("past", "said"),
    [
        (Past(), Said.APOLOGY),
        (Past(of_order=1, of_customer=1), Said.APOLOGY),
        (Past(of_order=2, of_customer=2), Said.PERSON),
        (Past(elsewhere=1, of_customer=1), Said.PERSON),  # not the same letter again
        (Past(elsewhere=1), Said.PERSON),
    ],
)
def test_words_run_out(past: Past, said: Said) -> None:
    order_id = next(UUID(int=n) for n in range(100) if not apology.held_out(DEFAULT, UUID(int=n)))

    assert apology.how(DEFAULT, Incident.LATE, CreditTier.MEDIUM, past, order_id) is said
    assert apology.needs_call(Incident.LATE, said) is (said is Said.PERSON)
    assert apology.needs_call(Incident.NOT_READY, said)


def test_one_in_twenty_small_delays_is_held_out_and_always_the_same_ones() -> None:
    ids = [UUID(int=n) for n in range(4000)]
    out = [one for one in ids if apology.held_out(DEFAULT, one)]

    assert 0.04 < len(out) / len(ids) < 0.06
    assert out == [one for one in ids if apology.held_out(DEFAULT, one)]
    for tier, said in ((CreditTier.SMALL, Said.FACTS), (CreditTier.MEDIUM, Said.APOLOGY)):
        assert apology.how(DEFAULT, Incident.LATE, tier, Past(), out[0]) is said


SHIPPED = (Path(credit.__file__).parent / "credit_policy.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("there", "instead"),
    [
        ('currency = "EUR"', 'currency = "euro"'),
        ("small_under_minutes = 15 ", "small_under_minutes = 90 "),
        ("percent = 5\n", "percent = 500\n"),
        ("percent = 5\n", "per_cent = 5\n"),
        ("most = 15", "most = 15\nleast = 20"),
        ("apologies_per_order = 2 ", "apologies_per_order = 3 "),
        ("[medium]", "[middle]"),
        ("hold_out_percent = 5 ", ""),
    ],
)
def test_a_policy_with_a_doubt_in_it_is_refused(there: str, instead: str) -> None:
    assert there in SHIPPED
    with pytest.raises(ValueError, match=r"."):
        credit.load(SHIPPED.replace(there, instead))


@given(
    st.integers(0, 10**7).map(lambda cents: Decimal(cents).scaleb(-2)),
    st.lists(st.integers(1, 40), min_size=1, max_size=5),
)
def test_what_moves_takes_its_share_along_and_no_cent_is_lost_or_made(
    paid: Decimal, parts: list[int]
) -> None:
    left, of, taken = Money(paid, "EUR"), sum(parts), Decimal(0)

    for units in parts:
        share, left = credit.shared(left, units, of)
        of -= units
        taken += share.amount
        assert share.amount >= 0
        assert left.amount >= 0
        assert share.amount == share.amount.quantize(Decimal("0.01"))

    assert taken == paid
    assert left.amount == 0
