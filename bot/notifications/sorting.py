"""Sorts what waits for a chat: what is not for it, what has to wait, and what is told now."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.dates import now
from bot.notifications.audience import Pass, Say, Verdict, Wait, asks_whose, verdict
from bot.notifications.enquiry import Enquiry
from bot.notifications.ours import Ours
from bot.refusals import BillingRefusal
from bot.store import Audience, CardStyle, Held, Notice, PaymentEvent, PaymentOrder, Store

_LOOK_AGAIN = timedelta(seconds=0.25)
_ASK_AGAIN = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Ready:
    """An event to be told now. `card`: the message that shows its payment; `order`: how it was recorded here."""

    notice: Notice
    style: CardStyle
    card: str | None = None
    order: PaymentOrder | None = None

    @property
    def event(self) -> PaymentEvent:
        """What is told."""
        return self.notice.event


@dataclass(slots=True)
class Sorted:
    """What waits, by what becomes of it. `again`: when to look again, None where nothing waits for a moment."""

    ready: list[Ready] = field(default_factory=list)
    passed: list[int] = field(default_factory=list)
    held: defaultdict[Held, list[int]] = field(default_factory=lambda: defaultdict(list))
    again: datetime | None = None

    def look_at(self, moment: datetime | None) -> None:
        """Look again then, at the latest."""
        if moment and (self.again is None or moment < self.again):
            self.again = moment


class _UndecidedError(Exception):
    """It can't be told yet whether an event is for this chat; nothing that came after it is told before it."""

    def __init__(self, again: datetime) -> None:
        super().__init__(again)
        self.again = again


class Sorter:
    """Decides with what the database and billing know."""

    def __init__(self, store: Store, enquiry: Enquiry, zone: ZoneInfo) -> None:
        self._store = store
        self._enquiry = enquiry
        self._zone = zone

    async def sort(self, audience: Audience, waiting: Sequence[Notice]) -> Sorted:
        """Sort what waits for a chat, in its order; up to what can't be decided yet."""
        events = [notice.event for notice in waiting]
        ours = await Ours.look(self._store, events)
        cards = await self._store.notices.cards(audience.place, {event.payment for event in events})
        found = Sorted()
        # A card that is told just before must not get stale either.
        shown = set(cards)
        for notice in waiting:
            event, card = notice.event, cards.get(notice.event.payment)
            try:
                decided = await self._verdict(audience, event, ours, is_shown=event.payment in shown)
            except _UndecidedError as undecided:
                found.look_at(undecided.again)
                break
            if not isinstance(decided, Pass):
                shown.add(event.payment)
            _note(found, notice, decided, card, ours.order(notice.event))
        return found

    async def _verdict(self, audience: Audience, event: PaymentEvent, ours: Ours, *, is_shown: bool) -> Verdict:
        if event.is_new and await ours.was_told(event, audience.place):
            return Pass()
        until = await ours.undecided(event, audience.place)
        if until:
            raise _UndecidedError(min(until, now() + _LOOK_AGAIN))
        customer = None
        if asks_whose(audience, event):
            try:
                customer = await self._enquiry.customer(event)
            except BillingRefusal:
                raise _UndecidedError(now() + _ASK_AGAIN) from None
        return verdict(audience, event, customer, now(), self._zone, is_shown=is_shown)


def _note(found: Sorted, notice: Notice, decided: Verdict, card: str | None, order: PaymentOrder | None) -> None:
    match decided:
        case Pass():
            found.passed.append(notice.event.id)
        case Wait(why, until):
            found.held[why].append(notice.event.id)
            found.look_at(until)
        case Say(style):
            found.ready.append(Ready(notice, style, card, order))
