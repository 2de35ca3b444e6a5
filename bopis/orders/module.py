"""The one door into this room: what it hears, what it serves, what it does on a clock."""

from datetime import timedelta
from typing import Final

from associates.events import (
    PickHandedOver,
    PickLineFound,
    PickLineShort,
    PickLineUndone,
    PickRetracted,
    PickStaged,
    PickStarted,
)
from bopis.kernel.events import inline, later
from bopis.kernel.express import Shortcut
from bopis.kernel.module import Job, Module
from bopis.orders import handlers, picking, router
from bopis.orders.amends import apologizing
from bopis.orders.choices import asking
from bopis.orders.counter import arrivals, board_router, counter_router, labels_router
from bopis.orders.events import (
    OrderAccepted,
    OrderCancelled,
    OrderChoiceClosed,
    OrderChoiceOffered,
    OrderCollected,
    OrderConfirmed,
    OrderDelayed,
    OrderExpired,
    OrderHoldEnding,
    OrderKept,
    OrderNewsDue,
    OrderReady,
    OrderRerouted,
    OrderRetracted,
)
from bopis.orders.moving import moving
from bopis.orders.placing import baskets, baskets_router, quick
from bopis.orders.telling import retelling, telling
from bopis.orders.watching import watchdog
from inventory.events import (
    StockConflictClosed,
    StockConflictDeepened,
    StockConflictOpened,
    StorePaused,
    StorePauseMoved,
    StoreResumed,
)
from notifications.events import MessageSettled

module: Final = Module(
    name="orders",
    routers=(
        router.router,
        baskets_router.router,
        counter_router.router,
        board_router.router,
        labels_router.router,
    ),
    subscriptions=(
        inline(PickStarted, handlers.begin),
        inline(PickLineFound, handlers.found),
        inline(PickLineUndone, handlers.undone),
        inline(PickLineShort, handlers.short),
        inline(PickStaged, handlers.make_ready),
        inline(PickHandedOver, handlers.collect),
        inline(PickRetracted, handlers.retract),
        inline(MessageSettled, retelling.say_as_it_is_now),
        inline(OrderCollected, handlers.serve),
        inline(OrderCancelled, handlers.stop_waiting),
        inline(OrderExpired, handlers.stop_waiting),
        inline(OrderRerouted, handlers.stop_waiting_if_moved),
        later(OrderAccepted, handlers.open_task),
        later(OrderAccepted, telling.say_received),
        later(OrderKept, handlers.open_task_of_kept),
        later(OrderKept, telling.say_kept),
        later(OrderDelayed, apologizing.apologize_for_delay),
        later(OrderNewsDue, telling.say_news),
        later(OrderChoiceOffered, asking.ask),
        later(OrderChoiceClosed, asking.say_settled),
        later(OrderConfirmed, asking.say_confirmed),
        later(OrderReady, telling.say_ready),
        later(OrderRetracted, apologizing.correct_ready),
        later(OrderHoldEnding, telling.remind),
        later(OrderExpired, telling.say_expired),
        later(OrderCancelled, apologizing.say_cancelled),
        later(OrderCollected, telling.thank),
        later(StockConflictOpened, handlers.doubt),
        later(StockConflictDeepened, handlers.doubt_more),
        later(StockConflictClosed, handlers.trust_again),
        later(StorePaused, handlers.pause),
        later(StorePauseMoved, handlers.move_pause),
        later(StoreResumed, handlers.resume),
    ),
    jobs=(
        Job(watchdog.JOB, every=timedelta(seconds=15), run=watchdog.sweep),
        Job("orders.baskets", every=timedelta(seconds=15), run=baskets.sweep),
        Job("orders.arrivals", every=timedelta(minutes=5), run=arrivals.sweep),
        Job("orders.moves", every=timedelta(seconds=15), run=moving.sweep),
    ),
    shortcuts=(Shortcut("/v1/orders", quick.order),),
    hot=(picking.PICKED,),
)
