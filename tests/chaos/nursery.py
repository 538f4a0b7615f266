"""Where processes that are to be killed come from."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

_ROOT = Path(__file__).parents[2]
_BIRTH_SECONDS = 120


class Victim:
    """One process. It is ours, and so may be stopped, continued and killed."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._code: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return not self._code.done()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, unless it has ended."""
        if self.is_alive:
            os.kill(self.pid, number)

    def over(self, code: int) -> None:
        """It has ended."""
        self._code.set_result(code)

    async def ended(self, seconds: float) -> int:
        """How it ends: an exit code, or the negative number of the signal that killed it."""
        async with asyncio.timeout(seconds):
            return await asyncio.shield(self._code)


class Nursery:
    """The loaded bot, of which every life is a fork; `lives` is the module that lives them."""

    def __init__(self, lives: str = "tests.chaos.victim") -> None:
        self._lives = lives
        self._process: Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._births: asyncio.Queue[Victim] = asyncio.Queue()
        self._victims: dict[int, Victim] = {}
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> Self:
        """Load it; coverage is not measured there, for who is killed can't tell."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", self._lives, cwd=_ROOT, env=env, stdin=PIPE, stdout=PIPE
        )
        self._reading = asyncio.create_task(self._read(self._process))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it; it kills whoever still lives."""
        if self._process and self._process.stdin and self._reading:
            self._process.stdin.close()
            await self._process.wait()
            await self._reading

    async def bear(self, life: msgspec.Struct) -> Victim:
        """Start a life."""
        if self._process is None or self._process.stdin is None:
            raise RuntimeError("not open")
        async with self._turn:
            self._process.stdin.write(msgspec.json.encode(life) + b"\n")
            async with asyncio.timeout(_BIRTH_SECONDS):
                return await self._births.get()

    async def live(self, life: msgspec.Struct, seconds: float = 60) -> int:
        """Start a life and wait until it ends; how."""
        victim = await self.bear(life)
        return await victim.ended(seconds)

    async def _read(self, process: Process) -> None:
        while process.stdout and (line := await process.stdout.readline()):
            said: dict[str, Any] = msgspec.json.decode(line)
            pid, code = said["pid"], said["code"]
            if code is None:
                self._victims[pid] = Victim(pid)
                self._births.put_nowait(self._victims[pid])
            else:
                self._victims.pop(pid).over(code)
