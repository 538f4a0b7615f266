"""A page of a list as a table."""

from collections.abc import Callable
from typing import TypeVar

from bot.pages import Page
from bot.reply import Column, Row, Table

T = TypeVar("T")


def table(page: Page[T], columns: tuple[Column, ...], row: Callable[[T], Row], command: str) -> Table | None:
    """Draw a page; `command` is what asks for the list, without its page. No entries, no table."""
    if not page.count:
        return None
    return Table(
        columns=columns,
        rows=tuple(row(entry) for entry in page.entries),
        page=page.number,
        pages=page.pages,
        previous=f"{command} page={page.number - 1}" if page.number > 1 else None,
        following=f"{command} page={page.number + 1}" if page.number < page.pages else None,
    )
