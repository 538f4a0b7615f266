"""Several who are told of payments: the news desk, and the index, for which an invoice is not as it was any more."""

from collections.abc import Callable, Iterable, Sequence

from bot.dates import now
from bot.notifications import Listener, News
from bot.store import IndexTurns, Transaction


class IndexMarks:
    """Marks what payments touch, in the transaction that makes them known; `touched` is told once that is over."""

    def __init__(self, turns: IndexTurns, touched: Callable[[Iterable[str]], None]) -> None:
        self._turns = turns
        self._touched = touched
        self._heard: set[str] = set()

    def hear(self, transaction: Transaction, news: Sequence[News]) -> None:
        """These invoices are to be read soon."""
        invoices = {str(each.payment.invoice) for each in news if each.payment.invoice}
        self._turns.want_invoices(transaction, invoices, now())
        self._heard |= invoices

    def committed(self) -> None:
        """They are marked."""
        heard, self._heard = self._heard, set()
        self._touched(heard)


class Listeners:
    """Tells each of them."""

    def __init__(self, *listeners: Listener) -> None:
        self._listeners = listeners

    def hear(self, transaction: Transaction, news: Sequence[News]) -> None:
        """Tell each, in the same transaction."""
        for each in self._listeners:
            each.hear(transaction, news)

    def committed(self) -> None:
        """The transaction is over."""
        for each in self._listeners:
            each.committed()
