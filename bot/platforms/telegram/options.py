"""What Telegram's part is told by the start."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from bot.message import Chat, Message, Sender
from bot.outlets import Outlet
from bot.platforms.telegram.pace import Rates
from bot.reply import Reply

Serve = Callable[[Message, Outlet], Awaitable[None]]
Ask = Callable[[Message], AsyncIterator[Reply]]


@dataclass(frozen=True, slots=True)
class Manners:
    """After how many seconds "typing…" is shown, and how long a press may go unacknowledged."""

    typing: float = 1.0
    press: float = 0.3


@dataclass(frozen=True, slots=True)
class TelegramOptions:
    """How the bot is reached, and how patient it is; times in seconds.

    With a `webhook_url` Telegram sends the updates there, else they are fetched. `most` answers are under way at a
    time, `most_each` of one person in one chat. `poll`: how long Telegram holds a fetch; `request`: how long any other
    answer of Telegram's may take; `pause`: the first one after a fault; `stop`: how long answers may go on at the end.
    """

    token: str = field(repr=False)
    url: str = "https://api.telegram.org"
    webhook_url: str = ""
    webhook_secret: str = field(default="", repr=False)
    webhook_connections: int = 40
    language: str = "en"
    rates: Rates = field(default_factory=Rates)
    manners: Manners = field(default_factory=Manners)
    most: int = 1000
    most_each: int = 20
    poll: int = 30
    request: float = 15
    pause: float = 1
    stop: float = 10


async def _unheard(*_chats: Chat) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True, slots=True)
class Core:
    """What answers: the App's `serve` and `answer`, who may read, and who is told what became of a chat.

    `goes_on`: whether a message asks for work that can't be lost any more once its first reply is there.
    """

    serve: Serve
    answer: Ask
    may_read: Callable[[Sender], bool]
    moved: Callable[[Chat, Chat], Awaitable[None]] = _unheard
    closed: Callable[[Chat], Awaitable[None]] = _unheard
    goes_on: Callable[[Message], bool] = lambda _message: False
