"""Where chats subscribe to payments, are muted and resumed; and where payments are heard of."""

import secrets
from base64 import b32encode
from collections.abc import Mapping
from datetime import datetime

from bot.access import People
from bot.dates import now
from bot.durable import Durable
from bot.message import CardRef, Chat, Message
from bot.notifications.alarm import AdminAlarm
from bot.notifications.delivery import Delivery, Means
from bot.notifications.hearing import Ear
from bot.notifications.pausing import Pausing
from bot.notifications.rounds import Cadence, Rounds
from bot.outlets import Guarded
from bot.reply import Reply
from bot.store import Audience, Subscription
from bot.trail import By, Trail

_ID_BYTES = 5


class NewsDesk:
    """`listener` is told of payments, `alarm` that they can't be watched."""

    def __init__(self, means: Means, durable: Durable, people: People, trail: Trail, cadence: Cadence) -> None:
        self._store = means.store
        self._outlets = means.outlets
        self._enquiry = means.enquiry
        self._trail = trail
        self._pausing = Pausing(means.store, means.outlets, people, means.conventions)
        self._rounds = Rounds(durable, means.store, Delivery(means, self._pausing), cadence)
        self.listener = Ear(means.store, self._rounds.heard)
        self.alarm = AdminAlarm(self._pausing, means.conventions)

    @property
    def doubtful(self) -> int:
        """How many messages may have been told twice since the start."""
        return self._rounds.doubtful

    async def audience(self, place: str) -> Audience | None:
        """A chat that hears of payments; None where it hears of none."""
        return await self._store.subscriptions.audience(place)

    async def audiences(self) -> list[Audience]:
        """Every chat that hears of payments."""
        return await self._store.subscriptions.audiences()

    async def subscribe(
        self, chat: Chat, wanted: Subscription, by: Message, instead: str | None = None
    ) -> tuple[Subscription, Audience]:
        """Let a chat hear of something from now on; what it is then, and the chat."""
        known = await self._store.subscriptions.subscribe(chat, wanted, instead)
        await self._trail.subscription(By(by.sender, by.chat), whose=chat.key, outcome="added")
        self._rounds.wake([chat.key])
        audience = await self._store.subscriptions.audience(chat.key) or Audience(chat=chat, subscriptions=(known,))
        return next((each for each in audience.subscriptions if each.id == known.id), known), audience

    async def unsubscribe(self, audience: Audience, names: list[str], by: Message) -> None:
        """Take subscriptions away; what waits for them is not told."""
        await self._store.subscriptions.remove(audience.place, names)
        await self._trail.subscription(By(by.sender, by.chat), whose=audience.place, outcome="removed")
        self._rounds.wake([audience.place])

    async def mute(self, audience: Audience, until: datetime | None, by: Message) -> None:
        """Leave a chat alone until then; None: no longer."""
        await self._store.subscriptions.mute(audience.place, until)
        await self._trail.subscription(
            By(by.sender, by.chat), whose=audience.place, outcome="muted" if until else "unmuted"
        )
        self._rounds.wake([audience.place])

    async def resume(self, audience: Audience, by: Message) -> None:
        """Write to a chat again; if that fails, it is paused again."""
        await self._store.subscriptions.resume(audience.place)
        await self._trail.subscription(By(by.sender, by.chat), whose=audience.place, outcome="resumed")
        self._rounds.wake([audience.place])

    def reaches(self, chat: Chat) -> bool:
        """Whether anything can be told there without being asked."""
        return chat.platform in self._outlets

    async def knock(self, chat: Chat) -> None:
        """`ChatClosedError` where we know that we can't write."""
        outlet = self._outlets[chat.platform]
        if isinstance(outlet, Guarded):
            await outlet.knock(chat)

    async def show(self, chat: Chat, reply: Reply) -> CardRef:
        """Show something in a chat that can be reached; `ChatClosedError` where we can't write."""
        return await self._outlets[chat.platform].send(chat, reply)

    async def settle(self, notify: Mapping[str, Chat]) -> None:
        """Let the chats of the settings, by their names there, hear of every payment."""
        wanted = {origin: Subscription(id=made_id(), origin=origin, set_at=now()) for origin in notify}
        await self._store.subscriptions.settle(notify, wanted)

    async def moved(self, old: Chat, new: Chat) -> None:
        """A chat has got another id."""
        self._rounds.delivery.moved(old.key, new.key)
        if await self._store.subscriptions.move(old, new):
            await self._trail.subscription(By(chat=new), whose=new.key, outcome="moved")
            self._rounds.wake([new.key])

    async def closed(self, chat: Chat, remedy: str = "") -> None:
        """We can't write to a chat any more; `remedy`: how we are let in again."""
        await self._pausing.closed(chat, remedy)

    async def watch(self) -> None:
        """Tell what is due, until it is cancelled."""
        await self._rounds.watch()

    async def close(self) -> None:
        """Wait a little for what is being told; the rest is told after the next start."""
        await self._rounds.close()
        await self._enquiry.close()


def made_id() -> str:
    """The name of a subscription: eight letters and digits, by chance."""
    return b32encode(secrets.token_bytes(_ID_BYTES)).decode()
