"""A payment's life, in any order: presses by anybody, of any button ever shown; time that passes, faults, restarts.

Whatever happens, the books are held against what was told: each payment of ours is in them once at most, where it was
told recorded, and nowhere else.
"""

import asyncio
import random
import shutil
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import update

from bot.dates import now
from bot.message import CardRef, Chat, Message
from bot.outlets import Outlet
from bot.payments import Posting
from bot.reply import Outcome, Reply
from bot.start.desks import Makers
from bot.start.joining import joined
from bot.store import BLOCKING, UNDER_WAY, OrderState, PaymentOrder
from bot.store.tables import payment_orders
from sandbox import SandboxOptions, SandboxServer, ledger
from sandbox.orders import PaymentOrder as Receipt
from tests.stage import BRISKLY, TEAM, Desk, Wall, confirm_of, message, settings_for

T = TypeVar("T")

CASHIERS = ("cashier", "colleague", "approver", "admin")
APPROVERS = ("approver", "admin")
EVERYBODY = (*CASHIERS, "viewer", "stranger")
# The rest and a part of it; ten times the rest, a tenth of it, and more than it; one that two people may approve.
AMOUNTS = ("10", "10.00", "25", "532.05", "5320.50", "53205", "2000")
# What no answer proves, and what proves that nothing is recorded.
MISHAPS = ("drop-before-commit", "drop-after-commit", "error-before-commit", "error-after-commit", "wrong-json")
NEVER_IN_THE_BOOKS = frozenset(OrderState) - {
    OrderState.SENDING,
    OrderState.LOOKING,
    OrderState.RECORDED,
    OrderState.UNKNOWN,
}
GOING_ON = (OrderState.HELD, OrderState.SENDING, OrderState.LOOKING)
SECONDS = 20
# Lives are short: nobody looks for a lost payment for long.
QUICKLY = Makers(posting=partial(Posting, looks=(0.1, 0.2)))
HALF = 0.5
LIKELY = 0.9
LIVES = 4
PRESSES = 4
# Each ends with a payment in the books, whatever happens around them.
EPISODES = ("two_press_at_once", "undo_comes_too_late", "a_listed_one_never_arrived")

