"""Opens the database: found writable, brought up to date, and never one that a newer Casier has written."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.dates import now
from bot.store.addresses import read_address, unusable
from bot.store.admission import Admissions
from bot.store.cards import Cards
from bot.store.engines import made_engine
from bot.store.faults import StoreError
from bot.store.index import CustomerIndex
from bot.store.index_turns import IndexTurns
from bot.store.known import KnownPayments
from bot.store.links import Links
from bot.store.migrating import bring_up_to_date
from bot.store.notices import Notices
from bot.store.orders import Orders
from bot.store.people import PeopleRows
from bot.store.questions import Questions
from bot.store.receivables import Receivables
from bot.store.search import IndexSearch
from bot.store.shorts import StoredShorts
from bot.store.subscriptions import Subscriptions
from bot.store.trail import TrailRows


@dataclass(frozen=True)
class Store:
    """The open database, by subject."""

    engine: AsyncEngine
    orders: Orders
    cards: Cards
    questions: Questions
    shorts: StoredShorts
    trail: TrailRows
    people: PeopleRows
    admissions: Admissions
    links: Links
    subscriptions: Subscriptions
    notices: Notices
    known: KnownPayments
    index: CustomerIndex
    receivables: Receivables
    turns: IndexTurns
    search: IndexSearch

    async def check(self) -> None:
        """Whether it can be read right now; `StoreError` if not."""
        try:
            async with self.engine.connect() as connection:
                await connection.execute(text("SELECT 1 FROM alembic_version"))
        except SQLAlchemyError as error:
            raise StoreError(type(error).__name__) from error

    async def close(self) -> None:
        """Let go of the database."""
        await self.known.close()
        await self.search.close()
        await self.engine.dispose()


async def open_store(url: str) -> Store:
    """Open `sqlite:///path` or `postgresql://…`, creating and migrating tables as needed; `StoreError` if it can't."""
    address = read_address(url)
    engine = made_engine(address)
    try:
        return await _opened(engine)
    except SQLAlchemyError as error:
        await engine.dispose()
        raise unusable(address, error) from error
    except BaseException:
        await engine.dispose()
        raise


async def _opened(engine: AsyncEngine) -> Store:
    await bring_up_to_date(engine)
    store = Store(
        engine=engine,
        orders=Orders(engine),
        cards=Cards(engine),
        questions=Questions(engine),
        shorts=StoredShorts(engine),
        trail=TrailRows(engine),
        people=PeopleRows(engine),
        admissions=Admissions(engine),
        links=Links(engine),
        subscriptions=Subscriptions(engine),
        notices=Notices(engine),
        known=KnownPayments(engine.url),
        index=CustomerIndex(engine),
        receivables=Receivables(engine),
        turns=IndexTurns(engine),
        search=IndexSearch(engine.url),
    )
    await store.questions.load()
    await store.shorts.forget(now())
    return store
