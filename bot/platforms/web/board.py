"""What can be seen in the web chat, kept in memory: enough to draw a page anew, and to say what changed since."""

import asyncio
import itertools
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

Shown = Mapping[str, Any]


class Kind(StrEnum):
    """What a post is: something to read, or an answer under way."""

    ENTRY = "entry"
    JOB = "job"


@dataclass(frozen=True, slots=True)
class Post:
    """One thing in a room. `number` is its place, `changed` the moment it took this form.

    `shown` is JSON for the page; `reader` is the only person who may see it, if it isn't for all.
    """

    id: str
    kind: Kind
    room: str
    number: int
    changed: int
    shown: Shown
    reader: str | None = None

    def seen_by(self, person: str) -> bool:
        """Whether this person may read it."""
        return self.reader in (None, person)


class Board:
    """The rooms and their last posts. Ids are never used twice, not even after a restart."""

    def __init__(self, rooms: Iterable[str], limit: int = 500) -> None:
        self.epoch = secrets.token_hex(4)
        self.closed = False
        self._limit = limit
        self._moments = itertools.count(1)
        self._posts: dict[tuple[str, Kind], dict[str, Post]] = {(room, kind): {} for room in rooms for kind in Kind}
        self._listeners: set[asyncio.Event] = set()

    @property
    def listeners(self) -> int:
        """How many pages are open."""
        return len(self._listeners)

    def has(self, room: str) -> bool:
        """Whether there is such a room."""
        return (room, Kind.ENTRY) in self._posts

    def add(self, room: str, kind: Kind, shown: Shown, reader: str | None = None) -> Post:
        """Put something up; the oldest makes room."""
        moment = next(self._moments)
        post = Post(f"{self.epoch}-{moment}", kind, room, moment, moment, shown, reader)
        posts = self._posts[room, kind]
        posts[post.id] = post
        if len(posts) > self._limit:
            del posts[next(iter(posts))]
        self._tell()
        return post

    def change(self, post: Post, shown: Shown) -> None:
        """Give a post another form, at the same place; one that made room meanwhile stays away."""
        posts = self._posts[post.room, post.kind]
        if post.id in posts:
            posts[post.id] = replace(post, changed=next(self._moments), shown={**post.shown, **shown})
            self._tell()

    def find(self, room: str, name: str) -> Post | None:
        """The entry with this id, as long as it is remembered."""
        return self._posts.get((room, Kind.ENTRY), {}).get(name)

    def since(self, person: str, rooms: Iterable[str], moment: int) -> list[Post]:
        """What this person has not seen yet, in the order it happened."""
        posts = (post for room in rooms for kind in Kind for post in self._posts[room, kind].values())
        news = (post for post in posts if post.changed > moment and post.seen_by(person))
        return sorted(news, key=lambda post: post.changed)

    def event_id(self, post: Post) -> str:
        """What a page says to have seen this much."""
        return f"{self.epoch}-{post.changed}"

    def moment(self, event_id: str) -> int:
        """The moment a page has seen; 0 where the id is none of ours, so that it sees everything."""
        ours = re.fullmatch(rf"{self.epoch}-([0-9]{{1,15}})", event_id)
        return int(ours[1]) if ours else 0

    @contextmanager
    def listening(self) -> Iterator[asyncio.Event]:
        """Be told, through an event, whenever something changes."""
        news = asyncio.Event()
        self._listeners.add(news)
        try:
            yield news
        finally:
            self._listeners.discard(news)

    def close(self) -> None:
        """Send everybody who listens home."""
        self.closed = True
        self._tell()

    def _tell(self) -> None:
        for news in self._listeners:
            news.set()
