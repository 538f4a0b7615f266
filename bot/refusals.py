"""Every way to say no, written for the person who reads it.

Raised anywhere, caught once, in the App. Any other exception is a bug.
"""

from bot.reply import Button
from bot.words import _


class Refusal(Exception):  # noqa: N818 - an answer, not an error of the program
    """A no with its reason. `for_admins` says more to those who can mend it; `buttons` say what to do instead."""

    def __init__(self, text: str, *, for_admins: str = "", buttons: tuple[Button, ...] = ()) -> None:
        super().__init__(text)
        self.text = text
        self.for_admins = for_admins
        self.buttons = buttons


class Misused(Refusal):
    """The words don't fit the command: the reader should type something else."""


class Ambiguous(Refusal):
    """The words can be read in more than one way: the buttons are the readings."""


class Stranger(Refusal):
    """Nobody we know: they learn their id and how to ask, nothing else."""


class Forbidden(Refusal):
    """Somebody we know, who may not do this."""


class Unknown(Refusal):
    """There is no such thing; the buttons are what was probably meant."""


class Late(Refusal):
    """The moment has passed: decided already, expired, or somebody else's."""


class Unwritten(Refusal):
    """The audit trail can't be written: what it should tell is not done."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This could not be written to the audit trail, so nothing was sent. "
                "Please tell an admin, and try again."
            ),
            for_admins=_(
                "This could not be written to the audit trail, so nothing was sent. "
                "See whether the database of DATABASE_URL can be written, and ask for it again.",
            ),
        )


class BillingRefusal(Refusal):
    """The billing API is the reason. `after`: seconds that it asks us to wait, if it does."""

    after: float | None = None


class KeyRefused(BillingRefusal):
    """The API doesn't accept our key: an admin has to mend it."""

    def __init__(self) -> None:
        super().__init__(
            _("The billing system refuses our key. Please tell an admin."),
            for_admins=_(
                "The billing system refuses our key (401): put the right one into BILLING_API_KEY and restart.",
            ),
        )


class NotFound(BillingRefusal):
    """The API knows no such thing. `words` are its own."""

    def __init__(self, words: str = "") -> None:
        super().__init__(words or _("The billing system knows no such thing."))


class Rejected(BillingRefusal):
    """The API finds fault with what we sent. The words are its own."""

    def __init__(self, words: str) -> None:
        super().__init__(_("The billing system says: {words}").format(words=words))


class NotAnswering(BillingRefusal):
    """Nobody there, or not in time."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(
            _("The billing system does not answer right now. Please try again in a minute."),
            for_admins=_(
                "The billing system does not answer right now ({reason}). Please try again in a minute; "
                "if it stays so, check BILLING_API_URL and the service behind it.",
            ).format(reason=reason or _("no reason given")),
        )


class Busy(BillingRefusal):
    """The API asks us to slow down."""

    def __init__(self) -> None:
        super().__init__(_("The billing system is busy right now. Please try again in a minute."))


class Nonsense(BillingRefusal):
    """An answer that can't be understood."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(
            _("The billing system's answer can't be understood. Please tell an admin."),
            for_admins=_(
                "The billing system's answer can't be understood ({reason}). "
                "Check that BILLING_API_URL leads to the billing API itself.",
            ).format(reason=reason or _("no reason given")),
        )
