"""Shows replies in Slack's channels and chats, and gets over what Slack has against it."""

from functools import partial

import structlog

from bot.message import CardRef, Chat, ChatKind
from bot.outlets import CardGoneError, ChatClosedError
from bot.platforms.slack.api import Api, Fields
from bot.platforms.slack.blocks import Drawn, draw
from bot.platforms.slack.faults import CLOSED, GONE, SlackNoError
from bot.platforms.slack.options import Core
from bot.platforms.slack.pace import Pace
from bot.platforms.slack.speech import Speech
from bot.reply import Reply
from bot.words import _

log = structlog.get_logger(__name__)

_QUIET = {"unfurl_links": False, "unfurl_media": False}


class Post:
    """Sends and edits cards. A card of several messages is known by the last of them: that one has the buttons."""

    def __init__(self, api: Api, pace: Pace, core: Core) -> None:
        self._api = api
        self._pace = pace
        self._core = core
        self._speech = Speech(core.is_command)
        self._channels: dict[str, str] = {}
        self._closed: set[str] = set()
        # Ours, as people write it.
        self.name = "casier"

    async def send(self, chat: Chat, reply: Reply, thread: str | None = None) -> CardRef:
        """Show a reply as a new card. `ChatClosedError` where we can't write."""
        channel, shown = await self.channel(chat), ""
        thread = chat.thread or thread
        for page in self.draw(reply):
            shown = await self._posted(chat, channel, page, thread)
        for file in (*((reply.picture,) if reply.picture else ()), *reply.files):
            await self._pace.keep(channel, partial(self._api.upload, channel, file, thread))
        self._closed.discard(chat.id)
        return CardRef(Chat(chat.platform, chat.id, chat.kind, thread), shown)

    async def edit(self, card: CardRef, reply: Reply) -> None:
        """Draw a card anew. `CardGoneError` where it can't be, is too long, has a picture, or would turn private."""
        if reply.picture or (reply.private and card.chat.kind is ChatKind.GROUP):
            raise CardGoneError(card.message)
        channel, pages = await self.channel(card.chat), self.draw(reply)
        try:
            await self._api.call("chat.update", channel=channel, ts=card.message, **_shown(pages[0]))
        except SlackNoError as error:
            if error.code in GONE:
                raise CardGoneError(card.message) from None
            raise
        if len(pages) > 1:
            raise CardGoneError(card.message)
        for file in reply.files:
            await self._pace.keep(channel, partial(self._api.upload, channel, file, card.chat.thread))

    def draw(self, reply: Reply, share: str = "") -> list[Drawn]:
        """The messages that show a reply; `share`: what [Share to channel] says."""
        return draw(self._speech.of(reply), share)

    async def knock(self, chat: Chat) -> None:
        """`ChatClosedError` where we are no member, or nobody lets us look."""
        if chat.kind is not ChatKind.GROUP:
            return
        try:
            found = await self._api.ask("conversations.info", channel=chat.id)
        except SlackNoError as error:
            if error.code == "missing_scope":
                return
            raise await self._shut(chat, error) from None
        if not found["channel"].get("is_member"):
            raise ChatClosedError(chat, self._remedy(chat))

    async def whisper(self, channel: str, user: str, reply: Reply, thread: str | None) -> None:
        """Show a reply to one person only, where others read along; it is gone when they come back."""
        for page in self.draw(reply):
            said = {"channel": channel, "user": user, **_shown(page), **({"thread_ts": thread} if thread else {})}
            await self._pace.keep(channel, partial(self._api.call, "chat.postEphemeral", **said))

    async def channel(self, chat: Chat) -> str:
        """The channel's id; of a chat with one person, what Slack calls that."""
        if chat.kind is ChatKind.GROUP:
            return chat.id
        if chat.id not in self._channels:
            try:
                opened = await self._api.call("conversations.open", users=chat.id)
            except SlackNoError as error:
                raise await self._shut(chat, error) from None
            self._channels[chat.id] = opened["channel"]["id"]
        return self._channels[chat.id]

    def met(self, user: str, channel: str) -> None:
        """Somebody has written to us alone, there."""
        self._channels[user] = channel

    async def _posted(self, chat: Chat, channel: str, page: Drawn, thread: str | None) -> str:
        said = {"channel": channel, **_QUIET, **_shown(page), **({"thread_ts": thread} if thread else {})}
        try:
            sent = await self._pace.keep(channel, partial(self._api.call, "chat.postMessage", **said))
        except SlackNoError as error:
            raise await self._shut(chat, error) from None
        return str(sent["ts"])

    async def _shut(self, chat: Chat, error: SlackNoError) -> Exception:
        """What a refusal means; that we can't write there is told once, until we can again."""
        if error.code not in CLOSED:
            return error
        if chat.id not in self._closed:
            self._closed.add(chat.id)
            log.warning("slack.closed", chat=chat.id, reason=error.code)
            await self._core.closed(chat, self._remedy(chat))
        return ChatClosedError(chat, self._remedy(chat))

    def _remedy(self, chat: Chat) -> str:
        """What people have to do to let us in."""
        if chat.kind is not ChatKind.GROUP:
            return ""
        return _("In Slack, say “/invite @{name}” in that channel.").format(name=self.name)


def _shown(page: Drawn) -> Fields:
    return {"text": page.text, "blocks": list(page.blocks)}
