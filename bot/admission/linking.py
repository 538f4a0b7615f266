"""One person, two platforms: accounts are joined by a code that is made on one side and said on the other."""

import secrets
from base64 import b32encode
from datetime import timedelta

from bot.access import Known, People
from bot.admission.codes import hashed
from bot.admission.requests import Requests
from bot.cards.access import linked_notice
from bot.dates import now
from bot.message import Message
from bot.refusals import Late
from bot.store import Identity, LinkOffer, Store
from bot.trail import By, Trail
from bot.words import _

VALID = timedelta(minutes=10)

# No letter that looks like a digit; ten of them are fifty bits.
_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
_LENGTH = 10
_ID_BYTES = 5


class Linking:
    """A code is good once, for ten minutes; both accounts read that they were joined."""

    def __init__(self, store: Store, people: People, trail: Trail, requests: Requests) -> None:
        self._rows = store.people
        self._links = store.links
        self._people = people
        self._trail = trail
        self._requests = requests

    async def offer(self, message: Message) -> str:
        """A code for this account."""
        code, at = "".join(secrets.choice(_ALPHABET) for _letter in range(_LENGTH)), now()
        sender = message.sender
        await self._links.offer(hashed(code), LinkOffer(sender.key, sender.name), at, at + VALID)
        return code

    async def join(self, code: str, message: Message) -> Known:
        """Join the account that says a code with the one that has made it: `Late` where it isn't good."""
        sender, at = message.sender, now()
        offered = await self._links.redeem(hashed(code.upper()), at)
        if offered is None or offered.key.partition(":")[0] == sender.platform:
            raise Late(
                _("This code is not good: it was used, has expired, or comes from this same platform. /link makes one.")
            )
        ours = self._account(offered.key, offered.name)
        await self._rows.join(ours, self._account(sender.key, sender.name), at)
        await self._changed(message, f"{offered.key} = {sender.key}", "linked")
        await self._requests.tell_person(offered.key, linked_notice(sender))
        return self._people.person(sender.key)

    async def part(self, key: str, message: Message) -> None:
        """Let an account be a person of its own again, with no role but that of the settings."""
        person = self._people.person(key)
        if len(person.names) < 2:  # noqa: PLR2004 - it takes two
            raise Late(_("{key} is not joined with another account.").format(key=key))
        await self._rows.part(key, _new_id())
        await self._changed(message, key, "parted")

    async def _changed(self, message: Message, whose: str, outcome: str) -> None:
        self._people.learn(await self._rows.register())
        await self._trail.access(By(message.sender, message.chat), whose=whose, outcome=outcome)

    def _account(self, key: str, name: str) -> Identity:
        known = self._people.person(key)
        return Identity(key, name or known.names.get(key, ""), _new_id())


def _new_id() -> str:
    return b32encode(secrets.token_bytes(_ID_BYTES)).decode()
