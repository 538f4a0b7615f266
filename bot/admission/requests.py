"""Asking to be let in: one open request an account, shown to every admin, told to who asked."""

import secrets
from base64 import b32encode
from collections.abc import Awaitable
from datetime import timedelta

import structlog

from bot.access import People, Role
from bot.cards.access import admission_notice, request_card
from bot.conventions import Conventions
from bot.dates import now
from bot.message import CardRef, Chat, Message, read_chat
from bot.outlets import Outlets, edit_or_send
from bot.refusals import Late, Unknown
from bot.reply import Reply
from bot.store import LET_IN, OPEN, AccessRequest, Store
from bot.words import _, speaking

log = structlog.get_logger(__name__)

_ID_BYTES = 5
_MOST_A_DAY = 3


class Requests:
    """Keeps them, and shows them."""

    def __init__(self, store: Store, people: People, outlets: Outlets, conventions: Conventions) -> None:
        self._admissions = store.admissions
        self._cards = store.cards
        self._people = people
        self._outlets = outlets
        self._conventions = conventions

    async def ask(self, message: Message) -> tuple[AccessRequest, bool]:
        """Ask for access; the request, and whether it is a new one. `Late` where somebody asks again and again."""
        sender, at = message.sender, now()
        wanted = AccessRequest(
            id=b32encode(secrets.token_bytes(_ID_BYTES)).decode(),
            key=sender.key,
            name=sender.name,
            chat=message.chat.key,
            asked_at=at,
        )
        if await self._admissions.asked_since(sender.key, at - timedelta(days=1)) >= _MOST_A_DAY:
            raise Late(_("You have asked several times today. Please speak to an admin yourself."))
        kept = await self._admissions.ask(wanted)
        if kept.id == wanted.id:
            await self._show(kept)
        return kept, kept.id == wanted.id

    async def found(self, name: str) -> AccessRequest:
        """A request by its id; `Unknown` where there is none."""
        request = await self._admissions.request(name)
        if request is None:
            raise Unknown(_("There is no such request."))
        return request

    async def open(self, name: str) -> AccessRequest:
        """A request that waits for a decision; `Late` where it has one."""
        request = await self.found(name)
        if request.state != OPEN:
            raise Late(self.decided(request))
        return request

    def decided(self, request: AccessRequest) -> str:
        """What became of it."""
        if request.state == LET_IN:
            words = _("{decider} has let {name} in already: {role}.")
        else:
            words = _("{decider} has said no to {name} already.")
        return words.format(decider=request.decider_name, name=request.name, role=Role.read(request.role).word)

    async def tell(self, request: AccessRequest) -> None:
        """Show on every admin's card what became of it, and tell who asked."""
        with speaking(self._conventions.language):
            for card in await self._cards.of(request.id):
                if card.chat.platform in self._outlets:
                    await self._redraw(request, card)
            await self.tell_person(request.key, admission_notice(Role.read(request.role)))

    async def tell_person(self, key: str, reply: Reply) -> None:
        """Tell somebody something in their own chat, as far as that can be done."""
        chat = read_chat(key)
        if chat.platform in self._outlets:
            await self._try(self._outlets[chat.platform].send(chat, reply), chat)

    async def _show(self, request: AccessRequest) -> None:
        with speaking(self._conventions.language):
            for chat in map(read_chat, self._people.at_least(Role.ADMIN)):
                if chat.platform not in self._outlets:
                    continue
                card = await self._try(self._outlets[chat.platform].send(chat, self._card(request)), chat)
                if card:
                    await self._cards.put(request.id, card, request.state)

    async def _redraw(self, request: AccessRequest, card: CardRef) -> None:
        there = await self._try(edit_or_send(self._outlets[card.chat.platform], card, self._card(request)), card.chat)
        if there and there != card:
            await self._cards.remove(card)
            await self._cards.put(request.id, there, request.state)

    async def _try(self, shown: Awaitable[CardRef], chat: Chat) -> CardRef | None:
        try:
            return await shown
        except Exception as error:  # noqa: BLE001 - whatever a platform fails with, the others are told
            log.warning("access.untold", chat=chat.key, reason=type(error).__name__)
            return None

    def _card(self, request: AccessRequest) -> Reply:
        return request_card(request, Role.read(request.role), self._conventions)
