"""The import contracts hold, each is shown to bite, and what is slow to load is loaded late."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

BREACHES = {
    "Imports point down only": ("bot/cards/tables.py", "import bot.payments"),
    "siblings on one line": ("bot/directory/spelling.py", "import bot.trail"),
    "Platforms know nothing of each other": ("bot/platforms/terminal.py", "import bot.platforms.web"),
    "The sandbox is a reading": ("sandbox/gate.py", "import bot.money"),
    "Only the demo knows the sandbox": ("handlers/start.py", "import sandbox"),
    "Only its platform knows Telegram": ("handlers/start.py", "import telegram"),
    "Only its platform knows Slack": ("handlers/start.py", "import slack_sdk"),
    "Only the billing client speaks HTTP": ("handlers/start.py", "import httpx"),
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The project's code, to break."""
    for name in ("bot", "handlers", "sandbox"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the contracts there."""
    return subprocess.run(  # noqa: S603 - our own tool on our own files
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("contract", BREACHES)
def test_a_breach_is_found(copy: Path, contract: str) -> None:
    place, breach = BREACHES[contract]
    with (copy / place).open("a", encoding="utf-8") as file:
        file.write(f"\n{breach}\n")
    found = lint(copy)
    assert found.returncode == 1, found.stdout
    (broken,) = (line for line in found.stdout.splitlines() if "BROKEN" in line)
    assert contract in broken


def test_every_contract_has_its_breach() -> None:
    named = [
        line
        for line in (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
        if line.startswith("name = ")
    ]
    contracts = [line for line in named if "casier" not in line]
    assert all(any(part in line for part in BREACHES) for line in contracts)


def test_a_start_loads_nothing_that_its_first_lookup_can_do_without() -> None:
    loading = "import sys, bot.start.service; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", loading], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    late = {"aiohttp", "alembic", "matplotlib", "numpy", "slack_bolt", "slack_sdk", "stamina", "telegram.ext"}
    assert late & {*told.stdout.split()} == set()
