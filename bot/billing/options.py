"""What the billing client has to be told."""

from dataclasses import dataclass

import httpx
from pydantic import SecretStr

from bot.words import _


@dataclass(frozen=True, slots=True)
class BillingOptions:
    """Where the API is, its key, how many requests at a time, and the deadlines in seconds.

    `deadline_seconds` is for one whole answer, further tries included; a list that keeps coming may take
    `list_seconds`, and one that is watched `watch_seconds`: nobody waits for it.
    """

    url: str
    key: SecretStr
    requests: int = 8
    connect_seconds: float = 3
    read_seconds: float = 10
    deadline_seconds: float = 20
    list_seconds: float = 120
    watch_seconds: float = 900

    def __post_init__(self) -> None:
        """Refuse what could not be sent. The words must not repeat what they refuse: it is secret."""
        key = self.key.get_secret_value()
        if not (key and key.isascii() and key.isprintable()):
            raise ValueError(_("the billing key must be printable ASCII: a header can't carry anything else"))
        url = httpx.URL(self.url)
        if url.userinfo or url.query or url.fragment:
            raise ValueError(_("the billing address must be plain: no user, no password, nothing behind ? or #"))

    @property
    def base(self) -> str:
        """The address without a slash at its end."""
        return self.url.rstrip("/")

    @property
    def patience(self) -> float:
        """Seconds to wait for a place or a connection: short enough to tell "not sent" before the deadline blurs it."""
        return min(self.connect_seconds, self.deadline_seconds / 3)

    @property
    def headers(self) -> dict[str, str]:
        """What every request carries. The key is nowhere else."""
        return {
            "host": httpx.URL(self.url).netloc.decode("ascii"),
            "accept": "application/json",
            "accept-encoding": "gzip",
            "user-agent": "casier",
            "x-api-key": self.key.get_secret_value(),
        }
