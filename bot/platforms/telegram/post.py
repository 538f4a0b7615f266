"""Shows replies in Telegram's chats, and gets over what Telegram has against it."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import structlog
from telegram.constants import MessageLimit
from telegram.error import BadRequest, ChatMigrated, Forbidden, TelegramError

from bot.message import CardRef, Chat, ChatKind
from bot.outlets import CardGoneError, ChatClosedError
from bot.platforms.telegram.api import Api
from bot.platforms.telegram.faults import CANT_EDIT, CANT_PARSE, NO_CHAT, NO_THREAD, NOT_MODIFIED, says
from bot.platforms.telegram.keyboard import Keyboard, keyboard
from bot.platforms.telegram.markup import MOST_UNITS, Page, pages
from bot.platforms.telegram.shorts import Shorts
from bot.reply import File, Reply

log = structlog.get_logger(__name__)

_CAPTION_UNITS = int(MessageLimit.CAPTION_LENGTH)
_MOST_LONG = 256
_NO_PREVIEW = {"is_disabled": True}
# A remedy each, and the send that succeeds.
_MOST_TRIES = 4

Moved = Callable[[Chat, Chat], Awaitable[None]]
Closed = Callable[[Chat], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class News:
    """Who is told that a chat has got another id, or that we can't write there any more."""

    moved: Moved
    closed: Closed


class Post:
    """Sends and edits cards. A card of several messages is known by the last of them: that one has the buttons."""

    def __init__(self, api: Api, shorts: Shorts, news: News) -> None:
        self._api = api
        self._shorts = shorts
        self._news = news
        self._moved: dict[str, str] = {}
        self._closed: set[str] = set()
        # What stands before the last message of a long card; forgotten with a restart.
        self._earlier: OrderedDict[tuple[str, str], tuple[str, ...]] = OrderedDict()

    async def send(self, chat: Chat, reply: Reply, reply_to: int | None = None) -> CardRef:
        """Show a reply as a new card. `ChatClosedError` where we can't write."""
        buttons = await keyboard(reply, self._shorts)
        return await self.show(self._now(chat), reply, buttons, reply_to)

    async def show(self, chat: Chat, reply: Reply, buttons: Keyboard | None, reply_to: int | None) -> CardRef:
        """The same with a keyboard made elsewhere."""
        texts = pages(reply, _CAPTION_UNITS if reply.picture else MOST_UNITS)
        sending = _Sending(self, chat, reply_to)
        if reply.picture:
            await self._picture(sending, reply.picture, texts, buttons)
        else:
            await sending.texts(texts, buttons)
        for file in reply.files:
            await sending.file("sendDocument", "document", file)
        return self._card(sending.chat, *sending.shown)

    async def edit(self, card: CardRef, reply: Reply) -> None:
        """Draw a card anew. `CardGoneError` where it can't be, nor turn private: what is too long loses its buttons."""
        if reply.private and card.chat.kind is ChatKind.GROUP:
            raise CardGoneError(card.message)
        texts = pages(reply)
        if len(texts) > 1 or reply.picture:
            await self._edit(card, None, None)
            raise CardGoneError(card.message)
        await self._edit(card, texts[0], await keyboard(reply, self._shorts))
        for message_id in self._earlier.pop((card.chat.id, card.message), ()):
            await self._remove(card.chat.id, message_id)
        for file in reply.files:
            await _Sending(self, card.chat, None).file("sendDocument", "document", file)

    async def moved(self, old: Chat, new: Chat) -> None:
        """A group became a supergroup: write there from now on, and tell about it once."""
        if self._moved.get(old.id) != new.id:
            self._moved[old.id] = new.id
            log.info("telegram.moved", chat=old.id, to=new.id)
            await self._news.moved(old, new)

    async def closed(self, chat: Chat, reason: str) -> None:
        """We were blocked or removed: told about once, until we can write there again."""
        if chat.id in self._closed:
            return
        self._closed.add(chat.id)
        log.warning("telegram.closed", chat=chat.id, reason=reason)
        await self._news.closed(chat)

    async def deliver(self, chat: Chat, fields: dict[str, Any], page: Page | None, file: "Upload | None") -> Any:  # noqa: ANN401
        """Send one message, with the remedies that Telegram's answers ask for. Says what was sent, and where."""
        for _try in range(_MOST_TRIES):
            try:
                sent = await self._call(chat, fields, file)
            except ChatMigrated as error:
                old, chat = chat, replace(chat, id=str(error.new_chat_id), thread=None)
                await self.moved(old, chat)
            except Forbidden as error:
                await self.closed(chat, error.message)
                raise ChatClosedError(chat) from None
            except BadRequest as error:
                await self._mend(error, chat, fields, page)
            else:
                self._closed.discard(chat.id)
                return sent, chat
        raise ChatClosedError(chat)

    async def _picture(self, sending: "_Sending", picture: File, texts: list[Page], buttons: Keyboard | None) -> None:
        """With the text under it; where that is too long, before it."""
        if len(texts) == 1:
            await sending.file("sendPhoto", "photo", picture, texts[0], buttons)
        else:
            await sending.file("sendPhoto", "photo", picture)
            await sending.texts(texts, buttons)

    async def _call(self, chat: Chat, fields: dict[str, Any], file: "Upload | None") -> Any:  # noqa: ANN401
        fields["chat_id"] = int(chat.id)
        if file:
            return await self._api.upload(file.method, file.part, file.file, **fields)
        return await self._api.call("sendMessage", **fields)

    async def _mend(self, error: BadRequest, chat: Chat, fields: dict[str, Any], page: Page | None) -> None:
        if page and says(error, CANT_PARSE) and fields.pop("parse_mode", None):
            log.error("telegram.markup", chat=chat.id, reason=error.message)
            fields["caption" if "caption" in fields else "text"] = page.plain
        elif says(error, NO_THREAD) and fields.pop("message_thread_id", None):
            log.warning("telegram.thread", chat=chat.id, thread=chat.thread)
        elif says(error, NO_CHAT):
            await self.closed(chat, error.message)
            raise ChatClosedError(chat) from None
        else:
            raise error

    def _card(self, chat: Chat, *shown: str) -> CardRef:
        *earlier, last = shown
        if earlier:
            self._earlier[chat.id, last] = tuple(earlier)
        if len(self._earlier) > _MOST_LONG:
            self._earlier.popitem(last=False)
        return CardRef(chat, last)

    async def _edit(self, card: CardRef, page: Page | None, buttons: Keyboard | None) -> None:
        """Without a page: take the buttons away only."""
        fields: dict[str, Any] = {"chat_id": int(card.chat.id), "message_id": int(card.message)}
        if buttons:
            fields["reply_markup"] = buttons
        try:
            if page is None:
                await self._api.call("editMessageReplyMarkup", **fields)
            else:
                await self._edit_text(fields, page)
        except (Forbidden, ChatMigrated) as error:
            raise CardGoneError(card.message) from error
        except BadRequest as error:
            if says(error, NOT_MODIFIED):
                return
            if says(error, *CANT_EDIT):
                raise CardGoneError(card.message) from error
            raise

    async def _edit_text(self, fields: dict[str, Any], page: Page) -> None:
        fields["link_preview_options"] = _NO_PREVIEW
        try:
            await self._api.call("editMessageText", text=page.html, parse_mode="HTML", **fields)
        except BadRequest as error:
            if not says(error, CANT_PARSE):
                raise
            log.error("telegram.markup", chat=str(fields["chat_id"]), reason=error.message)  # noqa: TRY400 - mended
            await self._api.call("editMessageText", text=page.plain, **fields)

    async def _remove(self, chat_id: str, message: str) -> None:
        try:
            await self._api.call("deleteMessage", chat_id=int(chat_id), message_id=int(message))
        except TelegramError as error:
            log.info("telegram.not_removed", chat=chat_id, reason=error.message)

    def _now(self, chat: Chat) -> Chat:
        """The chat, by the id that it has now."""
        return replace(chat, id=self._moved[chat.id], thread=None) if chat.id in self._moved else chat


