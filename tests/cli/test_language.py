"""Everything that people read can be said in another language: here every phrase of a made-up one stands in ⟦ ⟧."""

import ast
import asyncio
import json
import re
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo

from sandbox import SandboxServer
from tests.cli.terminals import PATIENCE, Ended, settings_for
from tests.telegram.strict import StrictTelegram

ROOT = Path(__file__).parents[2]
# A language with a locale of its own, for figures and days, in which Casier does not speak.
LANGUAGE = "eo"
# `casier` again and again in one process: for each line of JSON, environment and words, one with how it ended.
CASIER = """
import contextlib, io, json, os, sys
from pathlib import Path
import bot.words
bot.words.LOCALES = Path(sys.argv[1])
from bot.__main__ import main
before = dict(os.environ)
for line in sys.stdin:
    env, sys.argv = json.loads(line)
    os.environ.clear()
    os.environ.update(before | env)
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
            code = 0
        except SystemExit as end:
            code = end.code
    print(json.dumps([code, out.getvalue(), err.getvalue()]), flush=True)
"""
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
# The command line's own library speaks for itself.
LIBRARYS = {"usage", "options", "command", "args", "arguments", "commands", "text", "show", "this", "message", "and"}
LIBRARYS |= {
    "list",
    "exit",
    "int",
    "float",
    "range",
    "bool",
    "str",
    "path",
    "dir",
    "default",
    "sandbox",
    "key",
    "required",
    "target",
    "casier",
}


def _phrases() -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    """Every phrase of the code, with its context; commands are explained by their docstrings."""
    for folder in ("bot", "handlers"):
        found = extract_from_dir(ROOT / folder, [("**.py", "python")], keywords=KEYWORDS)
        for _file, _line, phrase, _comments, context in found:
            yield phrase, context
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (doc := ast.get_docstring(node)):
                    yield doc.partition("\n")[0], None


