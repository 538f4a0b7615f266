"""A wrong or missing setting stops the start with one line that names it and how to mend it."""

from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError, operators_language, read_settings, read_store_settings
from bot.settings_file import misspelt

RIGHT = {"BILLING_API_URL": "http://127.0.0.1:9", "BILLING_API_KEY": "k3y-secret"}


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings but the test's own."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    for name, value in RIGHT.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("ADMINS", "42", "ADMINS is wrong: “42” is nobody: write people as /id shows them"),
        ("ADMINS", "telegram:4 2", "ADMINS is wrong: “telegram:4 2” is nobody"),
        ("VIEWERS", "telegram:42,,slack", "VIEWERS is wrong: “slack” is nobody"),
        ("CASHIERS", "telegram:*", "CASHIERS is wrong: “telegram:*” is nobody"),
        ("NOTIFY", "finance", "NOTIFY is wrong: “finance” is no chat: write chats as platform:id"),
        ("NOTIFY", "telegram:-100:x", "NOTIFY is wrong: “telegram:-100:x” is no chat"),
        ("CURRENCY", "LEI", "CURRENCY is wrong: “LEI” is no currency"),
        ("TIMEZONE", "Bucharest", "TIMEZONE is wrong: “Bucharest” is no time zone"),
        ("TIMEZONE", "../etc/passwd", "TIMEZONE is wrong"),
        ("LANGUAGE", "klingon", "LANGUAGE is wrong: “klingon” is no language"),
        ("BILLING_API_URL", "ftp://x", "BILLING_API_URL is wrong"),
        ("BILLING_REQUESTS", "0", "BILLING_REQUESTS is wrong"),
        ("PAYMENT_METHODS", " , ", "PAYMENT_METHODS is wrong"),
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL is wrong"),
        ("APPROVAL_LIMIT", "1.000,00", "APPROVAL_LIMIT is wrong: write it with a point and nothing between the thous"),
        ("APPROVAL_LIMIT", "NaN", "APPROVAL_LIMIT is wrong: it must be a number, like 1000.50"),
        ("PAYMENT_HOLD_SECONDS", "2,5", "PAYMENT_HOLD_SECONDS is wrong: it must be a number, like 2.5"),
        ("TELEGRAM_BOT_TOKEN", "my token", "TELEGRAM_BOT_TOKEN is wrong: it is not of the form that BotFather gives"),
        ("TELEGRAM_WEBHOOK_SECRET", "short", "TELEGRAM_WEBHOOK_SECRET is wrong: Telegram takes letters"),
        ("TELEGRAM_MODE", "webhook", "needs TELEGRAM_WEBHOOK_URL and TELEGRAM_WEBHOOK_SECRET"),
        ("SLACK_BOT_TOKEN", "xoxp-1", "SLACK_BOT_TOKEN is wrong: a bot's token begins with xoxb-"),
        ("SLACK_BOT_TOKEN", "xoxb-1", "SLACK_MODE is socket: that needs SLACK_APP_TOKEN"),
        ("SLACK_APP_TOKEN", "xoxb-1", "SLACK_APP_TOKEN is wrong: an app's token begins with xapp-"),
        ("SLACK_SIGNING_SECRET", "not one", "SLACK_SIGNING_SECRET is wrong: copy it from “Basic Information”"),
        ("TELEGRAM_MODE", "carrier pigeon", "TELEGRAM_MODE is wrong"),
        (
            "DATABASE_URL",
            "mysql://k3y-secret@x/y",
            "DATABASE_URL is wrong: write sqlite:/// and a path, or postgresql://",
        ),
        ("DATABASE_URL", "sqlite://", "DATABASE_URL is wrong"),
        ("DATABASE_URL", "casier.db", "DATABASE_URL is wrong"),
        ("DATABASE_URL", "postgresql://u:k3y-secret@rest@host/db", "DATABASE_URL is wrong: write an @ in a name or"),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as stopped:
        read_settings()
    assert told in str(stopped.value)
    assert "\n" not in str(stopped.value)
    assert "k3y-secret" not in str(stopped.value)


@pytest.mark.parametrize("name", RIGHT)
def test_a_missing_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv(name)
    with pytest.raises(SettingsError, match=f"{name} is missing: put it into .env"):
        read_settings()


