"""What Slack's part is told by the start."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.message import Chat, Message
from bot.outlets import Outlet

if TYPE_CHECKING:
    from bot.platforms.slack.counter import Counter

Serve = Callable[[Message, Outlet], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Rates:
    """Messages and the seconds in which they may be sent: in a channel, and to one person. 0 means: no limit."""

    channel: tuple[float, float] = (1, 1)
    person: tuple[float, float] = (5, 5)


UNLIMITED = Rates((0, 0), (0, 0))


@dataclass(frozen=True, slots=True)
class SlackOptions:
    """How the bot is reached, and how patient it is; times in seconds.

    With an `app_token` it connects to Slack; without one Slack calls it, and signs with `signing_secret`. `most`
    answers are under way at a time, `most_each` of one person in one chat. `request`: how long an answer of Slack's may
    take; `retry`: the pause after which a fault on the way is tried again; `pause`: the same at the start; `ping`:
    between two looks at the connection; `stop`: how long answers may go on at the end. Pauses grow.
    """

    token: str = field(repr=False)
    app_token: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)
    url: str = "https://slack.com/api/"
    language: str = "en"
    rates: Rates = field(default_factory=Rates)
    most: int = 1000
    most_each: int = 20
    request: float = 15
    retry: float = 0.3
    pause: float = 1
    ping: float = 10
    stop: float = 10


async def _unheard(_chat: Chat, _remedy: str) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True, slots=True)
class Core:
    """What answers: the App's `serve`, and whether a word names one of its commands.

    `counter`: what forms and the home ask of the App. `closed` is told of a chat that we can't write to any more, and
    how we are let in again.
    """

    serve: Serve
    is_command: Callable[[str], bool]
    counter: "Counter"
    closed: Callable[[Chat, str], Awaitable[None]] = _unheard
