"""Where updates are taken in: each becomes a piece of work, begun in the order in which they came."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

import msgspec
import structlog
from telegram.error import TelegramError

from bot.message import Chat
from bot.outlets import ChatClosedError
from bot.platforms.telegram.answer import Answer
from bot.platforms.telegram.api import Api
from bot.platforms.telegram.inbound import Asked, Event, Heard, Idle, Inbound, Left, Moved, Nameless, Posted
from bot.platforms.telegram.inline import Inline
from bot.platforms.telegram.options import Core, TelegramOptions
from bot.platforms.telegram.post import Post
from bot.platforms.telegram.presence import Press
from bot.platforms.telegram.shorts import Shorts, short_of
from bot.platforms.telegram.updates import Update
from bot.platforms.telegram.webhook import NotReadyError
from bot.platforms.work import Job, Work
from bot.reply import Outcome, Reply
from bot.words import _, speaking

log = structlog.get_logger(__name__)

_SHORTS_SECONDS = 2


class Reception:
    """Takes updates in while it is open."""

    def __init__(self, options: TelegramOptions, core: Core, api: Api, post: Post, shorts: Shorts) -> None:
        self._options = options
        self._core = core
        self._api = api
        self._post = post
        self._shorts = shorts
        self._inline = Inline(api, core.answer, core.may_read)
        self._work = Work(options.most, "telegram")
        self._flooding: set[str] = set()
        self._inbound: Inbound | None = None
        self._taken_at: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether updates are taken in."""
        return self._inbound is not None

    @property
    def idle_seconds(self) -> float | None:
        """How long ago the last update came; None if none has."""
        return None if self._taken_at is None else time.monotonic() - self._taken_at

    def open(self, inbound: Inbound) -> None:
        """We know who we are: let them come."""
        self._inbound = inbound

    async def close(self, patience: float) -> None:
        """Nobody is let in any more; those inside are answered, if that takes no longer than `patience` seconds."""
        self._inbound = None
        await self._work.close(patience)

    async def take(self, raw: Mapping[str, Any]) -> asyncio.Event | None:
        """Begin to answer an update; `NotReadyError` when nobody is let in.

        Where work would be lost with us, the event comes as soon as it wouldn't be any more.
        """
        await self._work.room()
        if self._inbound is None:
            raise NotReadyError
        self._taken_at = time.monotonic()
        try:
            event = self._inbound.read(msgspec.convert(raw, Update))
        except msgspec.ValidationError as error:
            log.error("telegram.unread", update=raw.get("update_id"), reason=str(error))  # noqa: TRY400
            return None
        if isinstance(event, Heard):
            return self._begin(event, await self._said(event))
        if event:
            self._work.start(self._in_our_language(self._note(event)), "")
        return None

    def _begin(self, heard: Heard, text: str | None) -> asyncio.Event | None:
        """Nothing is awaited between here and the App's own queue, so that it sees the order that we saw."""
        whose = f"{heard.message.sender.id} {heard.message.chat.key}"
        if text is None:
            words = _("This button is too old. Please ask again.")
            self._work.start(self._in_our_language(self._say(heard, words)), "")
        elif self._work.count(whose) >= self._options.most_each:
            self._refuse(heard, whose)
        else:
            self._flooding.discard(whose)
            if text != heard.message.text:
                heard = replace(heard, message=replace(heard.message, text=text))
            answer = Answer(self._api, self._post, heard, self._options.manners)
            job = self._in_our_language(self._answer(heard, answer))
            self._work.start(job, whose, partial(self._apologise, heard))
            return answer.begun if self._core.goes_on(heard.message) else None
        return None

    async def _said(self, heard: Heard) -> str | None:
        """The command behind a short id; None where nobody remembers. Everything else says itself."""
        short = short_of(heard.message.text) if heard.press else None
        if short is None:
            return heard.message.text
        asking = asyncio.create_task(self._shorts.get(short))
        done, _late = await asyncio.wait([asking], timeout=_SHORTS_SECONDS)
        if not done or asking.exception():
            asking.cancel()
            log.error("telegram.shorts", exc_info=asking.exception() if done else None)
            return None
        return asking.result()

    async def _answer(self, heard: Heard, answer: Answer) -> None:
        try:
            with suppress(ChatClosedError):
                await self._core.serve(heard.message, answer)
        finally:
            await answer.close()

    async def _note(self, event: Event) -> None:
        match event:
            case Asked():
                await self._inline.answer(event)
            case Moved(old, new):
                await self._post.moved(old, new)
            case Left(chat):
                await self._post.closed(chat, "left")
            case Nameless():
                await self._explain(event)
            case Posted(chat, reply_to):
                await self._name(chat, reply_to)
            case Idle(press):
                await Press(self._api, press, 0).end()

    async def _explain(self, nameless: Nameless) -> None:
        words = _(
            "You write in the name of this group or of a channel, so I can't see who you are, and money is only for "
            "people I know. Turn “Remain anonymous” off for yourself in the group's settings, or write to me alone."
        )
        with suppress(ChatClosedError):
            await self._post.send(nameless.chat, Reply(text=words, outcome=Outcome.REFUSED), nameless.reply_to)

    async def _name(self, chat: Chat, reply_to: int) -> None:
        """Say what a channel is called in the settings, and in what people say elsewhere."""
        words = _("Put that into NOTIFY, or say /subscribe chat={id} to me alone, and payments are told here.")
        reply = Reply(title=_("This channel is {id}").format(id=chat.key), text=words.format(id=chat.key))
        with suppress(ChatClosedError):
            await self._post.send(chat, reply, reply_to)

    def _refuse(self, heard: Heard, whose: str) -> None:
        """Somebody asks faster than we can answer: said once a flood."""
        if whose in self._flooding:
            return
        self._flooding.add(whose)
        log.warning("telegram.flood", sender=heard.message.sender.id, chat=heard.message.chat.id)
        words = _("That is more than I can answer at once. What you have asked just now is not done: ask again.")
        self._work.start(self._in_our_language(self._say(heard, words)), "")

    def _apologise(self, heard: Heard) -> None:
        words = _("Something went wrong here. It was written to the log; please try again.")
        self._work.start(self._in_our_language(self._say(heard, words)), "")

    async def _say(self, heard: Heard, words: str) -> None:
        """A few words outside of the App: an alert on a press, else a message."""
        press = Press(self._api, heard.press, 1) if heard.press else None
        if press and await press.alert(words):
            return
        try:
            await self._post.send(heard.message.chat, Reply(text=words, outcome=Outcome.FAILED), heard.reply_to)
        except (ChatClosedError, TelegramError) as error:
            log.warning("telegram.unsaid", chat=heard.message.chat.id, reason=type(error).__name__)

    async def _in_our_language(self, job: Job) -> None:
        with speaking(self._options.language):
            await job
