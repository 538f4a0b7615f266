"""Which payments a chat wants to hear of, and when: nothing but what is given decides it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.store import Audience, CardStyle, Filter, Held, PaymentEvent, Subscription


@dataclass(frozen=True, slots=True)
class Say:
    """Tell it now, in this style."""

    style: CardStyle


@dataclass(frozen=True, slots=True)
class Wait:
    """Tell it later: why, and not before when; None: once we can write there again."""

    why: Held
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Pass:
    """It is not for this chat."""


Verdict = Say | Wait | Pass


def might_want(wanted: Filter, event: PaymentEvent) -> bool:
    """Whether a filter lets this through, as far as it can be told without knowing whose invoice it is."""
    return (
        (wanted.least is None or event.amount >= wanted.least)
        and (wanted.most is None or event.amount <= wanted.most)
        and (wanted.invoice is None or event.invoice.casefold() == wanted.invoice.casefold())
        and (not wanted.statuses or (event.status or "").casefold() in wanted.statuses)
    )


def wants(wanted: Filter, event: PaymentEvent, customer: str | None) -> bool:
    """Whether a filter lets this through; `customer`: whose invoice it is, None where nobody knows."""
    if wanted.customer is not None and (customer or "").casefold() != wanted.customer.casefold():
        return False
    return might_want(wanted, event)


def asks_whose(audience: Audience, event: PaymentEvent) -> bool:
    """Whether it takes the customer to decide."""
    likely = [each.wanted for each in audience.subscriptions if might_want(each.wanted, event)]
    return bool(likely) and all(wanted.customer is not None for wanted in likely)


def verdict(
    audience: Audience, event: PaymentEvent, customer: str | None, moment: datetime, zone: ZoneInfo, *, is_shown: bool
) -> Verdict:
    """What to do with an event. `is_shown`: a card in this chat shows the payment already, and must not get stale."""
    wanting = [each for each in audience.subscriptions if wants(each.wanted, event, customer)]
    if is_shown and not event.is_new:
        wanting = wanting or list(audience.subscriptions)
    if not wanting:
        return Pass()
    if audience.paused_at:
        return Wait(Held.PAUSED, None)
    if audience.muted_until and audience.muted_until > moment:
        return Wait(Held.MUTED, audience.muted_until)
    ends = [each.quiet.over(moment, zone) for each in wanting if each.quiet and each.quiet.hold(moment, zone)]
    if len(ends) == len(wanting):
        return Wait(Held.QUIET, min(ends))
    return Say(_style(wanting))


def _style(wanting: Sequence[Subscription]) -> CardStyle:
    """Who wants to see more is heard."""
    return CardStyle.DETAILED if any(each.style is CardStyle.DETAILED for each in wanting) else CardStyle.COMPACT
