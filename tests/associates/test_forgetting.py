"""What is no longer needed is gone; what still counts stays."""

from datetime import timedelta
from uuid import uuid4

from associates import jobs
from associates.crew.forgetting import HELD, SPENT
from associates.models import AssociateSession, EnrolmentCode, SignInFailure
from bopis.kernel.clock import machine_clock
from tests.associates.floor import OTHER, STORE, Floor

HOUR = timedelta(hours=1)


async def test_what_has_run_out_is_deleted_and_the_rest_stays(floor: Floor) -> None:
    now = machine_clock()
    await floor.rows("DELETE FROM enrolment_codes")
    for store_id in (STORE, OTHER):
        async with floor.db.transaction(store_id) as tx:
            for name, age in (("old", HOUR), ("young", -HOUR)):
                spent, held = now - SPENT - age, now - HELD - age
                code = f"{store_id}{name}".encode()
                device = floor.ada.device_id
                await tx.add(
                    EnrolmentCode(store_id=store_id, digest=code, expires_at=spent),
                    SignInFailure(
                        store_id=store_id,
                        device_id=device,
                        number=name,
                        failures=9,
                        locked_until=spent,
                    ),
                    AssociateSession(
                        store_id=store_id,
                        id=uuid4(),
                        device_id=device,
                        associate_id=floor.ada.associate_id,
                        token_digest=code,
                        started_at=held,
                        ends_at=held,
                    ),
                )

    first, second = await jobs.forget(floor.db), await jobs.forget(floor.db)

    assert (first, second) == (6, 0)
    codes = await floor.rows("SELECT convert_from(digest, 'UTF8') AS c FROM enrolment_codes")
    failures = await floor.rows("SELECT number FROM sign_in_failures")
    sessions = await floor.rows("SELECT FROM associate_sessions")
    assert sorted(row["c"] for row in codes) == ["S1young", "S2young"]
    assert [row["number"] for row in failures] == ["young", "young"]
    assert len(sessions) == 2