# What happens how often in a short life, which chance leads by its seed; hypothesis has few examples to warm up with.
USUAL = {
    "go_on": 9,
    "draft": 6,
    "press": 3,
    "decide": 3,
    "settle": 6,
    "billing_fails": 2,
    "billing_goes_away": 1,
    "billing_refuses": 1,
    "pay_elsewhere": 1,
    "time_passes": 1,
    "wait": 1,
    "restart": 1,
    "the_chat_fails": 1,
}
STEPS = 40
LONG = settings(
    max_examples=40,
    stateful_step_count=40,
    deadline=None,
    database=None,
    print_blob=False,
    report_multiple_bugs=False,
    # A failure is told as it was found: making it smaller takes minutes.
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@dataclass(frozen=True)
class Told:
    """What somebody was answered, and where."""

    card: CardRef
    reply: Reply


class Ear:
    """The wall, as the person sees it who has just said something."""

    def __init__(self, wall: Wall) -> None:
        self._wall = wall
        self.told: list[Told] = []

    async def send(
        self, chat: Chat, reply: Reply, answering: Message | None = None, under: CardRef | None = None
    ) -> CardRef:
        """Pin a new card."""
        card = await self._wall.send(chat, reply, answering, under)
        self.told.append(Told(card, reply))
        return card

    async def edit(self, card: CardRef, reply: Reply) -> None:
        """Pin over a card."""
        await self._wall.edit(card, reply)
        self.told.append(Told(card, reply))


class Office:
    """The bot in front of its sandbox, over restarts; and everything that was ever to be seen there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = AsyncExitStack()
        self._bot = AsyncExitStack()
        self.wall = Wall()
        self.desk: Desk

    async def open(self, hold: float) -> None:
        """Open the sandbox, and the bot in front of it."""
        options = SandboxOptions(demo=True, database=self._folder / "books.db")
        server = await self._stack.enter_async_context(SandboxServer(options))
        # Nobody waits long for a list that can't be read.
        brisk = {"billing_deadline_seconds": 1, "payment_hold_seconds": hold, "approval_limit": 1999}
        chosen = settings_for(server, self._folder, "web:{}".format, **brisk)
        await self._start(server, chosen)

    async def restart(self) -> None:
        """Stop the bot in good order, and start it on the same database."""
        await self._bot.aclose()
        await self._start(self.desk.sandbox, self.desk.settings)
        await self.desk.app.services.desk.recover()

    async def close(self) -> None:
        """Stop everything."""
        await self._bot.aclose()
        await self._stack.aclose()

    async def say(self, text: str, who: str, chat: Chat | None = None, card: CardRef | None = None) -> list[Told]:
        """Say something, or press it on a card; what was answered to that."""
        ear = Ear(self.wall)
        with suppress(ConnectionError):
            await self.desk.app.serve(message(text, who, chat, card), ear)
        return ear.told

    async def orders(self, *states: OrderState) -> list[PaymentOrder]:
        """Every order, or those in one of these states."""
        return await self.desk.app.services.store.orders.in_state(*(states or OrderState))

    async def passed(self, order: PaymentOrder) -> None:
        """Let the time of a draft, or of an approval, be over."""
        over = (
            update(payment_orders).where(payment_orders.c.id == order.id).values(expires_at=now() - timedelta(hours=1))
        )
        async with self.desk.app.services.store.engine.begin() as connection:
            await connection.execute(over)

    async def sweep(self) -> None:
        """One round of the watch, for which nothing is too fresh or has been tried too lately."""
        desk = self.desk.app.services.desk
        desk._telling._resting.clear()  # noqa: SLF001 - or the test would wait for it
        await desk.sweep(settled_for=-timedelta(minutes=1))

    async def calm(self) -> None:
        """Wait until nothing goes on by itself any more."""
        async with asyncio.timeout(SECONDS):
            while await self.orders(*GOING_ON):
                await asyncio.sleep(0.02)

    def pay_elsewhere(self, invoice: str, bani: int) -> None:
        """Somebody records a payment without the bot."""
        books = self.desk.sandbox.books
        ledger.record(books, Receipt(invoice, bani, "cash"), self.desk.sandbox.options.now(), reject_overpayment=False)

    def books(self) -> dict[str, tuple[str, str, int]]:
        """Our references in the books: billing's id, the invoice and the amount of each; none may be there twice."""
        rows = self.desk.sandbox.books.query(
            "SELECT reference, id, invoice_id, amount_bani FROM payments WHERE reference LIKE 'CASIER-%'"
        )
        ours = {reference: (str(number), invoice, bani) for reference, number, invoice, bani in rows}
        assert len(ours) == len(rows), "a payment is in the books twice"
        return ours

    def buttons(self) -> list[tuple[CardRef, str]]:
        """Every button that was ever shown, and the card that it was on."""
        shown = {
            (button.command, card): None
            for card, replies in self.wall.cards.items()
            for reply in replies
            for button in reply.buttons
        }
        return [(card, command) for command, card in shown]

    async def _start(self, server: SandboxServer, chosen: Any) -> None:  # noqa: ANN401
        outlets: dict[str, Outlet] = {"web": self.wall}
        app = await self._bot.enter_async_context(joined(chosen, outlets, BRISKLY, QUICKLY))
        self.desk = Desk(app, server, chosen, self.wall)


class PaymentLife(RuleBasedStateMachine):
    """Everything that may happen to payments on a few invoices."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._runner = asyncio.Runner()
        self._office = Office(folder)
        self._opened = False

    @initialize(hold=st.sampled_from([0, 0, 0.2]))
    def begin(self, hold: float) -> None:
        """A new bot, with books of its own."""
        self._run(self._office.open(hold))
        self._opened = True
        rows = self._office.desk.sandbox.books.query(
            "SELECT number FROM invoices WHERE balance_bani > 0 AND status != 'cancelled' ORDER BY number DESC LIMIT 2"
        )
        self.invoices = ("2024-001", rows[0][0])
        # Nobody pays it but in an episode, so that nothing is in the way of one.
        self.quiet = rows[1][0]
        for who, amount in (("cashier", "10"), ("colleague", "2000")):
            self._run(self._office.say(f"/pay {self.invoices[0]} {amount} card", who, TEAM))

    @rule(
        who=st.sampled_from(EVERYBODY),
        which=st.integers(0, 1),
        amount=st.sampled_from(AMOUNTS),
        chat=st.sampled_from([None, TEAM]),
    )
    def draft(self, who: str, which: int, amount: str, chat: Chat | None) -> None:
        """Somebody asks for a payment."""
        self._office.wall.broken = False
        told = self._run(self._office.say(f"/pay {self.invoices[which]} {amount} card", who, chat))
        assert told, "asked, and told nothing"
        assert who in CASHIERS or told[-1].reply.outcome is Outcome.REFUSED

    @rule(chance=st.randoms(use_true_random=False))
    def go_on(self, chance: random.Random) -> None:
        """Who asked for a payment presses what its newest card offers."""
        self._run(self._goes_on(chance))

    @rule(
        chance=st.randoms(use_true_random=False),
        who=st.sampled_from(APPROVERS),
        word=st.sampled_from(["approve", "rejected"]),
    )
    def decide(self, chance: random.Random, who: str, word: str) -> None:
        """A second person decides."""
        self._run(self._decides(chance, who, word))

    @rule(chance=st.randoms(use_true_random=False), who=st.sampled_from(EVERYBODY), times=st.integers(1, 2))
    def press(self, chance: random.Random, who: str, times: int) -> None:
        """Anybody presses any button that was ever shown, perhaps twice at once."""
        for _press in range(PRESSES):
            self._run(self._presses(chance, who, times))

    @rule(chance=st.randoms(use_true_random=False), word=st.sampled_from(["", "never", "id", "another"]))
    def settle(self, chance: random.Random, word: str) -> None:
        """An admin settles an unknown payment: honestly, or with somebody else's."""
        self._run(self._settles(chance, word))

    @rule(kind=st.sampled_from(MISHAPS))
    def billing_fails(self, kind: str) -> None:
        """The next payment's answer gets lost, before or after it is recorded."""
        self._office.desk.sandbox.faults.clear()
        self._office.desk.sandbox.faults.add("POST", "/payments", kind)

    @rule()
    def billing_refuses(self) -> None:
        """The next payment is refused."""
        self._office.desk.sandbox.faults.clear()
        body = '{"message": "Nu se poate."}'
        self._office.desk.sandbox.faults.add("POST", "/payments", "error-before-commit", status=422, body=body)

    @rule(chance=st.randoms(use_true_random=False), kind=st.sampled_from(["drop-after-commit", "drop-before-commit"]))
    def billing_goes_away(self, chance: random.Random, kind: str) -> None:
        """A payment is sent, and neither its answer nor the list can be read until it is given up."""
        self._run(self._goes_away(chance, kind))

    @rule(who=st.sampled_from(["cashier", "admin"]), is_lost=st.booleans())
    def undo_comes_too_late(self, who: str, is_lost: bool) -> None:  # noqa: FBT001 - drawn
        """A payment is on its way, or even lost on it, when somebody wants it back."""
        self._run(self._undoes_too_late(who, is_lost=is_lost))

    @rule()
    def two_press_at_once(self) -> None:
        """[Confirm] is pressed on two copies of a card."""
        self._run(self._confirms_twice())

    @rule()
    def a_listed_one_never_arrived(self) -> None:
        """An admin says of a payment whose answer was lost that it never arrived, and billing's list has it."""
        self._run(self._never_arrived_though_listed())

    @rule(path=st.sampled_from(["/payments", "/invoices/*"]))
    def billing_cannot_be_read(self, path: str) -> None:
        """What is read next is not to be had."""
        self._office.desk.sandbox.faults.add("GET", path, "error-before-commit", times=4, status=500)

    @rule(which=st.integers(0, 1), bani=st.sampled_from([1000, 532050]))
    def pay_elsewhere(self, which: int, bani: int) -> None:
        """Somebody else records a payment; not while one of ours may be on its way, or nobody could tell them apart."""
        self._run(self._office.calm())
        self._office.pay_elsewhere(self.invoices[which], bani)

    @rule(chance=st.randoms(use_true_random=False), is_seen=st.booleans())
    def time_passes(self, chance: random.Random, is_seen: bool) -> None:  # noqa: FBT001 - drawn
        """A draft or an approval expires; the watch has seen it, or hasn't yet."""
        self._run(self._expires(chance))
        if is_seen:
            self._run(self._office.sweep())

    @rule(seconds=st.sampled_from([0.0, 0.1, 0.5]))
    def wait(self, seconds: float) -> None:
        """Nobody does anything for a moment."""
        self._run(asyncio.sleep(seconds))

    @rule()
    def restart(self) -> None:
        """The bot is stopped and started."""
        self._run(self._office.restart())

    @rule()
    def the_chat_fails(self) -> None:
        """Nothing can be shown until the next payment is asked for."""
        self._office.wall.broken = True

    @invariant()
    def the_books_are_as_told(self) -> None:
        """Nothing is paid twice; what is told is so."""
        if self._opened:
            self._run(self._hold_against_the_books())

    def recorded(self) -> int:
        """How many payments of ours are in the books: a test in which nothing happens shows nothing."""
        return len(self._office.books())

    def teardown(self) -> None:
        """Let everything come to its end, and look again."""
        try:
            if self._opened:
                self._run(self._comes_to_an_end())
        finally:
            self._run(self._office.close())
            self._runner.close()
            shutil.rmtree(self._folder)

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    async def _goes_on(self, chance: random.Random) -> None:
        waiting = await self._office.orders(OrderState.DRAFT, OrderState.AWAITING, OrderState.HELD)
        if not waiting:
            return
        order = chance.choice(waiting[-2:])
        # One that is odd takes a second press, which its card offers then.
        for _press in range(2):
            offered = [(card, command) for card, command in self._office.buttons() if order.id in command]
            likely = [each for each in offered if each[1].startswith("/confirm")] if chance.random() < LIKELY else []
            for card, command in (likely or offered)[-1:]:
                await self._office.say(command, order.sender.removeprefix("web:"), card=card)

    async def _goes_away(self, chance: random.Random, kind: str) -> None:
        sandbox = self._office.desk.sandbox
        sandbox.faults.clear()
        sandbox.faults.add("POST", "/payments", kind)
        sent = sandbox.requests.count(("POST", "/payments"))
        await self._goes_on(chance)
        for _moment in range(100):
            if sandbox.requests.count(("POST", "/payments")) > sent:
                sandbox.faults.add("GET", "/payments", "error-before-commit", times=12, status=500)
                break
            await asyncio.sleep(0.01)
        await self._office.calm()
        sandbox.faults.clear()

    async def _undoes_too_late(self, who: str, *, is_lost: bool) -> None:
        sandbox = await self._undisturbed()
        sandbox.faults.add("POST", "/payments", "hang-after-commit" if is_lost else "delay", seconds=0.3)
        order_id = await self._sent("cashier")
        (told,) = await self._office.say(f"/undo {order_id}", who)
        assert told.reply.outcome is Outcome.REFUSED, "undone, and it was on its way"
        await self._office.calm()
        assert (await self._order(order_id)).state is OrderState.RECORDED

    async def _confirms_twice(self) -> None:
        await self._undisturbed()
        confirm, seen = await self._ready("cashier")
        both = await asyncio.gather(*(self._office.say(confirm, "cashier", chat) for chat in (seen.card.chat, TEAM)))
        self._hold_against_racers([told[-1].reply for told in both])
        await self._office.calm()
        assert (await self._order(seen.reply.subject or "")).state is OrderState.RECORDED

    async def _never_arrived_though_listed(self) -> None:
        sandbox = await self._undisturbed()
        sandbox.faults.add("POST", "/payments", "hang-after-commit", seconds=0.3)
        order_id = await self._sent("colleague")
        sandbox.faults.add("GET", "/payments", "error-before-commit", times=12, status=500)
        await self._office.calm()
        sandbox.faults.clear()
        assert (await self._order(order_id)).state is OrderState.UNKNOWN
        (told,) = await self._office.say(f"/settle {order_id} never", "admin")
        order = await self._order(order_id)
        number = self._office.books()[order.reference][0]
        assert order.state is OrderState.UNKNOWN, "settled as never arrived, and it is listed"
        assert f"/settle {order_id} {number}" in [button.command for button in told.reply.buttons]
        await self._office.say(f"/settle {order_id} {number}", "admin")
        assert (await self._order(order_id)).state is OrderState.RECORDED

    async def _undisturbed(self) -> SandboxServer:
        """Let what is under way come to its end; nothing goes wrong from here on but what is meant to."""
        self._office.wall.broken = False
        self._office.desk.sandbox.faults.clear()
        await self._office.calm()
        return self._office.desk.sandbox

    async def _sent(self, who: str) -> str:
        """Pay something on the quiet invoice; return its order's id once the request has reached billing."""
        sandbox = self._office.desk.sandbox
        posted = sandbox.requests.count(("POST", "/payments"))
        confirm, seen = await self._ready(who)
        await self._office.say(confirm, who, card=seen.card)
        async with asyncio.timeout(SECONDS):
            while sandbox.requests.count(("POST", "/payments")) == posted:
                await asyncio.sleep(0.01)
        return seen.reply.subject or ""

    async def _ready(self, who: str) -> tuple[str, Told]:
        """Ask for something on the quiet invoice; return the press that sends it, and its card."""
        told = await self._office.say(f"/pay {self.quiet} 10 card", who)
        if told[-1].reply.warnings:
            told = await self._office.say(confirm_of(told[-1].reply), who, card=told[-1].card)
        return confirm_of(told[-1].reply), told[-1]

    async def _order(self, order_id: str) -> PaymentOrder:
        return next(order for order in await self._office.orders() if order.id == order_id)

    async def _decides(self, chance: random.Random, who: str, word: str) -> None:
        waiting = await self._office.orders(OrderState.AWAITING)
        if waiting:
            order = chance.choice(waiting)
            seen = f" anyway-{order.seal}" if word == "approve" and order.is_odd else ""
            told = await self._office.say(f"/{word} {order.id}{seen}", who)
            if order.sender == f"web:{who}" or order.expires_at <= now():
                assert self._office.wall.broken or told[-1].reply.outcome is Outcome.REFUSED

    async def _presses(self, chance: random.Random, who: str, times: int) -> None:
        before = {order.id: order for order in await self._office.orders()}
        lively = [order for order in before.values() if order.state in (OrderState.DRAFT, *BLOCKING)]
        order = chance.choice(lively or list(before.values()))
        of_it = [(card, command) for card, command in self._office.buttons() if order.id in command]
        card, command = chance.choice(of_it if of_it and chance.random() < 0.8 else self._office.buttons())
        both = await asyncio.gather(*(self._office.say(command, who, chat, card) for chat in (card.chat, TEAM)[:times]))
        after = {order.id: order for order in await self._office.orders()}
        for order_id, order in before.items():
            _hold_against_roles(who, order, after[order_id])
        if times == 2 and command.partition(" ")[0] in ("/confirm", "/approve", "/rejected", "/undo", "/cancel"):
            self._hold_against_racers([told[-1].reply for told in both if told])

    def _hold_against_racers(self, replies: list[Reply]) -> None:
        assert self._office.wall.broken or len(replies) == 2, "somebody was told nothing"
        winners = [each for each in replies if each.outcome is Outcome.ANSWERED and each.state not in ("", "draft")]
        assert len(winners) <= 1, "both were told that it was theirs"
        assert all(each.text or each.title for each in replies)

    async def _settles(self, chance: random.Random, word: str) -> None:
        unknown = await self._office.orders(OrderState.UNKNOWN)
        if not unknown:
            return
        order, books = chance.choice(unknown), self._office.books()
        others = [number for reference, (number, *_rest) in books.items() if reference != order.reference]
        own = books.get(order.reference, ("never",))[0]
        outcome = {"id": own, "another": chance.choice(others) if others else "15"}.get(word, word)
        await self._office.say(f"/settle {order.id} {outcome}", "admin")

    async def _expires(self, chance: random.Random) -> None:
        waiting = await self._office.orders(OrderState.DRAFT, OrderState.AWAITING)
        if waiting:
            await self._office.passed(chance.choice(waiting))

    async def _hold_against_the_books(self) -> None:
        orders = await self._office.orders()
        books = self._office.books()
        blocked = [order.invoice for order in orders if order.state in UNDER_WAY]
        assert len(blocked) == len(set(blocked)), "two of ours are under way on one invoice"
        for order in orders:
            _hold_against_people(order)
            if order.state is OrderState.RECORDED:
                told = (order.payment, order.invoice, int(order.amount * 100))
                assert books.get(order.reference) == told, "told recorded, and it isn't"
            if order.state in NEVER_IN_THE_BOOKS:
                assert order.reference not in books, f"told {order.state}, and it is in the books"

    async def _comes_to_an_end(self) -> None:
        self._office.desk.sandbox.faults.clear()
        self._office.wall.broken = False
        await self._office.calm()
        await self._office.sweep()
        await self._hold_against_the_books()
        orders = {order.id: order for order in await self._office.orders()}
        for order in orders.values():
            assert order.state in (OrderState.DRAFT, *BLOCKING) or order.settled_at
            assert order.told_at or not order.settled_at, "settled, and not told"
        for card, replies in self._office.wall.cards.items():
            if replies[-1].subject and orders[replies[-1].subject].settled_at:
                state = orders[replies[-1].subject].state
                assert replies[-1].state == state, f"{card} still shows {replies[-1].state}, and it is {state}"


def _hold_against_roles(who: str, before: PaymentOrder, after: PaymentOrder) -> None:
    """Nobody decides what isn't theirs to decide."""
    key = f"web:{who}"
    if before.state is OrderState.DRAFT and before.sender != key:
        assert after.state is OrderState.DRAFT
    if before.state is OrderState.AWAITING and before.sender != key and who not in APPROVERS:
        assert after.state is OrderState.AWAITING
    if before.state is OrderState.UNKNOWN and who != "admin":
        assert after.state is OrderState.UNKNOWN
    if before.state is OrderState.HELD and key not in (before.sender, before.decider) and who != "admin":
        assert after.state is not OrderState.UNDONE


def _hold_against_people(order: PaymentOrder) -> None:
    assert order.sender.removeprefix("web:") in CASHIERS
    assert order.decider is None or order.decider.removeprefix("web:") in APPROVERS
    assert order.decider != order.sender
    assert order.settler in (None, "web:admin")


@pytest.fixture
def life(begun: Path, tmp_path: Path) -> Callable[[], PaymentLife]:
    """Begin a payment's life, with a database and books of its own."""
    numbers = iter(range(1_000_000))
    return lambda: PaymentLife(Path(shutil.copytree(begun, tmp_path / f"life{next(numbers)}")))


def _live(life: PaymentLife, chance: random.Random) -> int:
    """One short life; how many payments of ours were in the books at its end."""
    drawn: dict[str, Callable[[], dict[str, Any]]] = {
        "go_on": lambda: {"chance": chance},
        "draft": lambda: {
            "who": chance.choice(EVERYBODY),
            "which": chance.randrange(2),
            "amount": chance.choice(AMOUNTS),
            "chat": chance.choice([None, TEAM]),
        },
        "press": lambda: {"chance": chance, "who": chance.choice(EVERYBODY), "times": chance.choice([1, 2])},
        "decide": lambda: {
            "chance": chance,
            "who": chance.choice(APPROVERS),
            "word": chance.choice(["approve", "approve", "rejected"]),
        },
        "settle": lambda: {"chance": chance, "word": chance.choice(["", "never", "id", "another"])},
        "billing_fails": lambda: {"kind": chance.choice(MISHAPS)},
        "billing_goes_away": lambda: {"chance": chance, "kind": chance.choice(MISHAPS[:2])},
        "pay_elsewhere": lambda: {"which": chance.randrange(2), "bani": chance.choice([1000, 532050])},
        "undo_comes_too_late": lambda: {
            "who": chance.choice(["cashier", "admin"]),
            "is_lost": chance.random() < HALF,
        },
        "time_passes": lambda: {"chance": chance, "is_seen": chance.random() < HALF},
        "wait": lambda: {"seconds": chance.choice([0.0, 0.1, 0.3])},
    }
    try:
        life.begin(hold=chance.choice([0, 0, 0.2]))
        steps = [*chance.choices(list(USUAL), list(USUAL.values()), k=STEPS), *EPISODES]
        chance.shuffle(steps)
        for step in steps:
            getattr(life, step)(**drawn.get(step, dict)())
            life.the_books_are_as_told()
        return life.recorded()
    finally:
        life.teardown()


def test_whoever_presses_whatever_whenever_the_books_are_as_told(life: Callable[[], PaymentLife]) -> None:
    recorded = [_live(life(), random.Random(seed)) for seed in range(LIVES)]
    assert min(recorded) >= len(EPISODES), "lives in which nothing is paid prove nothing"


@pytest.mark.chaos
def test_so_they_are_after_many_more_lives(life: Callable[[], PaymentLife]) -> None:
    run_state_machine_as_test(life, settings=LONG)  # type: ignore[arg-type]  # as above
