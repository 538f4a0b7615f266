"""How to reach a customer: as it is, masked where others read along, or not at all."""

from enum import Enum

from bot.billing import Customer
from bot.reply import Fact
from bot.words import _

_DOTS = "•••"
_SHOWN_DIGITS = 3


class Contacts(Enum):
    """How much of e-mail, phone and address the reader may see."""

    SHOWN = "shown"
    MASKED = "masked"
    HIDDEN = "hidden"


def contact_facts(customer: Customer, contacts: Contacts) -> tuple[Fact, ...]:
    """As much as may be seen; nothing where that is nothing."""
    if contacts is Contacts.HIDDEN:
        return ()
    masked = contacts is Contacts.MASKED
    email, phone, address = customer.email or "", customer.phone or "", customer.billing_address or ""
    return (
        Fact(_("E-mail"), _masked_email(email) if masked else email),
        Fact(_("Phone"), _masked_phone(phone) if masked else phone),
        Fact(_("Address"), _DOTS if masked and address else address),
    )


def _masked_email(email: str) -> str:
    """`c•••@example.com`: enough to know it again, not enough to write to it."""
    name, at, place = email.rpartition("@")
    return f"{name[:1]}{_DOTS}{at}{place}" if at else _DOTS if email else ""


def _masked_phone(phone: str) -> str:
    """`••• 000`: the last digits."""
    digits = "".join(mark for mark in phone if mark.isdigit())
    return f"{_DOTS} {digits[-_SHOWN_DIGITS:]}".strip() if phone else ""
