"""Searches the index: misspelt names, parts of numbers, amounts, statuses, months, and all of them together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from heapq import nlargest

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from bot.directory.asked import Asked, Numeral, Standing
from bot.spelling import bare, folded, groups, mail_words, name_words, phones
from bot.store import (
    ID_MARK,
    PHONE_END_MARK,
    PHONE_MARK,
    IndexedCustomer,
    IndexedInvoice,
    IndexLook,
    IndexState,
    InvoiceFilter,
    Spelt,
    Store,
)

MOST = 120
_MOST_COUNTED = 1001
_MOST_OWNERS = 200
_ALIKE, _TYPED = 0.65, 0.9
_MOST_MEANT = 40
_LEAST_TYPO = 3
_LEAST_INSIDE = 3
_ENOUGH_MARKED = 20
_LEAST_PHONE = 4
_EXACT, _GROUPED, _OWN, _AMOUNT, _PART = 1.0, 0.98, 0.95, 0.9, 0.7
_SURE, _APART = 0.85, 0.1


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that was found: a customer, or an invoice (`owned` adds whose it is), and how well it fits."""

    customer: IndexedCustomer | None
    invoice: IndexedInvoice | None
    score: float

    @property
    def as_of(self) -> datetime | None:
        """When it was read; None for a customer of whom no more than the list was."""
        if self.invoice is None:
            return self.customer.read_at if self.customer else None
        read = [self.invoice.read_at, self.invoice.told_at if self.invoice.is_open else None]
        return min(filter(None, read))


@dataclass(frozen=True, slots=True)
class Found:
    """The best hits, the best first. `count`: of all, as far as they were counted; `is_more`: and there are more."""

    hits: tuple[Hit, ...]
    count: int
    is_more: bool
    state: IndexState

    @property
    def is_sure(self) -> bool:
        """Whether one hit alone is just what was asked for."""
        scores = [hit.score for hit in self.hits[:2]]
        return (len(scores) == 1 and scores[0] >= _SURE) or (len(scores) > 1 and scores[0] >= _OWN > scores[1] + _APART)


class Search:
    """Answers from the index alone."""

    def __init__(self, store: Store) -> None:
        self._search = store.search
        self._index = store.index

    async def find(self, asked: Asked, today: date) -> Found:
        """Everything that fits, customers and invoices."""
        hits, count, is_more = await self._search.looking(lambda look: Finding(look).find(asked, today))
        return Found(tuple(hits), count, is_more, await self._index.state())

    async def owned(self, hits: Sequence[Hit]) -> list[Hit]:
        """The same, each invoice with the customer whose it is."""
        ids = {hit.invoice.customer for hit in hits if hit.invoice}
        owners = await self._search.looking(lambda look: look.customers(ids))
        return [replace(hit, customer=owners.get(hit.invoice.customer)) if hit.invoice else hit for hit in hits]


class Finding:
    """One search, all of it in a thread."""

    def __init__(self, look: IndexLook) -> None:
        self._search = look
        self._meant: dict[tuple[str, ...], tuple[str, ...]] = {}

    def find(self, asked: Asked, today: date) -> tuple[list[Hit], int, bool]:
        """The best hits, how many there are, and whether there are more."""
        hits = self._everything(asked, today)
        if asked.special:
            as_names = Asked(words=(*asked.words, *asked.special), numerals=asked.numerals)
            named = self._customers(_terms(as_names), typos=False)
            hits = [*named, *(hit for hit in hits if hit.customer is None or hit.invoice or hit not in named)]
        best = sorted(hits, key=_rank)[:MOST] if not asked.filters else hits[:MOST]
        count, is_more = self._count(asked, today, len(hits))
        return best, count, is_more

    def _everything(self, asked: Asked, today: date) -> list[Hit]:
        if asked.filters:
            return self._filtered(asked, today)
        customers = self._customers(_terms(asked))
        invoices: list[Hit] = []
        if asked.numerals:
            owners = self._owners(asked) if asked.words else None
            invoices = self._called(asked.numerals, InvoiceFilter(customers=owners))
        if not customers and not invoices and asked.words and not asked.numerals:
            customers = self._loosely(asked)
        if not customers and not invoices and len(asked.numerals) == 1 and not asked.words:
            invoices = self._inside(asked.numerals[0])
        return [*customers, *invoices]

    def _filtered(self, asked: Asked, today: date) -> list[Hit]:
        wanted = _filter(asked, today, self._owners(asked) if asked.words else None)
        if asked.numerals:
            return self._called(asked.numerals, wanted)
        return [Hit(None, each, _EXACT) for each in self._search.matching(wanted, MOST)]

    def _count(self, asked: Asked, today: date, found: int) -> tuple[int, bool]:
        """Only filters find more than was fetched."""
        if not asked.filters or asked.numerals or found < MOST:
            return found, False
        owners = self._owners(asked) if asked.words else None
        count = self._search.count(_filter(asked, today, owners), _MOST_COUNTED)
        return min(count, _MOST_COUNTED - 1), count >= _MOST_COUNTED

    def _owners(self, asked: Asked) -> tuple[str, ...]:
        """The customers of these words, the best of them; nobody where nobody fits. It is asked twice."""
        if asked.words not in self._meant:
            found = sorted(self._customers([{word} for word in asked.words]), key=_rank)
            self._meant[asked.words] = tuple(hit.customer.id for hit in found[:_MOST_OWNERS] if hit.customer)
        return self._meant[asked.words]

    def _customers(self, terms: Sequence[set[str]], *, typos: bool = True) -> list[Hit]:
        """Customers that have a word of every term: as it is written, else beginning so, else nearly so."""
        if not terms:
            return []
        spelled = [self._begun(term) for term in terms]
        found = self._search.customers_with(spelled) if all(spelled) else []
        if not found and typos:
            spelled = [some | self._mistaken(term) for some, term in zip(spelled, terms, strict=True)]
            found = self._search.customers_with(spelled) if all(spelled) else []
        return [Hit(each, None, _likeness(each, terms)) for each in found]

    def _loosely(self, asked: Asked) -> list[Hit]:
        """Customers of some of the words, where none has all of them."""
        found: dict[str, Hit] = {}
        for word in asked.words:
            for hit in self._customers([{word}]):
                if hit.customer:
                    score = _likeness(hit.customer, [{each} for each in asked.words])
                    found[hit.customer.id] = replace(hit, score=score)
        return list(found.values())

    def _begun(self, term: set[str]) -> set[str]:
        """The words themselves, and those that begin with them."""
        found = set(term)
        for word in term:
            if word.isalnum() and len(word) > 1:
                found.update(self._search.beginning(word))
        for word in term:
            found.update(self._marked(word))
        return found

    def _marked(self, word: str) -> set[str]:
        """Ids and phones that begin or end so."""
        found: set[str] = set()
        marked = [word, PHONE_END_MARK + word[:0:-1]] if word[:1] == PHONE_MARK else [word]
        for each in marked if word[:1] in (ID_MARK, PHONE_MARK) else ():
            found.update(self._search.marked(each, _ENOUGH_MARKED))
        return found

    def _mistaken(self, term: set[str]) -> set[str]:
        """Words that may be meant by a misspelt one, or have it in their middle."""
        found: set[str] = set()
        for word in term:
            if word.isalpha() and len(word) >= _LEAST_TYPO:
                scored = [(_alike(word, each), each) for each in self._search.near(word)]
                found.update(each for score, each in nlargest(_MOST_MEANT, scored) if score >= _ALIKE * _TYPED)
        return found

    def _called(self, numerals: Sequence[Numeral], wanted: InvoiceFilter) -> list[Hit]:
        first, *others = numerals
        narrowed = replace(wanted, also=tuple(each.spelt for each in others))
        found = self._search.called(first.spelt, narrowed, MOST)
        return [Hit(None, each, _closeness(each, first.spelt)) for each in found]

    def _inside(self, numeral: Numeral) -> list[Hit]:
        part = folded(numeral.text)
        if len(part) < _LEAST_INSIDE or not part.isdigit() or not numeral.spelt.beginnings:
            return []
        return [Hit(None, each, _PART) for each in self._search.containing(part, MOST)]

    def customers_like(self, words: Sequence[str]) -> list[IndexedCustomer]:
        """Customers that have these words, or words nearly like them."""
        return [hit.customer for hit in self._customers([{word} for word in words]) if hit.customer]


