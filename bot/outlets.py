"""Where a reply can be shown; the platforms implement it, the start joins them."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from bot.message import CardRef, Chat, Message
from bot.reply import Reply


class CardGoneError(Exception):
    """The card can't be edited any more: deleted, too old, or shown by a chat that has forgotten it."""


class Outlet(Protocol):
    """One platform's way of showing a reply."""

    async def send(self, chat: Chat, reply: Reply, answering: Message | None = None) -> CardRef:
        """Show a reply as a new card and say where it is."""
        ...

    async def edit(self, card: CardRef, reply: Reply) -> None:
        """Draw a card anew; `CardGoneError` where that can't be done."""
        ...


Outlets = Mapping[str, Outlet]


async def show_everywhere(outlets: Outlets, cards: Iterable[CardRef], reply: Reply) -> list[CardRef]:
    """Edit every copy of a card; where a copy is gone, send a new one. Say where the copies are now."""
    return [
        await _edit_or_send(outlets[card.chat.platform], card, reply) for card in cards if card.chat.platform in outlets
    ]


async def _edit_or_send(outlet: Outlet, card: CardRef, reply: Reply) -> CardRef:
    try:
        await outlet.edit(card, reply)
    except CardGoneError:
        return await outlet.send(card.chat, reply)
    return card
