"""The page's ear: server-sent events that say what a person has not seen yet."""

import json
from collections.abc import AsyncIterator, Mapping

from sse_starlette import ServerSentEvent

from bot.platforms.web.board import Board, Post

RETRY_MS = 1000


async def events(board: Board, person: str, shared: str, seen: int) -> AsyncIterator[ServerSentEvent]:
    """`hello`, everything after the moment `seen`, `ready`, and then whatever happens.

    What changed twice while a page was slow is told once, as it is now; so nothing piles up for a page that sleeps.
    """
    with board.listening() as news:
        yield _event("hello", {"epoch": board.epoch, "person": person})
        behind = True
        while not board.closed:
            news.clear()
            for post in board.since(person, (person, shared), seen):
                yield _event(post.kind, _told(post, shared), board.event_id(post))
                seen = post.changed
            if behind:
                yield _event("ready", {})
                behind = False
            await news.wait()


def _told(post: Post, shared: str) -> dict[str, object]:
    room = "team" if post.room == shared else "private"
    return {"id": post.id, "number": post.number, "changed": post.changed, "room": room, **post.shown}


def _event(kind: str, content: Mapping[str, object], name: str | None = None) -> ServerSentEvent:
    # ASCII only: half a surrogate pair in a customer's name must not end the stream.
    return ServerSentEvent(json.dumps(content), event=kind, id=name, retry=RETRY_MS)
