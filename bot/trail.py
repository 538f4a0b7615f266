"""The audit trail: who did what, where, when, with which outcome; each row sealed with the one before it."""

import asyncio
import contextlib
import csv
import io
import os
from collections import deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import structlog

from bot.arguments import looks_like_customer, looks_like_invoice
from bot.dates import now
from bot.message import Chat, Message, Sender
from bot.pages import PAGE_SIZE, Page
from bot.reply import Outcome
from bot.store import Deed, Entry, Head, PaymentOrder, Record, StoreError, TrailRows, Wanted
from bot.store.trail import sealed, written_moment
from bot.words import _

log = structlog.get_logger(__name__)

# Who did what nobody asked for: an expired draft is closed, a verdict comes in.
OURSELVES = "casier"

_LONGEST = 160
_PAUSE_SECONDS = 1.0
_MANY = 100
# What waits for a database that fails. Deeds come few, and none may be lost; lookups would fill the memory.
_MOST_ASKED = 10_000
_CSV_WINDOW = 500
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
_COLUMNS = ("number", *(each.name for each in fields(Record)), "before", "hash")


class Fault(Enum):
    """What can be wrong with the chain."""

    CHANGED = "changed"
    MISSING = "missing"
    UNLINKED = "unlinked"
    CUT = "cut"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of the check: how many rows are whole, the last of them, and the first number that is wrong."""

    rows: int
    head: Head
    wrong: int | None = None
    fault: Fault | None = None

    @property
    def words(self) -> str:
        """The verdict, in one line."""
        if self.fault is None:
            return _("The trail is whole: {rows} rows, the newest is {head}").format(rows=self.rows, head=self.head)
        return _faults()[self.fault].format(number=self.wrong, following=(self.wrong or 0) + 1)


@dataclass(slots=True)
class Request:
    """One message on its way through the App, as far as the trail may tell: never its words.

    `grave`: it moves or decides money or access; its refusal is written before it is told. `told`: the deed that it
    led to is in the trail itself.
    """

    message: Message
    command: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    grave: bool = False
    told: bool = False


class Trail:
    """Writes the trail and reads it. Deeds are written at once and in order, lookups together every second."""

    def __init__(self, rows: TrailRows, head_file: Path | None = None) -> None:
        self._rows = rows
        self._head_file = head_file
        self._turn = asyncio.Lock()
        self._owed: deque[Record] = deque()
        self._asked: deque[Record] = deque()
        self._many = asyncio.Event()
        self._writing: asyncio.Task[None] | None = None
        self._is_closing = False
        self._newest = 0
        self._exported = Head()

    async def note(
        self,
        deed: str,
        order: PaymentOrder,
        actor: Sender | None = None,
        chat: Chat | None = None,
        *,
        note: str = "",
    ) -> None:
        """Write down what happened to a payment; later, where the database fails. Nobody: Casier itself did it."""
        await self._write_or_owe(_of_order(deed, order, actor, chat, note))

    async def insist(
        self,
        deed: str,
        order: PaymentOrder,
        actor: Sender | None = None,
        chat: Chat | None = None,
        *,
        note: str = "",
    ) -> None:
        """Write down what is about to happen; `StoreError` where that fails, so that it doesn't happen."""
        await self._write(_of_order(deed, order, actor, chat, note))

    def owe(self, deed: str, order: PaymentOrder, actor: Sender | None = None, *, note: str = "") -> None:
        """Write down later what happened to a payment: the database is known to fail."""
        self._keep(_of_order(deed, order, actor, None, note))

    async def access(self, actor: Sender | None, chat: Chat | None, *, whose: str, outcome: str) -> None:
        """Write down who may do what from now on: `whose` is a person's key."""
        await self._write_or_owe(_record(Deed.ACCESS, actor, chat, outcome=outcome, note=whose))

    async def subscription(self, actor: Sender | None, chat: Chat | None, *, whose: str, outcome: str) -> None:
        """Write down what a chat hears of payments from now on: `whose` is the chat's key, `chat` where it was said."""
        await self._write_or_owe(_record(Deed.SUBSCRIBED, actor, chat, outcome=outcome, note=whose))

    def asked(self, request: Request, outcome: str) -> None:
        """Note a request, soon. Costs its answer nothing."""
        deed = Deed.REFUSED if outcome == Outcome.REFUSED.value else Deed.ASKED
        if len(self._asked) < _MOST_ASKED:
            self._asked.append(_of_request(deed, request, outcome))
        else:
            log.error("trail.dropped", command=request.command, sender=request.message.sender.key)
        if len(self._asked) % _MANY == 0:
            self._many.set()
        self._write_soon()

    async def refused(self, request: Request, why: str) -> None:
        """Write down that somebody was refused what moves or decides money or access."""
        request.told = True
        await self._write_or_owe(_of_request(Deed.REFUSED, request, why))

    async def entries(self, wanted: Wanted, number: int) -> Page[Entry]:
        """One page, the newest first; a page past the end is the last."""
        count = await self._rows.count(wanted)
        pages = max(1, -(-count // PAGE_SIZE))
        number = min(number, pages)
        found = await self._rows.page(wanted, (number - 1) * PAGE_SIZE, PAGE_SIZE)
        return Page(tuple(found), number, pages, count)

    async def export(self, wanted: Wanted, limit: int | None = None) -> AsyncIterator[str]:
        """CSV as RFC 4180 has it, in pieces: all that is wanted, the oldest first, or only the newest so many."""
        newest = None if limit is None else await self._rows.page(wanted, 0, limit)
        rows = self._rows.all(wanted) if newest is None else _each(newest)
        lines = [_line(_COLUMNS)]
        async for entry in rows:
            lines.append(_line(tuple(str(getattr(entry, name)) for name in _COLUMNS)))
            if len(lines) >= _CSV_WINDOW:
                yield "".join(lines)
                lines.clear()
        yield "".join(lines)

    async def verify(self, head: Head | None = None) -> Verdict:
        """Recompute the chain row by row, up to its end and to a head that was kept elsewhere."""
        last = Head()
        async for row in self._rows.all():
            fault, wrong = _fault(row, last, head)
            if fault:
                return Verdict(last.number, last, wrong, fault)
            last = Head(row.number, row.hash)
        if head and head.number > last.number:
            return Verdict(last.number, last, last.number + 1, Fault.CUT)
        return Verdict(last.number, last)

    async def head(self) -> Head:
        """The newest number and hash."""
        return await self._rows.head()

    async def close(self) -> None:
        """Write what waits; nothing is kept that could still be written."""
        self._is_closing = True
        self._many.set()
        if self._writing:
            await self._writing
        await self._flush()
        await self._export_head()

    async def _write_or_owe(self, record: Record) -> None:
        try:
            await self._write(record)
        except StoreError as error:
            log.error("trail.unwritten", reason=str(error))  # noqa: TRY400 - no news in the traceback
            self._keep(record)

    async def _write(self, *records: Record) -> None:
        """Write them, after all that waits: numbers follow moments."""
        async with self._turn:
            owed, asked = list(self._owed), list(self._asked)
            waiting = sorted([*owed, *asked, *records], key=lambda each: each.moment)
            if not waiting:
                return
            entries = await self._rows.append(waiting)
            for _written in owed:
                self._owed.popleft()
            for _written in asked:
                self._asked.popleft()
        self._look_at(entries)

    def _look_at(self, entries: list[Entry]) -> None:
        """Log what deeds were written: logs that are kept elsewhere prove the tail, too."""
        if entries[0].number <= self._newest:
            log.error("trail.cut", expected=self._newest + 1, found=entries[0].number)
        self._newest = entries[-1].number
        for entry in entries:
            if entry.deed != Deed.ASKED:
                log.info("trail", deed=entry.deed, order=entry.subject, number=entry.number, hash=entry.hash)
        if self._head_file and not self._is_closing:
            self._write_soon()

    def _keep(self, record: Record) -> None:
        log.error("trail.owed", deed=record.deed, order=record.subject, outcome=record.outcome, note=record.note)
        self._owed.append(record)
        self._write_soon()

    def _write_soon(self) -> None:
        if not self._is_closing and (self._writing is None or self._writing.done()):
            self._writing = asyncio.create_task(self._keep_writing())

    async def _keep_writing(self) -> None:
        """Write what waits after a second, or as soon as it is a lot; what failed is tried again after another."""
        while self._waits and not self._is_closing:
            await self._pause()
            await self._flush()
            await self._export_head()

    @property
    def _waits(self) -> bool:
        return bool(self._owed or self._asked or (self._head_file and self._exported.number < self._newest))

    async def _pause(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PAUSE_SECONDS):
                await self._many.wait()
        if not self._is_closing:
            self._many.clear()

    async def _flush(self) -> None:
        try:
            await self._write()
        except StoreError as error:
            waiting = {"owed": len(self._owed), "asked": len(self._asked)}
            log.error("trail.unwritten", **waiting, reason=str(error))  # noqa: TRY400 - no news in the traceback

    async def _export_head(self) -> None:
        """Put the newest number and hash into a file for somebody to keep elsewhere. It is never half written."""
        if self._head_file is None:
            return
        try:
            head = await self._rows.head()
            if head != self._exported:
                await asyncio.to_thread(_put, self._head_file, f"{head}\n")
                self._exported = head
        except (OSError, StoreError) as error:
            log.error("trail.head", reason=str(error))  # noqa: TRY400 - no news in the traceback
            self._exported = Head(self._newest)


def _record(deed: str, actor: Sender | None, chat: Chat | None, **said: str) -> Record:
    return Record(
        moment=written_moment(now()),
        actor=_clean(actor.key if actor else OURSELVES),
        actor_name=_clean(actor.name if actor else ""),
        platform=_clean(actor.platform if actor else OURSELVES),
        chat=_clean(chat.key if chat else ""),
        deed=_clean(deed),
        **{name: _clean(words) for name, words in said.items()},
    )


def _of_order(deed: str, order: PaymentOrder, actor: Sender | None, chat: Chat | None, note: str) -> Record:
    return _record(
        deed,
        actor,
        chat,
        subject=order.id,
        invoice=order.invoice,
        amount=f"{order.amount:f}",
        currency=order.currency,
        outcome=order.state.value,
        note=note or order.payment or order.method,
    )


def _of_request(deed: str, request: Request, outcome: str) -> Record:
    values, amount = request.values, request.values.get("amount")
    named = next((word for name in ("invoice", "customer", "text") if (word := _number(values.get(name)))), "")
    is_customer = bool(named) and ("customer" in values or looks_like_customer(named)) and "invoice" not in values
    return _record(
        deed,
        request.message.sender,
        request.message.chat,
        subject=str(values.get("payment") or ""),
        invoice="" if is_customer else named,
        amount=f"{amount:f}" if isinstance(amount, Decimal) else "",
        outcome=outcome,
        note=f"/{request.command} {named if is_customer else ''}".strip() if request.command else "",
    )


def _number(word: object) -> str:
    """A word that is an invoice's or a customer's number. Any other may be somebody's name: it stays out."""
    said = str(word or "")
    return said if looks_like_invoice(said) or looks_like_customer(said) else ""


def _clean(words: str) -> str:
    """One line that every database takes as it is."""
    if len(words) <= _LONGEST and words.isprintable():
        return words
    plain = "".join(letter if letter.isprintable() else " " for letter in words[:_LONGEST])
    return plain.encode("utf-8", "replace").decode()


def _fault(row: Entry, last: Head, head: Head | None) -> tuple[Fault | None, int]:
    if row.number != last.number + 1:
        return Fault.MISSING, last.number + 1
    if row.hash != sealed(row, row.number, row.before):
        return Fault.CHANGED, row.number
    if row.before != last.hash:
        return (Fault.UNLINKED, last.number) if last.number else (Fault.CHANGED, row.number)
    if head and row.number == head.number and row.hash != head.hash:
        return Fault.REPLACED, row.number
    return None, 0


def _faults() -> dict[Fault, str]:
    return {
        Fault.CHANGED: _("The trail is broken: row {number} was changed."),
        Fault.MISSING: _("The trail is broken: row {number} is missing."),
        Fault.UNLINKED: _("The trail is broken between rows {number} and {following}: one of them was replaced."),
        Fault.CUT: _("The trail is broken: its tail was cut off, row {number} and what followed are missing."),
        Fault.REPLACED: _("The trail is broken: row {number} is not the one that was there when its hash was kept."),
    }


def _line(cells: tuple[str, ...]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(map(_defused, cells))
    return line.getvalue()


def _defused(cell: str) -> str:
    """A spreadsheet would run what begins like this. One apostrophe more or less, and it is as it was."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


async def _each(entries: list[Entry]) -> AsyncIterator[Entry]:
    for entry in entries:
        yield entry


def _put(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text, encoding="ascii")
    draft.replace(path)
