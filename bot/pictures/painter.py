"""Has pictures drawn off the event loop, by a process each: nothing stalls, and matplotlib's memory is given back."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from pathlib import Path

import msgspec

from bot.pictures.chart import Chart

# Where the package `bot` is found, wherever the program was started.
_ROOT = Path(__file__).parents[2]


class PaintingError(Exception):
    """There is no picture: drawing failed, or took too long."""


class Painter:
    """Draws one picture at a time. `seconds`: how long one may take, once it is its turn."""

    def __init__(self, seconds: float = 30) -> None:
        self._seconds = seconds
        self._turn = asyncio.Lock()

    async def paint(self, chart: Chart) -> bytes:
        """The chart as PNG; `PaintingError` where there is none."""
        async with self._turn:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot.pictures", cwd=_ROOT, stdin=PIPE, stdout=PIPE, stderr=PIPE
            )
            try:
                async with asyncio.timeout(self._seconds):
                    png, said = await process.communicate(msgspec.json.encode(chart))
            except TimeoutError:
                raise PaintingError("it took too long") from None
            finally:
                await _ended(process)
        if process.returncode:
            raise PaintingError(said.decode(errors="replace").strip().rpartition("\n")[2])
        return png


async def _ended(process: Process) -> None:
    """Leave no process behind, though whoever asked for the picture should have gone."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