def _terms(asked: Asked) -> list[set[str]]:
    """By which words of the index each word may find a customer."""
    numbered = [_number_words(each) for each in asked.numerals]
    return [*({word} for word in asked.words), *numbered]


def _number_words(numeral: Numeral) -> set[str]:
    plain = folded(numeral.text)
    found = {plain, f"#{plain}", f"#{groups(numeral.text)}"}
    if len(numeral.phone) >= _LEAST_PHONE:
        found.add(f"+{numeral.phone}")
    return found


def _filter(asked: Asked, today: date, owners: tuple[str, ...] | None) -> InvoiceFilter:
    standing = asked.standing
    said = standing if standing in (Standing.PAID, Standing.CANCELLED, Standing.PARTIAL) else None
    return InvoiceFilter(
        customers=owners,
        is_open=standing is Standing.OPEN,
        overdue=today if standing is Standing.OVERDUE else None,
        statuses=(said.value,) if said else (),
        more=asked.more,
        less=asked.less,
        days=asked.days,
    )


def _likeness(customer: IndexedCustomer, terms: Sequence[set[str]]) -> float:
    """How well a customer fits: each term as well as its best word does, and all of them as a whole."""
    numbers = [ID_MARK + folded(customer.id), ID_MARK + groups(customer.id)]
    numbers += [PHONE_MARK + digits for digits in phones(customer.phone)]
    words = [*name_words(customer.name), *mail_words(customer.email), *numbers]
    each = [max(_alike(word, other) for word in term for other in words) for term in terms]
    whole = fuzz.token_sort_ratio(" ".join(map(min, terms)), bare(customer.name or "")) / 100
    return 0.8 * sum(each) / len(each) + 0.2 * whole


def _alike(word: str, other: str) -> float:
    if other.startswith(word):
        return 0.9 + 0.1 * len(word) / len(other)
    typed = OSA.normalized_similarity(word, other, score_cutoff=_ALIKE)
    begun = OSA.normalized_similarity(word, other[: len(word) + 1], score_cutoff=_ALIKE)
    return _TYPED * max(typed, 0.9 * begun, 0.7 if word in other else 0)


def _closeness(invoice: IndexedInvoice, spelt: Spelt) -> float:
    number = folded(invoice.number)
    if number in spelt.exactly:
        return _EXACT
    if groups(invoice.number) in spelt.grouped:
        return _GROUPED
    if invoice.own_id and folded(invoice.own_id) in spelt.exactly:
        return _OWN
    if any(low <= value < high for low, high in spelt.within for value in (invoice.amount, invoice.left)):
        return _AMOUNT
    ends = any(number.endswith(part) for part in spelt.beginnings)
    return _PART + (0.1 if ends else 0)


def _rank(hit: Hit) -> tuple[float, int, str]:
    """The best first; of equals customers before invoices, the newest invoice first."""
    if hit.invoice is None:
        return (-hit.score, 0, hit.customer.name or "" if hit.customer else "")
    day = hit.invoice.issued_at or ""
    return (-hit.score, 1, "".join(chr(0x10FFFF - ord(mark)) for mark in day[:10]))
