"""The `.env` file as an operator wrote it: what in it is no setting, though it looks like one; and who can read it."""

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from pydantic_settings import DotEnvSettingsSource
from rapidfuzz import process
from rapidfuzz.distance import Indel

from bot.settings import Settings

# Of its letters so many have to be right: TELEGRAM_TOKEN is meant to be TELEGRAM_BOT_TOKEN, HOSTNAME nothing.
_LIKENESS = 0.8


class Misspelt(NamedTuple):
    """A name of the file's that nobody reads, and the setting that was probably meant."""

    written: str
    meant: str


def settings_file() -> Path:
    """Where the file is, or would be: in the folder that Casier was started in."""
    return Path(str(Settings.model_config.get("env_file"))).absolute()


def misspelt() -> Iterator[Misspelt]:
    """Look for names in the file that are nearly settings of ours. What the environment holds is others' business."""
    known = [name.upper() for name in Settings.model_fields]
    for name in DotEnvSettingsSource(Settings).env_vars:
        written = name.upper()
        if written in known:
            continue
        near = process.extractOne(written, known, scorer=Indel.normalized_similarity, score_cutoff=_LIKENESS)
        if near:
            yield Misspelt(written, near[0])


def exposed(paths: Iterable[Path]) -> Iterator[Path]:
    """Those of these files that everybody on this machine can read or write, where a system has such rights."""
    for path in paths if os.name == "posix" else ():
        if path.exists() and path.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH):
            yield path