@pytest.fixture(scope="module")
def locales(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The made-up language's catalogue."""
    catalogue = Catalog(locale=LANGUAGE)
    for phrase, context in _phrases():
        marked = f"⟦{phrase}⟧" if isinstance(phrase, str) else tuple(f"⟦{form}⟧" for form in phrase)
        catalogue.add(phrase, marked, context=context)
    folder = tmp_path_factory.mktemp("locales")
    target = folder / LANGUAGE / "LC_MESSAGES" / "casier.mo"
    target.parent.mkdir(parents=True)
    with target.open("wb") as file:
        write_mo(file, catalogue)
    return folder


class Speaker:
    """Runs `casier` in the made-up language."""

    def __init__(self, process: Process, env: dict[str, str]) -> None:
        self._process = process
        self._env = env

    async def say(self, *words: str, **env: str) -> Ended:
        """Run it with these words and settings to its end."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([self._env | env, ["casier", *words]]).encode() + b"\n")
        line = await asyncio.wait_for(self._process.stdout.readline(), PATIENCE)
        return Ended(*json.loads(line))


@pytest.fixture
async def server() -> AsyncIterator[SandboxServer]:
    """A sandbox to ask."""
    async with SandboxServer() as running:
        yield running


@pytest.fixture
async def casier(locales: Path, server: SandboxServer, tmp_path: Path) -> AsyncIterator[Speaker]:
    """The made-up language's `casier`."""
    env = {**settings_for(server, tmp_path), "LANGUAGE": LANGUAGE, "COLUMNS": "400", "PYTHONPATH": str(ROOT)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CASIER, str(locales), cwd=locales, env=env, stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    yield Speaker(process, env)
    _out, err = await asyncio.wait_for(process.communicate(b""), PATIENCE)
    assert process.returncode == 0, err.decode()


def untranslated(text: str) -> set[str]:
    """The words that stand in no brackets."""
    while (less := re.sub(r"⟦[^⟦⟧]*⟧", "", text)) != text:
        text = less
    return {word.casefold() for word in re.findall(r"(?<![\w-])[^\W\d_]{2,}(?![\w-])", text)}


async def test_the_help_of_the_command_line(casier: Speaker) -> None:
    commands = ["ask", "chat", "run", "doctor", "migrate", "backup", "demo", "sandbox", "audit"]
    parts = ["verify", "export", "head", "file"]
    for words in ([], *([command] for command in commands), *(["audit", part] for part in parts[:3])):
        ended = await casier.say(*words, "--help")
        assert "⟦" in ended.out
        assert untranslated(ended.out) <= {*LIBRARYS, *commands, *parts}, words


WRONG = [
    ("ADMINS", "42"),
    ("CURRENCY", "LEI"),
    ("TIMEZONE", "Bucharest"),
    ("BILLING_API_URL", "ftp://x"),
    ("BILLING_API_URL", "http://user:word@x"),
    ("BILLING_API_KEY", "ș"),
    ("BILLING_API_KEY", ""),
    ("BILLING_REQUESTS", "0"),
    ("BILLING_READ_SECONDS", "soon"),
    ("LOG_LEVEL", "LOUD"),
    ("TELEGRAM_BOT_TOKEN", "my token"),
    ("TELEGRAM_MODE", "webhook"),
    ("APPROVAL_LIMIT", "1.000,00"),
    ("DATABASE_URL", "mysql://x"),
]


async def test_settings_that_are_wrong(casier: Speaker) -> None:
    for name, value in WRONG:
        ended = await casier.say("ask", "/id", **{name: value})
        assert ended.code == 2
        assert ended.err.startswith("⟦"), name
        assert untranslated(ended.err) == set(), name


async def test_looking_after_the_database(casier: Speaker, tmp_path: Path) -> None:
    copy = str(tmp_path / "copy.db")
    told = [
        await casier.say(*words)
        for words in (["migrate"], ["migrate"], ["migrate", "--grant", "x"], ["backup", copy], ["backup", copy])
    ]
    for ended in told:
        assert (ended.out + ended.err).startswith("⟦"), ended
        assert untranslated(ended.out + ended.err) == set()


async def test_no_platform_to_run_on(casier: Speaker) -> None:
    ended = await casier.say("run")
    assert ended.err.startswith("⟦")
    assert untranslated(ended.err) == set()


@pytest.mark.parametrize("fault", [None, "unauthorized"])
async def test_what_the_doctor_finds(casier: Speaker, server: SandboxServer, fault: str | None) -> None:
    if fault:
        server.faults.add("GET", "*", fault)
    async with StrictTelegram().running() as telegram:
        ended = await casier.say("doctor", TELEGRAM_BOT_TOKEN=telegram.token, TELEGRAM_API_URL=telegram.url)
    assert ended.out.count("\n") > 5
    assert untranslated(ended.out) <= {"slack", "telegram"}


ASKED = [
    "/start",
    "/help",
    "/help pay",
    "/customers",
    "/customer CL-001",
    "/invoices CL-001",
    "/invoices CL-001 foo",
    "/invoice 2024-001",
    "/invoice 2024-404",
    "/payments",
    "/pay 2024-001",
    "/pay 2024-001 1.234 card",
    "/pay 2024-001 9999 card",
    "/pay 2024-001 nothing",
    "/cancel",
    "/nothing",
]


async def test_what_is_answered_in_a_chat(casier: Speaker) -> None:
    for text in ASKED:
        reply: dict[str, Any] = json.loads((await casier.say("ask", "--json", text)).out)
        words = [reply.get("text", ""), *reply.get("warnings", ()), *reply.get("notes", ())]
        words += [fact["label"] for fact in reply.get("facts", ())]
        words += [column["label"] for column in reply.get("table", {}).get("columns", ())]
        # A customer's card and a command's help are headed by their names.
        words += [] if text in ("/customer CL-001", "/help pay") else [reply.get("title", "")]
        spoken = [phrase for phrase in words if phrase]
        assert spoken, text
        assert [phrase for phrase in spoken if "⟦" not in phrase] == [], text
