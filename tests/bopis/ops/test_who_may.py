"""Who gets in, to which stores, and what another site's form can do: nothing."""

import httpx
import pytest

from bopis.kernel.database import Database
from bopis.kernel.keys import KeyKind
from tests.bopis.ops.conftest import Key, SignIn
from tests.bopis.ops.desk import ELSEWHERE, PAGES, S1, S2, conflict, dead_letter, token
from tests.bopis.trust import world


async def test_without_a_key_one_can_only_sign_in(client: httpx.AsyncClient) -> None:
    for path in PAGES:
        answer = await client.get(f"/ops{path}", headers={"accept": "text/html"})

        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/ops/sign-in?next=/ops")


async def test_a_key_of_another_kind_does_not_open_it(client: httpx.AsyncClient, key: Key) -> None:
    for kind in (KeyKind.CHANNEL, KeyKind.FEED):
        secret = (await key(kind))["Authorization"].removeprefix("Bearer ")
        answer = await client.post("/ops/sign-in", data={"key": secret})
        assert answer.status_code == 403
        assert "bopis_ops" not in answer.cookies
    assert (await client.post("/ops/sign-in", data={"key": "no"})).status_code == 401


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(sign_in: SignIn) -> None:
    browser = await sign_in()
    cookie = next(iter(browser.cookies.jar))

    assert cookie.secure
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "lax"
    assert cookie.path == "/ops"


async def test_a_revoked_key_is_out_at_once(sign_in: SignIn, db: Database) -> None:
    browser = await sign_in()
    async with db.transaction() as tx:
        await tx.run("UPDATE api_keys SET revoked_at = $1", tx.now)

    assert (await browser.get("/ops")).status_code == 303


async def test_a_forged_cookie_is_nobody(client: httpx.AsyncClient) -> None:
    client.cookies.set("bopis_ops", "WyJhYmMiLCJkZWYiXQ.forged.forged")

    assert (await client.get("/ops")).status_code == 303


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "/opsx", "/o/token"])
async def test_signing_in_goes_nowhere_else(client: httpx.AsyncClient, key: Key, to: str) -> None:
    secret = (await key(KeyKind.OPS))["Authorization"].removeprefix("Bearer ")

    answer = await client.post("/ops/sign-in", data={"key": secret, "next": to})

    assert answer.headers["location"] == "/ops"


FORGED = (
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": "https://evil.example"},
    {"origin": "null"},
)


@pytest.mark.parametrize("headers", FORGED)
async def test_another_sites_form_changes_nothing(
    sign_in: SignIn, db: Database, headers: dict[str, str]
) -> None:
    await world.build(db)
    letter = await dead_letter(db)
    browser = await sign_in()
    form = letter | {"token": token((await browser.get("/ops")).text)}

    answer = await browser.post("/ops/dead-letters/retry", data=form, headers=headers)

    assert answer.status_code == 403
    async with db.transaction() as tx:
        assert await tx.value("SELECT count(*) FROM deliveries WHERE dead_at IS NOT NULL") == 1


@pytest.mark.parametrize("sent", [None, "", "wrong"])
async def test_a_form_without_our_token_changes_nothing(
    sign_in: SignIn, db: Database, sent: str | None
) -> None:
    await world.build(db)
    letter = await dead_letter(db)
    browser = await sign_in()

    form = letter if sent is None else letter | {"token": sent}
    answer = await browser.post("/ops/dead-letters/retry", data=form)

    assert answer.status_code == 403
    async with db.transaction() as tx:
        assert await tx.value("SELECT count(*) FROM deliveries WHERE dead_at IS NOT NULL") == 1


async def test_a_store_key_sees_its_store_alone(sign_in: SignIn, db: Database) -> None:
    await world.build(db, stores=(S1, S2))
    await conflict(db, S2)
    await dead_letter(db, S2)
    browser = await sign_in(S1)

    for path in PAGES:
        assert "Store S2" not in (await browser.get(f"/ops{path}")).text
    assert (await browser.get(f"/ops/orders/{ELSEWHERE}")).status_code == 404
    assert (await browser.get("/ops/feeds/pos/b1")).status_code == 404


async def test_a_store_key_changes_nothing_elsewhere(sign_in: SignIn, db: Database) -> None:
    await world.build(db, stores=(S1, S2))
    id_ = await conflict(db, S2)
    letter = await dead_letter(db, S2)
    browser = await sign_in(S1)
    sent = {"token": token((await browser.get("/ops")).text), "note": "x"}
    device = f"S2.{world.DEVICE.hex}"
    forms = {
        "conflicts/close": {"conflict": id_},
        "dead-letters/retry": letter,
        "dead-letters/discard": letter,
        "devices/revoke": {"device": device},
        "devices/unlock": {"device": device},
        "devices/codes": {"store": "S2"},
        "associates/deactivate": {"associate": device},
        "associates/unlock": {"associate": device},
        "orders/retract": {"order": ELSEWHERE},
        "disputes/answer": {"dispute": device},
    }

    answers = [
        (await browser.post(f"/ops/{path}", data=sent | form)).status_code
        for path, form in forms.items()
    ]

    assert answers == [404] * len(forms)
    async with db.transaction() as tx:
        assert await tx.value("SELECT count(*) FROM events WHERE name = 'ops.noted'") == 0
        assert await tx.value("SELECT count(*) FROM enrolment_codes") == 0
