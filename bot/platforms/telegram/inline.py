"""`@our_bot 2024-001` or `@our_bot acme` in any chat: cards to send there, for people with access."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import structlog
from telegram.error import TelegramError

from bot.arguments import looks_like_customer, looks_like_invoice, plain, said
from bot.message import Chat, ChatKind, Message, Sender
from bot.platforms.telegram.api import Api
from bot.platforms.telegram.faults import TOO_OLD, says
from bot.platforms.telegram.inbound import PLATFORM, Asked
from bot.platforms.telegram.keyboard import layout, links
from bot.platforms.telegram.links import ASK, deep_link
from bot.platforms.telegram.markup import one_line, pages
from bot.platforms.telegram.options import Ask
from bot.platforms.telegram.shorts import short_id
from bot.reply import Fact, Outcome, Reply, Row, Table
from bot.words import _

log = structlog.get_logger(__name__)

_CACHE_SECONDS = 2
_LONGEST_DESCRIPTION = 120
_SHORTEST = 2


class Inline:
    """Answers inline queries. Somebody who types on takes the question before back."""

    def __init__(self, api: Api, ask: Ask, may_read: Callable[[Sender], bool]) -> None:
        self._api = api
        self._ask = ask
        self._may_read = may_read
        self._asking: dict[str, asyncio.Task[None] | None] = {}

    async def answer(self, asked: Asked) -> None:
        """Answer one query; nobody's mistake is worth a word here."""
        who = asked.sender.id
        before, self._asking[who] = self._asking.get(who), asyncio.current_task()
        if before:
            before.cancel()
        try:
            await self._answer(asked)
        finally:
            if self._asking.get(who) is asyncio.current_task():
                del self._asking[who]

    async def _answer(self, asked: Asked) -> None:
        if not self._may_read(asked.sender):
            button = {"text": _("Ask for access"), "start_parameter": ASK}
            await self._show(asked, [], button=button)
            return
        command = _meant(asked.text)
        reply = await self._looked_up(asked, command) if command else None
        if reply and command:
            await self._show(asked, [_article(reply, command, asked.username)])
        else:
            await self._show(asked, await self._found(asked))

    async def _found(self, asked: Asked) -> list[dict[str, Any]]:
        """What the index has for these words, the best first."""
        text = plain(asked.text)
        reply = await self._looked_up(asked, said("find", text)) if len(text) >= _SHORTEST else None
        if reply is None or reply.table is None:
            return []
        hits = [(row.command, _hit(reply, reply.table, row)) for row in reply.table.rows]
        return [_article(hit, command, asked.username) for command, hit in hits if command]

    async def _looked_up(self, asked: Asked, command: str) -> Reply | None:
        """Asked as in a place of its own, so that no question that waits for an answer elsewhere is disturbed."""
        nowhere = Chat(PLATFORM, asked.sender.id, ChatKind.PRIVATE, thread="inline")
        message = Message(asked.sender, nowhere, command, bot_name=asked.username, shared=True)
        replies = [reply async for reply in self._ask(message)]
        found = [reply for reply in replies if reply.outcome is Outcome.ANSWERED]
        return found[-1] if found else None

    async def _show(self, asked: Asked, results: list[dict[str, Any]], **more: object) -> None:
        # Personal and short-lived, or what one person may read would be shown to the next.
        shown = {"results": results, "is_personal": True, "cache_time": _CACHE_SECONDS, **more}
        try:
            await self._api.call("answerInlineQuery", inline_query_id=asked.query, **shown)
        except TelegramError as error:
            if not says(error, *TOO_OLD):
                log.warning("telegram.inline", reason=error.message)


def _meant(text: str) -> str | None:
    word = plain(text)
    if looks_like_invoice(word):
        return f"/invoice {word}"
    return f"/customer {word}" if looks_like_customer(word) else None


def _hit(found: Reply, table: Table, row: Row) -> Reply:
    """One row of a list as a card of its own, with the age of the list."""
    labels = [column.label for column in table.columns]
    facts = [Fact(label, cell) for label, cell in zip(labels[1:], row.cells[1:], strict=True) if cell]
    return Reply(title=row.cells[0], facts=tuple(facts), notes=found.notes)


def _article(reply: Reply, command: str, username: str) -> dict[str, Any]:
    """Its buttons are links: a press in somebody else's chat would be a press by anybody."""
    about = [reply.status.word] if reply.status else []
    about += [fact.value for fact in reply.facts]
    content = {
        "message_text": pages(reply)[0].html,
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }
    return {
        "type": "article",
        "id": short_id(command),
        "title": one_line(reply.title) or command,
        "description": one_line(" · ".join(about))[:_LONGEST_DESCRIPTION],
        "input_message_content": content,
        "reply_markup": links(_links(reply, command, username)),
    }


def _links(reply: Reply, command: str, username: str) -> list[list[tuple[str, str]]]:
    buttons = [button for row in layout(replace(reply, table=None)) for button in row]
    labels = {button.command: one_line(button.label) for button in buttons if button.command != command}
    found = [(label, deep_link(username, each)) for each, label in labels.items()]
    own = (_("Open"), deep_link(username, command))
    return [[(label, link)] for label, link in (own, *found) if link]
