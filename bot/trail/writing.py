"""Writes the trail: deeds at once and in order, lookups together; what fails is kept and written later."""

import asyncio
import contextlib
import os
from collections import deque
from pathlib import Path

import structlog

from bot.store import Deed, Entry, Head, PaymentOrder, Record, StoreError, TrailRows
from bot.trail.records import By, Request, of_order, of_request, record

log = structlog.get_logger(__name__)

_PAUSE_SECONDS = 1.0
_MANY = 100
# What waits for a database that fails. Deeds come few, and none may be lost; lookups would fill the memory.
_MOST_ASKED = 10_000


class Writing:
    """Deeds are written at once and in order, lookups together every second."""

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

    async def note(self, deed: str, order: PaymentOrder, by: By | None = None, *, note: str = "") -> None:
        """Write down what happened to a payment; later, where the database fails. By nobody: Casier itself did it."""
        await self._write_or_owe(of_order(deed, order, by or By(), note))

    async def insist(self, deed: str, order: PaymentOrder, by: By) -> None:
        """Write down what is about to happen; `StoreError` where that fails, so that it doesn't happen."""
        await self._write(of_order(deed, order, by, ""))

    async def access(self, by: By, *, whose: str, outcome: str) -> None:
        """Write down who may do what from now on: `whose` is a person's key."""
        await self._write_or_owe(record(Deed.ACCESS, by, outcome=outcome, note=whose))

    async def subscription(self, by: By, *, whose: str, outcome: str) -> None:
        """Write down what a chat hears of payments from now on: `whose` is the chat's key."""
        await self._write_or_owe(record(Deed.SUBSCRIBED, by, outcome=outcome, note=whose))

    def asked(self, request: Request, outcome: str) -> None:
        """Note a request, soon. Costs its answer nothing."""
        if len(self._asked) < _MOST_ASKED:
            self._asked.append(of_request(_deed(request), request, request.refusal or outcome))
        else:
            log.error("trail.dropped", command=request.command, sender=request.message.sender.key)
        if len(self._asked) % _MANY == 0:
            self._many.set()
        self._write_soon()

    async def refused(self, request: Request) -> None:
        """Write down that somebody did not get what moves or decides money or access."""
        request.told = True
        await self._write_or_owe(of_request(_deed(request), request, request.refusal))

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


def _deed(request: Request) -> Deed:
    return Deed.REFUSED if request.denied else Deed.ASKED


def _put(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text, encoding="ascii")
    draft.replace(path)
