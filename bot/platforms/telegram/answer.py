"""The answer to one thing said: where it goes, who may read it, and what is shown until it is there."""

import asyncio
from dataclasses import replace

from bot.message import CardRef, Chat, ChatKind, Message, Sender
from bot.outlets import ChatClosedError
from bot.platforms.telegram.api import Api
from bot.platforms.telegram.inbound import PLATFORM, Heard
from bot.platforms.telegram.keyboard import links
from bot.platforms.telegram.links import deep_link
from bot.platforms.telegram.options import Manners
from bot.platforms.telegram.post import Post
from bot.platforms.telegram.presence import Press, Typing
from bot.reply import Fact, Reply
from bot.words import _


class Answer:
    """The outlet for one message's answer. `close` ends what is shown meanwhile.

    `begun` comes with the first reply, or when there is none.
    """

    def __init__(self, api: Api, post: Post, heard: Heard, manners: Manners) -> None:
        self.begun = asyncio.Event()
        self._post = post
        self._message = heard.message
        self._reply_to = heard.reply_to
        self._typing = Typing(api, heard.message.chat, manners.typing)
        self._press = Press(api, heard.press, manners.press) if heard.press else None

    async def send(
        self,
        chat: Chat,
        reply: Reply,
        answering: Message | None = None,  # noqa: ARG002 - it is known already
        under: CardRef | None = None,
    ) -> CardRef:
        """Show a reply as a new card; a private one in a group only to the person who asked."""
        self.begun.set()
        await self._typing.end()
        reply = self._linked(reply)
        if reply.private and chat.kind is ChatKind.GROUP:
            return await self._aside(chat, reply)
        self._acknowledge()
        return await self._post.send(chat, reply, int(under.message) if under else self._reply_to)

    async def edit(self, card: CardRef, reply: Reply) -> None:
        """Draw a card anew; one for all doesn't turn private (then its press is not acknowledged yet)."""
        self.begun.set()
        await self._typing.end()
        if not (reply.private and card.chat.kind is ChatKind.GROUP):
            self._acknowledge()
        await self._post.edit(card, reply)

    async def close(self) -> None:
        """The answer is given, or there is none."""
        self.begun.set()
        await self._typing.end()
        if self._press:
            await self._press.end()

    def _linked(self, reply: Reply) -> Reply:
        link = deep_link(self._message.bot_name, reply.opens) if reply.opens else None
        return replace(reply, facts=(*reply.facts, Fact(_("Link"), link))) if link else reply

    def _acknowledge(self) -> None:
        if self._press:
            self._press.acknowledge()

    async def _aside(self, chat: Chat, reply: Reply) -> CardRef:
        """An alert where a few words are all; else in the person's own chat, with a word about it in the group."""
        if self._press and self._message.card and _is_only_text(reply) and await self._press.alert(reply.text):
            return self._message.card
        self._acknowledge()
        asker = self._message.sender
        own = Chat(PLATFORM, asker.id, ChatKind.PRIVATE)
        try:
            card = await self._post.send(own, replace(reply, private=False))
        except ChatClosedError:
            return await self._invite(chat, asker)
        await self._post.send(chat, Reply(text=_("I have answered you in our private chat.")), self._reply_to)
        return card

    async def _invite(self, chat: Chat, asker: Sender) -> CardRef:
        """Who has never written to us can't be written to: Telegram's rule against spam."""
        told = _("{name}, this answer is for you alone. Open our private chat, press Start, and ask again there.")
        link = deep_link(self._message.bot_name, self._message.text) or deep_link(self._message.bot_name)
        buttons = links([[(_("Open our chat"), link or "")]])
        reply = Reply(text=told.format(name=asker.name or asker.id))
        return await self._post.show(chat, reply, buttons, self._reply_to)


def _is_only_text(reply: Reply) -> bool:
    return bool(reply.text) and reply == Reply(text=reply.text, private=True, outcome=reply.outcome)
