"""The chats of a storm of news: what each asked for, and what that means."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from bot.dates import now
from bot.message import Chat, ChatKind
from bot.notifications import made_id
from bot.store import CardStyle, Filter, Store, Subscription

CUSTOMER = "CL-001"
INVOICE = "2024-001"
ADMIN = "web:admin"


@dataclass(frozen=True, slots=True)
class Fact:
    """A payment with one status: all that a filter may ask about."""

    invoice: str
    customer: str
    amount: Decimal
    status: str


@dataclass(frozen=True, slots=True)
class Room:
    """One chat: its subscriptions as the bot has them, and the same in words of our own, to judge by."""

    name: str
    wants: Callable[[Fact], bool]
    filters: tuple[Filter, ...] = ()
    style: CardStyle = CardStyle.DETAILED

    @property
    def chat(self) -> Chat:
        """Where it is."""
        return Chat("web", self.name, ChatKind.GROUP)


# It hears by the settings, the others by what was subscribed.
TEAM = Room("team", lambda _fact: True)
ROOMS = (
    TEAM,
    Room("large", lambda fact: fact.amount >= 1000, (Filter(least=Decimal(1000)),)),
    Room("small", lambda fact: fact.amount <= 100, (Filter(most=Decimal(100)),), CardStyle.COMPACT),
    Room("customer", lambda fact: fact.customer == CUSTOMER, (Filter(customer=CUSTOMER),)),
    Room("invoice", lambda fact: fact.invoice == INVOICE, (Filter(invoice=INVOICE),)),
    Room("trouble", lambda fact: fact.status in ("failed", "refunded"), (Filter(statuses=("failed", "refunded")),)),
    Room("pending", lambda fact: fact.status == "pending", (Filter(statuses=("pending",)),)),
    Room(
        "overlapping",
        lambda fact: fact.amount >= 500 or fact.status == "confirmed" or fact.customer == CUSTOMER,
        (Filter(least=Decimal(500)), Filter(statuses=("confirmed",)), Filter(customer=CUSTOMER)),
    ),
)


async def subscribe_all(store: Store) -> None:
    """Let every room hear of what it asked for."""
    for room in ROOMS:
        for wanted in room.filters:
            asked = Subscription(id=made_id(), wanted=wanted, style=room.style, setter=ADMIN, set_at=now())
            await store.subscriptions.subscribe(room.chat, asked)
