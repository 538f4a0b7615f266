"""Who is told of payments: subscribing, looking, muting, ending.

Cashiers decide for the chat that they are in; for another one admins do, and whoever subscribed it.
"""

from dataclasses import replace

from bot import cards
from bot.access import Role
from bot.arguments import (
    Amount,
    ChatPlace,
    CustomerId,
    Former,
    InvoiceNumber,
    Quiet,
    Span,
    Statuses,
    StyleWord,
    SubscriptionName,
    said,
)
from bot.context import Context
from bot.dates import now
from bot.message import Chat, ChatKind, read_chat
from bot.notifications import made_id
from bot.outlets import ChatClosedError
from bot.refusals import Forbidden, Refusal, Unknown
from bot.reply import Button, Reply, Style
from bot.router import Router
from bot.store import Audience, CardStyle, Filter, Subscription
from bot.words import _

router = Router()

_ALL = "all"


@router.command(role=Role.CASHIER)
async def subscribe(  # noqa: PLR0913 - each is a word that may be left out
    ctx: Context,
    *,
    min_: Amount | None = None,
    max_: Amount | None = None,
    customer: CustomerId | None = None,
    invoice: InvoiceNumber | None = None,
    status: Statuses | None = None,
    quiet: Quiet | None = None,
    cards_: StyleWord | None = None,
    chat: ChatPlace | None = None,
    instead: Former | None = None,
) -> Reply:
    """Have this chat told of payments: of every one, or of those that you name."""
    where = await _where(ctx, chat)
    wanted = Subscription(
        id=made_id(),
        wanted=Filter(min_, max_, customer, invoice, status or ()),
        quiet=quiet,
        style=CardStyle(cards_ or CardStyle.DETAILED),
        setter=ctx.message.sender.key,
        setter_name=ctx.message.sender.name,
        set_at=now(),
    )
    await _greet(ctx, where, wanted)
    known, audience = await ctx.news.subscribe(where, wanted, ctx.message, instead)
    return cards.subscribed_card(known, audience, _reader(ctx), ctx.conventions)


@router.command(role=Role.VIEWER)
async def subscriptions(ctx: Context, *, chat: ChatPlace | None = None) -> Reply:
    """Show what this chat is told of, who wanted that, and when it was told last."""
    here, may_set = _here(ctx), ctx.role >= Role.CASHIER
    if chat is None and ctx.role is Role.ADMIN and here.kind is ChatKind.PRIVATE:
        everywhere = await ctx.news.audiences()
        if any(audience.place != here.key for audience in everywhere):
            return cards.audiences_card(everywhere, now(), ctx.conventions)
    place = await _where(ctx, chat) if chat else here
    audience = await ctx.news.audience(place.key) or Audience(chat=place)
    return cards.subscriptions_card(audience, _reader(ctx), now(), ctx.conventions, may_set=may_set)


@router.command(role=Role.CASHIER)
async def unsubscribe(ctx: Context, which: SubscriptionName | None = None, *, chat: ChatPlace | None = None) -> Reply:
    """End what this chat is told of: one subscription, or all."""
    audience = await _audience(ctx, chat)
    elsewhere = _elsewhere(ctx, audience)
    ours = [each for each in audience.subscriptions if not each.origin]
    if not ours or any(each.id == (which or "").upper() and each.origin for each in audience.subscriptions):
        raise Refusal(
            _("This comes from the settings (NOTIFY): only who runs Casier can end it. You can mute it."),
            buttons=(Button(_("Mute"), _said("mute", ctx, audience)),),
        )
    if which is None and len(ours) > 1:
        return cards.unsubscribe_choice(audience, elsewhere, ctx.conventions)
    ended = ours if which is None or which.casefold() == _ALL else [each for each in ours if each.id == which.upper()]
    if not ended:
        words = _("{chat} has no subscription {id}.") if elsewhere else _("This chat has no subscription {id}.")
        raise Unknown(words.format(chat=elsewhere, id=which))
    await ctx.news.unsubscribe(audience, [each.id for each in ended], ctx.message)
    left = len(audience.subscriptions) - len(ended)
    return cards.ended_card([each.wanted for each in ended], left, elsewhere, ctx.conventions)


@router.command(role=Role.CASHIER)
async def mute(ctx: Context, time: Span | None = None, *, chat: ChatPlace | None = None) -> Reply:
    """Leave this chat alone for a while; what comes meanwhile is told afterwards."""
    audience = await _audience(ctx, chat)
    if time is None:
        return cards.mute_offer(_elsewhere(ctx, audience))
    until = now() + time
    await ctx.news.mute(audience, until, ctx.message)
    return Reply(
        title=_("Muted until {when}").format(when=ctx.conventions.instant(until)),
        text=_("What comes meanwhile is told then, in one message."),
        facts=cards.which_chat(_elsewhere(ctx, audience)),
        buttons=(Button(_("Unmute"), _said("unmute", ctx, audience), Style.PRIMARY),),
        in_place=True,
        for_all=True,
    )


@router.command(role=Role.CASHIER)
async def unmute(ctx: Context, *, chat: ChatPlace | None = None) -> Reply:
    """Tell this chat of payments again, at once."""
    audience = await _audience(ctx, chat)
    await ctx.news.mute(audience, None, ctx.message)
    return Reply(
        title=_("Not muted any more"),
        text=_("What has come meanwhile is told now."),
        facts=cards.which_chat(_elsewhere(ctx, audience)),
        in_place=True,
        for_all=True,
    )


