"""Chats where we can't write any more: nothing is sent there, nothing is lost, and who set it is told once."""

from collections.abc import Iterable

import structlog

from bot.access import People, Role
from bot.cards.trouble import paused_notice
from bot.conventions import Conventions
from bot.dates import now
from bot.message import Chat, ChatKind
from bot.outlets import Outlets
from bot.reply import Reply
from bot.store import Audience, Store
from bot.words import speaking

log = structlog.get_logger(__name__)


class Pausing:
    """Pauses, and tells."""

    def __init__(self, store: Store, outlets: Outlets, people: People, conventions: Conventions) -> None:
        self._store = store
        self._outlets = outlets
        self._people = people
        self._conventions = conventions

    async def closed(self, chat: Chat, remedy: str = "") -> None:
        """We were blocked or put out, or the chat is gone; `remedy`: how we are let in again."""
        for audience in await self._store.subscriptions.pause(chat, now()):
            log.warning("notice.paused", chat=audience.place)
            with speaking(self._conventions.language):
                await self.tell(self._setters(audience), paused_notice(audience, remedy, self._conventions))

    async def tell(self, keys: Iterable[str], reply: Reply) -> None:
        """Tell people something, each in their own chat, as far as that can be done."""
        for key in keys:
            platform, _colon, person = key.partition(":")
            outlet = self._outlets.get(platform)
            try:
                if outlet:
                    await outlet.send(Chat(platform, person, ChatKind.PRIVATE), reply)
            except Exception as error:  # noqa: BLE001 - whatever a platform fails with, the others are told
                log.warning("notice.unreached", person=key, reason=type(error).__name__)

    async def tell_admins(self, reply: Reply) -> None:
        """Tell every admin."""
        await self.tell(self._people.at_least(Role.ADMIN), reply)

    def _setters(self, audience: Audience) -> list[str]:
        """Who subscribed it; for what comes from the settings, the admins. Not in the chat that is closed."""
        asked = {each.setter for each in audience.subscriptions if each.setter}
        if any(each.origin for each in audience.subscriptions):
            asked.update(self._people.at_least(Role.ADMIN))
        return sorted(asked - {f"{audience.chat.platform}:{audience.chat.id}"})
