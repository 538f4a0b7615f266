"""What Casier itself remembers: one database."""

from bot.store.database import Store, open_store
from bot.store.faults import StoreError
from bot.store.order import (
    BLOCKING,
    UNDER_WAY,
    WEIGHTY,
    Doubt,
    Oddity,
    OrderState,
    PaymentOrder,
    made_reference,
)
from bot.store.questions import Questions

__all__ = [
    "BLOCKING",
    "UNDER_WAY",
    "WEIGHTY",
    "Doubt",
    "Oddity",
    "OrderState",
    "PaymentOrder",
    "Questions",
    "Store",
    "StoreError",
    "made_reference",
    "open_store",
]
