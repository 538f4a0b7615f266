"""A message comes in, replies go out, whatever happens on the way."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from inspect import isawaitable
from typing import Any
from weakref import WeakValueDictionary

import structlog

from bot.access import People, Role
from bot.arguments import plain
from bot.cards import order_card
from bot.command import Command
from bot.context import Context, Services
from bot.dates import now
from bot.message import CardRef, Chat, ChatKind, Message, Sender
from bot.outlets import CardGoneError, Outlet
from bot.refusals import Ambiguous, BillingRefusal, Forbidden, Misused, Refusal, Stranger, Unknown
from bot.reply import Button, Outcome, Reply
from bot.trail import MESSAGE, Request
from bot.words import _, speaking

log = structlog.get_logger(__name__)

# What a message that is no command means: it is looked up.
LOOK = "look"
# With these nobody is denied anything: there was no answer, or a question back.
_NOT_DENIED = (Misused, Ambiguous, Unknown, BillingRefusal)


class App:
    """Answers messages. One person's messages in one chat are answered in order, everybody else's meanwhile."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def serve(self, message: Message, outlet: Outlet) -> None:
        """Answer a message where it was said; further replies take the place of the first."""
        card = message.card
        async for reply in self.answer(message):
            card = await self._show(reply, card if reply.in_place else None, message, outlet)
            if reply.subject:
                await self.services.desk.shown(reply.subject, reply.state, card)

    async def answer(self, message: Message) -> AsyncIterator[Reply]:
        """Every reply to a message, the last one final. Never raises; nothing where it was meant for another bot."""
        if not _meant_for_us(message):
            return
        if not await self._admitted(message):
            for reply in self._too_fast(message):
                yield reply
            return
        turn = self._turns.setdefault(f"{message.sender.key} {message.chat.key}", asyncio.Lock())
        async with AsyncExitStack() as waiting:
            await waiting.enter_async_context(turn)
            with speaking(self.services.conventions.language):
                async for reply in self._logged(message):
                    if self._is_long(message):
                        await waiting.aclose()
                    yield reply

    async def answer_to_the_end(self, message: Message) -> AsyncIterator[Reply]:
        """The same, and how a payment goes on that it shows: for surfaces whose cards can't be drawn anew."""
        reply = None
        async for reply in self.answer(message):
            yield reply
        if reply and reply.subject:
            with speaking(self.services.conventions.language):
                async for later in self._followed(reply, message.chat):
                    yield later

    async def watch(self) -> None:
        """Do what is due without anybody asking, until it is cancelled."""
        with speaking(self.services.conventions.language):
            await asyncio.gather(self.services.desk.watch(), self.services.news.watch(), self.services.access.watch())

    async def moved(self, old: Chat, new: Chat) -> None:
        """A chat has got another id: what was shown there, and what it hears of, is found under the new one."""
        await self.services.store.cards.move(old, new)
        await self.services.news.moved(old, new)

    async def closed(self, chat: Chat, remedy: str = "") -> None:
        """We can't write to a chat any more: nothing is told there until we can. `remedy`: how we are let in."""
        await self.services.store.cards.forget(chat)
        await self.services.news.closed(chat, remedy)

    def may_read(self, sender: Sender) -> bool:
        """Whether this is somebody who may look things up."""
        return self.services.people.role_of(sender) >= Role.VIEWER

    def goes_on(self, message: Message) -> bool:
        """Whether this asks for work that its first reply only begins: once that is there, nothing loses it."""
        command = self._named(message)
        return bool(command and command.goes_on)

    def is_command(self, word: str) -> bool:
        """Whether a word names a command, also one that only buttons say."""
        return self.services.router.find(word) is not None

    async def _admitted(self, message: Message) -> bool:
        """Whether this is no flood; whoever runs the terminal may flood it."""
        role = self.services.people.role_in(message.sender, message.chat)
        is_stranger = role is Role.STRANGER
        return message.sender.platform == "terminal" or await self.services.bursts.admit(
            message, is_stranger=is_stranger
        )

    def _too_fast(self, message: Message) -> list[Reply]:
        """A friendly word, for the asker alone; to a stranger nothing more."""
        log.info("too_fast", platform=message.sender.platform, sender=message.sender.key)
        if self.services.people.role_in(message.sender, message.chat) is Role.STRANGER:
            return []
        with speaking(self.services.conventions.language):
            words = _("That was a lot at once: nothing was done. Please wait a moment, and say it again.")
        return [Reply(text=words, outcome=Outcome.REFUSED, private=message.chat.kind is ChatKind.GROUP)]

    def _is_long(self, message: Message) -> bool:
        command = self._named(message)
        return bool(command and command.is_long)

    def _named(self, message: Message) -> Command | None:
        return self.services.router.find(_split(message.text.removeprefix("/"))[0].partition("@")[0])

    def menu(self, sender: Sender) -> list[tuple[str, str]]:
        """What this person may ask for: usage, and what it does."""
        return self.menu_of(self.services.people.role_of(sender))

    def menu_of(self, role: Role) -> list[tuple[str, str]]:
        """What a role may ask for."""
        conventions = self.services.conventions
        with speaking(conventions.language):
            return [(each.usage(conventions), each.summary) for each in self.services.router.allowed(role)]

    async def _followed(self, reply: Reply, chat: Chat) -> AsyncIterator[Reply]:
        desk = self.services.desk
        async for order in desk.follow(reply.subject or ""):
            if order.state != reply.state:
                as_it_is = await desk.finished(order.id) if order.settled_at else order
                yield order_card(as_it_is, self.services.conventions, chat)

    async def _show(self, reply: Reply, card: CardRef | None, message: Message, outlet: Outlet) -> CardRef:
        if card:
            try:
                await outlet.edit(card, reply)
            except CardGoneError:
                await self.services.desk.gone(card)
            else:
                return card
        return await outlet.send(message.chat, reply, message)

    async def _logged(self, message: Message) -> AsyncIterator[Reply]:
        """One line a message: no names, no words of anybody."""
        trace, started, line = secrets.token_hex(4), time.perf_counter(), {"command": "", "outcome": ""}
        request = Request(message)
        async for reply in self._safe(request, trace, line):
            line["outcome"] = reply.outcome.value
            request.told |= reply.subject is not None
            yield reply
        if not request.told:
            self.services.trail.asked(request, line["outcome"])
        milliseconds = round((time.perf_counter() - started) * 1000, 1)
        log.info(
            "answered", id=trace, platform=message.sender.platform, sender=message.sender.key, ms=milliseconds, **line
        )

    async def _safe(self, request: Request, trace: str, line: dict[str, str]) -> AsyncIterator[Reply]:
        """The one door: a refusal is an answer, any other exception a bug with an id that the person sees too."""
        message = request.message
        role = self.services.people.role_in(message.sender, message.chat)
        try:
            command, rest = await self._command(request, role)
            line["command"] = command.name
            request.values = command.read(rest, self.services.conventions)
            async for reply in _replies(command, Context(message, role, self.services), dict(request.values)):
                yield reply
        except Refusal as refusal:
            request.refusal, request.denied = type(refusal).__name__.lower(), not isinstance(refusal, _NOT_DENIED)
            if request.grave and not isinstance(refusal, Misused | Ambiguous):
                await self.services.trail.refused(request)
            yield _refused(refusal, role, message)
        except Exception:
            log.exception("failed", id=trace)
            yield Reply(
                text=_("Something went wrong on our side. Please tell an admin this number: {id}").format(id=trace),
                outcome=Outcome.FAILED,
            )

    async def _command(self, request: Request, role: Role) -> tuple[Command, str]:
        """Find which command is meant, and whether this role may use it."""
        name, rest = await self._said(request.message, role)
        command = self.services.router.find(name)
        if command:
            request.command = MESSAGE if command.name == LOOK else f"/{command.name}"
            request.grave = command.role > Role.VIEWER
        if role is Role.STRANGER and (command is None or command.role > role):
            raise _stranger(request.message, self.services.people)
        if command is None:
            raise self._no_command(name, rest, role)
        if command.role > role:
            raise Forbidden(
                _("This is for the role “{needed}” and above; yours is “{yours}”. An admin can change that.").format(
                    needed=command.role.word,
                    yours=role.word,
                ),
            )
        return command, rest

    async def _said(self, message: Message, role: Role) -> tuple[str, str]:
        """The command's name and the words behind it. A button's are exact, what people type is made plain."""
        text = message.text if message.card else plain(message.text)
        name, rest = _split(text.removeprefix("/"))
        questions = self.services.store.questions
        waiting = None if role is Role.STRANGER else await questions.open(message, now())
        if waiting:
            await questions.drop(message)
        if text.startswith("/"):
            return name.partition("@")[0] or "help", rest
        if waiting and self._completes(waiting, text):
            return _split(f"{waiting} {text}".removeprefix("/"))
        in_private = message.chat.kind is ChatKind.PRIVATE
        return (name, rest) if in_private and self._is_name(name) else (LOOK, text)

    def _is_name(self, word: str) -> bool:
        """`help` and `pay 2024-001` mean what they mean with a slash, too."""
        command = self.services.router.find(word)
        return bool(command and not command.hidden)

    def _completes(self, waiting: str, text: str) -> bool:
        """Whether these words are what the command waits for: an amount, and what may come after it."""
        name, rest = _split(waiting.removeprefix("/"))
        command = self.services.router.find(name)
        if command is None:
            return False
        try:
            command.read(f"{rest} {text}", self.services.conventions)
        except Misused:
            return False
        except Ambiguous:
            return True
        return True

    def _no_command(self, name: str, rest: str, role: Role) -> Unknown:
        near = self.services.router.near(name, role)
        meant = tuple(Button(said, said) for said in (f"/{each.name} {rest}".strip() for each in near))
        return Unknown(
            _("There is no command /{name}.").format(name=name[:32]),
            buttons=meant or (Button("/help", "/help"),),
        )


