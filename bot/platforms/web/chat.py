"""The web chat itself: shows what is said, passes it on, and shows what the bot answers."""

import json
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bot.message import CardRef, Chat, ChatKind, Message, Sender
from bot.outlets import CardGoneError, ChatClosedError, Outlet
from bot.platforms.web.board import Board, Kind, Post
from bot.platforms.web.door import Door
from bot.platforms.web.drawing import drawn
from bot.platforms.web.phrases import phrases
from bot.platforms.web.said import Heard, Said, read_said
from bot.platforms.web.shelf import Shelf, response
from bot.platforms.web.stream import events
from bot.platforms.web.work import Work
from bot.reply import File, Outcome, Reply
from bot.words import _

PAGE = Path(__file__).parent / "page"
TEAM = Chat("web", "team", ChatKind.GROUP)
MOST_PAGES = 50

Serve = Callable[[Message, Outlet], Awaitable[None]]
Menu = Callable[[Sender], Sequence[tuple[str, str]]]


class WebChat:
    """A chat page for trying the bot out, and the `Outlet` that shows replies on it.

    `people` are those whom the page's switch can be; `serve` answers a message through the outlet; `menu` gives the
    usage and purpose of what a person may say; `token` opens the page, served on 127.0.0.1 at `port`; its clock is the
    time zone's, as the cards' is.
    """

    def __init__(
        self, serve: Serve, people: Sequence[Sender], token: str, port: int, menu: Menu, zone: str = "UTC"
    ) -> None:
        self._serve = serve
        self._menu = menu
        self._zone = zone
        self._people = {person.id: person for person in people}
        self._board = Board([*self._people, TEAM.id])
        self._shelf = Shelf()
        self._work = Work()
        self._heard = Heard()
        self.app = Starlette(
            routes=self._routes(),
            middleware=[Middleware(Door, token=token, port=port)],
            lifespan=self._lifespan,
        )

    async def send(
        self, chat: Chat, reply: Reply, answering: Message | None = None, under: CardRef | None = None
    ) -> CardRef:
        """Show a reply as a new card; a private one in the team channel is shown to the asker only."""
        if not self._board.has(chat.id):
            raise ChatClosedError(chat)
        asker = answering.sender if answering else None
        aside = chat.id == TEAM.id and reply.private
        if aside and not asker:
            raise ValueError("A private reply in the team channel needs somebody who asked.")
        shown = {
            "asker": _name(asker),
            "pressed": self._pressed(answering),
            "under": self._title(under),
            "aside": aside,
            "time": time.time(),
        }
        reader = asker.id if aside and asker else None
        post = self._board.add(chat.id, Kind.ENTRY, shown | self._card(reply), reader)
        return CardRef(chat, post.id)

    async def edit(self, card: CardRef, reply: Reply) -> None:
        """Draw a card anew in every open page. A card for all doesn't turn private: `CardGoneError` then, too."""
        post = self._board.find(card.chat.id, card.message)
        if post is None or (reply.private and post.room == TEAM.id and post.reader is None):
            raise CardGoneError(card.message)
        self._board.change(post, self._card(reply) | {"edited": True})

    async def close(self) -> None:
        """End the open pages' streams and wait briefly for the answers under way; before stopping the server."""
        self._board.close()
        await self._work.close()

    def _routes(self) -> list[Route | Mount]:
        return [
            Route("/people", self._list_people),
            Route("/menu", self._list_commands),
            Route("/events", self._stream),
            Route("/say", self._hear, methods=["POST"]),
            Route("/files/{name}", self._fetch),
            Route("/phrases.js", self._say_phrases),
            Mount("/", StaticFiles(directory=PAGE, html=True)),
        ]

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        yield
        await self.close()

    async def _list_people(self, _request: Request) -> Response:
        return JSONResponse([{"id": person.id, "name": person.name} for person in self._people.values()])

    async def _list_commands(self, request: Request) -> Response:
        person = self._person(request.query_params.get("person", ""))
        return JSONResponse([{"usage": usage, "purpose": purpose} for usage, purpose in self._menu(person)])

    async def _say_phrases(self, _request: Request) -> Response:
        said = f"export const ZONE = {json.dumps(self._zone)};\nexport default {json.dumps(phrases())};"
        return Response(said, media_type="text/javascript")

    async def _fetch(self, request: Request) -> Response:
        file = self._shelf.get(request.path_params["name"])
        if file is None:
            raise HTTPException(404, _("This file is not kept any more. Please ask for it again."))
        return response(file)

    async def _stream(self, request: Request) -> Response:
        person = self._person(request.query_params.get("person", ""))
        if self._board.closed or self._board.listeners >= MOST_PAGES:
            raise HTTPException(503, _("Too many pages are open, or casier is stopping."))
        seen = self._board.moment(request.headers.get("last-event-id", ""))
        return EventSourceResponse(events(self._board, person.id, TEAM.id, seen))

    async def _hear(self, request: Request) -> Response:
        said = await read_said(request)
        message = self._message(said)
        if self._work.full:
            raise HTTPException(429, _("Too many answers are under way. Please try again in a moment."))
        if self._heard.first(said):
            self._take_in(message, said.key)
        return JSONResponse({}, status_code=202)

    def _message(self, said: Said) -> Message:
        sender = self._person(said.person)
        chat = TEAM if said.chat == "team" else Chat("web", sender.id, ChatKind.PRIVATE)
        card = self._pressed_card(sender, chat, said.card) if said.card is not None else None
        return Message(sender, chat, said.text.strip(), card, bot_name="casier")

    def _pressed_card(self, sender: Sender, chat: Chat, name: str) -> CardRef:
        post = self._board.find(chat.id, name)
        if post is None or "card" not in post.shown or not post.seen_by(sender.id):
            raise HTTPException(404, _("This card is gone. Please ask again."))
        return CardRef(chat, name)

    def _take_in(self, message: Message, key: str) -> None:
        if message.card is None:
            words = {"who": _name(message.sender), "text": message.text, "time": time.time(), "key": key}
            self._board.add(message.chat.id, Kind.ENTRY, words)
        if message.chat.id != TEAM.id or message.card or message.text.startswith("/"):
            job = self._board.add(message.chat.id, Kind.JOB, {"key": key or secrets.token_hex(8), "done": False})
            self._work.start(self._answer(message), lambda well: self._end(job, message, well=well))

    async def _answer(self, message: Message) -> None:
        await self._serve(message, self)

    def _end(self, job: Post, message: Message, *, well: bool) -> None:
        if not well:
            words = _("Something went wrong here. It was written to the log; please try again.")
            shown = {"time": time.time(), "asker": _name(message.sender)}
            card = self._card(Reply(text=words, outcome=Outcome.FAILED))
            self._board.add(message.chat.id, Kind.ENTRY, shown | card)
        self._board.change(job, {"done": True})

    def _person(self, name: str) -> Sender:
        if name not in self._people:
            raise HTTPException(404, _("There is nobody of this name here."))
        return self._people[name]

    def _pressed(self, answering: Message | None) -> str | None:
        if answering is None or answering.card is None:
            return None
        post = self._board.find(answering.chat.id, answering.card.message)
        return post.shown["card"]["labels"].get(answering.text) if post else None

    def _title(self, under: CardRef | None) -> str | None:
        post = self._board.find(under.chat.id, under.message) if under else None
        return post.shown["card"]["title"] if post else None

    def _card(self, reply: Reply) -> dict[str, object]:
        return {"card": drawn(reply, self._keep)}

    def _keep(self, file: File) -> str:
        return f"/files/{self._shelf.put(file)}"


def _name(person: Sender | None) -> dict[str, str] | None:
    return {"id": person.id, "name": person.name} if person else None
