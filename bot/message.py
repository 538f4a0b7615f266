"""What somebody said, wherever they said it."""

from dataclasses import dataclass
from enum import StrEnum


class ChatKind(StrEnum):
    """How many people read along."""

    PRIVATE = "private"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Sender:
    """Who spoke: the platform's unchangeable id, and the name they show (for reading only, never for access)."""

    platform: str
    id: str
    name: str

    @property
    def key(self) -> str:
        """The id as the settings write it: `telegram:42`."""
        return f"{self.platform}:{self.id}"


@dataclass(frozen=True, slots=True)
class Chat:
    """Where it was said; a thread is a forum topic or a Slack thread."""

    platform: str
    id: str
    kind: ChatKind = ChatKind.PRIVATE
    thread: str | None = None

    @property
    def key(self) -> str:
        """One word for the place, the thread included."""
        return ":".join(filter(None, (self.platform, self.id, self.thread)))


def read_chat(key: str) -> Chat:
    """A chat by its key, `telegram:-100123:5`; the platform is empty where only an id is given."""
    platform, colon, place = key.partition(":")
    if not colon:
        platform, place = "", key
    number, _colon, thread = place.partition(":")
    return Chat(platform, number, _kind(platform, number), thread or None)


def _kind(platform: str, number: str) -> ChatKind:
    """Telegram's groups have negative numbers, Slack's channels begin with C or G, the web chat has one such room."""
    shared = {"slack": number[:1] in ("C", "G"), "web": number == "team"}
    return ChatKind.GROUP if shared.get(platform, number.startswith("-")) else ChatKind.PRIVATE


@dataclass(frozen=True, slots=True)
class CardRef:
    """Where a reply can be seen, so that it can be edited later."""

    chat: Chat
    message: str


@dataclass(frozen=True, slots=True)
class Message:
    """One thing said to the bot. A pressed button is the command it carries, with the card it was pressed on.

    `answered`: who said what this answers, where that is somebody else's message. `shared`: what is answered may be
    passed on to anybody. `under`: the thread that it stands in, where the chat as a whole answers in threads.
    """

    sender: Sender
    chat: Chat
    text: str
    card: CardRef | None = None
    bot_name: str = ""
    answered: Sender | None = None
    shared: bool = False
    under: str | None = None
