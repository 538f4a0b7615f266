"""What was probably meant by a number, an id or a name that there isn't, as far as the index knows."""

from collections.abc import Iterator

from bot.directory.search import Finding
from bot.directory.spelling import id_likeness, name_likeness, nearest
from bot.spelling import folded, groups, name_words
from bot.store import ID_MARK, IndexedCustomer, InvoiceFilter, Spelt, Store

_DIGITS = "0123456789"
_LONGEST = 20
_MANY = 60


class Meant:
    """Answers only where the index has everything: else somebody would be told that there is nothing like it."""

    def __init__(self, store: Store) -> None:
        self._search = store.search
        self._index = store.index

    async def invoices(self, word: str) -> list[str] | None:
        """Up to three numbers of invoices, the likest first; None where the index can't tell."""
        if not await self._knows():
            return None
        plain, likeness = folded(word)[:_LONGEST], id_likeness(word)
        spelt = Spelt(exactly=(plain,), grouped=(groups(word),))
        found = await self._search.looking(
            lambda look: [
                *look.called(spelt, InvoiceFilter(), _MANY),
                *look.spelled_like(set(_nearly(plain)), _MANY),
            ]
        )
        return nearest((likeness(each.number), each.number) for each in found)

    async def customers(self, word: str) -> list[IndexedCustomer] | None:
        """Up to three customers, likewise, by their ids or names."""
        if not await self._knows():
            return None
        ids = {ID_MARK + groups(word), *(ID_MARK + each for each in _nearly(folded(word)[:_LONGEST]))}
        some = await self._search.looking(
            lambda look: [*look.customers_with([ids]), *Finding(look).customers_like(name_words(word))]
        )
        found = {each.id: each for each in some}
        by_id, by_name = id_likeness(word), name_likeness(word)
        scored = ((max(by_id(each.id), by_name(each.name or "")), each.id) for each in found.values())
        return [found[name] for name in nearest(scored)]

    async def called_by_its_customer(self, own_id: str) -> list[str] | None:
        """The numbers of the invoices that their customers call so."""
        if not await self._knows():
            return None
        spelt = Spelt(exactly=(folded(own_id),))
        found = await self._search.looking(lambda look: look.called(spelt, InvoiceFilter(), _MANY))
        return sorted(each.number for each in found if (each.own_id or "").casefold() == own_id.casefold())

    async def _knows(self) -> bool:
        return (await self._index.state()).is_complete


def _nearly(word: str) -> Iterator[str]:
    """Every word with one letter or digit more, less, another, or two in each other's place."""
    marks = sorted({*_DIGITS, *word})
    for place in range(len(word) + 1):
        before, after = word[:place], word[place:]
        yield from (before + mark + after for mark in marks)
        if after:
            yield before + after[1:]
            yield from (before + mark + after[1:] for mark in marks)
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
