"""The terminal as a surface: what is typed goes in, what is printed is read."""

import getpass
import io
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from rich.console import Console

from bot.platforms import terminal
from bot.start.joining import joined
from sandbox import SandboxServer
from tests.stage import BRIEFLY, BRISKLY
from tests.surfaces.desk import PAYER, Card, Desk, Look, Where, plain

# Wide enough to break no line.
_WIDTH = 2000
_BOLD, _DIM, _CYAN, _END = (rf"\x1b\[{code}m" for code in ("1", "2", "36", "0"))
_HEADING = re.compile(rf"(?:{_BOLD}(.+?){_END})?(?:\x1b\[1;\d+m  \[(.+)\]{_END})?")
# A button that is called what it says is printed once.
_BUTTON = re.compile(rf"{_CYAN}  (.+?){_END}(?:{_CYAN}   (.+){_END})?")
_TURN = re.compile(rf"  {_CYAN}(.+page=(\d+)){_END}")
_PAGE = re.compile(rf"{_DIM}Page (\d+) of (\d+){_END}")
_FACT = re.compile(rf"{_DIM}(.+?) *{_END}  ([^\x1b]+)")
_HEADS = re.compile(rf"(?:{_DIM}[^\x1b]+{_END}){{2,}}")
_MARKS = re.compile(r"\x1b\[[\d;]*m")


class Printed(Card):
    """What was printed for one thing said."""

    def __init__(self) -> None:
        self._looks: list[Look] = []

    @property
    def looks(self) -> list[Look]:
        """Reply after reply."""
        return self._looks


class TerminalDesk(Desk):
    """One person at a keyboard. A button is pressed by typing the command that is printed beside it."""

    platform = "terminal"
    bot_name = "casier"
    back, onward = "previous page", "next page"

    def __init__(self, sandbox: SandboxServer, folder: Path, chosen: Mapping[str, Any]) -> None:
        super().__init__(sandbox, folder, chosen)
        self._printed: list[Card] = []
        self._stack = AsyncExitStack()

    def key_of(self, who: str) -> str:
        """Whoever sits there."""
        return f"terminal:{self.name_of(who)}"

    def name_of(self, who: str) -> str:
        """The name on this machine."""
        assert who in (PAYER, "admin", "approver", "colleague", "viewer"), who
        return getpass.getuser()

    async def start(self) -> None:
        """Open the bot."""
        self.app = await self._stack.enter_async_context(joined(self.settings, {}, BRISKLY, BRIEFLY))

    async def stop(self) -> None:
        """Close it."""
        await self._stack.aclose()

    async def tell(self, text: str, who: str = PAYER, where: Where = Where.OWN) -> None:
        """There is nothing to wait for here."""
        await self.say(text, who, where)

    async def say(self, text: str, who: str = PAYER, where: Where = Where.OWN) -> Card:
        """Type a line and read what is printed."""
        assert where is Where.OWN, who
        card = Printed()
        self._printed.append(card)
        async for reply in self.app.answer_to_the_end(terminal.said(text)):
            paper = io.StringIO()
            console = Console(file=paper, force_terminal=True, color_system="standard", width=_WIDTH)
            terminal.show(reply, console)
            card.looks.append(_read(paper.getvalue()))
        return card

    async def touch(self, card: Card, label: str, who: str = PAYER) -> None:
        """The same as a press."""
        await self.press(card, label, who)

    async def press(self, card: Card, label: str, who: str = PAYER) -> Card:
        """Type the command."""
        return await self.say(card.carries(label), who)

    def cards(self, who: str = PAYER, where: Where = Where.OWN) -> list[Card]:  # noqa: ARG002
        """Everything printed so far."""
        return self._printed

    async def until(self, happened: Callable[[], Any]) -> None:
        """Whatever happens has happened when an answer is there."""
        assert happened()


@asynccontextmanager
async def at_a_terminal(sandbox: SandboxServer, folder: Path, chosen: Mapping[str, Any]) -> AsyncIterator[Desk]:
    """A terminal to type into."""
    desk = TerminalDesk(sandbox, folder, chosen)
    await desk.start()
    try:
        yield desk
    finally:
        await desk.stop()


def _read(printed: str) -> Look:
    page = _PAGE.search(printed)
    buttons = {label or command: command for command, label in _BUTTON.findall(plain(printed))}
    for command, number in _TURN.findall(printed):
        assert page, "a list is turned by what is printed under it"
        buttons["next page" if int(number) > int(page[1]) else "previous page"] = command
    lines = [line for each in plain(printed).splitlines() for line in _lines(each) if line]
    return Look(tuple(lines), buttons, f"{page[1]}/{page[2]}" if page else "")


def _lines(printed: str) -> Iterator[str]:
    """What a printed line says: nothing for what leads on, and for a table's heads."""
    if any(each.fullmatch(printed) for each in (_BUTTON, _TURN, _PAGE, _HEADS)):
        return
    if printed and (heading := _HEADING.fullmatch(printed)):
        yield from (part or "" for part in heading.groups())
    elif fact := _FACT.fullmatch(printed):
        yield f"{fact[1]}: {fact[2].rstrip()}"
    elif "\x1b" in printed:
        yield _MARKS.sub("", printed).removeprefix("⚠ ")
    else:
        yield re.sub(r" {2,}", " · ", printed.rstrip())
