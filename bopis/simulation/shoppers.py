"""The lives of shoppers and of the web shop that sends them: they order, wait, come, or do not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Final

from bopis.simulation.doors import DoorShut, Placed
from bopis.simulation.inbox import Letter
from bopis.simulation.loop import Life
from bopis.simulation.people import Plan, Shopper
from bopis.simulation.town import MAIL_DOMAIN, Town, new_id
from bopis.simulation.words import FIRST_NAMES

QUOTED: Final = 0.3
"""The share of shoppers who look at several stores before they order."""
Wish = tuple[datetime, str, Sequence[tuple[str, int]]]
"""When, the shop's own order number, and what."""


async def web_shop(town: Town, store: str, wishes: Iterable[Wish], *, picky: bool = False) -> Life:
    """Pass on what people order, each at their own time.

    Args:
        town: Where.
        store: Where they want to collect.
        wishes: In order of time.
        picky: True: they leave out what the shop shows as gone. Published orders are left as
            they are: what cannot be had is then refused.
    """
    for at, reference, lines in wishes:
        yield at
        rng = town.world.rng("click", reference)
        town.loop.start(_click(town, store, reference, lines, picky=picky, rng=rng))


async def _click(
    town: Town,
    store: str,
    reference: str,
    lines: Sequence[tuple[str, int]],
    *,
    picky: bool,
    rng: Random,
) -> Life:
    """Look, perhaps; order; and try again while the shop cannot reach the system."""
    name = rng.choice(FIRST_NAMES)
    wanted = None if picky or rng.random() < QUOTED else lines
    while True:
        try:
            if wanted is None:
                wanted = await _look(town, store, lines, picky=picky)
            if not wanted:
                town.outcomes["left_without_ordering"] += 1
                return
            placed = await town.shop.order(
                store,
                reference,
                wanted,
                first_name=name,
                address=f"{reference.lower()}@{MAIL_DOMAIN}",
            )
        except DoorShut:
            if not town.forgiving:
                raise
            yield timedelta(minutes=2)  # the same reference, the same lines: never ordered twice
            continue
        break
    if not isinstance(placed, Placed):
        town.outcomes["refused"] += 1
        return
    town.outcomes["ordered"] += 1
    town.stir(store)
    town.loop.start(shopper(town, placed))


async def _look(
    town: Town, store: str, lines: Sequence[tuple[str, int]], *, picky: bool
) -> Sequence[tuple[str, int]]:
    """Ask what can be had; return what this shopper orders after having seen it."""
    site = town.sites[store]
    told = await town.shop.quote((site.latitude, site.longitude), lines)
    here = next((quote for quote in told["quotes"] if quote["store_id"] == store), None)
    if not picky or here is None:
        return lines
    shown = {line["sku"]: line["available"] for line in here["lines"]}
    return [(sku, n) for sku, n in lines if shown.get(sku, 0) >= n]


async def shopper(town: Town, placed: Placed) -> Life:
    """Live through one order, as told by its letters."""
    town.open_orders[placed.reference] = placed
    async for pause in _story(town, placed):
        yield pause
    town.open_orders.pop(placed.reference, None)


async def _story(town: Town, placed: Placed) -> Life:
    plan = Shopper.of(town.world, placed.reference)
    if plan.plan is Plan.CANCEL:
        yield plan.after
        await town.browser.look(placed.status_url)
        cancelled = await town.shop.cancel(placed.order_id)
        town.outcomes["cancelled_by_shopper" if cancelled else "cancelled_too_late"] += 1
        town.stir(placed.store)
        return
    if plan.plan is Plan.NO_SHOW:
        town.outcomes["did_not_come"] += 1
        return
    async for pause in _fetch(town, placed, plan):
        yield pause


async def _fetch(town: Town, placed: Placed, plan: Shopper) -> Life:
    """Wait for the letter with the code, choose when asked, and come."""
    while True:
        async for pause in _told(town, placed):
            yield pause
        comes_at = town.open_at(placed.store, town.now + plan.after)
        async for pause in _set_off(town, placed, plan, comes_at):
            yield pause
        yield comes_at
        letter = _newest(town, placed)
        if letter is None or letter.code is None:  # told in time not to come
            town.outcomes["trips_saved_by_a_correction"] += 1
            continue
        if plan.says_here:
            here = await town.browser.come(placed.status_url, "here", where="counter")
            town.outcomes["said_here"] += here
            town.stir(placed.store)
        yield plan.fetched_in
        if await _at_counter(town, placed, letter.code):
            break
        yield town.inbox.bell(placed.address)
    if plan.answers:
        yield timedelta(minutes=30)
        async for pause in _answer(town, placed):
            yield pause


