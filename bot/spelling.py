"""Names, numbers and phones in the one spelling by which they are compared and found."""

import re
import unicodedata
from itertools import filterfalse

# Letters that are no letter with a mark to Unicode, and are written without one all the same.
_BARE = str.maketrans(
    {"ł": "l", "đ": "d", "ð": "d", "ø": "o", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i", "ħ": "h", "ŧ": "t"}
)
_ABBREVIATED = re.compile(r"(?<=\b\w)\.(?=\w\b)")
_WORD = re.compile(r"[^\W_]+")
_RUN = re.compile(r"\d+|[^\W\d_]+")
_PHONES = re.compile(r"[,;/]|\bsau\b|\bor\b")
_EMAIL = re.compile(r"[^\s@]+@([^\s@.]+(?:\.[^\s@.]+)*)\.[^\s@.]+")
_LONGEST_WORD = 40
_MOST_WORDS = 40
# So many digits at its end make a phone number within its country; before them stand `+40`, `0040` or `0`.
NATIONAL = 9
_PIECE = 3


def bare(text: str) -> str:
    """Letters without accents, small: `Ștefan` is found by `stefan`."""
    if text.isascii():
        return text.casefold()
    marked = unicodedata.normalize("NFKD", text)
    return "".join(filterfalse(unicodedata.combining, marked)).casefold().translate(_BARE)


def name_words(text: str | None) -> list[str]:
    """The words of a name: `S.C. Ștefan-Vodă S.R.L.` has sc, stefan, voda and srl."""
    plain = _ABBREVIATED.sub("", bare(text or ""))
    return [word[:_LONGEST_WORD] for word in _WORD.findall(plain)[:_MOST_WORDS]]


def mail_words(text: str | None) -> list[str]:
    """The words of e-mail addresses, without the ends that so many have in common."""
    return name_words(_EMAIL.sub(lambda found: found[0].rpartition(".")[0], text or ""))


def folded(identifier: str) -> str:
    """Letters and digits alone: `2024-001` is `2024001`."""
    return "".join(filter(str.isalnum, bare(identifier)))


def groups(identifier: str) -> str:
    """Numbers without their leading zeros, and the letters between them: `CL-001` and `cl1` are both `cl.1`."""
    return ".".join(run.lstrip("0") or "0" if run.isdigit() else run for run in _RUN.findall(bare(identifier)))


def phones(text: str | None) -> list[str]:
    """The digits of each phone number, without what stands for the country where it is long enough to have that."""
    found = ("".join(mark for mark in part if mark.isascii() and mark.isdigit()) for part in _PHONES.split(text or ""))
    return [digits[-NATIONAL:].lstrip("0") for digits in found if digits.lstrip("0")]


def pieces(word: str) -> set[str]:
    """What a word shares with words that are nearly like it: every three letters in a row, its edges marked."""
    edged = f" {word} "
    return {edged[start : start + _PIECE] for start in range(len(edged) - _PIECE + 1)}
