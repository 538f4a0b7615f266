"""What a chat has subscribed to, and what becomes of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time
from decimal import Decimal

from bot.arguments import said
from bot.cards.statuses import status_word
from bot.conventions import Conventions
from bot.hours import QuietHours
from bot.money import spell_amount
from bot.reply import Button, Column, Fact, Reply, Row, Status, Style, Table, Tone
from bot.store import Audience, CardStyle, Filter, Subscription
from bot.words import _, ngettext

_LARGE = Decimal(1000)
_NIGHT = QuietHours(time(22), time(7))


def subscribed_card(subscription: Subscription, audience: Audience, here: str, conventions: Conventions) -> Reply:
    """What a chat hears of from now on, and how to hear of less. `here`: the chat where this is read."""
    elsewhere = None if audience.place == here else audience.place
    others = [each for each in audience.subscriptions if each.id != subscription.id]
    return Reply(
        title=_("Subscribed: {what}").format(what=filter_words(subscription.wanted, conventions)),
        status=Status(_("on"), Tone.GOOD),
        facts=_present(
            *which_chat(elsewhere),
            Fact(_("Quiet"), str(subscription.quiet or "")),
            Fact(_("Cards"), _style_word(subscription.style)),
            Fact(_("Also"), "; ".join(filter_words(each.wanted, conventions) for each in others)),
        ),
        notes=(_("However many of these a payment fits, it is told once."),) if others else (),
        buttons=_choices(subscription, elsewhere, conventions),
        in_place=True,
        for_all=True,
    )


def subscriptions_card(
    audience: Audience, here: str, moment: datetime, conventions: Conventions, *, may_set: bool
) -> Reply:
    """Everything that one chat hears of: who wanted it, when, and how it goes."""
    elsewhere = None if audience.place == here else audience.place
    if not audience.subscriptions:
        words = _("{chat} hears of no payments.") if elsewhere else _("This chat hears of no payments.")
        subscribe = Button(_("Subscribe to every payment"), said("subscribe", **_at(elsewhere)), Style.PRIMARY)
        return Reply(
            title=_("Subscriptions"), text=words.format(chat=elsewhere), buttons=(subscribe,) if may_set else ()
        )
    return Reply(
        title=_("Subscriptions"),
        status=_state(audience, moment, conventions),
        facts=_present(
            *which_chat(elsewhere),
            *(_about(each, conventions) for each in audience.subscriptions),
            Fact(_("Last told"), conventions.instant(audience.told_at) if audience.told_at else _("never yet")),
        ),
        buttons=_decisions(audience, elsewhere, moment, conventions) if may_set else (),
    )


def audiences_card(audiences: Sequence[Audience], moment: datetime, conventions: Conventions) -> Reply:
    """Every chat that hears of payments."""
    columns = (Column(_("Chat")), Column(_("Hears of")), Column(_("State")), Column(_("Last told")))
    rows = tuple(
        Row(
            (
                audience.place,
                "; ".join(filter_words(each.wanted, conventions) for each in audience.subscriptions),
                _state(audience, moment, conventions).word,
                conventions.instant(audience.told_at) if audience.told_at else "—",
            ),
            f"/subscriptions chat={audience.place}",
        )
        for audience in audiences
    )
    return Reply(title=_("Subscriptions everywhere"), table=Table(columns, rows))


def unsubscribe_choice(audience: Audience, elsewhere: str | None, conventions: Conventions) -> Reply:
    """Which of several is meant. `elsewhere`: the chat that they are of, where that isn't the one that reads this."""
    ours = [each for each in audience.subscriptions if not each.origin]
    return Reply(
        title=_("Which one shall end?"),
        facts=which_chat(elsewhere),
        buttons=(
            *(_end(each, elsewhere, filter_words(each.wanted, conventions)) for each in ours),
            Button(_("All of them"), said("unsubscribe", "all", **_at(elsewhere)), Style.DANGER),
        ),
    )


def ended_card(ended: Sequence[Filter], left: int, elsewhere: str | None, conventions: Conventions) -> Reply:
    """What a chat hears of no more, and how many subscriptions it has left; `elsewhere` as above."""
    if left:
        words = ngettext("{count} subscription is left.", "{count} subscriptions are left.", left)
    else:
        words = _("It hears of no payments any more.") if elsewhere else _("This chat hears of no payments any more.")
    return Reply(
        title=_("Ended: {what}").format(what="; ".join(filter_words(each, conventions) for each in ended)),
        text=words.format(count=conventions.count(left)),
        facts=which_chat(elsewhere),
        in_place=True,
        for_all=True,
    )


def which_chat(elsewhere: str | None) -> tuple[Fact, ...]:
    """Which chat an answer is about, where that isn't the one that reads it."""
    return (Fact(_("Chat"), elsewhere),) if elsewhere else ()


