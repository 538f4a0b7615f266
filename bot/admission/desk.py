"""Where roles are given and taken away, by admins, or by an invitation."""

import asyncio
import secrets
from base64 import b32encode
from datetime import timedelta

import structlog

from bot.access import Known, People, Role
from bot.admission.codes import hashed
from bot.admission.linking import Linking
from bot.admission.requests import Requests
from bot.cards.access import role_notice
from bot.dates import now
from bot.message import Chat, Message, Sender
from bot.refusals import Forbidden, Late
from bot.store import Identity, Invitation, Store, StoreError
from bot.trail import By, Trail
from bot.words import _

log = structlog.get_logger(__name__)

_LOOK_SECONDS = 1.0
_ID_BYTES = 5
_CODE_BYTES = 16


class AccessDesk:
    """Every change is in the trail, and counts at once; those of other programs within a second."""

    def __init__(self, store: Store, people: People, trail: Trail, requests: Requests) -> None:
        self._rows = store.people
        self._admissions = store.admissions
        self._people = people
        self._trail = trail
        self.requests = requests
        self.linking = Linking(store, people, trail, requests)

    async def load(self) -> None:
        """Find out who was let in."""
        self._people.learn(await self._rows.register())

    async def watch(self) -> None:
        """Notice what other programs change, until it is cancelled."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                if await self._rows.edition() != self._people.edition:
                    await self.load()
            except StoreError as error:
                log.warning("people.unread", reason=str(error))

    def person(self, key: str) -> Known:
        """The person with this account."""
        return self._people.person(key)

    def everybody(self) -> list[Known]:
        """Everybody who may do anything."""
        return self._people.everybody()

    async def grant(self, whom: Sender, role: Role, by: Message) -> Known:
        """Give somebody a role; `Forbidden` where the settings say otherwise, or nobody would be left to give any."""
        person = self._people.person(whom.key)
        if person.named >= role:
            raise Forbidden(_named(person))
        self._keep_an_admin(person, role)
        await self._give(whom, role, by)
        return self._people.person(whom.key)

    async def revoke(self, key: str, by: Message) -> Known:
        """Take somebody's role away; `Forbidden` where it is in the settings, or theirs is the last admin's."""
        person = self._people.person(key)
        if person.named > Role.STRANGER:
            raise Forbidden(_named(person))
        if person.granted is None or person.granted.role is Role.STRANGER:
            raise Late(_("{name} has no role that could be taken away.").format(name=person.name))
        self._keep_an_admin(person, Role.STRANGER)
        await self._give(_account(key, person.name), None, by)
        return person

    async def grant_group(self, chat: Chat, role: Role, by: Message) -> None:
        """Let everybody in a group look things up, or nobody who has no role of their own."""
        place = f"{chat.platform}:{chat.id}"
        await self._rows.grant_group(place, role.stored if role > Role.STRANGER else None, by.sender, now())
        await self.load()
        await self._trail.access(By(by.sender, by.chat), whose=place, outcome=role.stored)

    async def admit(self, name: str, role: Role | None, by: Message) -> Known:
        """Decide a request to be let in: with a role, or not at all. `Late` where somebody has already."""
        waiting = await self.requests.open(name)
        decided = await self._admissions.decide(name, role.stored if role else None, by.sender, now())
        if decided is None:
            raise Late(self.requests.decided(await self.requests.found(name)))
        if role:
            await self._give(_account(waiting.key, waiting.name), role, by)
        else:
            await self._trail.access(By(by.sender, by.chat), whose=waiting.key, outcome="turned away")
        await self.requests.tell(decided)
        return self._people.person(waiting.key)

    async def invite(self, role: Role, valid: timedelta, by: Message) -> tuple[Invitation, str]:
        """An invitation, and the code that is good for it once."""
        code, at = secrets.token_urlsafe(_CODE_BYTES), now()
        made = Invitation(
            id=b32encode(secrets.token_bytes(_ID_BYTES)).decode(),
            secret=hashed(code),
            role=role.stored,
            inviter=by.sender.key,
            inviter_name=by.sender.name,
            made_at=at,
            expires_at=at + valid,
        )
        await self._admissions.invite(made)
        await self._trail.access(By(by.sender, by.chat), whose=f"invitation {made.id}", outcome=made.role)
        return made, code

    async def invited(self) -> list[Invitation]:
        """The invitations that are still good."""
        return await self._admissions.invited(now())

    async def uninvite(self, name: str, by: Message) -> None:
        """Take an invitation back; `Late` where it is none that is good."""
        if not await self._admissions.revoke(name, now()):
            raise Late(_("This invitation was used, has expired, or was taken back."))
        await self._trail.access(By(by.sender, by.chat), whose=f"invitation {name}", outcome="taken back")

    async def join(self, code: str, guest: Message) -> Role:
        """Use an invitation; `Late` where it is not good, whatever the reason."""
        used = await self._admissions.redeem(hashed(code), guest.sender.key, now())
        if used is None:
            raise Late(_("This invitation is not good: it was used, has expired, or was taken back."))
        role = Role.read(used.role)
        if self._people.role_of(guest.sender) < role:
            await self._rows.grant(self._identity(guest.sender), role.stored, _inviter(used), now())
            await self.load()
        await self._trail.access(By(guest.sender, guest.chat), whose=f"invitation {used.id}", outcome=used.role)
        return self._people.role_of(guest.sender)

    async def tell(self, person: Known) -> None:
        """Tell somebody, wherever they can be reached, what they may do from now on."""
        for key in person.names:
            await self.requests.tell_person(key, role_notice(self._people.role_of_key(key)))

    async def _give(self, whom: Sender, role: Role | None, by: Message) -> None:
        await self._rows.grant(self._identity(whom), role.stored if role else None, by.sender, now())
        await self.load()
        await self._trail.access(By(by.sender, by.chat), whose=whom.key, outcome=role.stored if role else "revoked")

    def _identity(self, whom: Sender) -> Identity:
        """An account that nobody has had so far is a new person's."""
        known = self._people.person(whom.key)
        new = b32encode(secrets.token_bytes(_ID_BYTES)).decode()
        return Identity(whom.key, whom.name or known.names.get(whom.key, ""), new)

    def _keep_an_admin(self, person: Known, role: Role) -> None:
        admins = [each for each in self._people.everybody() if each.role is Role.ADMIN]
        if role < Role.ADMIN and [each.id for each in admins] == [person.id]:
            raise Forbidden(
                _("This is the last admin: nobody could let anybody in any more. Make somebody else one first.")
            )


def _named(person: Known) -> str:
    words = _("{name} is named in the settings as “{role}”. That stays so until whoever runs Casier changes it there.")
    return words.format(name=person.name, role=person.named.word)


def _inviter(used: Invitation) -> Sender:
    return _account(used.inviter, used.inviter_name)


def _account(key: str, shown: str) -> Sender:
    platform, _colon, name = key.partition(":")
    return Sender(platform, name, shown)
