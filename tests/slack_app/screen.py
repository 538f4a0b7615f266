"""What people see in Slack."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.slack_app.judge import buttons_of, lines_of

Fields = dict[str, Any]


@dataclass
class Shown:
    """One message of the bot, as it looks now; `looks` are the blocks that it had. `reader`: nobody else sees it."""

    channel: str
    ts: str
    looks: list[list[Fields]]
    thread: str | None = None
    reader: str | None = None
    file: str | None = None
    text: str = ""

    @property
    def lines(self) -> list[str]:
        """What it says, with plain spaces."""
        return [line.replace("\xa0", " ").replace("\u202f", " ") for line in lines_of(self.looks[-1])]

    @property
    def buttons(self) -> dict[str, Fields]:
        """What can be pressed."""
        return buttons_of(self.looks[-1])

    def labelled(self, words: str) -> Fields:
        """The button whose label begins with these words."""
        return next(button for label, button in self.buttons.items() if label.startswith(words))


@dataclass
class Screen:
    """Everything that was shown, and every call that succeeded."""

    cards: dict[tuple[str, str], Shown] = field(default_factory=dict)
    calls: list[tuple[str, Fields]] = field(default_factory=list)
    homes: dict[str, list[Fields]] = field(default_factory=dict)
    modals: list[Fields] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def of(self, method: str) -> list[Fields]:
        """The fields of every call of a method."""
        return [fields for each, fields in self.calls if each == method]

    def seen_in(self, channel: str, by: str = "") -> list[Shown]:
        """What the bot has shown in a channel, the oldest first; also what only this person sees there."""
        return [card for card in self.cards.values() if card.channel == channel and card.reader in (None, by)]

    async def until(self, happened: Callable[[], Any], seconds: float = 10) -> Any:  # noqa: ANN401
        """Wait until this is so; say what it says."""
        async with asyncio.timeout(seconds):
            while not (found := happened()):
                self.changed.clear()
                await self.changed.wait()
            return found
