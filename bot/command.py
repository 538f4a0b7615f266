"""A command is a handler whose signature was read once: its arguments, its usage line, its help and its role."""

import inspect
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, NoReturn, get_args, get_type_hints

from bot.access import Role
from bot.arguments import Argument, words
from bot.arguments import said as as_command
from bot.conventions import Conventions
from bot.money import TwoReadingsError, spell_amount
from bot.refusals import Ambiguous, Misused
from bot.reply import Button, Reply
from bot.words import _

# A handler takes the context and its own arguments; it returns a reply, or yields several where the work takes a while.
Handler = Callable[..., Awaitable[Reply] | AsyncIterator[Reply]]

_KEYWORD = re.compile(r"([a-z_]+)=(\S+)")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a command, as its handler declares it. A keyword is written `name=value`, anywhere.

    What would hide something of Python's is declared with a `_` that nobody has to say: `min_`.
    """

    key: str
    argument: Argument
    required: bool
    keyword: bool

    @property
    def name(self) -> str:
        """What it is called when it is said."""
        return self.key.rstrip("_")

    def usage(self, conventions: Conventions) -> str:
        """`<invoice>`, `[reference]`, `<card|cash|transfer>`, `[page=2]`."""
        shown = "|".join(self.argument.choices(conventions)) if self.argument.choices else self.name
        if self.keyword:
            shown = f"{self.name}={self.argument.example}"
        return f"<{shown}>" if self.required else f"[{shown}]"


@dataclass(frozen=True, slots=True)
class _Words:
    """What was said behind a command: the words in their order, and the keywords among them."""

    said: tuple[str, ...]
    named: tuple[tuple[str, str], ...]

    def instead(self, start: int, stop: int, word: str) -> "_Words":
        """The same with other words in one place."""
        return replace(self, said=(*self.said[:start], word, *self.said[stop:]))


@dataclass(frozen=True, slots=True)
class Command:
    """Something that people can ask for."""

    name: str
    role: Role
    handler: Handler
    parameters: tuple[Parameter, ...]
    doc: str
    hidden: bool = False
    goes_on: bool = False
    is_long: bool = False

    @classmethod
    def of(
        cls, handler: Handler, role: Role, *, hidden: bool = False, goes_on: bool = False, is_long: bool = False
    ) -> "Command":
        """Read a handler's signature and docstring."""
        name = getattr(handler, "__name__", "").rstrip("_")
        doc = inspect.getdoc(handler) or ""
        return cls(name, role, handler, _parameters(handler), doc, hidden, goes_on, is_long)

    @property
    def summary(self) -> str:
        """What it is for, in one line."""
        return _(self.doc.partition("\n")[0])

    def usage(self, conventions: Conventions) -> str:
        """`/pay <invoice> [amount] [card|cash|transfer] [reference]`."""
        shown = (parameter for parameter in self.parameters if parameter.argument.shown)
        return " ".join([f"/{self.name}", *(parameter.usage(conventions) for parameter in shown)])

    def example(self, conventions: Conventions) -> str:
        """The same with values: `/pay 2024-001 5320.50 card EUP123456789`."""
        said = (parameter for parameter in self.parameters if not parameter.keyword)
        return " ".join([f"/{self.name}", *(_example(parameter.argument, conventions) for parameter in said)])

    def read(self, text: str, conventions: Conventions) -> dict[str, Any]:
        """Turn the words behind the command into its handler's arguments; refuse with the usage line."""
        spoken = self._sort_out(text)
        named = dict(spoken.named)
        values: dict[str, Any] = {}
        start = 0
        for parameter in self.parameters:
            if parameter.keyword:
                if parameter.name in named:
                    values[parameter.key] = self._keyword(parameter, spoken, conventions)
            elif start < len(spoken.said):
                stop = start + parameter.argument.takes(spoken.said[start:], conventions)
                values[parameter.key] = self._value(parameter, spoken, start, stop, conventions)
                start = stop
            elif parameter.required:
                self._misused(_("“{name}” is missing.").format(name=parameter.name), conventions)
        if start < len(spoken.said):
            self._misused(_("“{words}” is too much.").format(words=" ".join(spoken.said[start:])), conventions)
        return values

    def _sort_out(self, text: str) -> _Words:
        keywords = {parameter.name for parameter in self.parameters if parameter.keyword}
        matches = [(word, _KEYWORD.fullmatch(word)) for word in words(text)]
        named = [(match[1], match[2]) for _word, match in matches if match and match[1] in keywords]
        said = [word for word, match in matches if not match or match[1] not in keywords]
        return _Words(tuple(said), tuple(named))

    def _keyword(self, parameter: Parameter, spoken: _Words, conventions: Conventions) -> object:
        named = dict(spoken.named)
        word = named[parameter.name]
        try:
            return parameter.argument.read(word, conventions)
        except TwoReadingsError as error:
            raise Ambiguous(
                _("“{text}” can be read in two ways. Which one do you mean?").format(text=word),
                buttons=tuple(
                    Button(label, as_command(self.name, *spoken.said, **{**named, parameter.name: reading}))
                    for label, reading in _readings(error, conventions)
                ),
            ) from None
        except ValueError as error:
            self._misused(str(error), conventions)

    def _value(
        self,
        parameter: Parameter,
        spoken: _Words,
        start: int,
        stop: int,
        conventions: Conventions,
    ) -> object:
        said = " ".join(spoken.said[start:stop])
        try:
            return parameter.argument.read(said, conventions)
        except TwoReadingsError as error:
            raise Ambiguous(
                _("“{text}” can be read in two ways. Which one do you mean?").format(text=said),
                buttons=tuple(
                    Button(label, as_command(self.name, *spoken.instead(start, stop, word).said, **dict(spoken.named)))
                    for label, word in _readings(error, conventions)
                ),
            ) from None
        except ValueError as error:
            self._misused(str(error), conventions)

    def _misused(self, why: str, conventions: Conventions) -> NoReturn:
        raise Misused(
            _("{why}\nUsage: {usage}\nExample: {example}").format(
                why=why,
                usage=self.usage(conventions),
                example=self.example(conventions),
            ),
        )


def _parameters(handler: Handler) -> tuple[Parameter, ...]:
    hints = get_type_hints(handler, include_extras=True)
    asked = list(inspect.signature(handler).parameters.values())[1:]
    return tuple(
        Parameter(
            key=each.name,
            argument=_argument(each.name, hints[each.name]),
            required=each.default is each.empty,
            keyword=each.kind is each.KEYWORD_ONLY,
        )
        for each in asked
    )


def _argument(name: str, hint: object) -> Argument:
    """Find the reader in `Annotated[…, Argument(…)]`, or in its `| None`."""
    for part in (hint, *get_args(hint)):
        for mark in getattr(part, "__metadata__", ()):
            if isinstance(mark, Argument):
                return mark
    raise TypeError(f"{name}: {hint} says not how it is read from words")


def _readings(error: TwoReadingsError, conventions: Conventions) -> Iterator[tuple[str, str]]:
    """Each reading as it is shown and as it is written; one that had to be rounded says so."""
    for reading in error.readings:
        shown = conventions.money(reading)
        label = shown if error.is_exact(reading) else _("{amount} (rounded)").format(amount=shown)
        yield label, spell_amount(reading, conventions.currency)


def _example(argument: Argument, conventions: Conventions) -> str:
    return argument.choices(conventions)[0] if argument.choices else argument.example
