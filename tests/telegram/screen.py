"""What people see in Telegram, and Telegram's own verdict on every text. Both servers of these tests keep one."""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import tdjson

Fields = dict[str, Any]

tdjson.td_execute(json.dumps({"@type": "setLogVerbosityLevel", "new_verbosity_level": 0}).encode())


class UnparsableError(Exception):
    """Telegram refuses this text."""


def judged(html: str) -> str:
    """What Telegram's own parser makes of a text in HTML, without its markup."""
    question = {"@type": "parseTextEntities", "text": html, "parse_mode": {"@type": "textParseModeHTML"}}
    answer = json.loads(tdjson.td_execute(json.dumps(question).encode()) or b"{}")
    if answer["@type"] == "error":
        raise UnparsableError(answer["message"])
    return str(answer["text"])


def units(text: str) -> int:
    """How long Telegram takes a text for."""
    return len(text.encode("utf-16-le")) // 2


@dataclass
class Shown:
    """One message of the bot, as it looks now. `looks` are the texts that it had, the newest last."""

    chat: int
    id: int
    looks: list[str]
    rows: list[list[dict[str, str]]] = field(default_factory=list)
    reply_to: int | None = None
    thread: int | None = None
    file: str | None = None

    @property
    def text(self) -> str:
        """What it says, with plain spaces."""
        return self.looks[-1].replace("\xa0", " ")

    @property
    def buttons(self) -> dict[str, str]:
        """What each button carries, by its label."""
        return {
            each["text"].replace("\xa0", " "): each.get("callback_data") or each["url"]
            for row in self.rows
            for each in row
        }

    def labelled(self, words: str) -> str:
        """What the button carries whose label begins with these words."""
        return next(carried for label, carried in self.buttons.items() if label.startswith(words))


@dataclass
class Screen:
    """Everything that was shown, and every call that succeeded."""

    cards: dict[tuple[int, int], Shown] = field(default_factory=dict)
    calls: list[tuple[str, Fields]] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def note(self, method: str, fields: Fields, result: Any) -> None:  # noqa: ANN401
        """Remember a call that Telegram has carried out."""
        self.calls.append((method, fields))
        if method in ("sendMessage", "sendPhoto", "sendDocument"):
            self._add(fields, int(result["message_id"]))
        elif method in ("editMessageText", "editMessageReplyMarkup"):
            card = self.cards[int(fields["chat_id"]), int(fields["message_id"])]
            card.rows = rows(fields)
            if method == "editMessageText":
                card.looks.append(spoken(fields))
        elif method == "deleteMessage":
            self.cards.pop((int(fields["chat_id"]), int(fields["message_id"])), None)
        self.changed.set()

    def of(self, method: str) -> list[Fields]:
        """The fields of every call of a method."""
        return [fields for each, fields in self.calls if each == method]

    def in_chat(self, chat: int) -> list[Shown]:
        """What the bot has shown in a chat, the oldest first."""
        return [card for card in self.cards.values() if card.chat == chat]

    async def until(self, happened: Callable[[], Any], seconds: float = 10) -> Any:  # noqa: ANN401
        """Wait until this is so; say what it says."""
        async with asyncio.timeout(seconds):
            while not (found := happened()):
                self.changed.clear()
                await self.changed.wait()
            return found

    def _add(self, fields: Fields, message_id: int) -> None:
        thread, reply = fields.get("message_thread_id"), fields.get("reply_parameters") or {}
        self.cards[int(fields["chat_id"]), message_id] = Shown(
            int(fields["chat_id"]),
            message_id,
            [spoken(fields)],
            rows(fields),
            reply.get("message_id"),
            int(thread) if thread else None,
            fields.get("file"),
        )


def spoken(fields: Fields) -> str:
    """The text of a message or under a picture, as people read it."""
    text = str(fields.get("text", fields.get("caption", "")))
    return judged(text) if fields.get("parse_mode") == "HTML" else text


def rows(fields: Fields) -> list[list[dict[str, str]]]:
    """The rows of a keyboard."""
    markup = fields.get("reply_markup")
    keyboard: list[list[dict[str, str]]] = markup["inline_keyboard"] if markup else []
    return keyboard


def each_button(fields: Fields) -> Iterator[dict[str, str]]:
    """Every button of a keyboard."""
    for row in rows(fields):
        yield from row
