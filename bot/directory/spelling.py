"""How far what somebody typed is from what there is."""

from collections.abc import Callable, Iterable
from heapq import nlargest

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from bot.spelling import bare

_CLOSE_ID = 0.8
_CLOSE_NAME = 75
_MOST = 3


def id_likeness(word: str) -> Callable[[str], float]:
    """How like an id is to the word, 0 to 1; 0 where it was hardly meant."""
    meant = _digits_alone(word)

    def likeness(found: str) -> float:
        if _digits_alone(found) == meant:
            return 1
        return OSA.normalized_similarity(found.casefold(), word.casefold(), score_cutoff=_CLOSE_ID)

    return likeness


def name_likeness(word: str) -> Callable[[str], float]:
    """How like a name is to the words, 0 to 1."""
    meant = bare(word)
    return lambda found: fuzz.WRatio(meant, bare(found), score_cutoff=_CLOSE_NAME) / 100


def nearest(scored: Iterable[tuple[float, str]]) -> list[str]:
    """Up to three that are alike, the likest first."""
    return [found for score, found in nlargest(_MOST, {(score, found) for score, found in scored if score > 0})]


def _digits_alone(word: str) -> tuple[str, ...]:
    """`2024/1`, `2024 001` and `2024-001` differ in their marks and leading zeros only."""
    groups = "".join(mark if mark.isalnum() else " " for mark in word.casefold()).split()
    return tuple(group.lstrip("0") or "0" for group in groups)
