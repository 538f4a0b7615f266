"""Everything that people read goes through here, so that it can be said in their language.

English is what the source says; translations are gettext catalogues in `bot/locales`.
"""

import gettext as _gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LOCALES = Path(__file__).parent / "locales"

_language: ContextVar[str] = ContextVar("language", default="en")


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Say everything in this language (`en`, `ro`, `pt_BR`) until the block ends."""
    before = _language.get()
    _language.set(language)
    try:
        yield
    finally:
        _language.set(before)


def language() -> str:
    """The language in which things are said right now."""
    return _language.get()


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for it
    """Mark what is said later, by a `_` that is given it: where it is written, nobody knows the reader yet."""
    return text


def _(text: str) -> str:
    """Say it in the reader's language."""
    return _catalogue(_language.get()).gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    """Say it with the plural form that the reader's language has for this count."""
    return _catalogue(_language.get()).ngettext(one, many, count)


def pgettext(context: str, text: str) -> str:
    """Say a word that would mean something else elsewhere."""
    return _catalogue(_language.get()).pgettext(context, text)


@cache
def _catalogue(language: str) -> _gettext.NullTranslations:
    return _gettext.translation("casier", LOCALES, [language], fallback=True)
