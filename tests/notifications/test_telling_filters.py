"""Which payments a chat wants, and when: properties that hold for all of them."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.cards import Sums
from bot.hours import QuietHours
from bot.message import Chat, ChatKind
from bot.notifications.audience import Pass, Say, Wait, asks_whose, might_want, verdict, wants
from bot.store import Audience, CardStyle, Filter, Held, PaymentEvent, Subscription

ZONE = ZoneInfo("Europe/Bucharest")
NOON = datetime(2026, 11, 25, 10, tzinfo=UTC)
RECEIVED = frozenset({"confirmed"})

amounts = st.decimals(0, 2000, places=2)
customers = st.sampled_from(["CL-001", "cl-001", "CL-002"])
statuses = st.sampled_from(["confirmed", "Confirmed", "pending", "failed", None])
invoices = st.sampled_from(["2024-001", "2024-002"])
moments = st.integers(0, 525_600).map(lambda minute: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute))
clocks = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
hours = st.builds(QuietHours, clocks, clocks).filter(lambda quiet: quiet.begin != quiet.end)
filters = st.builds(
    Filter,
    least=st.none() | amounts,
    most=st.none() | amounts,
    customer=st.none() | customers,
    invoice=st.none() | invoices,
    statuses=st.sampled_from([(), ("confirmed",), ("failed", "pending")]),
)
events = st.builds(
    PaymentEvent,
    payment=st.sampled_from(["1", "2", "3"]),
    invoice=invoices,
    amount=amounts,
    status=statuses,
    before=statuses,
    is_new=st.booleans(),
    seen_at=st.just(NOON),
)
subscriptions = st.builds(
    Subscription,
    id=st.just("A"),
    wanted=filters,
    quiet=st.none() | hours,
    style=st.sampled_from(CardStyle),
    set_at=st.just(NOON),
)


def audience_of(*theirs: Subscription, muted_until: datetime | None = None) -> Audience:
    return Audience(chat=Chat("web", "team", ChatKind.GROUP), muted_until=muted_until, subscriptions=theirs)


@given(filters, events, customers | st.none())
def test_what_is_wanted_might_have_been(wanted: Filter, event: PaymentEvent, customer: str | None) -> None:
    assert might_want(wanted, event) or not wants(wanted, event, customer)


@given(filters, events, customers)
def test_a_filter_is_all_of_its_parts(wanted: Filter, event: PaymentEvent, customer: str) -> None:
    parts = (
        wanted.least is None or wanted.least <= event.amount,
        wanted.most is None or event.amount <= wanted.most,
        wanted.customer is None or wanted.customer.lower() == customer.lower(),
        wanted.invoice is None or wanted.invoice == event.invoice,
        not wanted.statuses or (event.status or "").lower() in wanted.statuses,
    )
    assert wants(wanted, event, customer) is all(parts)


@given(st.lists(subscriptions, max_size=4), events, customers, moments)
def test_a_chat_hears_once_of_what_any_of_its_subscriptions_wants(
    theirs: list[Subscription], event: PaymentEvent, customer: str, moment: datetime
) -> None:
    said = verdict(audience_of(*theirs), event, customer, moment, ZONE, is_shown=False)
    wanting = [each for each in theirs if wants(each.wanted, event, customer)]
    quiet = [each for each in wanting if each.quiet and each.quiet.hold(moment, ZONE)]
    match said:
        case Pass():
            assert not wanting
        case Wait(why, until):
            assert (why, quiet) == (Held.QUIET, wanting)
            assert until
            assert until > moment
        case Say(style):
            assert len(quiet) < len(wanting)
            assert (style is CardStyle.DETAILED) is any(each.style is CardStyle.DETAILED for each in wanting)


@given(st.lists(subscriptions, max_size=4), events, customers, moments)
def test_whose_it_is_matters_only_where_it_is_asked(
    theirs: list[Subscription], event: PaymentEvent, customer: str, moment: datetime
) -> None:
    audience = audience_of(*theirs)
    if not asks_whose(audience, event):
        told = verdict(audience, event, customer, moment, ZONE, is_shown=False)
        blind = verdict(audience, event, None, moment, ZONE, is_shown=False)
        assert isinstance(told, Pass) is isinstance(blind, Pass)


@given(st.lists(subscriptions, min_size=1, max_size=3), events, moments)
def test_what_changes_on_a_card_is_never_passed_over(
    theirs: list[Subscription], event: PaymentEvent, moment: datetime
) -> None:
    said = verdict(audience_of(*theirs), event, "CL-001", moment, ZONE, is_shown=True)
    assert event.is_new or not isinstance(said, Pass)


@given(hours, moments)
def test_quiet_ends_when_it_is_over_and_not_before(quiet: QuietHours, moment: datetime) -> None:
    if not quiet.hold(moment, ZONE):
        return
    over = quiet.over(moment, ZONE)
    assert not quiet.hold(over, ZONE)
    assert moment < over <= moment + timedelta(hours=26)


@given(hours)
def test_hours_read_back_as_they_are_written(quiet: QuietHours) -> None:
    assert QuietHours.read(str(quiet)) == quiet


def test_a_night_is_quiet_over_midnight_and_where_clocks_are_changed() -> None:
    night = QuietHours(time(22), time(7))

    def at(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
        return datetime(2026, month, day, hour, minute, tzinfo=ZONE).astimezone(UTC)

    assert [night.hold(at(28, hour), ZONE) for hour in (21, 22, 23, 0, 6, 7)] == [False, True, True, True, True, False]
    # The last Sunday of March is an hour shorter there, the last of October one longer.
    assert night.over(at(28, 23), ZONE) - at(28, 23) == timedelta(hours=7)
    assert night.over(at(24, 23, month=10), ZONE) - at(24, 23, month=10) == timedelta(hours=9)
    assert night.over(at(27, 23), ZONE) == at(28, 7)
    # Half past three doesn't come on that Sunday: it is quiet until it would have.
    odd = QuietHours(time(22), time(3, 30))
    assert not odd.hold(odd.over(at(28, 23), ZONE), ZONE)


@given(st.lists(events, max_size=12))
def test_a_total_has_every_received_payment_once_to_the_last_digit(heard: list[PaymentEvent]) -> None:
    sums = Sums.of(heard, RECEIVED)
    expected, others = Decimal(0), 0
    for payment in {event.payment for event in heard}:
        theirs = [event for event in heard if event.payment == payment]
        was = not theirs[0].is_new and (theirs[0].before or "").lower() == "confirmed"
        if (theirs[-1].status or "").lower() != "confirmed":
            others += 1
        elif not was:
            expected += theirs[-1].amount
    assert (sums.received, sum(sums.others.values())) == (expected, others)
    assert sums.payments + sums.changes == len({event.payment for event in heard})