async def _replies(command: Command, ctx: Context, values: dict[str, Any]) -> AsyncIterator[Reply]:
    """A handler returns one reply, or yields several."""
    answer = command.handler(ctx, **values)
    if isawaitable(answer):
        yield await answer
    else:
        async for reply in answer:
            yield reply


def _split(text: str) -> tuple[str, str]:
    """The first word, and the rest."""
    first, *rest = text.split(maxsplit=1) or [""]
    return first, "".join(rest)


def _meant_for_us(message: Message) -> bool:
    """In a group, `/invoice@other_bot` is another bot's."""
    name, _at, bot = _split(plain(message.text))[0].partition("@")
    return not (name.startswith("/") and bot and bot.casefold() != message.bot_name.casefold())


def _stranger(message: Message, people: People) -> Stranger:
    """All that a stranger learns: their id, and one way to ask."""
    words = _("This is a billing desk, and you don't have access to it yet.\nYour id is {id}. {way_in}")
    asking = (Button(_("Ask for access"), "/ask_access"),) if people.at_least(Role.ADMIN) else ()
    return Stranger(words.format(id=message.sender.key, way_in=people.way_in()), buttons=asking)


def _refused(refusal: Refusal, role: Role, message: Message) -> Reply:
    """Admins read what there is to mend. A press that is refused concerns nobody but the person who pressed."""
    text = refusal.for_admins if role is Role.ADMIN and refusal.for_admins else refusal.text
    in_company = message.chat.kind is ChatKind.GROUP and message.card is not None
    outcome = Outcome.MISUSED if isinstance(refusal, Misused) else Outcome.REFUSED
    buttons = () if in_company and role is Role.STRANGER else refusal.buttons
    return Reply(text=text, buttons=buttons, outcome=outcome, private=in_company)
