"""What the list of payments really was, what the bot knew of it, and what chats were told: held against each other."""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from tests.chaos.papers import Drawn, Gone, Kept, Line, Looked, Lost, Sent
from tests.chaos.rooms import ADMIN, ROOMS, Fact, Room
from tests.chaos.weather import Stand

# A look takes so long at most; what it saw may have been over when it said when it saw it.
_LOOK_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Event:
    """An event as the bot's database has it; `seen_at` is seconds."""

    id: int
    payment: str
    invoice: str
    amount: Decimal
    status: str
    before: str | None
    is_new: bool
    seen_at: float


@dataclass(slots=True)
class Telling:
    """A message, and what became of the word that it has arrived."""

    sent: Sent
    is_kept: bool = False
    is_lost: bool = False

    def is_cut_before(self, again: Sent) -> bool:
        """Whether that word was cut before this was told once more: lost on its way, or its process killed."""
        return self.is_lost or (not self.is_kept and again.pid != self.sent.pid)


@dataclass(frozen=True)
class Evidence:
    """All that there is: the list's history, the bot's events, the lines; when the list was first read to its end."""

    stands: Mapping[str, Sequence[Stand]]
    events: Sequence[Event]
    lines: Sequence[Line]
    complete_at: float
    customers: Mapping[str, str]

    @cached_property
    def by_payment(self) -> Mapping[str, list[Event]]:
        """The events of each payment, in order."""
        found = defaultdict(list)
        for event in self.events:
            found[event.payment].append(event)
        return found

    @cached_property
    def tellings(self) -> Mapping[str, list[Telling]]:
        """What each chat was told, in order."""
        found: dict[str, list[Telling]] = defaultdict(list)
        for line in self.lines:
            match line:
                case Sent():
                    found[line.room].append(Telling(line))
                case Lost(room):
                    found[room][-1].is_lost = True
                case Kept(room, _events):
                    found[room][-1].is_kept = True
        return found

    def wanted(self, room: Room, event: Event) -> bool:
        """Whether this chat asked for it."""
        fact = Fact(event.invoice, self.customers[event.invoice], event.amount, event.status)
        return room.wants(fact)


@dataclass
class Verdict:
    """What was told, and what is wrong: each list names what it is about."""

    looks: int = 0
    events: int = 0
    messages: int = 0
    told: int = 0
    summaries: int = 0
    doubled: int = 0
    unheard: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    misdirected: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    doubled_uncut: list[str] = field(default_factory=list)
    mistold: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)

    @property
    def wrongs(self) -> dict[str, list[str]]:
        """What must not be, if any of it is."""
        return {name: each for name, each in vars(self).items() if isinstance(each, list) and each}


def judged(evidence: Evidence) -> Verdict:
    """Judge a storm of news."""
    looks = [line for line in evidence.lines if isinstance(line, Looked)]
    verdict = Verdict(looks=len(looks), events=len(evidence.events))
    verdict.unheard += sorted(set(_unheard(evidence, looks)))
    verdict.invented += _invented(evidence)
    for room in ROOMS:
        _judge_room(evidence, room, verdict)
    known = {room.chat.key for room in ROOMS}
    for key, tellings in evidence.tellings.items():
        verdict.misdirected += [f"{key} {each.sent.title}" for each in tellings if _is_stray(each.sent, key, known)]
    return verdict


def _is_stray(sent: Sent, key: str, known: set[str]) -> bool:
    """Whether it is in a chat that asked for nothing, or is no notice and not for admins."""
    return key not in known | {ADMIN} or bool(sent.events) is (key == ADMIN)


def _unheard(evidence: Evidence, looks: Sequence[Looked]) -> Iterator[str]:
    """What was in the list throughout a whole look, and is not what the bot knows after it."""
    for look in looks:
        if look.began < evidence.complete_at:
            continue
        for payment, stands in evidence.stands.items():
            for stand in stands:
                is_seen = stand.surely_since <= look.began and stand.surely_until >= look.ended
                if is_seen and not _is_known(evidence, payment, stand, look.ended):
                    yield f"{payment} {stand.status}"


def _is_known(evidence: Evidence, payment: str, stand: Stand, at: float) -> bool:
    events = evidence.by_payment.get(payment, [])
    number = bisect_right([event.seen_at for event in events], at)
    if number:
        return events[number - 1].status == stand.status
    return stand.status in _from_the_start(evidence, payment)


def _from_the_start(evidence: Evidence, payment: str) -> set[str]:
    """The statuses that a payment may have had when all was learned and nobody told."""
    return {stand.status for stand in evidence.stands[payment] if stand.since <= evidence.complete_at}


