"""Where a reply can be shown; the platforms implement it, the start joins them."""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from bot.message import CardRef, Chat, Message
from bot.reply import Reply


class CardGoneError(Exception):
    """The card can't be edited any more: deleted, too old, or shown by a chat that has forgotten it."""


class ChatClosedError(Exception):
    """We can't write there any more, or never could: blocked, removed, or never met. `remedy`: how to let us in."""

    def __init__(self, chat: Chat, remedy: str = "") -> None:
        super().__init__(f"chat {chat.id} is closed to us")
        self.chat = chat
        self.remedy = remedy


class Outlet(Protocol):
    """One platform's way of showing a reply."""

    async def send(
        self, chat: Chat, reply: Reply, answering: Message | None = None, under: CardRef | None = None
    ) -> CardRef:
        """Show a reply as a new card and say where it is; `ChatClosedError` where we can't write.

        `under`: the card that it goes on from, if that is there still.
        """
        ...

    async def edit(self, card: CardRef, reply: Reply) -> None:
        """Draw a card anew; `CardGoneError` where that can't be done."""
        ...


@runtime_checkable
class Guarded(Protocol):
    """An outlet where people can ask us things in chats that we can't write in."""

    async def knock(self, chat: Chat) -> None:
        """`ChatClosedError` where we can't write; nothing is shown."""
        ...


Outlets = Mapping[str, Outlet]


async def edit_or_send(outlet: Outlet, card: CardRef, reply: Reply) -> CardRef:
    """Draw a card anew; where it is gone, show a new one. Say where it is now."""
    try:
        await outlet.edit(card, reply)
    except CardGoneError:
        return await outlet.send(card.chat, reply)
    return card
