"""Settings: each one named when it is wrong, with the remedy, and no secret in a message."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from traceqr.settings import InvalidSetting, MailServer, Settings

SECRET = "s3cret-" * 6


def parsed(**environ: str) -> Settings:
    return Settings.parse({f"TRACEQR_{name}": value for name, value in environ.items()})


def test_defaults() -> None:
    made = parsed()
    assert (made.database, made.keys, made.timezone.key) == ("sqlite:///traceqr.db", Path("keys"), "Asia/Shanghai")
    assert (made.roles, made.label_case, made.samples, made.key_passphrase) == (
        frozenset({"public"}),
        "upper",
        None,
        None,
    )
    assert (made.origin, made.official_hosts, made.secret_key) == (None, frozenset(), "")


def test_an_empty_variable_is_one_that_is_not_set() -> None:
    names = [
        "DATABASE",
        "KEYS",
        "ORIGIN",
        "OFFICIAL_HOSTS",
        "LABEL_CASE",
        "SECRET_KEY",
        "KEY_PASSPHRASE",
        "ROLES",
        "TIMEZONE",
        "SAMPLES",
    ]
    assert parsed(**dict.fromkeys(names, "")) == parsed()


def test_all_of_them() -> None:
    made = parsed(
        DATABASE="sqlite:////var/lib/traceqr.db", KEYS="/keys", ORIGIN="https://qr.example.org",
        OFFICIAL_HOSTS="qr.old.example, 192.168.1.9:8000", LABEL_CASE="lower", SECRET_KEY=SECRET,
        KEY_PASSPHRASE="open sesame", ROLES="public", TIMEZONE="Asia/Urumqi", SAMPLES="samples.json",
    )  # fmt: skip
    assert made.official_hosts == {"qr.example.org", "qr.old.example", "192.168.1.9:8000"}
    assert (str(made.require_origin()), str(made.label_origin())) == ("https://qr.example.org",) * 2
    assert (made.require_secret_key(), made.key_passphrase, made.samples) == (
        SECRET,
        b"open sesame",
        Path("samples.json"),
    )


def test_labels_are_spelled_in_upper_case_unless_told_otherwise() -> None:
    assert str(parsed(ORIGIN="https://qr.example.org").label_origin()) == "HTTPS://QR.EXAMPLE.ORG"
    assert str(parsed(ORIGIN="HTTPS://QR.EXAMPLE.ORG").require_origin()) == "https://qr.example.org"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("DATABASE", "mysql://user:hunter2@db/traceqr", "expected a URL such as sqlite:///traceqr.db or postgresql://"),
        ("DATABASE", "traceqr.db", "expected a URL"),
        ("DATABASE", "sqlite://traceqr.db", "expected a URL"),
        ("DATABASE", "sqlite:///", "expected a URL"),
        ("DATABASE", "sqlite:////", "expected a URL"),
        ("DATABASE", "sqlite:///.", "expected a URL"),
        ("ORIGIN", "qr.example.org", "expected https:// and a host"),
        ("ORIGIN", "https://qr.example.org/", "got 'https://qr.example.org/': set it to https://qr.example.org$"),
        ("ORIGIN", "https://qr.example.org/path/", "no slash or path behind the host, .* to https://qr.example.org$"),
        ("ORIGIN", "http://10.0.0.8:8000//", "no slash or path behind the host, .* set it to http://10.0.0.8:8000$"),
        ("ORIGIN", "http://qr.example.org/", "expected"),
        ("ORIGIN", "https:///", "expected"),
        ("ORIGIN", "https://qr.example.org:443", "not the default of https"),
        ("ORIGIN", "http://qr.example.org", "expected https for the public host"),
        ("ORIGIN", "ftp://qr.example.org", "expected https:// and a host"),
        ("ORIGIN", "https://user@qr.example.org", "expected"),
        ("ORIGIN", "https://Qr.example.org", "all upper or all lower case"),
        ("OFFICIAL_HOSTS", "https://qr.old.example", "expected hosts such as qr.example.org"),
        ("OFFICIAL_HOSTS", "a.example,b c", "expected hosts such as qr.example.org, got 'b c'"),
        ("OFFICIAL_HOSTS", "a.example/", "expected hosts"),
        ("LABEL_CASE", "Upper", "expected upper or lower, got 'Upper'"),
        ("SECRET_KEY", "hunter2", "expected at least 32 characters, got 7"),
        ("ROLES", "public,admin", "expected some of console, inspect, print, public, got 'admin'"),
        ("ROLES", "everything", "got 'everything'"),
        ("FILING", "x" * 81, "at most 80 printable characters"),
        ("FILING", "a\nb", "at most 80 printable characters"),
        ("SECOND_PERSON", "no", "expected needed or off, got 'no'"),
        ("SMTP", "smtp.example.org", "expected a URL such as smtps://user:password@smtp.example.org:465"),
        ("SMTP", "http://smtp.example.org", "expected a URL"),
        ("SMTP", "smtp://u:hunter2@smtp.example.org:port", "expected a URL"),
        ("SMTP", "smtp://u:hunter2@", "expected a URL"),
        ("SMTP", "smtp://hunter2@smtp.example.org", "user and password or neither"),
        ("SMTP", "smtps://u:hunter2@smtp.example.org/path", "nothing behind the port"),
        ("SMTP", "smtps://u:hunter2@smtp.example.org?tls=off", "nothing behind the port"),
        ("MAIL_FROM", "TraceQR <traceqr@example.org>", "expected a mail address such as"),
        ("MAIL_FROM", "traceqr@example.org\nBcc: all@example.org", "expected a mail address such as"),
        ("WEBHOOKS", "private", "expected public or loopback, got 'private'"),
        ("TIMEZONE", "Shanghai", "expected a name such as Asia/Shanghai, got 'Shanghai'"),
        ("TIMEZONE", "Asia", "expected a name such as Asia/Shanghai"),
        ("TIMEZONE", "../../etc/passwd", "expected a name such as Asia/Shanghai"),
        ("TIMEZONE", "/etc/localtime", "expected a name such as Asia/Shanghai"),
    ],
)
def test_wrong(name: str, value: str, message: str) -> None:
    with pytest.raises(InvalidSetting, match=message) as caught:
        parsed(**{name: value})
    assert str(caught.value).startswith(f"TRACEQR_{name}: ")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["postgres+x://u:hunter2@db/x", "mysql://db/x?user=u&password=hunter2", "mysql://u:hunter2@a@db/x"]
)
def test_no_password_of_a_database_is_repeated(url: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        parsed(DATABASE=url)
    assert "hunter2" not in str(caught.value)
    assert "db/x" in str(caught.value)


@pytest.mark.parametrize("url", ["postgresql://u:hunter2@db/x", "postgres://db:5433/x?sslmode=require"])
def test_a_database_on_a_server(url: str) -> None:
    assert parsed(DATABASE=url).database == url


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtps://u:a%40b@smtp.example.org", MailServer("smtp.example.org", 465, True, "u", "a@b")),
        ("smtp://smtp.example.org", MailServer("smtp.example.org", 587, False)),
        ("smtp://127.0.0.1:25/", MailServer("127.0.0.1", 25, False)),
    ],
)
def test_a_mail_server(url: str, server: MailServer) -> None:
    found = parsed(SMTP=url, MAIL_FROM="traceqr@example.org")
    assert found.mail_server == server
    assert "a@b" not in repr(found)


def test_a_mail_server_needs_to_know_who_sends() -> None:
    with pytest.raises(InvalidSetting, match=r"^TRACEQR_MAIL_FROM: .*TRACEQR_SMTP needs it"):
        parsed(SMTP="smtps://smtp.example.org")


def test_what_is_missing_is_named_with_the_remedy() -> None:
    with pytest.raises(InvalidSetting, match=r"^TRACEQR_ORIGIN is missing: set it to .* https://qr.example.org"):
        parsed().require_origin()
    with pytest.raises(InvalidSetting, match=r"^TRACEQR_SECRET_KEY is missing: .*secrets.token_urlsafe"):
        parsed().require_secret_key()


def test_secrets_do_not_show() -> None:
    shown = repr(parsed(SECRET_KEY=SECRET, KEY_PASSPHRASE="open sesame"))
    assert SECRET not in shown
    assert "sesame" not in shown


def test_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        parsed().database = "x"  # type: ignore[misc]