def _invented(evidence: Evidence) -> Iterator[str]:
    """Events that were not so, that don't follow from what was known, and what was there before the first start."""
    for payment, events in evidence.by_payment.items():
        before: Event | None = None
        for event in events:
            if not _was_so(evidence.stands[payment], event) or not _follows(evidence, before, event):
                yield f"{event.id} {payment} {event.before} {event.status}"
            before = event


def _was_so(stands: Sequence[Stand], event: Event) -> bool:
    return any(
        stand.status == event.status and stand.since <= event.seen_at and stand.until >= event.seen_at - _LOOK_SECONDS
        for stand in stands
    )


def _follows(evidence: Evidence, last: Event | None, event: Event) -> bool:
    if last:
        return not event.is_new and event.before == last.status != event.status
    if event.is_new:
        return not _was_surely_there(evidence, event.payment)
    return event.before in _from_the_start(evidence, event.payment) and event.before != event.status


def _was_surely_there(evidence: Evidence, payment: str) -> bool:
    """Whether it was there all the time from before the first start until the list had been read to its end."""
    first = evidence.stands[payment][0]
    return first.surely_since < 0 and first.surely_until > evidence.complete_at


def _judge_room(evidence: Evidence, room: Room, verdict: Verdict) -> None:
    tellings = [each for each in evidence.tellings.get(room.chat.key, []) if each.sent.events]
    told = {event for each in tellings for event in each.sent.events}
    wanted = {event.id for event in evidence.events if evidence.wanted(room, event)}
    verdict.messages += len(tellings)
    verdict.told += len(told)
    verdict.summaries += sum(len(each.sent.events) > 1 for each in tellings)
    verdict.missing += [f"{room.name} {event}" for event in sorted(wanted - told)]
    odd = [each for each in evidence.events if each.id in told - wanted and _is_odd(evidence, room, each)]
    verdict.misdirected += [f"{room.name} {event.id}" for event in odd]
    verdict.mistold += [f"{room.name} {each.sent.title}" for each in tellings if not _is_right(evidence, each.sent)]
    verdict.stale += [f"{room.name} {card}" for card in _stale(evidence, tellings)]
    _judge_order(room, tellings, verdict)


def _is_odd(evidence: Evidence, room: Room, event: Event) -> bool:
    """Whether a chat that did not ask for it can't have had a card that shows the payment either."""
    return not any(evidence.wanted(room, each) for each in evidence.by_payment[event.payment] if each.id < event.id)


def _judge_order(room: Room, tellings: Sequence[Telling], verdict: Verdict) -> None:
    """In order but for what is told again; that is told again only where nobody knew that it had been told."""
    last: dict[int, Telling] = {}
    newest = 0
    for each in tellings:
        fresh = [event for event in each.sent.events if event not in last]
        again = [event for event in each.sent.events if event in last]
        if fresh and (min(fresh) < newest or fresh != sorted(fresh)):
            verdict.out_of_order.append(f"{room.name} {min(fresh)} after {newest}")
        verdict.doubled += len(again)
        uncut = [event for event in again if not last[event].is_cut_before(each.sent)]
        verdict.doubled_uncut += [f"{room.name} {event}" for event in uncut]
        newest = max([newest, *fresh])
        last |= dict.fromkeys(each.sent.events, each)


def _is_right(evidence: Evidence, sent: Sent) -> bool:
    """Whether a message says what its events are: a card the one, a summary how many payments there are."""
    known = {event.id: event for event in evidence.events}
    events = [known[event] for event in sent.events]
    if len(events) > 1:
        return int(sent.title.split()[0].replace(",", "")) == len({event.payment for event in events})
    amount, _on, invoice = sent.title.rpartition(" on ")
    is_amount = Decimal(re.sub(r"[^\d.]", "", amount)) == events[0].amount
    return is_amount and invoice == events[0].invoice and sent.status == events[0].status


def _stale(evidence: Evidence, tellings: Sequence[Telling]) -> Iterator[str]:
    """Cards that the bot knows of and that don't show, at the end, how their payment stands."""
    known = {event.id: event for event in evidence.events}
    shown = {line.card: line.status for line in evidence.lines if isinstance(line, Sent | Drawn)}
    gone = {line.card for line in evidence.lines if isinstance(line, Gone)}
    cards = {
        known[each.sent.events[0]].payment: each.sent.card
        for each in tellings
        if len(each.sent.events) == 1 and each.is_kept and not each.sent.under
    }
    for payment, card in cards.items():
        if card not in gone and shown[card] != evidence.by_payment[payment][-1].status:
            yield f"{payment} {card} shows {shown[card]}"
