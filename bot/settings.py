"""Everything an operator can set, from the environment or `.env`. Built once, in `bot/__main__.py`."""

import re
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.numbers import list_currencies
from pydantic import AfterValidator, BeforeValidator, Field, HttpUrl, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.conventions import Conventions
from bot.money import Currency

_PERSON = re.compile(r"[a-z]+:[A-Za-z0-9_-]+")


class SettingsError(Exception):
    """A setting is missing or wrong; the message names it and says how to mend it."""


def _words(written: object) -> object:
    return tuple(filter(None, (word.strip() for word in written.split(",")))) if isinstance(written, str) else written


def _person(key: str) -> str:
    if not _PERSON.fullmatch(key):
        raise ValueError(f"“{key}” is nobody: write people as platform:id, e.g. telegram:42,slack:U0123")
    return key


def _currency(code: str) -> str:
    if code not in list_currencies():
        raise ValueError(f"“{code}” is no currency: write its ISO code, e.g. RON")
    return code


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"“{name}” is no time zone: write e.g. Europe/Bucharest") from error
    return name


def _language(written: str) -> str:
    # Some systems set LANGUAGE themselves, to a list: `en_US:en`.
    code = written.partition(":")[0]
    try:
        Locale.parse(code)
    except (ValueError, UnknownLocaleError) as error:
        raise ValueError(f"“{code}” is no language: write e.g. en or ro") from error
    return code


_Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words), Field(min_length=1)]
_People = Annotated[tuple[Annotated[str, AfterValidator(_person)], ...], NoDecode, BeforeValidator(_words)]


class Settings(BaseSettings):
    """The operator's choices; `.env.example` explains every one of them in a line."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    billing_api_url: HttpUrl
    billing_api_key: Annotated[SecretStr, Field(min_length=1)]
    billing_requests: Annotated[int, Field(ge=1, le=100)] = 8
    billing_connect_seconds: Annotated[float, Field(gt=0, le=60)] = 3
    billing_read_seconds: Annotated[float, Field(gt=0, le=120)] = 10
    billing_deadline_seconds: Annotated[float, Field(gt=0, le=600)] = 20
    database_url: str = "sqlite:///casier.db"
    admins: _People = ()
    approvers: _People = ()
    cashiers: _People = ()
    viewers: _People = ()
    currency: Annotated[str, AfterValidator(_currency)] = "RON"
    timezone: Annotated[str, AfterValidator(_zone)] = "Europe/Bucharest"
    language: Annotated[str, AfterValidator(_language)] = "en"
    payment_methods: _Words = ("card", "cash", "transfer")
    payment_draft_minutes: Annotated[float, Field(gt=0, le=1440)] = 10
    received_statuses: _Words = ("confirmed",)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["console", "json"] = "console"

    @property
    def conventions(self) -> Conventions:
        """How amounts, days and words are written here."""
        return Conventions(
            currency=Currency(self.currency),
            language=self.language,
            timezone=ZoneInfo(self.timezone),
            methods=self.payment_methods,
            received=frozenset(self.received_statuses),
        )


def read_settings() -> Settings:
    """Read and check them all; `SettingsError` in one line where one is missing or wrong."""
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError("; ".join(_explained(each["loc"], each["msg"]) for each in error.errors())) from None


def _explained(where: tuple[int | str, ...], what: str) -> str:
    name = str(where[0]).upper()
    if what == "Field required":
        return f"{name} is missing: put it into .env or the environment (.env.example explains it)"
    return f"{name} is wrong: {what.removeprefix('Value error, ')}"