def test_what_is_missing_is_said_with_the_file_that_was_looked_at(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("BILLING_API_KEY")
    with pytest.raises(SettingsError, match=f"there is no {tmp_path / '.env'}: copy .env.example to .env there"):
        read_settings()
    Path(".env").write_text("ADMINS=\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=f"{tmp_path / '.env'} was read"):
        read_settings()


def test_a_file_that_is_no_text_is_told() -> None:
    Path(".env").write_bytes("LANGUAGE=română".encode("iso8859-2"))
    assert operators_language() == "en"
    with pytest.raises(SettingsError, match="is no text in UTF-8"):
        read_settings()


def test_a_webhook_is_https_unless_the_bot_api_server_is_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_MODE", "webhook")
    monkeypatch.setenv("TELEGRAM_WEBHOOK_SECRET", "a-webhook-secret-of-ours")
    monkeypatch.setenv("TELEGRAM_WEBHOOK_URL", "http://bot.example/telegram")
    with pytest.raises(SettingsError, match="TELEGRAM_WEBHOOK_URL is wrong: it must begin with https://"):
        read_settings()
    monkeypatch.setenv("TELEGRAM_API_URL", "http://127.0.0.1:8081")
    assert read_settings().telegram_webhook_url


def test_people_may_be_written_with_spaces_and_capitals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMINS", "Telegram: 42, TELEGRAM :43")
    assert read_settings().admins == ("telegram:42", "telegram:43")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("APPROVER", "APPROVERS"),
        ("TELEGRAM_TOKEN", "TELEGRAM_BOT_TOKEN"),
        ("billing_key", "BILLING_API_KEY"),
        ("HOSTNAME", None),
        ("admins", None),
    ],
)
def test_a_misspelt_setting_in_the_file_is_found(
    monkeypatch: pytest.MonkeyPatch, written: str, meant: str | None
) -> None:
    Path(".env").write_text(f"# ADMIN=1\n{written}=telegram:9\n", encoding="utf-8")
    monkeypatch.setenv("VIEWER", "the environment's names are others'")
    assert list(misspelt()) == ([(written.upper(), meant)] if meant else [])


def test_an_empty_key_is_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BILLING_API_KEY", "")
    with pytest.raises(SettingsError, match="BILLING_API_KEY"):
        read_settings()


def test_chats_that_are_told_of_payments_may_be_topics(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY", "telegram:-1001234, telegram:-1001234:5,slack:C0123,web:team")
    assert read_settings().notify == ("telegram:-1001234", "telegram:-1001234:5", "slack:C0123", "web:team")


def test_settings_come_from_the_file_too_and_empty_lists_let_nobody_in() -> None:
    Path(".env").write_text("ADMINS=telegram:42, slack:U0123\nVIEWERS=\nLANGUAGE=ro_RO:ro\n", encoding="utf-8")
    settings = read_settings()
    assert settings.admins == ("telegram:42", "slack:U0123")
    assert settings.viewers == ()
    assert settings.conventions.language == "ro_RO"
    assert "k3y-secret" not in repr(settings)


@pytest.mark.parametrize(
    ("url", "passwords"),
    [
        ("sqlite:///casier.db", set()),
        ("postgresql://host/books", set()),
        ("postgres://casier:word@host/books", {"word"}),
        ("postgresql://casier:p%40ss/w@host/books", {"p%40ss/w", "p@ss/w"}),
        ("postgresql://host/books?user=casier&password=a+b&sslpassword=c", {"a+b", "a b", "c"}),
    ],
)
def test_passwords_of_the_database_are_secrets(monkeypatch: pytest.MonkeyPatch, url: str, passwords: set[str]) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    settings = read_settings()
    assert set(settings.secrets) == {"k3y-secret"} | passwords
    assert set(read_store_settings().secrets) == passwords
    assert "postgres" not in repr(settings) + repr(read_store_settings())


def test_who_looks_after_the_database_need_not_know_billing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BILLING_API_URL")
    assert read_store_settings().database_url == "sqlite:///casier.db"
    monkeypatch.setenv("DATABASE_URL", "mysql://x")
    with pytest.raises(SettingsError, match="DATABASE_URL is wrong"):
        read_store_settings()


def test_the_example_explains_every_setting_and_its_default() -> None:
    lines = (Path(__file__).parents[2] / ".env.example").read_text(encoding="utf-8").splitlines()
    named = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert set(named) == {name.upper() for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        default = "" if field.is_required() else field.get_default()
        shown = ",".join(default) if isinstance(default, tuple) else str("" if default is None else default)
        shown = shown.lower() if isinstance(default, bool) else shown
        assert named[name.upper()] == shown, name
    for number, line in enumerate(lines):
        if line and not line.startswith("#"):
            above = [each for each in lines[:number] if each and "=" not in each.split(" ")[0]]
            assert above[-1].startswith("# "), line


def test_slack_over_http_needs_its_signing_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("SLACK_MODE", "http")
    with pytest.raises(SettingsError, match="SLACK_MODE is http: that needs SLACK_SIGNING_SECRET"):
        read_settings()
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "0123456789abcdef")
    assert {"xoxb-1", "0123456789abcdef"} <= {*read_settings().secrets}
