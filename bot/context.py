"""What a handler has at hand: what outlives a message, and the one message that it answers."""

from dataclasses import dataclass
from datetime import date

from bot.access import People, Role
from bot.admission import AccessDesk
from bot.billing import Billing
from bot.bursts import Bursts
from bot.cards.contacts import Contacts
from bot.conventions import Conventions
from bot.directory import Directory, Rounds, Search
from bot.message import ChatKind, Message
from bot.notifications import NewsDesk, Watcher
from bot.payments import PaymentDesk
from bot.pictures import Painter
from bot.router import Router
from bot.store import Questions, Store
from bot.trail import Trail


@dataclass(frozen=True, slots=True)
class Privacy:
    """Who may see how customers are reached: from this role on, and whether others may read along."""

    contacts_for: Role = Role.VIEWER
    in_groups: bool = False

    def contacts(self, role: Role, message: Message) -> Contacts:
        """How much of them the answer to a message may show."""
        if role < self.contacts_for:
            return Contacts.HIDDEN
        in_company = message.shared or message.chat.kind is ChatKind.GROUP
        return Contacts.MASKED if in_company and not self.in_groups else Contacts.SHOWN


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that outlives a message. Built once, in `bot/__main__.py`."""

    billing: Billing
    directory: Directory
    rounds: Rounds
    search: Search
    desk: PaymentDesk
    news: NewsDesk
    watcher: Watcher
    store: Store
    trail: Trail
    people: People
    access: AccessDesk
    conventions: Conventions
    painter: Painter
    router: Router
    privacy: Privacy
    bursts: Bursts


@dataclass(frozen=True, slots=True)
class Context:
    """One message, who said it with which role, and the services."""

    message: Message
    role: Role
    services: Services

    @property
    def billing(self) -> Billing:
        """The billing API."""
        return self.services.billing

    @property
    def directory(self) -> Directory:
        """Customers and invoices by what people call them."""
        return self.services.directory

    @property
    def rounds(self) -> Rounds:
        """The readings that keep the index of customers and invoices."""
        return self.services.rounds

    @property
    def search(self) -> Search:
        """The index, searched."""
        return self.services.search

    @property
    def desk(self) -> PaymentDesk:
        """Payments asked for here."""
        return self.services.desk

    @property
    def news(self) -> NewsDesk:
        """Who hears of payments."""
        return self.services.news

    @property
    def access(self) -> AccessDesk:
        """Who is let in, and by whom."""
        return self.services.access

    @property
    def trail(self) -> Trail:
        """Who did what."""
        return self.services.trail

    @property
    def contacts(self) -> Contacts:
        """How much this reader may see of how customers are reached."""
        return self.services.privacy.contacts(self.role, self.message)

    @property
    def questions(self) -> Questions:
        """What was asked back, and may be answered with a bare word."""
        return self.services.store.questions

    @property
    def conventions(self) -> Conventions:
        """How this reader's amounts and days are written."""
        return self.services.conventions

    @property
    def today(self) -> date:
        """The day that it is for the reader."""
        return self.conventions.today()
