"""One page of a list that may be of any length, while only that page and what stands before it is held."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")

PAGE_SIZE = 8


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """The entries of one page, and how much there is in all."""

    entries: tuple[T, ...]
    number: int
    pages: int
    count: int


class Pager(Generic[T]):
    """Takes entries in any order, gives one page of them in the order of `key`. A page past the end is the last."""

    def __init__(self, key: Callable[[T], Any], number: int, *, descending: bool = False) -> None:
        self.count = 0
        self._key = key
        self._number = number
        self._descending = descending
        self._first: list[tuple[Any, int, T]] = []

    def add(self, entry: T) -> None:
        """Take one entry."""
        self.count += 1
        self._first.append((self._key(entry), self.count, entry))
        if len(self._first) >= 2 * self._wanted + PAGE_SIZE:
            self._sort_and_cut()

    def page(self) -> Page[T]:
        """Give the page that was asked for."""
        self._sort_and_cut()
        pages = max(1, -(-self.count // PAGE_SIZE))
        number = min(self._number, pages)
        start = (number - 1) * PAGE_SIZE
        shown = self._first[start : start + PAGE_SIZE]
        return Page(tuple(entry for _key, _order, entry in shown), number, pages, self.count)

    @property
    def _wanted(self) -> int:
        return self._number * PAGE_SIZE

    def _sort_and_cut(self) -> None:
        self._first.sort(reverse=self._descending)
        del self._first[self._wanted :]


async def page_of(number: int, count: int, some: Callable[[int, int], Awaitable[Sequence[T]]]) -> Page[T]:
    """A page of what is somewhere else in its order: `some` gives so many from a place on. Past the end is the last."""
    pages = max(1, -(-count // PAGE_SIZE))
    number = min(number, pages)
    return Page(tuple(await some((number - 1) * PAGE_SIZE, PAGE_SIZE)), number, pages, count)
