"""What Telegram tells us: of every kind of update, only what is used here. The rest is never looked at.

python-telegram-bot's own types take a hundred times as long to build, and a lookup needs six fields of them.
"""

from typing import Any

import msgspec

# What is asked for. Edited messages and reactions are not, so they never come. Posts of channels, whose sender nobody
# knows, only for the one question that needs none: what the channel's id is.
KINDS = ("message", "channel_post", "callback_query", "inline_query", "my_chat_member")


class User(msgspec.Struct, frozen=True, gc=False):
    """Somebody: the id never changes, the names do."""

    id: int
    is_bot: bool = False
    first_name: str = ""
    last_name: str = ""
    username: str = ""

    @property
    def name(self) -> str:
        """The name that they show."""
        return f"{self.first_name} {self.last_name}".strip()


class Place(msgspec.Struct, frozen=True, gc=False):
    """A chat: `private`, `group`, `supergroup` or `channel`."""

    id: int
    type: str = ""


class Sent(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """A message, as far as it concerns us. Those that can't be seen any more have no more than an id and a chat."""

    message_id: int
    chat: Place
    from_: User | None = None
    sender_chat: Place | None = None
    text: str | None = None
    caption: str | None = None
    message_thread_id: int | None = None
    is_topic_message: bool = False
    is_automatic_forward: bool = False
    reply_to_message: "Sent | None" = None
    forum_topic_created: Any = None
    migrate_to_chat_id: int | None = None
    migrate_from_chat_id: int | None = None
    sticker: Any = None
    photo: Any = None
    voice: Any = None
    audio: Any = None
    video: Any = None
    video_note: Any = None
    animation: Any = None
    document: Any = None
    contact: Any = None
    location: Any = None
    poll: Any = None
    dice: Any = None

    @property
    def words(self) -> str | None:
        """What it says: nothing in words for a sticker or a voice; None where nobody said anything."""
        if self.text is not None:
            return self.text
        wordless = (self.sticker, self.photo, self.voice, self.audio, self.video, self.video_note, self.animation)
        others = (self.document, self.contact, self.location, self.poll, self.dice)
        return self.caption or "" if any(part is not None for part in (*wordless, *others)) else None


class Press(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """A pressed button."""

    id: str
    from_: User
    message: Sent | None = None
    data: str | None = None


class Query(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """What somebody typed after our name in any chat."""

    id: str
    from_: User
    query: str = ""


class Standing(msgspec.Struct, frozen=True):
    """What somebody is in a chat: `member`, `left`, `kicked` and the like."""

    status: str


class Membership(msgspec.Struct, frozen=True):
    """We were let into a chat, or put out of it."""

    chat: Place
    new_chat_member: Standing


class Update(msgspec.Struct, frozen=True):
    """One thing that happened: one of the five."""

    update_id: int
    message: Sent | None = None
    channel_post: Sent | None = None
    callback_query: Press | None = None
    inline_query: Query | None = None
    my_chat_member: Membership | None = None
