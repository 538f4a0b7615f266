"""What stands on the index, and how old that is."""

from datetime import date, datetime

from bot.conventions import Conventions
from bot.reply import Bar, Button, Reply, Status, Tone
from bot.store import IndexState
from bot.words import _, ngettext


def as_of(moment: datetime, today: date, conventions: Conventions) -> str:
    """`as of 10:42`, with the day where it isn't today."""
    is_today = moment.astimezone(conventions.timezone).date() == today
    shown = conventions.clock(moment) if is_today else conventions.instant(moment)
    return _("as of {moment}").format(moment=shown)


def how_far(state: IndexState, conventions: Conventions) -> str:
    """What an answer stands on while not everything was read yet; nothing where everything was."""
    if state.is_complete:
        return ""
    if state.listed_at is None:
        return _("The customers have not all been read yet.")
    return _counted(state.read, state.customers, conventions)


def refresh_card(done: int, total: int | None, conventions: Conventions, *, is_over: bool, in_place: bool) -> Reply:
    """How far the reading of everything is."""
    status = Status(_("done"), Tone.GOOD) if is_over else Status(_("under way"), Tone.WAITING)
    text = _("Reading the list of customers.") if total is None else _counted(done, total, conventions)
    return Reply(
        title=_("Reading customers and invoices again"),
        status=status,
        text=text,
        buttons=(Button(_("Customers"), "/customers"),) if is_over else (),
        in_place=in_place,
        bar=None if is_over or total is None else Bar(done, total),
    )


def _counted(done: int, total: int, conventions: Conventions) -> str:
    words = ngettext("{done} of {total} customer read so far.", "{done} of {total} customers read so far.", total)
    return words.format(done=conventions.count(done), total=conventions.count(total))
