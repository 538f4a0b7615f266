"""App Home: what waits for whoever looks at it, the newest payments, a search, and who they are here."""

from collections.abc import Sequence
from dataclasses import replace

import structlog

from bot.access import Role
from bot.message import CardRef, Chat, Message, Sender
from bot.platforms.slack.api import Api
from bot.platforms.slack.blocks import Block, plain_text
from bot.platforms.slack.counter import Counter
from bot.platforms.slack.faults import SlackAwayError, SlackNoError
from bot.platforms.slack.inbound import PLATFORM
from bot.platforms.slack.names import Names
from bot.platforms.slack.post import Post
from bot.reply import Button, Reply
from bot.words import _

log = structlog.get_logger(__name__)

SEARCH = "home-search"
PAY = "home-pay"

_MOST_BLOCKS = 100
_APART = "home"
_DIVIDER: Block = {"type": "divider"}


class Home:
    """Draws the home of one person at a time, with the answer to what they have asked there on top."""

    def __init__(self, api: Api, post: Post, names: Names, counter: Counter) -> None:
        self._api = api
        self._post = post
        self._names = names
        self._counter = counter

    async def show(self, user: str, answer: Reply | None = None) -> None:
        """Draw it."""
        sender = await self._names.named(Sender(PLATFORM, user, user))
        blocks = _numbered([*_search(), *(self._drawn(answer) if answer else ()), *await self._sections(sender)])
        try:
            await self._api.call("views.publish", user_id=user, view={"type": "home", "blocks": blocks[:_MOST_BLOCKS]})
        except (SlackNoError, SlackAwayError) as error:
            log.warning("slack.no_home", reason=str(error))

    def answer(self, user: str) -> "HomeAnswer":
        """Where the answer to something asked in the home goes."""
        return HomeAnswer(self, self._post, user)

    async def _sections(self, sender: Sender) -> list[Block]:
        role = self._counter.role_of(sender)
        if role is Role.STRANGER:
            return self._drawn(await self._answered(sender, "/id"))
        waiting = replace(await self._counter.waiting_for(sender), title=_("Waiting for you"))
        if waiting.table is None:
            waiting = replace(waiting, text=_("Nothing: no payment to approve, none to settle."))
        newest = _front(replace(await self._answered(sender, "/payments"), title=_("Newest payments")))
        own = replace(await self._answered(sender, "/id"), title=_("You"), buttons=_own_buttons(sender))
        parts = (waiting, newest, own) if role > Role.VIEWER else (newest, own)
        paying = [_paying()] if role >= Role.CASHIER else []
        return [*paying, *(block for part in parts for block in (_DIVIDER, *self._drawn(part)))]

    def _drawn(self, reply: Reply) -> list[Block]:
        return [block for page in self._post.draw(reply) for block in page.blocks]

    async def _answered(self, sender: Sender, command: str) -> Reply:
        """Asked apart from what they ask in our own chat, which may be just this."""
        return await self._counter.answer(Message(sender, Chat(PLATFORM, sender.id, thread=_APART), command))


class HomeAnswer:
    """Shows an answer in the home; a payment's card stays in our own chat, with a word about that."""

    def __init__(self, home: Home, post: Post, user: str) -> None:
        self._home = home
        self._post = post
        self._user = user

    async def send(
        self,
        chat: Chat,
        reply: Reply,
        answering: Message | None = None,  # noqa: ARG002 - its interface
        under: CardRef | None = None,  # noqa: ARG002
    ) -> CardRef:
        """Show a reply."""
        if reply.subject is None and not reply.files:
            await self._home.show(self._user, reply)
            return CardRef(chat, "home")
        card = await self._post.send(chat, reply)
        await self._home.show(self._user, Reply(text=_("I have answered you in our own chat: see “Messages”.")))
        return card

    async def edit(self, card: CardRef, reply: Reply) -> None:
        """Show a reply instead of the one before."""
        await self.send(card.chat, reply)


def _front(reply: Reply) -> Reply:
    """The first page, with no way on: that is what the search is for."""
    if reply.table is None:
        return reply
    return replace(reply, table=replace(reply.table, page=1, pages=1, previous=None, following=None))


def _search() -> list[Block]:
    element = {"type": "plain_text_input", "action_id": SEARCH, "placeholder": plain_text("2024-001")}
    return [
        {
            "type": "input",
            "block_id": SEARCH,
            "label": plain_text(_("Look up an invoice, a customer, or ask anything")),
            "element": element,
            "dispatch_action": True,
        }
    ]


def _paying() -> Block:
    button = {"type": "button", "action_id": PAY, "text": plain_text(_("Record a payment")), "style": "primary"}
    return {"type": "actions", "elements": [button]}


def _own_buttons(sender: Sender) -> tuple[Button, ...]:
    """What somebody may look at or change for themselves."""
    return (
        Button(_("What you hear of"), f"/subscriptions chat={PLATFORM}:{sender.id}"),
        Button(_("What you can ask"), "/help"),
    )


def _numbered(blocks: Sequence[Block]) -> list[Block]:
    """Several replies on one page: what each calls the same needs a name of its own."""
    numbered = []
    for number, block in enumerate(blocks):
        named = {**block, "block_id": f"{number}-{block['block_id']}"} if block.get("block_id") else block
        numbered.append(named)
    return numbered
