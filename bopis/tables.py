"""Every table there is: what migrations are made from, and what the schema tests walk over."""

from typing import Final

from sqlmodel import SQLModel

import associates.bagging.bag_models
import associates.crew.dispute_models
import associates.crew.shift_models
import associates.models
import associates.offline.case_models
import associates.picking.picking_models  # noqa: F401
import bopis.kernel.events
import bopis.kernel.idempotency
import bopis.kernel.jobs
import bopis.kernel.keys
import bopis.orders.amends.apology_models
import bopis.orders.choices.choice_models
import bopis.orders.counter.arrival_models
import bopis.orders.models
import bopis.orders.moving.move_models
import bopis.orders.placing.basket_models
import bopis.promises.models
import bopis.promises.standing_models
import bopis.promises.survival_models
import bopis.trust.record_models  # noqa: F401
import inventory.belief.models
import inventory.feeds.models
import inventory.hold_models
import inventory.layout.floor_models
import inventory.models
import inventory.opening.hours_models
import inventory.sources.models  # noqa: F401
import notifications.models  # noqa: F401

METADATA: Final = SQLModel.metadata