def filter_words(wanted: Filter, conventions: Conventions) -> str:
    """`payments from 1,000.00 RON of CL-001`, in the reader's words."""
    if wanted == Filter():
        return _("every payment")
    parts = (
        _("from {amount}").format(amount=conventions.money(wanted.least)) if wanted.least is not None else "",
        _("up to {amount}").format(amount=conventions.money(wanted.most)) if wanted.most is not None else "",
        _("of {customer}").format(customer=wanted.customer) if wanted.customer else "",
        _("on {invoice}").format(invoice=wanted.invoice) if wanted.invoice else "",
        " / ".join(map(status_word, wanted.statuses)),
    )
    return _("payments {which}").format(which=", ".join(filter(None, parts)))


def _choices(subscription: Subscription, elsewhere: str | None, conventions: Conventions) -> tuple[Button, ...]:
    def again(label: str, changed: Subscription) -> Button:
        return Button(label, _command(changed, subscription.id, elsewhere, conventions))

    wanted, style = subscription.wanted, subscription.style
    large = replace(subscription, wanted=replace(wanted, least=_LARGE))
    night = replace(subscription, quiet=_NIGHT)
    label = _("Only from {amount}").format(amount=conventions.money(_LARGE))
    is_detailed = style is CardStyle.DETAILED
    other = replace(subscription, style=CardStyle.COMPACT if is_detailed else CardStyle.DETAILED)
    return (
        *((again(label, large),) if wanted.least is None else ()),
        again(_("Compact cards") if is_detailed else _("Detailed cards"), other),
        *((again(_("Quiet {hours}").format(hours=_NIGHT), night),) if subscription.quiet is None else ()),
        Button(_("Send a test"), said("send_test", **_at(elsewhere))),
        _end(subscription, elsewhere, _("Unsubscribe")),
    )


def _command(changed: Subscription, instead: str, elsewhere: str | None, conventions: Conventions) -> str:
    wanted = changed.wanted
    said_of = {
        "min": spell_amount(wanted.least, conventions.currency) if wanted.least is not None else None,
        "max": spell_amount(wanted.most, conventions.currency) if wanted.most is not None else None,
        "customer": wanted.customer,
        "invoice": wanted.invoice,
        "status": ",".join(wanted.statuses),
        "quiet": changed.quiet,
        "cards": None if changed.style is CardStyle.DETAILED else changed.style,
        "instead": instead,
        **_at(elsewhere),
    }
    return said("subscribe", **{name: word for name, word in said_of.items() if word})


def _decisions(
    audience: Audience, elsewhere: str | None, moment: datetime, conventions: Conventions
) -> tuple[Button, ...]:
    at = _at(elsewhere)
    ours = [each for each in audience.subscriptions if not each.origin]
    is_muted = audience.muted_until is not None and audience.muted_until > moment
    return (
        *((Button(_("Resume"), said("resume", **at), Style.PRIMARY),) if audience.paused_at else ()),
        Button(_("Send a test"), said("send_test", **at)),
        Button(_("Unmute"), said("unmute", **at)) if is_muted else Button(_("Mute"), said("mute", **at)),
        *(_end(each, elsewhere, _("End: {what}").format(what=filter_words(each.wanted, conventions))) for each in ours),
    )


def _end(subscription: Subscription, elsewhere: str | None, label: str) -> Button:
    return Button(label, said("unsubscribe", subscription.id, **_at(elsewhere)), Style.DANGER)


def _at(elsewhere: str | None) -> dict[str, str]:
    return {"chat": elsewhere} if elsewhere else {}


def _about(subscription: Subscription, conventions: Conventions) -> Fact:
    when = conventions.instant(subscription.set_at)
    by = _("by {name}, {when}").format(name=subscription.setter_name or subscription.setter, when=when)
    parts = (
        by if subscription.setter else _("from the settings (NOTIFY)"),
        _("quiet {hours}").format(hours=subscription.quiet) if subscription.quiet else "",
        _style_word(subscription.style),
    )
    return Fact(filter_words(subscription.wanted, conventions), ", ".join(filter(None, parts)))


def _state(audience: Audience, moment: datetime, conventions: Conventions) -> Status:
    if audience.paused_at:
        return Status(_("paused"), Tone.BAD)
    if audience.muted_until and audience.muted_until > moment:
        return Status(_("muted until {when}").format(when=conventions.instant(audience.muted_until)), Tone.WAITING)
    return Status(_("on"), Tone.GOOD)


def _style_word(style: CardStyle) -> str:
    return {CardStyle.DETAILED: _("detailed"), CardStyle.COMPACT: _("compact")}[style]


def _present(*facts: Fact) -> tuple[Fact, ...]:
    return tuple(fact for fact in facts if fact.value)