@dataclass(frozen=True, slots=True)
class Upload:
    """A file, and the method and field that take it."""

    method: str
    part: str
    file: File


class _Sending:
    """The messages of one card, one after the other: where they went, and which they are."""

    def __init__(self, post: Post, chat: Chat, reply_to: int | None) -> None:
        self._post = post
        self._reply_to = reply_to
        self.chat = chat
        self.shown: list[str] = []

    async def texts(self, texts: list[Page], buttons: Keyboard | None) -> None:
        """The pages, the buttons under the last."""
        for page in texts:
            fields = self._fields(buttons if page is texts[-1] else None)
            fields |= {"text": page.html, "parse_mode": "HTML", "link_preview_options": _NO_PREVIEW}
            await self._send(fields, page, None, card=True)

    async def file(
        self, method: str, part: str, file: File, page: Page | None = None, buttons: Keyboard | None = None
    ) -> None:
        """A file; with a page it is the card itself."""
        fields = self._fields(buttons)
        if page:
            fields |= {"caption": page.html, "parse_mode": "HTML"}
        await self._send(fields, page, Upload(method, part, file), card=page is not None)

    async def _send(self, fields: dict[str, Any], page: Page | None, file: Upload | None, *, card: bool) -> None:
        sent, self.chat = await self._post.deliver(self.chat, fields, page, file)
        if card:
            self.shown.append(str(sent["message_id"]))

    def _fields(self, buttons: Keyboard | None) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        if self.chat.thread:
            fields["message_thread_id"] = int(self.chat.thread)
        if self._reply_to:
            fields["reply_parameters"] = {"message_id": self._reply_to, "allow_sending_without_reply": True}
            self._reply_to = None
        if buttons:
            fields["reply_markup"] = buttons
        return fields
