"""The bot telling payments, to be killed: `python -m tests.chaos.news_victim` reads lives, and lives each."""

import asyncio
import random
import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import HttpUrl, SecretStr

from bot.app import App
from bot.durable import DurableOptions
from bot.message import CardRef, Chat, Message
from bot.notifications import Cadence, Listener, Means, News, NewsDesk, Pace, Watcher
from bot.notifications.look import ListRead
from bot.reply import Reply
from bot.settings import Settings
from bot.start.desks import Makers
from bot.start.joining import joined
from bot.store import Transaction
from bot.store.notices import Notices
from tests.chaos.births import give_birth
from tests.chaos.news_lives import Flaw, NewsLife
from tests.chaos.papers import Kept, Looked, Paper, PaperOutlet
from tests.chaos.rooms import ADMIN, TEAM
from tests.stage import message

_POLL_SECONDS = 0.2
_CADENCE = Cadence(breath=0.1, look=0.2, stop=2)
_RESUME_SECONDS = 0.2
_FLAWED = 0.1
_LATE = 3


class WatchedWatcher(Watcher):
    """Writes down from when to when it has read a list to its end."""

    def __init__(self, paper: Paper, *parts: Any) -> None:  # noqa: ANN401 - handed on as they come
        billing, known, listener, alarm, _pace = parts
        super().__init__(billing, known, listener, alarm, Pace(_POLL_SECONDS))
        self._paper = paper
        self._began = 0.0

    async def look(self) -> float:
        """Look once."""
        self._began = time.time()
        return await super().look()

    def _succeeded(self, read: ListRead) -> None:
        super()._succeeded(read)
        self._paper.write(Looked(self._began, time.time()))


class WatchedNotices(Notices):
    """Says what is being sent where; writes down what it has kept of that."""

    def __init__(self, paper: Paper, sending: dict[str, tuple[int, ...]], flaw: Flaw | None, *parts: Any) -> None:  # noqa: ANN401
        super().__init__(*parts)
        self._paper = paper
        self._sending = sending
        self._flaw = flaw

    async def claim(self, place: str, events: Collection[int]) -> None:
        """They are about to be sent."""
        await super().claim(place, events)
        self._sending[place] = tuple(events)

    async def told(self, place: str, events: Collection[int], at: datetime, message: str | None) -> None:
        """They were sent."""
        if self._flaw is Flaw.FORGETS_ITS_WORD and random.random() < _FLAWED:
            return
        await super().told(place, events, at, message)
        self._paper.write(Kept(place, tuple(events)))


class Forgetful:
    """A listener that doesn't hear everything."""

    def __init__(self, listener: Listener) -> None:
        self.committed = listener.committed
        self._listener = listener

    def hear(self, transaction: Transaction, news: Sequence[News]) -> None:
        """Hear most of it."""
        self._listener.hear(transaction, [each for each in news if random.random() > _FLAWED])


class Gossip(PaperOutlet):
    """A platform that shows some messages where nobody asked for them."""

    async def send(
        self, chat: Chat, reply: Reply, answering: Message | None = None, under: CardRef | None = None
    ) -> CardRef:
        """Show a new card, and perhaps another one."""
        if random.random() < _FLAWED:
            await super().send(replace(chat, id="nobody"), reply)
        return await super().send(chat, reply, answering, under)


async def lived(life: NewsLife) -> int:
    """One life, unless it is cut short."""
    paper, sending = Paper(Path(life.folder) / "paper"), dict[str, tuple[int, ...]]()
    kind = Gossip if life.flaw is Flaw.TELLS_EVERYBODY else PaperOutlet
    outlet = kind(paper, sending, moody=life.moody)
    options = DurableOptions(look_seconds=0.1)
    async with joined(_settings(life), {"web": outlet}, options, _makers(life, paper, sending)) as app:
        await app.services.desk.prepare()
        tasks = [asyncio.create_task(each) for each in (app.watch(), app.services.watcher.watch(), _resume(app))]
        try:
            async with asyncio.timeout(life.patience_seconds):
                await (_to_the_end(app) if life.ends else asyncio.Event().wait())
        except TimeoutError:
            return _LATE
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    return 0


async def _resume(app: App) -> None:
    """An admin who lets every chat that was closed be written to again."""
    news = app.services.news
    while True:
        await asyncio.sleep(_RESUME_SECONDS)
        for audience in await news.audiences():
            if audience.paused_at:
                await news.resume(audience, message("/resume", "admin", audience.chat))


async def _to_the_end(app: App) -> None:
    """Until the list was read twice more, and nothing waits for anybody."""
    began = time.time()
    news, notices = app.services.news, app.services.store.notices
    while app.services.watcher.report().get("read_seconds_ago", time.time()) > time.time() - began - 1:
        await asyncio.sleep(0.05)
    while await notices.places() or any(audience.paused_at for audience in await news.audiences()):
        await asyncio.sleep(0.05)


def _makers(life: NewsLife, paper: Paper, sending: dict[str, tuple[int, ...]]) -> Makers:
    def news_desk(means: Means, *parts: Any) -> NewsDesk:  # noqa: ANN401
        notices = WatchedNotices(paper, sending, life.flaw, means.store.engine)
        desk = NewsDesk(replace(means, store=replace(means.store, notices=notices)), *parts)
        if life.flaw is Flaw.FORGETS:
            desk.listener = Forgetful(desk.listener)  # type: ignore[assignment]
        return desk

    return Makers(news=news_desk, watcher=partial(WatchedWatcher, paper), cadence=_CADENCE)


def _settings(life: NewsLife) -> Settings:
    return Settings(
        _env_file=None,
        billing_api_url=HttpUrl(life.api),
        billing_api_key=SecretStr(life.key),
        billing_connect_seconds=1,
        billing_read_seconds=1,
        billing_deadline_seconds=2,
        database_url=life.database,
        admins=(ADMIN,),
        notify=(TEAM.chat.key,),
        language="en",
    )


if __name__ == "__main__":
    give_birth(NewsLife, lived)
