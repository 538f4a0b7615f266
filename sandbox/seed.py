"""Two years of believable business: the same options give the same books."""

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random
from typing import NamedTuple, TypeVar

from sandbox.cast import PREMIUM, add_contract_examples, add_demo_cast
from sandbox.journal import Issue, Journal, Receipt
from sandbox.options import SandboxOptions
from sandbox.people import contact

T = TypeVar("T")

HISTORY_DAYS = 700
DEMO_CAST = 5


class Fate(NamedTuple):
    """What became of an invoice."""

    weight: int
    ends: str
    """One of paid, partial, open, cancelled."""
    attempts: tuple[str, ...] = ()
    """The statuses of its payments, in time."""


PAID = Fate(50, "paid", ("confirmed",))
OPEN = Fate(14, "open")
FATES = (
    PAID,
    OPEN,
    Fate(12, "paid", ("confirmed", "confirmed")),
    Fate(5, "paid", ("failed", "confirmed")),
    Fate(8, "partial", ("confirmed",)),
    Fate(3, "open", ("pending",)),
    Fate(1, "open", ("failed",)),
    Fate(2, "open", ("refunded",)),
    Fate(3, "cancelled"),
)
LOTTERY = tuple(fate for fate in FATES for _ in range(fate.weight))
METHODS = ("card", "card", "card", "card", "card", "transfer", "transfer", "transfer", "transfer", "cash")
CENTS = (0, 0, 0, 50, 99, 25, 10, 75, 49, 37)
TERMS = (15, 30, 30, 30, 45, 60)
LONGEST_DELAY = 45
OFFICE_MINUTES = tuple(f"{minute // 60:02}:{minute % 60:02}" for minute in range(8 * 60, 19 * 60))

# Business pays in the end: what is open is mostly from the last months. Added to a place between 0 and 1 in time.
LATER = {"paid": 0.0, "cancelled": 0.2, "partial": 0.75, "open": 0.88}


def seed_books(db: sqlite3.Connection, options: SandboxOptions) -> None:
    """Fill new books with as many customers and payments as the options want."""
    rng = Random(options.seed)  # noqa: S311  (invented figures, no secrets)
    journal = Journal(db, options.now().date())
    add_contract_examples(journal, still_open=options.demo)
    made = add_demo_cast(journal) if options.demo else len(journal.payments)
    owners = _add_customers(journal, rng, options)
    _add_invoices(journal, rng, owners, options.payments_wanted - made)
    journal.flush()


def _add_customers(journal: Journal, rng: Random, options: SandboxOptions) -> list[str]:
    """Write invented customers; give the ids of those who are to get invoices."""
    first = 2 + (DEMO_CAST if options.demo else 0)
    ids = [f"CL-{number:03}" for number in range(first, options.customers_wanted + 1)]
    for customer_id in ids:
        created_at = f"{journal.day(rng.randint(HISTORY_DAYS + 1, 1500))} {_office_hour(rng)}"
        journal.add_customer(customer_id, contact(rng), created_at)
    return ids or [PREMIUM]


def _add_invoices(journal: Journal, rng: Random, customer_ids: list[str], payments: int) -> None:
    """Write invoices with exactly so many payments, in the order of their dates."""
    owners = [one for one in customer_ids for _ in range(rng.randint(1, 4))]
    fates = _draw_fates(rng, payments, len(owners))
    owners += rng.choices(customer_ids, k=len(fates) - len(owners))
    rng.shuffle(owners)
    yesterday = journal.day(1)
    for place, (owner, fate) in enumerate(zip(owners, fates, strict=True)):
        issued = journal.day(HISTORY_DAYS - (HISTORY_DAYS - 1) * place // len(fates))
        issue = _draw_issue(rng, owner, issued, fate)
        journal.add_invoice(issue, tuple(_draw_receipts(rng, issue, fate, yesterday)) if fate.attempts else ())


def _draw_fates(rng: Random, payments: int, at_least: int) -> list[Fate]:
    """Draw what becomes of the invoices, oldest first, until the payments are used up."""
    fates: list[Fate] = []
    while payments > 0 or len(fates) < at_least:
        fate = pick(rng, LOTTERY)
        if len(fate.attempts) > payments:
            fate = PAID if payments else OPEN
        payments -= len(fate.attempts)
        fates.append(fate)
    return sorted(fates, key=lambda fate: rng.random() + LATER[fate.ends])


def _draw_issue(rng: Random, owner: str, issued: date, fate: Fate) -> Issue:
    bani = (20 + int(rng.lognormvariate(7, 1))) * 100 + pick(rng, CENTS)
    due = issued + timedelta(pick(rng, TERMS))
    return Issue(owner, issued, due, bani, cancelled=fate.ends == "cancelled")


def _draw_receipts(rng: Random, issue: Issue, fate: Fate, last_day: date) -> Iterator[Receipt]:
    days = sorted(int(rng.random() * LONGEST_DELAY) for _ in fate.attempts)
    for status, bani, after in zip(fate.attempts, _draw_amounts(rng, issue.bani, fate), days, strict=True):
        paid_at = f"{min(issue.issued + timedelta(after), last_day)} {_office_hour(rng)}"
        method = pick(rng, METHODS)
        reference = None if method == "cash" else f"OP{int(rng.random() * 10**9):09}"
        yield Receipt(bani, paid_at, status, method, reference)


def _draw_amounts(rng: Random, bani: int, fate: Fate) -> tuple[int, ...]:
    part = int(bani * (0.2 + 0.6 * rng.random()))
    if fate.ends == "partial":
        return (part,)
    if fate.attempts == ("confirmed", "confirmed"):
        return (part, bani - part)
    return (bani,) * len(fate.attempts)


def _office_hour(rng: Random) -> str:
    return f"{pick(rng, OFFICE_MINUTES)}:{int(rng.random() * 60):02}"


def pick(rng: Random, options: Sequence[T]) -> T:
    """Choose one; `Random.choice` takes four times as long, which a million payments feel."""
    return options[int(rng.random() * len(options))]
