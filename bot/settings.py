"""Everything an operator can set, from the environment or `.env`. Built once, in `bot/__main__.py`."""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar
from urllib.parse import unquote, unquote_plus
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.numbers import list_currencies
from pydantic import AfterValidator, BeforeValidator, Field, HttpUrl, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.conventions import Conventions
from bot.money import Currency
from bot.words import N_, _

T = TypeVar("T", bound=BaseSettings)

# What pydantic finds wrong, by its word for it: https://docs.pydantic.dev/latest/errors/validation_errors/
_COMPLAINTS = {
    "literal_error": N_("it must be {expected}"),
    "int_parsing": N_("it must be a whole number"),
    "float_parsing": N_("it must be a number, like 2.5"),
    "decimal_parsing": N_("write it with a point and nothing between the thousands, like 1000 or 1000.50"),
    "finite_number": N_("it must be a number, like 1000.50"),
    "greater_than": N_("it must be more than {gt}"),
    "greater_than_equal": N_("it must be {ge} at least"),
    "less_than_equal": N_("it must be {le} at most"),
    "string_too_short": N_("it is empty"),
    "too_short": N_("it is empty"),
    "url_parsing": N_("it is no address, like https://billing.example.com"),
    "url_scheme": N_("it must begin with {expected_schemes}"),
}

# In the folder that Casier is started in.
_FILE = ".env"
_DATABASE = re.compile(r"sqlite:///.|postgres(ql)?://.")
# Before the @, or behind the question mark.
_PASSWORD = re.compile(r"^postgres(?:ql)?://[^:/]*:([^@]*)@|[?&](?:ssl)?password=([^&]*)")
_TELEGRAMS_HOST = "api.telegram.org"
_PERSON = re.compile(r"telegram:[0-9]+|slack:[A-Z0-9]+|web:[a-z]+|terminal:\S+")
_PLACE = re.compile(r"telegram:-?[0-9]+(?::[0-9]+)?|slack:[A-Z0-9]+(?::[0-9]+\.[0-9]+)?|web:[a-z]+")


class SettingsError(Exception):
    """A setting is missing or wrong; the message names it and says how to mend it."""


def _words(written: object) -> object:
    return tuple(filter(None, (word.strip() for word in written.split(",")))) if isinstance(written, str) else written


def _person(written: str) -> str:
    platform, colon, name = map(str.strip, written.partition(":"))
    key = f"{platform.lower()}{colon}{name}"
    if not _PERSON.fullmatch(key):
        words = _("“{key}” is nobody: write people as /id shows them, e.g. telegram:42,telegram:43")
        raise ValueError(words.format(key=written))
    return key


def _place(key: str) -> str:
    if not _PLACE.fullmatch(key):
        words = _("“{key}” is no chat: write chats as platform:id, e.g. telegram:-1001234,telegram:42")
        raise ValueError(words.format(key=key))
    return key


def _currency(code: str) -> str:
    if code not in list_currencies():
        raise ValueError(_("“{code}” is no currency: write its ISO code, e.g. RON").format(code=code))
    return code


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(_("“{name}” is no time zone: write e.g. Europe/Bucharest").format(name=name)) from error
    return name


def _language(written: str) -> str:
    # Some systems set LANGUAGE themselves, to a list: `en_US:en`.
    code = written.partition(":")[0]
    try:
        Locale.parse(code)
    except (ValueError, UnknownLocaleError) as error:
        raise ValueError(_("“{code}” is no language: write e.g. en or ro").format(code=code)) from error
    return code


