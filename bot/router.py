"""The directory of commands: each family of handlers owns a router, the start includes them all in one."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.access import Role
from bot.command import Command, Handler

H = TypeVar("H", bound=Handler)

_NEAR = 2


class Router:
    """Commands by name."""

    def __init__(self, *families: "Router") -> None:
        self._commands: dict[str, Command] = {}
        for family in families:
            for command in family:
                self._add(command)

    def __iter__(self) -> Iterator[Command]:
        return iter(self._commands.values())

    def command(
        self, *, role: Role, hidden: bool = False, goes_on: bool = False, is_long: bool = False
    ) -> Callable[[H], H]:
        """Make a command of a handler. Hidden ones are said by buttons only: they are in no help and no menu.

        What `goes_on` begins with its first reply something that must not be lost with whoever asked for it. While one
        that `is_long` tells how far it is, what the same person says next is answered.
        """

        def add(handler: H) -> H:
            self._add(Command.of(handler, role, hidden=hidden, goes_on=goes_on, is_long=is_long))
            return handler

        return add

    def find(self, name: str) -> Command | None:
        """The command of this name."""
        return self._commands.get(name.lower())

    def allowed(self, role: Role) -> list[Command]:
        """What somebody with this role may ask for, in the order of the families."""
        return [command for command in self if command.role <= role and not command.hidden]

    def near(self, name: str, role: Role, count: int = 3) -> list[Command]:
        """What was probably meant by a name that is none."""
        allowed = {command.name: command for command in self.allowed(role)}
        found = process.extract(name.lower(), allowed.keys(), scorer=OSA.distance, score_cutoff=_NEAR, limit=count)
        return [allowed[name] for name, _distance, _index in found]

    def _add(self, command: Command) -> None:
        if command.name in self._commands:
            raise ValueError(f"/{command.name} is there twice")
        self._commands[command.name] = command
