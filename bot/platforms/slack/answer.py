"""The answer to one thing said: to all or to one, in its thread, and moved to our own chat where we can't write."""

from dataclasses import replace

from bot.message import CardRef, Chat, ChatKind, Message
from bot.outlets import CardGoneError, ChatClosedError
from bot.platforms.slack.api import Api
from bot.platforms.slack.faults import SlackAwayError, SlackNoError
from bot.platforms.slack.inbound import PLATFORM, Heard
from bot.platforms.slack.post import Post
from bot.reply import Reply
from bot.words import _

# What only one person sees has no id of ours, and can't be drawn anew without a press on it.
_FLEETING = "fleeting"


class Answer:
    """The outlet for one message's answer.

    Lookups are for who asked, with a button that shares them; a payment's card is a message that stays, always.
    """

    def __init__(self, api: Api, post: Post, heard: Heard) -> None:
        self._api = api
        self._post = post
        self._heard = heard
        self._message = heard.message
        self._place = heard.place
        self._is_begun = False
        self._last: Reply | None = None

    async def send(
        self,
        chat: Chat,
        reply: Reply,
        answering: Message | None = None,  # noqa: ARG002 - it is known already
        under: CardRef | None = None,
    ) -> CardRef:
        """Show a reply as a new card."""
        if await self._is_aside(reply):
            return await self._aside(chat, reply)
        if self._place.sharing:
            reply = self._shared(reply)
        try:
            return await self._post.send(chat, reply, under.message if under else self._place.thread)
        except ChatClosedError:
            return await self._elsewhere(chat, reply)

    async def edit(self, card: CardRef, reply: Reply) -> None:
        """Draw a card anew: one that only its reader sees at the address that came with what was said.

        That is good five times. What such a card shows on the way is left out, but for the first of it and the last.
        """
        is_fleeting = card.message == _FLEETING or (card == self._message.card and self._place.fleeting)
        if not is_fleeting:
            await self._post.edit(card, reply)
        elif _stays(reply):
            raise CardGoneError(card.message)
        elif self._is_begun:
            self._last = reply
        elif not await self._responded(reply, anew=True):
            raise CardGoneError(card.message)

    async def close(self) -> None:
        """The answer is given: show the last of it."""
        if self._last:
            last, self._last = self._last, None
            await self._responded(last, anew=self._place.fleeting)

    async def _is_aside(self, reply: Reply) -> bool:
        """Whether nobody else is to see it."""
        if self._message.chat.kind is ChatKind.GROUP:
            return not _stays(reply) and (reply.private or self._place.aside)
        # A slash command may be said between two people, where we are not: that is no chat of ours.
        return bool(self._place.respond) and self._place.channel != await self._post.channel(self._message.chat)

    async def _aside(self, chat: Chat, reply: Reply) -> CardRef:
        if _stays(reply) or reply.files:
            return await self._elsewhere(chat, reply)
        if reply.picture:
            words = _("The picture comes with it where it is shared, and in our own chat.")
            reply = replace(reply, picture=None, notes=(*reply.notes, words))
        if not await self._responded(reply):
            user, channel = self._message.sender.id, self._place.channel
            await self._post.whisper(channel, user, reply, self._place.thread)
        return CardRef(chat, _FLEETING)

    async def _responded(self, reply: Reply, *, anew: bool = False) -> bool:
        """Answer at the address that came with what was said; whether that was still possible."""
        if not self._place.respond:
            return False
        self._is_begun = True
        share = "" if reply.private or self._message.chat.kind is not ChatKind.GROUP else self._message.text
        fields = {"response_type": "ephemeral", "replace_original": anew}
        thread = {"thread_ts": self._place.thread} if self._place.thread else {}
        try:
            for page in self._post.draw(reply, share):
                shown = {"text": page.text, "blocks": list(page.blocks), **fields, **thread}
                await self._api.respond(self._place.respond, shown)
        except (SlackNoError, SlackAwayError):
            return False
        return True

    async def _elsewhere(self, chat: Chat, reply: Reply) -> CardRef:
        """What stays goes into our own chat where it can't be here, with a word about that."""
        if self._place.sharing and await self._let_in(reply):
            return CardRef(chat, _FLEETING)
        own = Chat(PLATFORM, self._message.sender.id)
        if chat.key == own.key and not self._place.respond:
            raise ChatClosedError(chat)
        try:
            card = await self._post.send(own, replace(reply, private=False))
        except ChatClosedError:
            words = _("I can't write to you: open my chat under “Apps” first, then ask again.")
            await self._responded(Reply(text=words, private=True))
            raise
        words = _(
            "I can't write here, so I have answered you in our own chat. To have me here, say /invite @{name} first."
        ).format(name=self._message.bot_name)
        told = words if chat.kind is ChatKind.GROUP else _("I have answered you in our own chat.")
        await self._responded(Reply(text=told, private=True))
        return card

    async def _let_in(self, reply: Reply) -> bool:
        """Share where we are no member: Slack lets the one who asked have it shown."""
        try:
            for page in self._post.draw(reply):
                shown = {"text": page.text, "blocks": list(page.blocks), "response_type": "in_channel"}
                await self._api.respond(self._place.respond, {**shown, "replace_original": False})
        except (SlackNoError, SlackAwayError):
            return False
        return True

    def _shared(self, reply: Reply) -> Reply:
        words = _("Shared by {name}").format(name=self._message.sender.name)
        return replace(reply, notes=(*reply.notes, words), private=False)


def _stays(reply: Reply) -> bool:
    """A payment's card is a record, and some things concern all: what only one person sees is gone after a while."""
    return reply.subject is not None or reply.for_all
