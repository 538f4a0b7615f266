"""What keeps chats from hearing of payments, for those who can mend it."""

from datetime import datetime

from bot.arguments import said
from bot.cards.subscriptions import filter_words
from bot.conventions import Conventions
from bot.reply import Button, Fact, Reply, Status, Style, Tone
from bot.store import Audience
from bot.words import _


def paused_notice(audience: Audience, remedy: str, conventions: Conventions) -> Reply:
    """For who has set it: we can't write to that chat, and the ways out that are theirs.

    `remedy`: how we are let in again.
    """
    again = Button(_("Resume"), said("resume", chat=audience.place), Style.PRIMARY)
    end = Button(_("Unsubscribe"), said("unsubscribe", "all", chat=audience.place), Style.DANGER)
    return Reply(
        title=_("Paused: {chat}").format(chat=audience.place),
        status=Status(_("paused"), Tone.BAD),
        text=f"{_reason(audience)} {_way_out(audience)}",
        facts=(
            Fact(_("Hears of"), "; ".join(filter_words(each.wanted, conventions) for each in audience.subscriptions)),
        ),
        notes=(remedy,) if remedy else (),
        buttons=(again, end) if any(not each.origin for each in audience.subscriptions) else (again,),
    )


def failing_notice(since: datetime, reason: str, conventions: Conventions) -> Reply:
    """For admins: nobody hears of payments, because their list can't be read."""
    return Reply(
        title=_("Payments can't be watched"),
        status=Status(_("failing"), Tone.BAD),
        text=_("Billing's list of payments can't be read: {reason}").format(reason=reason),
        facts=(Fact(_("Since"), conventions.instant(since)),),
        notes=(_("It is tried on and on. What comes meanwhile is told afterwards."),),
    )


def back_notice(since: datetime, conventions: Conventions) -> Reply:
    """For admins: it can be read again."""
    return Reply(
        title=_("Payments are watched again"),
        status=Status(_("back"), Tone.GOOD),
        facts=(Fact(_("Away since"), conventions.instant(since)),),
    )


def _reason(audience: Audience) -> str:
    """Where somebody has subscribed, we could write; an id in NOTIFY may be one that never was a chat."""
    if audience.told_at or any(not each.origin for each in audience.subscriptions):
        return _("I can't write to this chat any more: I was removed or blocked there, or it is gone.")
    return _("I can't write to this chat, and never have: I am not in it, or no chat has this id.")


def _way_out(audience: Audience) -> str:
    if not any(each.origin for each in audience.subscriptions):
        return _("What it should hear of waits. Let me in again, then press Resume; or end it.")
    if all(each.origin for each in audience.subscriptions):
        return _("What it should hear of waits. Let me in, then press Resume; or take it out of NOTIFY.")
    return _(
        "What it should hear of waits. Let me in again, then press Resume; or end what was subscribed, "
        "and take it out of NOTIFY."
    )
