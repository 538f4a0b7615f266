"""What a row of the trail says of a deed or a request: never anybody's words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bot.arguments import looks_like_customer, looks_like_invoice
from bot.dates import now
from bot.message import Chat, Message, Sender
from bot.store import PaymentOrder, Record
from bot.store.trail import written_moment

# Who did what nobody asked for: an expired draft is closed, a verdict comes in.
_OURSELVES = "casier"
_LONGEST = 160
# Stands for the command where somebody wrote none.
MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class By:
    """Who did it, and where. Nobody: Casier itself."""

    actor: Sender | None = None
    chat: Chat | None = None


@dataclass(slots=True)
class Request:
    """One message on its way through the App, as far as the trail may tell: never its words.

    `command`: with its slash, or `MESSAGE`. `refusal`: what kind of no it met, in a word; `denied`: the person may not.
    `grave`: it moves or decides money or access; its refusal is written before it is told. `told`: the deed that it
    led to is in the trail itself.
    """

    message: Message
    command: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    refusal: str = ""
    denied: bool = False
    grave: bool = False
    told: bool = False


def record(deed: str, by: By, **said: str) -> Record:
    """A row of these words, each made plain."""
    actor, chat = by.actor, by.chat
    return Record(
        moment=written_moment(now()),
        actor=_clean(actor.key if actor else _OURSELVES),
        actor_name=_clean(actor.name if actor else ""),
        platform=_clean(actor.platform if actor else _OURSELVES),
        chat=_clean(chat.key if chat else ""),
        deed=_clean(deed),
        **{name: _clean(words) for name, words in said.items()},
    )


def of_order(deed: str, order: PaymentOrder, by: By, note: str) -> Record:
    """What happened to a payment."""
    return record(
        deed,
        by,
        subject=order.id,
        invoice=order.invoice,
        amount=f"{order.amount:f}",
        currency=order.currency,
        outcome=order.state.value,
        note=note or order.payment or order.method,
    )


def of_request(deed: str, request: Request, outcome: str) -> Record:
    """What was asked, and what came of it."""
    values, amount = request.values, request.values.get("amount")
    named = next((word for name in ("invoice", "customer", "text") if (word := _number(values.get(name)))), "")
    is_customer = bool(named) and ("customer" in values or looks_like_customer(named)) and "invoice" not in values
    return record(
        deed,
        By(request.message.sender, request.message.chat),
        subject=str(values.get("payment") or ""),
        invoice="" if is_customer else named,
        amount=f"{amount:f}" if isinstance(amount, Decimal) else "",
        outcome=outcome,
        note=f"{request.command} {named if is_customer else ''}".strip() if request.command else "",
    )


def _number(word: object) -> str:
    """A word that is an invoice's or a customer's number. Any other may be somebody's name: it stays out."""
    said = str(word or "")
    return said if looks_like_invoice(said) or looks_like_customer(said) else ""


def _clean(words: str) -> str:
    """One line that every database takes as it is."""
    if len(words) <= _LONGEST and words.isprintable():
        return words
    plain = "".join(letter if letter.isprintable() else " " for letter in words[:_LONGEST])
    return plain.encode("utf-8", "replace").decode()
