"""What an update means to us: somebody said something, pressed something, asked inline; or a chat has changed."""

import re
from dataclasses import dataclass

from bot.message import CardRef, Chat, ChatKind, Message, Sender
from bot.platforms.telegram.links import opened
from bot.platforms.telegram.updates import Place, Press, Query, Sent, Update, User

PLATFORM = "telegram"

_GROUPS = ("group", "supergroup")
_OUT = ("left", "kicked")


@dataclass(frozen=True, slots=True)
class Heard:
    """Something said to the bot. `reply_to`: the message to answer under. `press`: the press to acknowledge."""

    message: Message
    reply_to: int | None = None
    press: str | None = None


@dataclass(frozen=True, slots=True)
class Nameless:
    """Something said in the name of a group or channel: nobody knows by whom."""

    chat: Chat
    reply_to: int


@dataclass(frozen=True, slots=True)
class Posted:
    """`/id`, said in a channel: the only thing that is answered there, since nobody knows who says it."""

    chat: Chat
    reply_to: int


@dataclass(frozen=True, slots=True)
class Asked:
    """Something typed after our name, in a chat that we know nothing of."""

    sender: Sender
    text: str
    query: str
    username: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A group has a new id."""

    old: Chat
    new: Chat


@dataclass(frozen=True, slots=True)
class Left:
    """We were blocked or put out."""

    chat: Chat


@dataclass(frozen=True, slots=True)
class Idle:
    """A press that asks for nothing."""

    press: str


Event = Heard | Nameless | Posted | Asked | Moved | Left | Idle | None


class Inbound:
    """Reads updates for a bot of this name and id."""

    def __init__(self, username: str, bot_id: int) -> None:
        self.username = username
        self._id = bot_id
        self._mention = re.compile(rf"\s*@{re.escape(username)}\b[,:]?\s*", re.IGNORECASE)

    def read(self, update: Update) -> Event:
        """What it means; None where it isn't for us."""
        if update.message:
            return self._said(update.message)
        if update.channel_post:
            return self._posted(update.channel_post)
        if update.callback_query:
            return self._pressed(update.callback_query)
        if update.inline_query:
            return self._asked(update.inline_query)
        member = update.my_chat_member
        return Left(_chat(member.chat)) if member and member.new_chat_member.status in _OUT else None

    def _said(self, sent: Sent) -> Event:
        if sent.migrate_to_chat_id or sent.migrate_from_chat_id:
            return _moved(sent)
        if sent.words is None or sent.is_automatic_forward or sent.chat.type not in ("private", *_GROUPS):
            return None
        chat = _chat(sent.chat, sent)
        text = self._for_us(sent) if chat.kind is ChatKind.GROUP else opened(sent.words)
        if text is None:
            return None
        if sent.sender_chat:
            return Nameless(chat, sent.message_id)
        if sent.from_ is None or sent.from_.is_bot:
            return None
        message = Message(
            _sender(sent.from_), chat, text, bot_name=self.username, answered=self._somebody_else(sent.reply_to_message)
        )
        return Heard(message, sent.message_id if chat.kind is ChatKind.GROUP else None)

    def _posted(self, sent: Sent) -> Event:
        said = (sent.words or "").strip().casefold()
        is_id = said in ("/id", f"/id@{self.username.casefold()}")
        return Posted(_chat(sent.chat), sent.message_id) if is_id else None

    def _for_us(self, sent: Sent) -> str | None:
        """In a group: commands, what mentions us, and what answers us. Other bots' commands are theirs."""
        text = sent.words or ""
        if text.startswith("/"):
            _name, _at, bot = text.partition(" ")[0].partition("@")
            return opened(text) if not bot or bot.casefold() == self.username.casefold() else None
        if self._mention.search(text):
            return self._mention.sub(" ", text).strip()
        return text if self._answers_us(sent) else None

    def _somebody_else(self, to: Sent | None) -> Sender | None:
        """Who said what is answered; None where that was a bot, or somebody who hides behind a group."""
        if to is None or to.from_ is None or to.from_.is_bot or to.sender_chat or to.forum_topic_created is not None:
            return None
        return _sender(to.from_)

    def _answers_us(self, sent: Sent) -> bool:
        to = sent.reply_to_message
        # In a topic every message answers the one that opened it.
        return bool(to and to.from_ and to.from_.id == self._id and to.forum_topic_created is None)

    def _pressed(self, press: Press) -> Event:
        sent = press.message
        if sent is None or not press.data or not press.data.startswith(("/", "~")):
            return Idle(press.id)
        chat = _chat(sent.chat, sent)
        card = CardRef(chat, str(sent.message_id))
        message = Message(_sender(press.from_), chat, press.data, card, bot_name=self.username)
        return Heard(message, sent.message_id if chat.kind is ChatKind.GROUP else None, press.id)

    def _asked(self, query: Query) -> Asked:
        return Asked(_sender(query.from_), query.query.strip(), query.id, self.username)


def _moved(sent: Sent) -> Moved:
    """Said in both chats: once where it ends, once where it goes on."""
    old = str(sent.migrate_from_chat_id or sent.chat.id)
    new = str(sent.migrate_to_chat_id or sent.chat.id)
    return Moved(Chat(PLATFORM, old, ChatKind.GROUP), Chat(PLATFORM, new, ChatKind.GROUP))


def _sender(user: User) -> Sender:
    return Sender(PLATFORM, str(user.id), user.name)


def _chat(place: Place, sent: Sent | None = None) -> Chat:
    # Outside of forums, a thread id only says which message was answered.
    thread = str(sent.message_thread_id) if sent and sent.is_topic_message else None
    kind = ChatKind.GROUP if place.type in (*_GROUPS, "channel") else ChatKind.PRIVATE
    return Chat(PLATFORM, str(place.id), kind, thread)
