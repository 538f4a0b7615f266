"""The steps of sending one payment. Each may be run again after a kill, and still at most one request is made.

What keeps it so is the arming: a token that is kept together with what billing's list shows just before. Only the very
run of the program that made the token may send, and only within seconds; any other finds a strange token, and looks
whether the payment arrived instead.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from functools import partial
from typing import TypeVar

import structlog

from bot.billing import Billing, NewPayment, Payment
from bot.billing.client import NotSentError, OutcomeUnknownError
from bot.dates import now, read_moment
from bot.payments.oddities import is_for
from bot.payments.proof import Proof
from bot.refusals import BillingRefusal
from bot.store import Deed, Oddity, OrderState, PaymentOrder, Store, StoreError
from bot.trail import Trail
from bot.words import _

T = TypeVar("T")

log = structlog.get_logger(__name__)

ARMED_SECONDS = 5.0
# Longer than the arming and the deadline of an answer that the settings have by default.
_LOOKS = (0.5, 2.0, 4.0, 8.0, 15.0, 20.0)
# What could not be sent so long after it should have been may have been paid in another way meanwhile.
_TOO_LONG = timedelta(minutes=10)
# A payment that is so much older than ours is another. Days without a time, zones and a wrong clock make a day or two.
_OLD = timedelta(days=2)
_TRIES = 8
_FIRST_PAUSE = 0.1


@dataclass(frozen=True, slots=True)
class Arming:
    """Permission to send, as it was kept: whose it is, and what was in the list before. `failed`: why there is none."""

    token: str
    baseline: tuple[str, ...] = ()
    failed: str | None = None


class Posting:
    """Sends payments, and finds out what became of them.

    `looks`: when billing's list is looked through for a payment whose answer got lost, as pauses in seconds; all
    together longer than `armed_seconds`, in which an armed payment must leave, and the deadline of an answer.
    """

    def __init__(
        self,
        billing: Billing,
        store: Store,
        trail: Trail,
        proof: Proof,
        *,
        looks: tuple[float, ...] = _LOOKS,
        armed_seconds: float = ARMED_SECONDS,
    ) -> None:
        self.looks = looks
        self._armed_seconds = armed_seconds
        self._billing = billing
        self._trail = trail
        self._proof = proof
        self._orders = store.orders
        # Told when a payment is in the books.
        self.recorded: Callable[[], None] = _nobody

    async def seconds_held(self, order_id: str) -> float:
        """How long it is still held: never longer than it was to be at first, wherever the clock has jumped since."""
        order = await self._get(order_id)
        if order.send_at is None:
            return 0.0
        whole = order.send_at - (order.decided_at or order.confirmed_at or order.send_at)
        return max(0.0, min(whole, order.send_at - now()).total_seconds())

    async def begin(self, order_id: str) -> bool:
        """Whether it is to be sent: true again for a second run, false once undone, decided, or held too long."""
        if _held_too_long(await self._get(order_id)):
            await self._not_sent(order_id, _("Casier was away when it should have been sent, so it was not sent."))
        begun = await self._orders.begin(order_id, now())
        return bool(begun) or (await self._get(order_id)).state is OrderState.SENDING

    async def arm(self, order_id: str, token: str) -> Arming:
        """Look what is there already. Once this is kept, a request may have been made."""
        order = await self._get(order_id)
        try:
            listed = {str(payment.id) async for payment in self._alike(order)}
        except BillingRefusal as refusal:
            return Arming(token, failed=type(refusal).__name__)
        # What was seen at the desk was there before, though a list that comes short should not show it just now.
        return Arming(token, tuple(sorted(listed | _twins(order))))

    def may_send(self, arming: Arming, token: str, since: float) -> bool:
        """Whether this run armed it (by the token), just now (`since`, of the monotonic clock)."""
        return arming.token == token and time.monotonic() - since < self._armed_seconds

    async def send(self, order_id: str, arming: Arming, token: str, since: float) -> str:
        """Make the one request, if it is ours to make; the state that the order is in then."""
        order = await self._insisted(partial(self._get, order_id), order=order_id)
        if order.state is not OrderState.SENDING:
            return order.state
        # Of all that were ever read, the one that was kept counts.
        await self._insisted(partial(self._orders.keep_baseline, order_id, arming.baseline), order=order_id)
        if arming.failed or (arming.token == token and not self.may_send(arming, token, since)):
            log.warning("payment.not_armed", order=order_id, reason=arming.failed or "late")
            words = None if arming.failed else _("It could not be sent within seconds, so it was not sent.")
            return await self._settled(order, OrderState.NOT_SENT, words=words)
        if not self.may_send(arming, token, since):
            # Whoever made the arming may have sent it.
            log.warning("payment.not_ours_to_send", order=order_id)
            return await self._begin_to_look(order_id)
        return await self._send(order, arming.baseline)

    async def look(self, order_id: str, arming: Arming) -> str:
        """Look whether it arrived: recorded where what is new proves it, else the state as it is."""
        order = await self._get(order_id)
        if order.state is not OrderState.LOOKING:
            return order.state
        try:
            found = await self.found(order, arming.baseline)
        except BillingRefusal as refusal:
            log.warning("payment.not_found_yet", order=order_id, reason=type(refusal).__name__)
            return order.state
        if not self._proof.holds(found):
            seen = self._proof.seen(found)
            if seen != order.words:
                await self._orders.saw(order_id, seen)
            return order.state
        words = self._proof.reservation(found[0])
        return await self._settled(order, OrderState.RECORDED, payment=str(found[0].id), words=words)

    async def found(self, order: PaymentOrder, baseline: tuple[str, ...]) -> list[Payment]:
        """What may be this payment in billing's list: same invoice, same amount, new, and no other order's."""
        known = {*baseline, *await self._orders.claimed(order.invoice, but=order.id)}
        alike = [payment async for payment in self._alike(order) if not _is_old(payment, order)]
        return [payment for payment in alike if payment.id not in known]

    async def give_up(self, order_id: str) -> str:
        """Nobody can tell: a person must look. What was held is closed unsent."""
        order = await self._get(order_id)
        if order.state in (OrderState.SENDING, OrderState.LOOKING):
            return await self._settled(order, OrderState.UNKNOWN, words=order.words)
        if order.state is OrderState.HELD:
            await self._not_sent(order_id, _("Something went wrong on our side before it was sent."))
        return (await self._get(order_id)).state

    async def _not_sent(self, order_id: str, words: str) -> None:
        """Close what is held, unsent."""
        log.error("payment.settled", order=order_id, state=OrderState.NOT_SENT.value)
        closed = await self._orders.not_sent(order_id, now(), words)
        if closed:
            await self._trail.note(Deed.VERDICT, closed)

    async def _send(self, order: PaymentOrder, baseline: tuple[str, ...]) -> str:
        try:
            recorded = await self._billing.record(
                NewPayment(
                    invoice_id=order.invoice,
                    amount=order.amount,
                    payment_method=order.method,
                    reference=order.reference,
                )
            )
        except BillingRefusal as refusal:
            return await self._settled(order, OrderState.REFUSED, words=refusal.text)
        except NotSentError as error:
            log.warning("payment.not_sent", order=order.id, reason=str(error))
            return await self._settled(order, OrderState.NOT_SENT)
        except OutcomeUnknownError as error:
            log.warning("payment.unanswered", order=order.id, reason=str(error))
            return await self._begin_to_look(order.id)
        if recorded.payment_id in baseline:
            log.warning("payment.unproven", order=order.id, payment=str(recorded.payment_id))
            return await self._begin_to_look(order.id)
        return await self._settled(order, OrderState.RECORDED, payment=str(recorded.payment_id))

    async def _begin_to_look(self, order_id: str) -> str:
        await self._insisted(partial(self._orders.look, order_id), order=order_id)
        return (await self._insisted(partial(self._get, order_id), order=order_id)).state

    async def _settled(
        self, order: PaymentOrder, state: OrderState, *, payment: str | None = None, words: str | None = None
    ) -> str:
        """Write the verdict down. It is logged first."""
        verdict = replace(order, state=state, payment=payment, words=words, settled_at=now())
        about = {"order": order.id, "state": state.value, "payment": payment}
        log.info("payment.settled", **about)
        kept = await self._insisted(partial(self._orders.settle, verdict), **about)
        await self._trail.note(Deed.VERDICT, kept)
        if kept.state is OrderState.RECORDED:
            self.recorded()
        return kept.state

    async def _insisted(self, work: Callable[[], Awaitable[T]], **about: str | None) -> T:
        """A database that is locked or away is asked again for half a minute: what is known here, nobody else knows."""
        for attempt in range(_TRIES):
            try:
                return await work()
            except StoreError as error:
                log.error("payment.unwritten", reason=str(error), **about)  # noqa: TRY400 - no news in the traceback
                await asyncio.sleep(_FIRST_PAUSE * 2**attempt)
        return await work()

    async def _alike(self, order: PaymentOrder) -> AsyncIterator[Payment]:
        async with aclosing(self._billing.payments()) as payments:
            async for payment in payments:
                if is_for(payment, order.invoice, order.amount):
                    yield payment

    async def _get(self, order_id: str) -> PaymentOrder:
        order = await self._orders.get(order_id)
        if order is None:
            raise LookupError(f"no order {order_id}")
        return order


def _twins(order: PaymentOrder) -> set[str]:
    """Billing's ids of the payments of which whoever confirmed it was told that they are like it."""
    return {doubt.payment for doubt in order.doubts if doubt.oddity is Oddity.TWIN and doubt.payment}


def _is_old(payment: Payment, order: PaymentOrder) -> bool:
    """Whether it was in the books long before ours was sent."""
    paid = read_moment(payment.paid_at)
    if paid is None or order.sent_at is None:
        return False
    return (paid if paid.tzinfo else paid.replace(tzinfo=UTC)) < order.sent_at - _OLD


def _held_too_long(order: PaymentOrder) -> bool:
    return order.state is OrderState.HELD and order.send_at is not None and now() - order.send_at > _TOO_LONG


def _nobody() -> None:
    """Nobody is told."""
