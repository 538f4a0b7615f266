"""What can be asked of a sandbox before it opens."""

from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

# The contract's times carry no zone; the companies in these books keep Romanian time.
LOCAL_TIME = ZoneInfo("Europe/Bucharest")

# What each order of payments is in SQL; scattered ones come straight from the table, without sorting.
ORDERS = {"scattered": None, "oldest": "id", "newest": "id DESC", "random": "random()"}

DEMO_CUSTOMERS = 40
DEMO_PAYMENTS = 150


@dataclass(frozen=True)
class SandboxOptions:
    """The size of the books, their starting date, and how the contract's open ends are read."""

    key: str = field(default="sandbox-key", repr=False)
    """What requests must carry as `x-api-key`."""
    database: Path | None = None
    """An SQLite file, seeded when new and kept as it is when not; None is a temporary one, removed at close."""
    customers: int = 12
    """How many customers a new file gets, the contract's CL-001 included (so never fewer than one)."""
    payments: int = 40
    """How many payments a new file gets, the contract's payment 15 included."""
    seed: int = 2024
    """The same seed, size and `today` give the same books."""
    today: date | None = None
    """The date that the sandbox lives on: what is overdue, and when a payment is made. None is the real one."""
    demo: bool = False
    """Lively books: at least 40 customers and 150 payments, 2024-001 open, and the odd cases that people meet."""
    reject_overpayment: bool = False
    """Answer 422 to more than the balance, which the contract leaves open."""
    bare_lists: bool = False
    """Give the invoices of a customer as a bare list, without `{"data": …}`."""
    summary_balance: bool = True
    """Let the invoices of a customer carry `due_at` and `balance`."""
    etag: bool = False
    """Send `ETag` with the two long lists and answer 304 to a matching `If-None-Match`."""
    payments_order: str = "scattered"
    """How payments are listed: `scattered` as nobody could lean on, `oldest` or `newest` first, or at `random`."""
    extra_fields: bool = False
    """Put fields that nobody announced into every answer, around the lists as well."""
    arrivals: float | None = None
    """Mean seconds between payments that arrive on their own; None is none."""

    def __post_init__(self) -> None:
        """Refuse what could not be built."""
        if not self.key:
            raise ValueError("The sandbox needs a key that is not empty.")
        if self.customers < 0 or self.payments < 0:
            raise ValueError("The sandbox can't have a negative number of customers or payments.")
        if self.payments_order not in ORDERS:
            raise ValueError(f"The sandbox can list payments in these orders: {', '.join(ORDERS)}.")
        if self.arrivals is not None and self.arrivals <= 0:
            raise ValueError("The mean time between arrivals must be above zero.")

    def now(self) -> datetime:
        """Tell the local time, on the day that the sandbox lives on."""
        moment = datetime.now(LOCAL_TIME)
        if self.today is None:
            return moment
        return datetime.combine(self.today, moment.time(), LOCAL_TIME)

    @property
    def customers_wanted(self) -> int:
        """The number of customers to seed."""
        return max(self.customers, DEMO_CUSTOMERS if self.demo else 1)

    @property
    def payments_wanted(self) -> int:
        """The number of payments to seed."""
        return max(self.payments, DEMO_PAYMENTS if self.demo else 1)
