"""The bot at payments, to be killed: `python -m tests.chaos.victim` reads lives from its input, and lives each."""

import asyncio
import random
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

import msgspec
from pydantic import HttpUrl, SecretStr

from bot.app import App
from bot.dates import now
from bot.durable import DurableOptions
from bot.message import CardRef, Chat, Message
from bot.reply import Reply
from bot.settings import Settings
from bot.start.joining import joined
from bot.store import OrderState
from tests.chaos.births import give_birth
from tests.chaos.journal import Journal
from tests.chaos.lives import Cell, Life
from tests.chaos.points import KillPoint, Trap
from tests.chaos.watched import WatchedOutlet, makers
from tests.stage import confirm_of, message

_UNDER_WAY = (OrderState.HELD, OrderState.SENDING, OrderState.LOOKING)
_MOST_TRIES = 30
_PAUSE_SECONDS = 0.1
_LATE = 3
_AMOUNTS = (10, 10, 25)


class Hand:
    """An outlet on top of the journal that keeps the last card of each chat at hand, so that it can be pressed."""

    def __init__(self, outlet: WatchedOutlet) -> None:
        self._outlet = outlet
        self.held: dict[str, tuple[CardRef, Reply]] = {}

    async def send(
        self, chat: Chat, reply: Reply, answering: Message | None = None, under: CardRef | None = None
    ) -> CardRef:
        """Show a new card."""
        card = await self._outlet.send(chat, reply, answering, under)
        if reply.subject:
            self.held[chat.id] = card, reply
        return card

    async def edit(self, card: CardRef, reply: Reply) -> None:
        """Draw a card anew."""
        await self._outlet.edit(card, reply)
        self.held[card.chat.id] = card, reply


async def lived(life: Life) -> int:
    """One life, unless it is cut short."""
    folder = Path(life.folder)
    trap = Trap(len(life.cells), partial(_write, folder / "caught"))
    hand = Hand(WatchedOutlet(trap, Journal(folder / "told")))
    options = DurableOptions(look_seconds=0.1)
    async with joined(_settings(life), {"web": hand}, options, makers(trap, life)) as app:
        await app.services.desk.prepare()
        watching = asyncio.create_task(app.watch())
        try:
            async with asyncio.timeout(life.patience_seconds):
                await (_go_on(app, hand, trap, life) if life.pace else _pay_all(app, hand, trap, life))
        except TimeoutError:
            return _LATE
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
    return 0


async def _pay_all(app: App, hand: Hand, trap: Trap, life: Life) -> None:
    """Press what was asked for in an earlier life; pay everything at once; then wait for every verdict."""
    orders = app.services.store.orders
    while life.presses and (drafts := await orders.in_state(OrderState.DRAFT)):
        await asyncio.gather(*(app.serve(message(f"/confirm {draft.id} anyway"), hand) for draft in drafts))
    if life.fresh:
        await asyncio.gather(*(_pay(app, hand, trap, cell, 10) for cell in life.cells))
    day = timedelta(days=1)
    while await orders.in_state(*_UNDER_WAY) or await orders.untold(now() + day, now() - day):
        await asyncio.sleep(0.05)


async def _go_on(app: App, hand: Hand, trap: Trap, life: Life) -> None:
    """Pay on and on, now one and then two at a time."""
    paying = set[asyncio.Task[None]]()
    while True:
        task = asyncio.create_task(_pay(app, hand, trap, random.choice(life.cells), random.choice(_AMOUNTS)))
        paying.add(task)
        task.add_done_callback(paying.discard)
        await asyncio.sleep(random.expovariate(1 / (life.pace or 1)))


async def _pay(app: App, hand: Hand, trap: Trap, cell: Cell, amount: int) -> None:
    """Ask for a payment and press until it is confirmed: a busy API is asked again, what is odd pressed again."""
    chat = Chat("web", f"{cell.invoice}-{random.getrandbits(32):08x}")
    for _try in range(_MOST_TRIES):
        card, reply = hand.held.get(chat.id, (None, None))
        if card is None or reply is None:
            await app.serve(message(f"/pay {cell.invoice} {Decimal(amount)} cash", chat=chat), hand)
        elif reply.state == OrderState.DRAFT:
            trap.expect(reply.subject or "", cell.point)
            await trap.at(KillPoint.DRAFTED, reply.subject or "")
            await app.serve(message(confirm_of(reply), card=card), hand)
            await asyncio.sleep(_PAUSE_SECONDS)
        else:
            break
    hand.held.pop(chat.id, None)


def _write(path: Path, caught: Mapping[str, KillPoint]) -> None:
    path.write_bytes(msgspec.json.encode(caught))


def _settings(life: Life) -> Settings:
    return Settings(
        _env_file=None,
        billing_api_url=HttpUrl(life.api),
        billing_api_key=SecretStr(life.key),
        billing_requests=40,
        billing_connect_seconds=1,
        billing_read_seconds=life.read_seconds,
        billing_deadline_seconds=life.deadline_seconds,
        database_url=life.database,
        cashiers=("web:cashier",),
        person_messages_per_minute=0,
        chat_messages_per_minute=0,
        language="en",
        payment_hold_seconds=life.hold_seconds,
    )


if __name__ == "__main__":
    give_birth(Life, lived)
