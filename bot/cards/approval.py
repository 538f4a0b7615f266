"""A payment order that waits for a second person: what each of the two can do about it."""

from dataclasses import replace

from bot.arguments import said
from bot.cards.doubts import warnings
from bot.cards.outline import Told, outlined
from bot.conventions import Conventions
from bot.message import Chat, ChatKind
from bot.reply import Button, Reply, Status, Style, Tone
from bot.store import PaymentOrder
from bot.words import _, ngettext


def awaiting(order: PaymentOrder, conventions: Conventions, chat: Chat | None, reached: int | None) -> Reply:
    """In a chat of who asked for it, it can be withdrawn; in anybody else's, decided; in a group, both.

    `reached`: how many of those who may approve it were shown it in chats of their own; None while they are asked.
    """
    is_asker, is_alone = _is_askers(order, chat), chat is not None and chat.kind is ChatKind.PRIVATE
    told = Told(
        text=_asked(reached) if is_asker or not is_alone else "",
        warnings=(*warnings(order, conventions), *(_unreached() if reached == 0 else ())),
        buttons=(*(() if is_asker else _decisions(order)), *(() if is_alone and not is_asker else _withdrawal(order))),
    )
    card = outlined(order, conventions, Status(_("needs a second person"), Tone.WAITING), told)
    return replace(card, notes=(_("Can be approved until {time}.").format(time=conventions.instant(order.expires_at)),))


def _is_askers(order: PaymentOrder, chat: Chat | None) -> bool:
    """Whether nobody but who asked for it reads along there."""
    return chat is not None and chat.kind is ChatKind.PRIVATE and chat.key in (order.sender, order.chat)


def _asked(reached: int | None) -> str:
    agree = _("Somebody else, who may approve payments, has to agree.")
    if not reached:
        return agree
    words = ngettext("{count} person was asked.", "{count} people were asked.", reached).format(count=reached)
    return f"{agree} {words}"


def _unreached() -> tuple[str, ...]:
    return (
        _(
            "Nobody who may approve it could be reached in a chat of their own. "
            "Tell one of them: /pending shows it to them, wherever they write to Casier. Or withdraw it."
        ),
    )


def _decisions(order: PaymentOrder) -> tuple[Button, ...]:
    seen = f"anyway-{order.seal}" if order.is_odd else None
    approve = Button(_("Approve"), said("approve", order.id, seen), Style.PRIMARY)
    return (approve, Button(_("Reject"), said("reject", order.id)))


def _withdrawal(order: PaymentOrder) -> tuple[Button, ...]:
    return (Button(_("Withdraw"), said("cancel", order.id)),)
