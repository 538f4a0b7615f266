"""Tells one chat what waits for it: in order, one message at a time, each at least once."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

import structlog

from bot.cards.notices import Known, change_notice, late_note, payment_notice, summary_notice
from bot.conventions import Conventions
from bot.dates import now, read_moment
from bot.message import CardRef, Chat
from bot.notifications.enquiry import Enquiry
from bot.notifications.pausing import Pausing
from bot.notifications.sorting import Ready, Sorted, Sorter
from bot.outlets import CardGoneError, ChatClosedError, Outlet, Outlets
from bot.reply import Reply
from bot.store import Audience, Held, Store, StoreError
from bot.words import speaking

log = structlog.get_logger(__name__)

_MANY = 5
_MOST = 5_000
_FIRST_PAUSE = timedelta(seconds=2)
_LONGEST_PAUSE = timedelta(minutes=5)
# Seconds between the tries to write down that something was told.
_KEEP_AGAIN = (0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8)
# What the first looks after a start find came while we were away, if it is older than the start.
_FIRST_LOOKS = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Means:
    """What it takes to tell."""

    store: Store
    outlets: Outlets
    enquiry: Enquiry
    conventions: Conventions


class Delivery:
    """One message a call. What a chat fails with keeps no other chat waiting."""

    def __init__(self, means: Means, pausing: Pausing) -> None:
        self._store = means.store
        self._outlets = means.outlets
        self._enquiry = means.enquiry
        self._conventions = means.conventions
        self._pausing = pausing
        self._sorter = Sorter(means.store, means.enquiry, means.conventions.timezone)
        self._started = now()
        self._failing: dict[str, timedelta] = {}
        # A run that was cut goes on beside a new one: they take turns.
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def tell(self, place: str) -> float | None:
        """Tell a chat the next of what waits for it. After how many seconds there is more to do; None: nothing."""
        async with self._turns.setdefault(place, asyncio.Lock()):
            with speaking(self._conventions.language):
                try:
                    again = await self._told(place)
                except ChatClosedError as closed:
                    return await self._closed(place, closed)
                except Exception as error:  # noqa: BLE001 - whatever a platform fails with, it is tried again
                    return self._failed(place, error)
        self._failing.pop(place, None)
        return again

    def moved(self, old: str, new: str) -> None:
        """A chat is known by another key from now on; what is being sent to it is not sent anew under that."""
        turn = self._turns.get(old)
        if turn:
            self._turns[new] = turn

    def fails(self, place: str) -> bool:
        """Whether the last try to tell this chat something failed."""
        return place in self._failing

    async def _told(self, place: str) -> float | None:
        audience = await self._store.subscriptions.audience(place)
        waiting = await self._store.notices.waiting(place, _MOST)
        if audience is None:
            await self._store.notices.pass_over(place, [notice.event.id for notice in waiting])
            return None
        found = await self._sorter.sort(audience, waiting)
        await self._note(place, found)
        if not found.ready:
            return max(0.0, (found.again - now()).total_seconds()) if found.again else None
        are_many = len(found.ready) > _MANY or (len(found.ready) > 1 and any(each.notice.held for each in found.ready))
        await (self._sum_up(audience, found.ready) if are_many else self._show(audience, found.ready[0]))
        return 0.0

    async def _note(self, place: str, found: Sorted) -> None:
        if found.passed:
            await self._store.notices.pass_over(place, found.passed)
        for why, events in found.held.items():
            await self._store.notices.hold(place, events, why)

    async def _show(self, audience: Audience, ready: Ready) -> None:
        """One event, by a card of its own; or on the card that shows its payment, and under it."""
        facts = await self._enquiry.facts(ready.event)
        known = Known(facts.customer, facts.customer_name, facts.left, ready.order)
        away = self._came_while_away(ready.event.seen_at, ready.event.paid_at)
        notice = payment_notice(ready.event, known, ready.style, self._conventions)
        notice = replace(notice, notes=tuple(filter(None, (late_note(ready.notice.held, away=away),))))
        if ready.card and not ready.event.is_new:
            old = CardRef(audience.chat, ready.card)
            if await self._redrawn(old, notice):
                news = change_notice(ready.event, self._conventions)
                await self._send(audience, [ready.event.id], news, under=old)
                return
        await self._send(audience, [ready.event.id], notice)

    async def _sum_up(self, audience: Audience, ready: Sequence[Ready]) -> None:
        """Many, by one message; cards that show what has changed are redrawn."""
        events = [each.event for each in ready]
        held: Held | None = next((each.notice.held for each in reversed(ready) if each.notice.held), None)
        away = all(self._came_while_away(each.event.seen_at, each.event.paid_at) for each in ready)
        for each in ready:
            if each.card and not each.event.is_new:
                known = Known(order=each.order)
                card = payment_notice(each.event, known, each.style, self._conventions)
                await self._redrawn(CardRef(audience.chat, each.card), card)
        summary = summary_notice(events, held, self._conventions, away=away)
        await self._send(audience, [event.id for event in events], summary)

    async def _redrawn(self, card: CardRef, notice: Reply) -> bool:
        try:
            await self._outlet(card.chat).edit(card, notice)
        except CardGoneError:
            return False
        return True

    async def _send(
        self, audience: Audience, events: Collection[int], reply: Reply, under: CardRef | None = None
    ) -> None:
        """Between the platform's word that it is there and ours on disk lies one commit: a kill there doubles it."""
        place, notices = audience.place, self._store.notices
        outlet = self._outlet(audience.chat)
        await notices.claim(place, events)
        try:
            card = await outlet.send(audience.chat, reply, under=under)
        except Exception:
            await notices.unclaim(place, events)
            raise
        shows = None if under or len(events) > 1 else card.message
        # A group that became a supergroup on the way has its subscriptions under its new id by now.
        there = place if card.chat.id == audience.chat.id else card.chat.key
        await self._keep(there, events, shows)
        log.info("notice.told", chat=there, events=len(events))

    async def _keep(self, place: str, events: Collection[int], shows: str | None) -> None:
        """Write down that it was told; a database that is away for a while must not double it."""
        at = now()
        for pause in _KEEP_AGAIN:
            try:
                return await self._store.notices.told(place, events, at, shows)
            except StoreError as error:
                log.warning("notice.unkept", chat=place, reason=str(error))
                await asyncio.sleep(pause)
        return await self._store.notices.told(place, events, at, shows)

    def _outlet(self, chat: Chat) -> Outlet:
        outlet = self._outlets.get(chat.platform)
        if outlet is None:
            raise ConnectionError(f"{chat.platform} is not running")
        return outlet

    async def _closed(self, place: str, closed: ChatClosedError) -> float | None:
        await self._pausing.closed(closed.chat, closed.remedy)
        audience = await self._store.subscriptions.audience(place)
        return None if audience is None or audience.paused_at else self._failed(place, closed)

    def _failed(self, place: str, error: Exception) -> float:
        pause = min(self._failing.get(place, _FIRST_PAUSE / 2) * 2, _LONGEST_PAUSE)
        self._failing[place] = pause
        log.warning("notice.untold", chat=place, reason=type(error).__name__, again_seconds=pause.total_seconds())
        return pause.total_seconds()

    def _came_while_away(self, seen_at: datetime, paid_at: str | None) -> bool:
        if seen_at < self._started:
            return True
        paid = read_moment(paid_at)
        if paid is None or seen_at > self._started + _FIRST_LOOKS:
            return False
        return (paid if paid.tzinfo else paid.replace(tzinfo=self._conventions.timezone)) < self._started
