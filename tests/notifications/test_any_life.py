"""Whatever becomes of the list, of the connection and of the program: each event is heard once, none is invented."""

from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bot.billing import Billing, front
from bot.notifications import look
from bot.notifications.look import Looking
from bot.refusals import BillingRefusal
from bot.store import KnownPayments, Store
from tests.notifications.lists import Ear, Heard, KilledError, PaymentsList, billing_of

IDS = st.sampled_from([*map(str, range(12)), *(f"PAY-{number}" for number in range(4)), "007"])
STATUSES = st.sampled_from(["pending", "confirmed", "refunded", None])
Step = tuple[str, str, str | None, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["arrive", "change", "vanish", "return", "order", "look", "look", "cut", "fail", "kill"]),
        IDS,
        STATUSES,
        st.integers(0, 9),
    ),
    max_size=30,
)


@dataclass
class Life:
    """The truth beside what is heard of it."""

    books: PaymentsList
    store: Store
    ear: Ear
    is_complete: bool = False
    seen: dict[str, set[str | None]] = field(default_factory=dict)
    """What the watcher may have seen of each, since it knew for sure."""
    known: dict[str, str | None] = field(default_factory=dict)
    judged: int = 0

    async def live(self, step: Step, billing: Billing) -> None:
        """Let one thing happen."""
        kind, which, status, number = step
        match kind:
            case "arrive" | "change" if which not in self.books.vanished:
                self.books.payments[which] = status
            case "vanish" if which in self.books.payments:
                self.books.vanished[which] = self.books.payments.pop(which)
            case "return" if which in self.books.vanished:
                self.books.payments[which] = self.books.vanished.pop(which)
            case "order":
                self.books.order = number or None
            case "look" | "cut" | "fail" | "kill":
                # A new one knows nothing but what is in the database, as after a restart.
                known = KnownPayments(self.store.engine.url)
                await self.look(kind, number, Looking(billing, known, self.ear))
                await known.close()

    async def look(self, kind: str, number: int, looking: Looking) -> None:
        """Look once, perhaps in vain; then see that what was heard is true."""
        self.books.ends_at = number / 10 if kind == "cut" else 1
        self.books.status = 503 if kind == "fail" else 200
        self.ear.dies_after = number % 3 if kind == "kill" else None
        try:
            await looking.look()
        except (KilledError, BillingRefusal):
            self.judge(await self.ear.heard(), is_whole=False)
        else:
            self.judge(await self.ear.heard(), is_whole=True)

    def judge(self, heard: list[Heard], *, is_whole: bool) -> None:
        """Every event is true, follows from what was known, and was not heard before; after a whole look none lacks."""
        fresh, self.judged = heard[self.judged :], len(heard)
        assert self.is_complete or not fresh
        for which, status, is_new, before in fresh:
            assert self.books.payments[which] == status
            if which in self.known:
                assert (is_new, before) == (False, self.known[which])
                assert status != before
            else:
                assert is_new or before in self.seen[which]
            self.known[which] = status
        if not self.is_complete:
            for which, status in self.books.payments.items():
                self.seen.setdefault(which, set()).add(status)
        if is_whole:
            if self.is_complete:
                for which in {*self.books.payments} - {*self.known}:
                    # A look that was cut before the first whole one may have seen it like this, and no other way.
                    assert self.books.payments[which] in self.seen.get(which, ())
            else:
                self.known.clear()
            assert all(self.known.get(which, status) == status for which, status in self.books.payments.items())
            self.known |= self.books.payments
            self.is_complete = True


@pytest.mark.parametrize("etag", [False, True])
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
async def test_each_event_is_heard_once_and_none_is_invented(store: Store, etag: bool, steps: list[Step]) -> None:  # noqa: FBT001
    async with store.engine.begin() as connection:
        for table in ("payment_watch", "known_payments", "known_statuses"):
            await connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608
    ear = Ear(store)
    await ear.prepare()
    books = PaymentsList({"1": "pending", "5": "confirmed"}, etag=etag)
    with pytest.MonkeyPatch.context() as patch:
        for where, name, few in (
            (front, "_SEGMENT", 150),
            (front, "_WINDOW", 60),
            (look, "_MANY", 2),
            (look, "_MANY_SILENTLY", 3),
        ):
            patch.setattr(where, name, few)
        async with billing_of(books) as (billing, _wire):
            life = Life(books, store, ear)
            for step in [*steps, ("look", "1", None, 0), ("look", "1", None, 0)]:
                await life.live(step, billing)
    if steps and steps[-1][0] == "look":
        assert life.judged == len(await ear.heard())
