"""Payments that come in on their own, as other people's customers pay."""

import asyncio
import logging
from random import Random

from starlette.concurrency import run_in_threadpool

from sandbox import ledger
from sandbox.books import Books
from sandbox.options import SandboxOptions
from sandbox.orders import PaymentOrder

log = logging.getLogger("sandbox")

PENDING_SHARE = 0.3
PARTIAL_SHARE = 0.25
CONFIRMING_SHARE = 0.5


class Arrivals:
    """The rest of the world, paying now and then; some payments are pending first and confirmed later."""

    def __init__(self, books: Books, options: SandboxOptions) -> None:
        self._books = books
        self._options = options
        self._rng = Random(options.seed)  # noqa: S311  (when somebody pays is no secret)

    async def go_on(self, mean_seconds: float) -> None:
        """Let something happen every now and then, until cancelled."""
        while True:
            await asyncio.sleep(self._rng.expovariate(1 / mean_seconds))
            await run_in_threadpool(self.happen)

    def happen(self) -> None:
        """Confirm a pending payment, or let a new one arrive."""
        if self._rng.random() >= CONFIRMING_SHARE or not self.confirm():
            self.arrive()

    def arrive(self) -> bool:
        """Let somebody pay an open invoice; tell whether one was open."""
        with self._books.writing() as db:
            rows = db.execute(
                "SELECT number, balance_bani FROM invoices WHERE status IN ('unpaid', 'partial', 'overdue')"
            )
            open_invoices = rows.fetchall()
            if not open_invoices:
                return False
            number, balance = self._rng.choice(open_invoices)
            order = self._draw_order(number, balance)
            pending = self._rng.random() < PENDING_SHARE
            status = "pending" if pending else "confirmed"
            payment_id = ledger.insert_payment(db, order, status, self._options.now())
            if not pending:
                ledger.settle(db, order.invoice, order.bani)
        log.info("Payment %d on %s arrived, %s.", payment_id, number, status)
        return True

    def confirm(self) -> bool:
        """Confirm the pending payment that has waited longest; tell whether there was one that still fits."""
        with self._books.writing() as db:
            row = db.execute(
                "SELECT p.id, p.invoice_id, p.amount_bani FROM payments p JOIN invoices i ON i.number = p.invoice_id"
                " WHERE p.status = 'pending' AND i.status <> 'cancelled' AND p.amount_bani <= i.balance_bani"
                " ORDER BY p.paid_at, p.id LIMIT 1"
            ).fetchone()
            if row is None:
                return False
            payment_id, number, bani = row
            db.execute("UPDATE payments SET status = 'confirmed' WHERE id = ?", (payment_id,))
            ledger.settle(db, number, bani)
        log.info("Payment %d on %s was confirmed.", payment_id, number)
        return True

    def _draw_order(self, number: str, balance: int) -> PaymentOrder:
        part = balance * self._rng.randint(10, 90) // 100
        bani = part if part and self._rng.random() < PARTIAL_SHARE else balance
        method = self._rng.choice(("card", "transfer"))
        return PaymentOrder(number, bani, method, f"OP{self._rng.randrange(10**9):09}")
