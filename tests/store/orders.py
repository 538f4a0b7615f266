"""Payment orders to keep."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.store import Doubt, Oddity, OrderState, PaymentOrder, Store

NOON = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def drafted(order_id: str, **said: Any) -> PaymentOrder:  # noqa: ANN401
    """A draft of noon, that may be confirmed for ten minutes."""
    usual: dict[str, Any] = {
        "id": order_id,
        "state": OrderState.DRAFT,
        "invoice": "2024-001",
        "customer": "CL-001",
        "customer_name": "Ștefan & Fiii “SRL” 💶",
        "amount": Decimal("5320.50"),
        "balance": Decimal("100000000000000.01"),
        "currency": "RON",
        "method": "card",
        "reference": "EUP123",
        "doubts": (Doubt(Oddity.TOO_MUCH), Doubt(Oddity.TWIN, "56", "Ioana", "web:team", "2026-03-01")),
        "sender": "web:cashier",
        "sender_name": "Ioana",
        "asked_at": NOON,
        "expires_at": NOON + 10 * MINUTE,
    }
    return PaymentOrder(**{**usual, **said})


async def claimed(store: Store, order_id: str, at: datetime = NOON) -> PaymentOrder | None:
    """Claim an order, so that it is held until then."""
    return await store.orders.claim(order_id, at, OrderState.HELD, send_at=at, expires_at=at)


async def sent(store: Store, order_id: str, at: datetime = NOON) -> PaymentOrder:
    """Claim an order and begin to send it."""
    assert await claimed(store, order_id, at)
    begun = await store.orders.begin(order_id, at)
    assert begun
    return begun