async def _told(town: Town, placed: Placed) -> Life:
    """Wait until a letter says that it is ready; decide what letters before it ask."""
    while True:
        letter = _newest(town, placed)
        if letter is not None and letter.choices and letter.number not in placed.asked:
            placed.asked.append(letter.number)
            async for pause in _choose(town, placed, letter):
                yield pause
        if letter is not None and letter.code is not None:
            return
        if letter is _newest(town, placed):
            yield town.inbox.bell(placed.address)


async def _set_off(town: Town, placed: Placed, plan: Shopper, comes_at: datetime) -> Life:
    """Say, on the way, when they will be there; whoever is there already says nothing."""
    if plan.travels is None or town.now + plan.travels > comes_at:
        return
    yield comes_at - plan.travels
    letter = _newest(town, placed)
    if letter is not None and letter.code is not None:
        minutes = plan.travels // timedelta(minutes=1)
        said = await town.browser.come(placed.status_url, "on_my_way", minutes=minutes)
        town.outcomes["set_off"] += said


def _newest(town: Town, placed: Placed) -> Letter | None:
    """Return the last letter about this order; one about an order that is new begins its story."""
    letters = town.inbox.of(placed.address)
    known = town.pages.setdefault(placed.address, {placed.status_url})
    for page in list(letters):
        if page not in known and town.open_orders.get(placed.reference) is placed:
            known.add(page)
            store = page.rpartition("/o/")[2].rpartition(".")[0]
            reference = f"{placed.reference}/{len(known)}"
            moved = Placed("", reference, store, placed.address, page, {})
            plan = Shopper.of(town.world, reference)
            town.outcomes["moved"] += 1
            town.stir(store)
            town.loop.start(_fetch(town, moved, replace(plan, plan=Plan.COLLECT)))
    return letters.get(placed.status_url)


async def _choose(town: Town, placed: Placed, letter: Letter) -> Life:
    """Read what is offered, and take one of it: any but to give all of it up."""
    rng = town.world.rng("choice", placed.reference, str(len(placed.asked)))
    offered = [link for link in letter.choices if not link.endswith("/cancel_order")]
    if not offered or rng.random() >= town.world.temper.chooses:
        return
    yield timedelta(minutes=rng.uniform(1, 20))
    chosen = await town.browser.choose(rng.choice(offered))
    town.outcomes[f"chose_{chosen}" if chosen else "chose_too_late"] += 1
    town.stir(placed.store)


async def _answer(town: Town, placed: Placed) -> Life:
    """Open the page once more, and answer its question."""
    bag = await town.browser.look(placed.status_url)
    if bag.is_success:
        yield timedelta(seconds=20)
        await town.browser.answer(placed.status_url, all_there=True)
        town.outcomes["answered"] += 1


async def _at_counter(town: Town, placed: Placed, code: str) -> bool:
    """Ask for the bag; return whether this was the end of the story."""
    counter = town.counters[placed.store]
    screen = await counter.look_up(code)
    bag = {item["sku"]: item["quantity"] for item in screen.data.get("items", ())}
    if not bag:
        town.outcomes["sent_away"] += 1
        return True
    fell_out = _fell_out(town, placed, bag)
    if fell_out and not placed.came_before:
        placed.came_before = True
        taken_back = await counter.retract(
            code, {fell_out: 1}, scan_id=new_id(town.rng), scanned_at=town.now
        )
        # A scan is taken back whole: what else it had counted goes back to its shelf.
        town.world.put_back(placed.store, fell_out, max(0, taken_back.quantity - 1))
        town.outcomes["wasted_trips"] += 1
        town.stir(placed.store)
        return False
    given = await counter.hand_over(
        code,
        scan_id=new_id(town.rng),
        scanned_at=town.now,
        bags=[one["code"] for one in screen.data.get("bags", ())],
    )
    if given.outcome != "applied":
        town.outcomes["sent_away"] += 1
        return True
    for sku, units in bag.items():
        town.world.hand_over(placed.store, sku, units)
    town.outcomes["collected"] += 1
    return True


def _fell_out(town: Town, placed: Placed, bag: Mapping[str, int]) -> str | None:
    """Return what is missing from the bag, if this is one of the bags that have a gap."""
    rng = town.world.rng("bag", placed.reference)
    if rng.random() >= town.world.temper.bag_gap:
        return None
    return rng.choice(sorted(bag))