@router.command(role=Role.CASHIER)
async def resume(ctx: Context, *, chat: ChatPlace | None = None) -> Reply:
    """Write to a chat again that could not be written to."""
    audience = await _audience(ctx, chat)
    await ctx.news.resume(audience, ctx.message)
    return Reply(
        title=_("On again: {chat}").format(chat=audience.place),
        text=_("What it should have heard of is told now. If I still can't write there, you read of it."),
        in_place=True,
    )


@router.command(role=Role.CASHIER, hidden=True)
async def send_test(ctx: Context, *, chat: ChatPlace | None = None) -> Reply:
    """Show how a payment will look in this chat."""
    audience = await _audience(ctx, chat)
    style = audience.subscriptions[0].style if audience.subscriptions else CardStyle.DETAILED
    sample = cards.sample_notice(style, now(), ctx.conventions)
    if audience.place == _here(ctx).key:
        return sample
    await _show(ctx, audience.chat, sample)
    return Reply(text=_("A test was sent to {chat}.").format(chat=audience.place))


async def _where(ctx: Context, chat: Chat | None) -> Chat:
    """The chat that is meant, if this person may decide for it."""
    here = _here(ctx)
    place = _completed(chat, ctx) if chat else here
    if place.key == here.key:
        place = here
    elif not _is_here(ctx, place) and ctx.role < Role.ADMIN and not await _has_set(ctx, place):
        raise Forbidden(_("For another chat only an admin decides, or who has subscribed it."))
    if not ctx.news.reaches(place):
        raise Refusal(_("Nothing can be told to {chat} without being asked.").format(chat=place.key))
    return place


async def _audience(ctx: Context, chat: Chat | None) -> Audience:
    place = await _where(ctx, chat)
    audience = await ctx.news.audience(place.key)
    if audience is None and chat is None and ctx.message.under:
        # What was pressed in a thread may be about its channel, too.
        audience = await ctx.news.audience((await _where(ctx, ctx.message.chat)).key) if ctx.message.card else None
    if audience is None:
        empty = Audience(chat=place)
        words = _("{chat} hears of no payments.") if _elsewhere(ctx, empty) else _("This chat hears of no payments.")
        button = Button(_("Subscribe to every payment"), _said("subscribe", ctx, empty))
        raise Unknown(words.format(chat=place.key), buttons=(button,))
    return audience


async def _has_set(ctx: Context, place: Chat) -> bool:
    audience = await ctx.news.audience(place.key)
    return audience is not None and any(
        ctx.services.people.are_one(each.setter, ctx.message.sender.key)
        for each in audience.subscriptions
        if each.setter
    )


async def _greet(ctx: Context, where: Chat, wanted: Subscription) -> None:
    """Another chat learns that it is told of payments, and by whom; and we learn whether we can write there."""
    if _is_here(ctx, where):
        await _knock(ctx, where)
        return
    what = cards.filter_words(wanted.wanted, ctx.conventions)
    words = _("From now on this chat is told of: {what}. {name} has wanted it.")
    await _show(ctx, where, Reply(text=words.format(what=what, name=ctx.message.sender.name)))


async def _show(ctx: Context, where: Chat, reply: Reply) -> None:
    try:
        await ctx.news.show(where, reply)
    except ChatClosedError as closed:
        raise _shut(closed) from None


async def _knock(ctx: Context, here: Chat) -> None:
    try:
        await ctx.news.knock(here)
    except ChatClosedError as closed:
        raise _shut(closed) from None


def _shut(closed: ChatClosedError) -> Refusal:
    remedy = closed.remedy or _("Let me in there first, in a channel as an admin who may post.")
    return Refusal(_("I can't write to {chat}. {remedy}").format(chat=closed.chat.key, remedy=remedy))


def _completed(chat: Chat, ctx: Context) -> Chat:
    """A bare id is one of the platform where it is said."""
    if chat.platform:
        return chat
    return read_chat(f"{ctx.message.chat.platform}:{chat.key}")


def _said(name: str, ctx: Context, audience: Audience) -> str:
    elsewhere = _elsewhere(ctx, audience)
    return said(name, **({"chat": elsewhere} if elsewhere else {}))


def _elsewhere(ctx: Context, audience: Audience) -> str | None:
    """The chat that is decided for, where that isn't the one that reads the answer."""
    return None if audience.place == _reader(ctx) else audience.place


def _here(ctx: Context) -> Chat:
    """The chat that this is said in: a thread, where it is typed in one."""
    return replace(ctx.message.chat, thread=ctx.message.under) if ctx.message.under else ctx.message.chat


def _is_here(ctx: Context, place: Chat) -> bool:
    """Whether this is the chat that it is said in, or a thread of it, or what that is a thread of."""
    here = ctx.message.chat
    return place.key == here.key or (bool(ctx.message.under) and (place.platform, place.id) == (here.platform, here.id))


def _reader(ctx: Context) -> str:
    """The chat that an answer need not name. In a thread all are named: a press there does not tell which is meant."""
    return "" if ctx.message.under else ctx.message.chat.key
