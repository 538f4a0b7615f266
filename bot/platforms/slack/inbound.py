"""What Slack tells of, as something said to the bot: a slash command, a mention, a message, a press."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.arguments import said
from bot.message import CardRef, Chat, ChatKind, Message, Sender
from bot.platforms.slack.blocks import SAY, SHARE
from bot.platforms.slack.texts import typed

PLATFORM = "slack"

Body = Mapping[str, Any]

_WHOLE = ("", "help")
# The command that finds what a text names.
_LOOK_IN = "look_in"
_LONGEST_POINTED = 2_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer goes: a channel, perhaps a thread there; `respond` answers without being a member.

    `aside`: the answer is for who asked, unless it stays; `fleeting`: so is the card that was pressed. `sharing`: it is
    wanted before all.
    """

    channel: str = ""
    thread: str | None = None
    respond: str = ""
    aside: bool = False
    fleeting: bool = False
    sharing: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """Something said to the bot. `trigger` opens a form, within three seconds; `key`: the same for what comes twice."""

    message: Message
    place: Place
    trigger: str = ""
    key: str = ""


class Inbound:
    """Reads what Slack tells a bot of this user id and name."""

    def __init__(self, user: str, name: str, is_command: Callable[[str], bool]) -> None:
        self.user = user
        self.name = name
        self._is_command = is_command
        self._mention = re.compile(rf"<@{re.escape(user)}(?:\|[^>]*)?>[,:]?")

    def commanded(self, body: Body) -> Heard:
        """`/billing invoice 2024-001`; `/invoice 2024-001` where a deployment has that, too."""
        alias, words = str(body["command"]).removeprefix("/"), typed(str(body.get("text") or "")).strip()
        text = f"/{alias} {words}".strip() if self._is_command(alias) else self._asked(words)
        chat = _chat(body["channel_id"], body["user_id"], body.get("channel_name"))
        place = Place(body["channel_id"], respond=body.get("response_url") or "", aside=True)
        message = Message(_sender(body["user_id"], body.get("user_name")), chat, text, bot_name=self.name)
        return Heard(message, place, body.get("trigger_id") or "")

    def said(self, event: Body) -> Heard | None:
        """A mention, or a message to us alone; None where it isn't for us, or nobody has written it."""
        if event.get("bot_id") or event.get("subtype") or not event.get("user") or event["user"] == self.user:
            return None
        channel, is_own = str(event["channel"]), event.get("channel_type") == "im"
        text = str(event.get("text") or "")
        if not is_own and not self._mention.search(text):
            return None
        words = typed(self._mention.sub(" ", text)).strip()
        chat = _chat(channel, event["user"], "directmessage" if is_own else None)
        thread = event.get("thread_ts") or (None if is_own else event["ts"])
        under = None if is_own else event.get("thread_ts")
        asked = words if is_own else self._asked(words)
        message = Message(_sender(event["user"]), chat, asked, bot_name=self.name, under=under)
        return Heard(message, Place(channel, thread), key=f"{channel} {event['ts']}")

    def pressed(self, body: Body) -> Heard | None:
        """A button; None where it asks for nothing."""
        action, container = body["actions"][0], body.get("container") or {}
        command = action.get("value") or (action.get("selected_option") or {}).get("value") or ""
        name = str(action.get("action_id") or "")
        is_sharing = name == SHARE
        if not command or not (name.startswith(SAY) or is_sharing):
            return None
        channel = body.get("channel") or {}
        chat = _chat(channel.get("id") or "", body["user"]["id"], channel.get("name"))
        message_ts = container.get("message_ts")
        card = CardRef(chat, message_ts) if message_ts and not is_sharing else None
        place = Place(
            channel.get("id") or "",
            container.get("thread_ts"),
            body.get("response_url") or "",
            aside=not is_sharing,
            fleeting=bool(container.get("is_ephemeral")),
            sharing=is_sharing,
        )
        sender = _sender(body["user"]["id"], body["user"].get("name"))
        under = place.thread if chat.kind is ChatKind.GROUP else None
        message = Message(sender, chat, command, card, bot_name=self.name, under=under)
        return Heard(message, place, body.get("trigger_id") or "")

    def searched(self, body: Body) -> Heard:
        """Something typed into the home's field."""
        sender = _sender(body["user"]["id"], body["user"].get("name"))
        text = self._asked(str(body["actions"][0].get("value") or "").strip())
        return Heard(Message(sender, Chat(PLATFORM, sender.id), text, bot_name=self.name), Place())

    def pointed_at(self, body: Body) -> Heard:
        """A message that somebody wants looked up."""
        channel, sender = body["channel"], _sender(body["user"]["id"], body["user"].get("name"))
        text = said(_LOOK_IN, " ".join(typed(str(body["message"].get("text") or "")).split())[:_LONGEST_POINTED] or "-")
        chat = _chat(channel["id"], sender.id, channel.get("name"))
        place = Place(channel["id"], respond=body.get("response_url") or "", aside=True)
        return Heard(Message(sender, chat, text, bot_name=self.name), place)

    def _asked(self, words: str) -> str:
        """`invoice 2024-001` is a command, `2024-001` something to look up; nothing asks what there is."""
        if words.casefold() in _WHOLE:
            return "/help"
        if words.startswith("/"):
            return words
        name = words.split(maxsplit=1)[0].partition("@")[0]
        return f"/{words}" if self._is_command(name) else words


def _chat(channel: str, user: str, name: str | None) -> Chat:
    """A chat with one person is known by the person: that is how it can be found again, and asked for."""
    is_alone = name == "directmessage" or not channel
    return Chat(PLATFORM, user) if is_alone else Chat(PLATFORM, channel, ChatKind.GROUP)


def _sender(user: str, name: str | None = None) -> Sender:
    return Sender(PLATFORM, user, name or user)
