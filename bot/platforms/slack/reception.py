"""Where what is said is taken in: acknowledged at once, begun in its order, worked on after, and never twice."""

import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import replace
from functools import partial

import structlog

from bot.message import ChatKind
from bot.outlets import ChatClosedError, Outlet
from bot.platforms.slack.answer import Answer
from bot.platforms.slack.api import Api
from bot.platforms.slack.faults import SlackAwayError, SlackNoError
from bot.platforms.slack.inbound import Heard, Inbound
from bot.platforms.slack.names import Names
from bot.platforms.slack.options import Core, SlackOptions
from bot.platforms.slack.post import Post
from bot.platforms.work import Job, Work
from bot.reply import Outcome, Reply
from bot.words import _, speaking

log = structlog.get_logger(__name__)

_MOST_KNOWN = 4096


class NotReadyError(Exception):
    """We are starting or stopping: Slack shall send it again."""


class Reception:
    """Takes in what is said, while it is open."""

    def __init__(self, options: SlackOptions, core: Core, api: Api, post: Post) -> None:
        self.names = Names(api)
        self._options = options
        self._core = core
        self._api = api
        self._post = post
        self._work = Work(options.most, "slack")
        self._flooding: set[str] = set()
        self._known: OrderedDict[str, None] = OrderedDict()
        self._taken_at: float | None = None
        self._inbound: Inbound | None = None

    @property
    def is_open(self) -> bool:
        """Whether anything is taken in."""
        return self._inbound is not None

    @property
    def inbound(self) -> Inbound:
        """Who reads what comes in; `NotReadyError` while nobody is let in."""
        if self._inbound is None:
            raise NotReadyError
        return self._inbound

    @property
    def idle_seconds(self) -> float | None:
        """How long ago the last thing was said; None if nothing was."""
        return None if self._taken_at is None else time.monotonic() - self._taken_at

    def open(self, inbound: Inbound) -> None:
        """We know who we are: let them come."""
        self._inbound = inbound

    async def close(self, patience: float) -> None:
        """Nobody is let in any more; those inside are answered, if that takes no longer than `patience` seconds."""
        self._inbound = None
        await self._work.close(patience)

    def is_new(self, key: str) -> bool:
        """Whether this has not come before: Slack sends again what it believes to be lost."""
        if not key:
            return True
        if key in self._known:
            return False
        self._known[key] = None
        if len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
        return True

    def take(self, heard: Heard | None, outlet: Outlet | None = None) -> None:
        """Begin to answer: where it was said, or at an outlet of its own.

        Nothing is awaited before the App's own queue, but for who it is that asks.
        """
        self._taken_at = time.monotonic()
        if heard is None or not self.is_new(heard.key):
            return
        if heard.key and heard.message.chat.kind is ChatKind.PRIVATE:
            self._post.met(heard.message.sender.id, heard.place.channel)
        whose = f"{heard.message.sender.id} {heard.message.chat.key}"
        if self._work.count(whose) >= self._options.most_each:
            self._refuse(heard, whose)
            return
        self._flooding.discard(whose)
        self._work.start(self._in_our_language(self._answer(heard, outlet)), whose, partial(self._apologise, heard))

    def begin(self, job: Job) -> None:
        """Do something else that was asked for."""
        self._work.start(self._in_our_language(job), "")

    async def _answer(self, heard: Heard, outlet: Outlet | None) -> None:
        message = replace(heard.message, sender=await self.names.named(heard.message.sender))
        heard = replace(heard, message=message)
        answer = Answer(self._api, self._post, heard)
        with suppress(ChatClosedError):
            await self._core.serve(message, outlet or answer)
            await answer.close()

    def _refuse(self, heard: Heard, whose: str) -> None:
        """Somebody asks faster than we can answer: said once a flood."""
        if whose in self._flooding:
            return
        self._flooding.add(whose)
        log.warning("slack.flood", sender=heard.message.sender.id, chat=heard.message.chat.id)
        words = _("That is more than I can answer at once. What you have asked just now is not done: ask again.")
        self.begin(self._say(heard, words))

    def _apologise(self, heard: Heard) -> None:
        words = _("Something went wrong here. It was written to the log; please try again.")
        self.begin(self._say(heard, words))

    async def _say(self, heard: Heard, words: str) -> None:
        """A few words outside of the App."""
        reply = Reply(text=words, outcome=Outcome.FAILED, private=True)
        try:
            await Answer(self._api, self._post, heard).send(heard.message.chat, reply)
        except (ChatClosedError, SlackAwayError, SlackNoError) as error:
            log.warning("slack.unsaid", chat=heard.message.chat.id, reason=type(error).__name__)

    async def _in_our_language(self, job: Job) -> None:
        with speaking(self._options.language):
            await job
