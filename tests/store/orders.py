"""Payment orders to keep."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.store import Oddity, OrderState, PaymentOrder

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
        "oddities": (Oddity.TOO_MUCH, Oddity.UNKNOWN_BEFORE),
        "sender": "web:cashier",
        "sender_name": "Ioana",
        "asked_at": NOON,
        "expires_at": NOON + 10 * MINUTE,
    }
    return PaymentOrder(**{**usual, **said})
