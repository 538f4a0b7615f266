"""The bots as processes of their own, set up by their environment, and what the system says about them."""

import asyncio
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from benchmarks.billing import KEY
from benchmarks.telegram import SECRET, TOKEN

_ROOT = Path(__file__).parent.parent
_STOP_SECONDS = 15
# Written as Telegram's own limits are not: the pace goes on being kept, and is never reached.
_PACE = "100000"


class Mode(StrEnum):
    """How updates come."""

    POLLING = "polling"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot, the module that it is started by, and what share of the commands it can be asked in the same time."""

    name: str
    command: tuple[str, ...]
    share: float


CASIER = Bot("casier", ("bot", "run"), 1)
BASELINE = Bot("baseline", ("benchmarks.baseline",), 0.25)
FLOOR = Bot("floor", ("benchmarks.floor",), 1)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a bot finds everything; `people` may look things up; `more` is set besides."""

    mode: Mode
    telegram: int
    billing: int
    own: int
    database: Path
    people: Iterable[int]
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """The settings, beside what the system needs. All else is as it is in production."""
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "PYTHONPATH")}
        return kept | {
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "TELEGRAM_API_URL": f"http://127.0.0.1:{self.telegram}",
            "TELEGRAM_MODE": self.mode,
            "TELEGRAM_WEBHOOK_URL": f"http://127.0.0.1:{self.own}/telegram",
            "TELEGRAM_WEBHOOK_SECRET": SECRET,
            "TELEGRAM_MESSAGES_PER_SECOND": _PACE,
            "BILLING_API_URL": f"http://127.0.0.1:{self.billing}",
            "BILLING_API_KEY": KEY,
            "PERSON_MESSAGES_PER_MINUTE": "6000",
            "CHAT_MESSAGES_PER_MINUTE": "6000",
            "BILLING_REQUESTS": "64",
            "HTTP_PORT": str(self.own),
            "DATABASE_URL": f"sqlite:///{self.database}",
            "VIEWERS": ",".join(f"telegram:{person}" for person in self.people),
            "LOG_LEVEL": "INFO",
            **self.more,
        }


@dataclass(frozen=True, slots=True)
class Running:
    """A bot's process. `since`: when it was started."""

    pid: int
    since: float

    @property
    def cpu(self) -> float:
        """Seconds of the processor so far, user and system, all threads: the process's own clock."""
        # How the kernel numbers another process's clock: clock_getcpuclockid(3).
        return time.clock_gettime((~self.pid << 3) | 2)

    @property
    def peak(self) -> float:
        """The most memory that it has had, in MB."""
        told = re.search(r"VmHWM:\s*(\d+) kB", Path(f"/proc/{self.pid}/status").read_text())
        return int(told[1]) / 1024 if told else 0


@asynccontextmanager
async def running(bot: Bot, around: Surroundings, log: Path) -> AsyncIterator[Running]:
    """A bot's process while the block runs. What it says goes to `log`, as a service's output goes to a file."""
    # Started where there is no `.env`, so that nobody's settings are read.
    environment = around.environment | {"PYTHONPATH": os.environ.get("PYTHONPATH", str(_ROOT))}
    with log.open("ab") as output:
        since = time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", *bot.command, cwd=log.parent, env=environment, stdout=output, stderr=output
        )
    try:
        yield Running(process.pid, since)
    finally:
        await _stop(process)


async def _stop(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(_STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
