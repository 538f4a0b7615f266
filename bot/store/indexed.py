"""Customers and invoices as the index holds them, and by which words they are found."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.spelling import folded, groups, mail_words, name_words, phones

# The first letter says what kind of word it is; those of names and e-mail addresses have none.
ID_MARK, PHONE_MARK, PHONE_END_MARK = "#", "+", "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedCustomer:
    """A customer as the list told it. `read_at`: when its invoices were read; None: never yet."""

    id: str
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    address: str | None = None
    created_at: str | None = None
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedInvoice:
    """An invoice of a customer's. `own_id` is the customer's own name for it.

    `is_open`: whether something is left to pay, as far as billing says. `read_at`: when its amount and status were
    read. `told_at`: when billing told its due date and balance; None: not yet.
    """

    number: str
    customer: str
    own_id: str | None = None
    issued_at: str | None = None
    due_at: str | None = None
    amount: Decimal
    balance: Decimal | None = None
    status: str | None = None
    is_open: bool
    read_at: datetime
    told_at: datetime | None = None

    @property
    def left(self) -> Decimal:
        """What is left to pay; all of it where billing didn't say."""
        if not self.is_open:
            return Decimal(0)
        return self.amount if self.balance is None else self.balance


@dataclass(frozen=True, slots=True)
class IndexState:
    """How far the index is: customers that are listed, and those of them whose invoices were read.

    `listed_at`: when the last whole list was asked for. `oldest`: the oldest reading.
    """

    customers: int
    read: int
    listed_at: datetime | None
    oldest: datetime | None

    @property
    def is_complete(self) -> bool:
        """Whether everything was read at least once."""
        return self.listed_at is not None and self.read >= self.customers


def words_of(customer: IndexedCustomer) -> set[str]:
    """Every word that finds a customer."""
    marked = {ID_MARK + folded(customer.id), ID_MARK + groups(customer.id)}
    for digits in phones(customer.phone):
        marked |= {PHONE_MARK + digits, PHONE_END_MARK + digits[::-1]}
    return marked | {*name_words(customer.name), *mail_words(customer.email)}


def is_name_word(word: str) -> bool:
    """Whether a word is of a name or an e-mail address, so that it may be misspelt."""
    return word[:1] not in (ID_MARK, PHONE_MARK, PHONE_END_MARK) and not word.isdigit()
