"""`casier` as a process: started, read, ended."""

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import NamedTuple

from sandbox import SandboxServer

PATIENCE = 60
# What was started and has not ended: a test that fails half-way leaves something running.
running: set[Process] = set()


class Ended(NamedTuple):
    """How a command ended."""

    code: int | None
    out: str
    err: str


def settings_for(server: SandboxServer, folder: Path) -> dict[str, str]:
    """An environment that leads to a sandbox, and to a database in a folder."""
    kept = {name: os.environ[name] for name in os.environ if name.startswith(("COVERAGE", "PATH"))}
    return {
        **kept,
        "BILLING_API_URL": server.url,
        "BILLING_API_KEY": server.options.key,
        "DATABASE_URL": f"sqlite:///{folder / 'casier.db'}",
        "COLUMNS": "100",
    }


async def start(env: dict[str, str], *words: str) -> Process:
    """Start `casier` with these words."""
    root = Path(__file__).parents[2]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *words, cwd=root, env=env, stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    running.add(process)
    return process


async def casier(env: dict[str, str], *words: str, typed: str = "") -> Ended:
    """Run `casier` to its end."""
    process = await start(env, *words)
    out, err = await asyncio.wait_for(process.communicate(typed.encode()), PATIENCE)
    return Ended(process.returncode, out.decode(), err.decode())


async def line_of(process: Process, pattern: str) -> re.Match[str]:
    """Wait for a line that a running command prints."""
    assert process.stdout
    while line := await asyncio.wait_for(process.stdout.readline(), PATIENCE):
        if match := re.search(pattern, line.decode()):
            return match
    raise AssertionError(f"no line like {pattern}")


async def end(process: Process, number: signal.Signals) -> Ended:
    """Send a signal and read how it ends."""
    process.send_signal(number)
    out, err = await asyncio.wait_for(process.communicate(), PATIENCE)
    return Ended(process.returncode, out.decode(), err.decode())