def _token(token: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[0-9]+:[A-Za-z0-9_-]+", token.get_secret_value()):
        raise ValueError(_("it is not of the form that BotFather gives, 123456:ABC-DEF…"))
    return token


def _secret(secret: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[A-Za-z0-9_-]{16,256}", secret.get_secret_value()):
        raise ValueError(_("Telegram takes letters, digits, _ and - only; make it 16 to 256 of them, by chance"))
    return secret


def _slack_bot(token: SecretStr) -> SecretStr:
    if not token.get_secret_value().startswith("xoxb-"):
        raise ValueError(_("a bot's token begins with xoxb- (“OAuth & Permissions” of your Slack app)"))
    return token


def _slack_app(token: SecretStr) -> SecretStr:
    if not token.get_secret_value().startswith("xapp-"):
        raise ValueError(_("an app's token begins with xapp- (“Basic Information” of your Slack app)"))
    return token


def _signing(secret: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[A-Za-z0-9]{16,256}", secret.get_secret_value()):
        raise ValueError(_("copy it from “Basic Information” of your Slack app: letters and digits only"))
    return secret


def _database(url: str) -> str:
    if not _DATABASE.match(url):
        raise ValueError(_("write sqlite:/// and a path, or postgresql://user:password@host/database"))
    if url.partition("?")[0].count("@") > 1 and not url.startswith("sqlite"):
        raise ValueError(_("write an @ in a name or password as %40"))
    return url


_Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words), Field(min_length=1)]
_People = Annotated[tuple[Annotated[str, AfterValidator(_person)], ...], NoDecode, BeforeValidator(_words)]

_Places = Annotated[tuple[Annotated[str, AfterValidator(_place)], ...], NoDecode, BeforeValidator(_words)]

# It may hold a password.
_DatabaseUrl = Annotated[str, AfterValidator(_database), Field(repr=False)]


class Settings(BaseSettings):
    """The operator's choices; `.env.example` explains every one of them in a line."""

    model_config = SettingsConfigDict(
        env_file=_FILE,
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
    telegram_bot_token: Annotated[SecretStr, AfterValidator(_token)] | None = None
    telegram_api_url: HttpUrl = HttpUrl("https://api.telegram.org")
    telegram_mode: Literal["polling", "webhook"] = "polling"
    telegram_messages_per_second: Annotated[float, Field(gt=0)] = 30
    telegram_webhook_url: HttpUrl | None = None
    telegram_webhook_secret: Annotated[SecretStr, AfterValidator(_secret)] | None = None
    slack_bot_token: Annotated[SecretStr, AfterValidator(_slack_bot)] | None = None
    slack_app_token: Annotated[SecretStr, AfterValidator(_slack_app)] | None = None
    slack_signing_secret: Annotated[SecretStr, AfterValidator(_signing)] | None = None
    slack_mode: Literal["socket", "http"] = "socket"
    slack_api_url: HttpUrl = HttpUrl("https://slack.com/api/")
    http_host: str = "127.0.0.1"
    http_port: Annotated[int, Field(ge=0, le=65535)] = 8080
    poll_seconds: Annotated[float, Field(ge=1, le=86_400)] = 15
    directory_requests_per_second: Annotated[float, Field(ge=0, le=1000)] = 2
    directory_round_minutes: Annotated[float, Field(ge=1, le=10_080)] = 60
    database_url: _DatabaseUrl = "sqlite:///casier.db"
    audit_head_file: str = ""
    admins: _People = ()
    approvers: _People = ()
    cashiers: _People = ()
    viewers: _People = ()
    person_messages_per_minute: Annotated[int, Field(ge=0, le=100_000)] = 60
    chat_messages_per_minute: Annotated[int, Field(ge=0, le=100_000)] = 240
    show_contacts: Literal["viewer", "cashier", "approver", "admin"] = "viewer"
    show_contacts_in_groups: bool = False
    notify: _Places = ()
    currency: Annotated[str, AfterValidator(_currency)] = "RON"
    timezone: Annotated[str, AfterValidator(_zone)] = "Europe/Bucharest"
    language: Annotated[str, AfterValidator(_language)] = "en"
    payment_methods: _Words = ("card", "cash", "transfer")
    payment_draft_minutes: Annotated[float, Field(gt=0, le=1440)] = 10
    payment_hold_seconds: Annotated[float, Field(ge=0, le=300)] = 5
    approval_limit: Annotated[Decimal, Field(ge=0)] | None = None
    approval_hours: Annotated[float, Field(gt=0, le=720)] = 24
    workflow_days: Annotated[float, Field(ge=1, le=3650)] = 30
    received_statuses: _Words = ("confirmed",)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["console", "json"] = "console"

    @model_validator(mode="after")
    def _webhook_is_complete(self) -> Self:
        if self.telegram_mode == "webhook" and not (self.telegram_webhook_url and self.telegram_webhook_secret):
            raise ValueError(
                _(
                    "TELEGRAM_MODE is webhook: that needs TELEGRAM_WEBHOOK_URL and TELEGRAM_WEBHOOK_SECRET, "
                    "or nobody could tell Telegram's messages from anybody else's",
                ),
            )
        return self

    @model_validator(mode="after")
    def _webhook_is_safe(self) -> Self:
        """Telegram calls https only; a Bot API server of one's own calls what it is told."""
        hook = self.telegram_webhook_url if self.telegram_mode == "webhook" else None
        if hook and hook.scheme != "https" and self.telegram_api_url.host == _TELEGRAMS_HOST:
            raise ValueError(_("TELEGRAM_WEBHOOK_URL is wrong: it must begin with https://, or Telegram won't call it"))
        return self

    @model_validator(mode="after")
    def _slack_is_complete(self) -> Self:
        """Without a secret nobody could tell Slack's requests from anybody else's; without a token, no connection."""
        if self.slack_bot_token and self.slack_mode == "socket" and not self.slack_app_token:
            raise ValueError(_("SLACK_MODE is socket: that needs SLACK_APP_TOKEN, which opens the connection to Slack"))
        if self.slack_bot_token and self.slack_mode == "http" and not self.slack_signing_secret:
            raise ValueError(
                _(
                    "SLACK_MODE is http: that needs SLACK_SIGNING_SECRET, "
                    "or nobody could tell Slack's requests from anybody else's",
                ),
            )
        return self

    @property
    def secrets(self) -> list[str]:
        """Everything that must never be seen in a log."""
        kept = (
            self.billing_api_key,
            self.telegram_bot_token,
            self.telegram_webhook_secret,
            self.slack_bot_token,
            self.slack_app_token,
            self.slack_signing_secret,
        )
        return [secret.get_secret_value() for secret in kept if secret] + _passwords(self.database_url)

    @property
    def conventions(self) -> Conventions:
        """How amounts, days and words are written here."""
        return Conventions(
            currency=Currency(self.currency),
            language=self.language,
            timezone=ZoneInfo(self.timezone),
            methods=self.payment_methods,
            received=frozenset(status.casefold() for status in self.received_statuses),
        )


def _passwords(url: str) -> list[str]:
    """The passwords in a database's address, as they are written there and as they are."""
    found = [word for match in _PASSWORD.finditer(url) for word in match.groups() if word]
    return [*found, *map(unquote, found), *map(unquote_plus, found)]


class _Spoken(BaseSettings):
    """The language alone: it is needed to say what is wrong with everything else."""

    model_config = Settings.model_config

    language: Annotated[str, AfterValidator(_language)] = "en"


class AuditSettings(BaseSettings):
    """What it takes to look at the trail: an auditor has no billing key and needs none."""

    model_config = Settings.model_config

    database_url: _DatabaseUrl = Settings.model_fields["database_url"].default
    timezone: Annotated[str, AfterValidator(_zone)] = "Europe/Bucharest"


def operators_language() -> str:
    """The language of who runs the program: LANGUAGE, or English where that is wrong."""
    try:
        return _Spoken().language
    except (ValueError, OSError):
        # A wrong value, or a file that can't be read: both are told once all is read.
        return "en"


class StoreSettings(BaseSettings):
    """The database alone: who migrates it or copies it may not even know where billing is."""

    model_config = Settings.model_config

    database_url: _DatabaseUrl = Settings.model_fields["database_url"].default

    @property
    def secrets(self) -> list[str]:
        """What must never be seen in a log."""
        return _passwords(self.database_url)


def read_store_settings() -> StoreSettings:
    """Read the database's own; `SettingsError` in one line where it is wrong."""
    return _read(StoreSettings)


def read_settings() -> Settings:
    """Read and check them all; `SettingsError` in one line where one is missing or wrong."""
    return _read(Settings)


def read_audit_settings() -> AuditSettings:
    """Read and check those few; `SettingsError` likewise."""
    return _read(AuditSettings)


def _read(kind: type[T]) -> T:
    try:
        return kind()
    except ValidationError as error:
        raise SettingsError("; ".join(_complaints(error.errors()))) from None
    except UnicodeDecodeError:
        raise SettingsError(_("{path} is no text in UTF-8").format(path=Path(_FILE).absolute())) from None


def _complaints(errors: list[ErrorDetails]) -> Iterator[str]:
    """What is wrong with each, and where we have looked for what is missing."""
    yield from map(_explained, errors)
    if any(error["type"] == "missing" for error in errors):
        path = Path(_FILE).absolute()
        found = _("{path} was read") if path.exists() else _("there is no {path}: copy .env.example to .env there")
        yield found.format(path=path)


def _explained(error: ErrorDetails) -> str:
    why = _complaint(error)
    if not error["loc"]:
        return why
    name = str(error["loc"][0]).upper()
    if error["type"] == "missing":
        words = _("{name} is missing: put it into .env or the environment (.env.example explains it)")
        return words.format(name=name)
    return _("{name} is wrong: {why}").format(name=name, why=why)


def _complaint(error: ErrorDetails) -> str:
    """What is wrong with a value, in our words where pydantic has its own."""
    if error["type"] in _COMPLAINTS:
        return _(_COMPLAINTS[error["type"]]).format(**error.get("ctx", {}))
    return error["msg"].removeprefix("Value error, ")
