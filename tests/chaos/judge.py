"""What really happened, by the books; and what people were told."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from itertools import groupby

from bot.store import OrderState, PaymentOrder, made_reference
from sandbox.books import Books
from tests.chaos.journal import Told

# What a person may rely on: it is not in the books.
_NOT_THERE = frozenset(
    {
        OrderState.CANCELLED,
        OrderState.EXPIRED,
        OrderState.REJECTED,
        OrderState.UNDONE,
        OrderState.REFUSED,
        OrderState.NOT_SENT,
        OrderState.ABSENT,
    }
)
VERDICTS = _NOT_THERE | {OrderState.RECORDED, OrderState.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Account:
    """The orders of a run, by id: each list names those of which it is true."""

    asked: tuple[str, ...]
    confirmed: tuple[str, ...]
    recorded: tuple[str, ...]
    doubled: tuple[str, ...]
    without_verdict: tuple[str, ...]
    falsely_told: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def wrongs(self) -> dict[str, tuple[str, ...]]:
        """What must not be, if any of it is."""
        names = ("doubled", "without_verdict", "falsely_told")
        return {name: getattr(self, name) for name in names if getattr(self, name)}

    def __add__(self, other: "Account") -> "Account":
        return Account(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))


NOTHING = Account((), (), (), (), (), (), ())


def judged(books: Books, orders: Iterable[PaymentOrder], told: Iterable[Told]) -> Account:
    """Hold what was told against the books."""
    there = _by_reference(books)
    heard: dict[str, list[Told]] = defaultdict(list)
    for each in told:
        heard[each.order].append(each)
    all_of_them = list(orders)
    return Account(
        asked=tuple(each.id for each in all_of_them),
        confirmed=tuple(each.id for each in all_of_them if each.confirmed_at),
        recorded=tuple(each.id for each in all_of_them if each.state is OrderState.RECORDED),
        doubled=tuple(each.id for each in all_of_them if len(_ids(there, each)) > 1),
        without_verdict=tuple(each.id for each in all_of_them if each.confirmed_at and not _has_verdict(each, heard)),
        falsely_told=tuple(each.id for each in all_of_them if _is_lie(each, heard[each.id], _ids(there, each))),
        unknown=tuple(each.id for each in all_of_them if each.state is OrderState.UNKNOWN),
    )


def _by_reference(books: Books) -> Mapping[str, list[str]]:
    rows = books.query("SELECT reference, id FROM payments WHERE reference LIKE 'CASIER-%' ORDER BY reference")
    return {reference: [str(row[1]) for row in group] for reference, group in groupby(rows, lambda row: str(row[0]))}


def _ids(there: Mapping[str, list[str]], order: PaymentOrder) -> list[str]:
    return there.get(made_reference(order.id), [])


def _has_verdict(order: PaymentOrder, heard: Mapping[str, list[Told]]) -> bool:
    """Whether the last that each of its cards shows is its verdict."""
    last = {each.card: each.state for each in heard.get(order.id, [])}
    return order.state in VERDICTS and bool(last) and set(last.values()) == {order.state}


def _is_lie(order: PaymentOrder, heard: Iterable[Told], ids: list[str]) -> bool:
    """Whether anything that was ever told of it, or is kept of it, is not so."""
    said = [(each.state, each.payment) for each in heard] + [(order.state, order.payment)]
    return any(
        (state == OrderState.RECORDED and payment not in ids) or (state in _NOT_THERE and bool(ids))
        for state, payment in said
    )
