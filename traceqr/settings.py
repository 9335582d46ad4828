"""Settings: environment variables, read once into one frozen object. docs/operating.md documents each."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from traceqr.endpoint import InvalidEndpoint, mail_address
from traceqr.errors import TraceqrError
from traceqr.label.host import InvalidOrigin, Origin, is_private

DEFAULT_DATABASE = "sqlite:///traceqr.db"
DEFAULT_KEYS = "keys"
HIGH_WATER = "high-water.json"
"""Where the high-water file is by default, in the folder of keys."""

GUARD_COUNTERS = "guard-counters.db"
"""The counters of the guard by default, in the folder of keys."""
ATTACHMENTS = "attachments"
"""The folder of photos beside a registry that is a file."""

DEFAULT_TIMEZONE = "Asia/Shanghai"
DEFAULT_PROXIES = "127.0.0.0/8,::1/128"
"""A proxy on the same machine. Who reaches the program from there could write into its database too."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
ROLES = frozenset({"public", "print", "console", "inspect"})
MIN_SECRET = 32
MAX_FILING = 80
MIN_TOKEN, MAX_TOKEN = 16, 256

_TLS = re.compile(r"tls://([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]):([0-9]{1,5})")
_TOKEN = re.compile(rf"[A-Za-z0-9._~+/=-]{{{MIN_TOKEN},{MAX_TOKEN}}}")


class InvalidSetting(TraceqrError):
    """A setting that is missing or not as expected; the message names it and the remedy."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Takes mail. `tls` says whether its line is one of TLS from the beginning, or becomes one (STARTTLS)."""

    host: str
    port: int
    tls: bool
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def is_here(self) -> bool:
        """Whether it is on this machine, where no line needs TLS."""
        return self.host in ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Secured:
    """Where the guard is on another machine: its host and port, and by which files both sides prove who they are."""

    host: str
    port: int
    certificate: Path
    key: Path
    authorities: Path

    def __str__(self) -> str:
        return f"tls://{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of a process. `secret_key` is empty where the process does not serve."""

    database: str = field(repr=False)
    keys: Path
    origin: Origin | None
    official_hosts: frozenset[str]
    label_case: str
    secret_key: str = field(repr=False)
    key_passphrase: bytes | None = field(repr=False)
    roles: frozenset[str]
    timezone: ZoneInfo
    samples: Path | None = None
    high_water: Path = Path(DEFAULT_KEYS) / HIGH_WATER
    metrics_token: str = field(default="", repr=False)
    signer: Path | None = None
    filing: str = ""
    """The number under which the site is filed in China (ICP备案号), as it must stand on its pages."""

    second_person: bool = True
    """Whether acts that cannot be undone need the yes of a second person."""

    guard: Path | Secured | None = None
    """The guard's socket, or where it is on another machine."""

    guard_counters: Path = Path(DEFAULT_KEYS) / GUARD_COUNTERS

    attachments: Path | None = None
    """The folder of photos beside reports; None where none are taken."""

    contact_key: str = field(default="", repr=False)
    """The secret that contacts of people who report are sealed under, if it is one of its own."""

    proxies: tuple[Network, ...] = ()
    """Who is believed when he says for whom he asks."""

    places: Path | None = None
    """A file that tells the cities of networks, in MaxMind's format."""

    suspicion: bool = True
    """Whether scans are looked at for signs of copied labels."""

    mail_server: MailServer | None = field(default=None, repr=False)
    """Takes the mails of notifications; None where none are sent."""

    mail_from: str = ""
    """Who they come from."""

    loopback_webhooks: bool = False
    """Whether notifications may call this machine: for trying them out alone."""

    @classmethod
    def parse(cls, environ: Mapping[str, str]) -> Settings:
        """From environment variables. Raises `InvalidSetting`; what only some commands need may be missing here."""
        origin = _origin(environ.get("TRACEQR_ORIGIN", ""))
        hosts = _hosts(environ.get("TRACEQR_OFFICIAL_HOSTS", ""))
        passphrase = environ.get("TRACEQR_KEY_PASSPHRASE", "")
        keys = Path(environ.get("TRACEQR_KEYS", "") or DEFAULT_KEYS)
        return cls(
            database=_database(environ.get("TRACEQR_DATABASE", "") or DEFAULT_DATABASE),
            keys=keys,
            origin=origin,
            official_hosts=hosts | ({origin.host} if origin else set()),
            label_case=_label_case(environ.get("TRACEQR_LABEL_CASE", "") or "upper"),
            secret_key=_secret(environ.get("TRACEQR_SECRET_KEY", "")),
            key_passphrase=passphrase.encode() or None,
            roles=_roles(environ.get("TRACEQR_ROLES", "") or "public"),
            timezone=_timezone(environ.get("TRACEQR_TIMEZONE", "") or DEFAULT_TIMEZONE),
            samples=Path(samples) if (samples := environ.get("TRACEQR_SAMPLES", "")) else None,
            metrics_token=_token(environ.get("TRACEQR_METRICS_TOKEN", "")),
            high_water=Path(environ.get("TRACEQR_HIGH_WATER", "") or keys / HIGH_WATER),
            signer=Path(signer) if (signer := environ.get("TRACEQR_SIGNER", "")) else None,
            filing=_filing(environ.get("TRACEQR_FILING", "")),
            second_person=_second_person(environ.get("TRACEQR_SECOND_PERSON", "") or "needed"),
            guard=_guard(environ),
            guard_counters=Path(environ.get("TRACEQR_GUARD_COUNTERS", "") or keys / GUARD_COUNTERS),
            attachments=_attachments(environ),
            contact_key=_secret(environ.get("TRACEQR_CONTACT_KEY", ""), "TRACEQR_CONTACT_KEY"),
            proxies=_proxies(environ.get("TRACEQR_PROXIES", "") or DEFAULT_PROXIES),
            places=Path(places) if (places := environ.get("TRACEQR_PLACES", "")) else None,
            suspicion=_suspicion(environ.get("TRACEQR_SUSPICION", "") or "on"),
            mail_server=_mail_server(environ.get("TRACEQR_SMTP", "")),
            mail_from=_mail_from(environ.get("TRACEQR_MAIL_FROM", ""), needed=bool(environ.get("TRACEQR_SMTP", ""))),
            loopback_webhooks=_webhooks(environ.get("TRACEQR_WEBHOOKS", "") or "public"),
        )

    def require_origin(self) -> Origin:
        """The origin, in the address bar's spelling. Raises `InvalidSetting` when it is not set."""
        if self.origin is None:
            raise InvalidSetting(
                "TRACEQR_ORIGIN is missing: set it to the address that labels lead to, such as https://qr.example.org"
            )
        return self.origin

    def label_origin(self) -> Origin:
        """The origin as new labels spell it."""
        origin = self.require_origin()
        return origin.upper() if self.label_case == "upper" else origin.lower()

    def require_signer(self) -> Path:
        """The signer's socket. Raises `InvalidSetting` when it is not set."""
        if self.signer is None:
            raise InvalidSetting(
                "TRACEQR_SIGNER is missing: set it to the path of the signer's socket, such as"
                " /run/traceqr-signer/socket"
            )
        return self.signer

    def require_guard(self) -> Path | Secured:
        """Where the guard is. Raises `InvalidSetting` when it is not set."""
        if self.guard is None:
            raise InvalidSetting(
                "TRACEQR_GUARD is missing: set it to the path of the guard's socket, such as /run/traceqr-guard/socket,"
                " or to an address such as tls://guard.example.org:7443"
            )
        return self.guard

    def require_secret_key(self) -> str:
        """The secret behind device cookies. Raises `InvalidSetting` when it is not set."""
        if not self.secret_key:
            raise InvalidSetting(
                "TRACEQR_SECRET_KEY is missing: set it to a secret of this deployment, made once by: "
                'python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
            )
        return self.secret_key


def _origin(text: str) -> Origin | None:
    if not text:
        return None
    try:
        return Origin.parse(text).lower()
    except InvalidOrigin as error:
        raise InvalidSetting(f"TRACEQR_ORIGIN: {_without_path(text) or error}") from error


def _without_path(text: str) -> str:
    """What to say of an origin that is right but for a slash or a path behind it; empty for other faults."""
    scheme, separator, rest = text.partition("://")
    bare = f"{scheme}{separator}{rest.partition('/')[0]}"
    try:
        Origin.parse(bare)
    except InvalidOrigin:
        return ""
    return f"expected no slash or path behind the host, got {text!r}: set it to {bare}"


def _hosts(text: str) -> frozenset[str]:
    """Earlier hosts that stay official, separated by commas: `qr.old.example,192.168.1.9:8000`."""
    return frozenset(_host(part.strip()) for part in text.split(",") if part.strip())


def _host(part: str) -> str:
    scheme = "http" if is_private(part.partition(":")[0]) else "https"
    try:
        return Origin.parse(f"{scheme}://{part}".lower()).host
    except InvalidOrigin as error:
        raise InvalidSetting(f"TRACEQR_OFFICIAL_HOSTS: expected hosts such as qr.example.org, got {part!r}") from error


def _database(url: str) -> str:
    if url.startswith(("postgresql://", "postgres://")) or (
        url.startswith("sqlite:///") and Path(url.removeprefix("sqlite:///")).name
    ):
        return url
    raise InvalidSetting(
        "TRACEQR_DATABASE: expected a URL such as sqlite:///traceqr.db or postgresql://user@host/traceqr,"
        f" got {_masked(url)!r}"
    )


def _masked(url: str) -> str:
    """A database URL without user and password, nor the parameters that may hold one."""
    scheme, separator, rest = url.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2].partition('?')[0]}"


def _label_case(text: str) -> str:
    if text not in ("upper", "lower"):
        raise InvalidSetting(f"TRACEQR_LABEL_CASE: expected upper or lower, got {text!r}")
    return text


def _filing(text: str) -> str:
    if len(text) > MAX_FILING or not text.isprintable():
        raise InvalidSetting(
            f"TRACEQR_FILING: expected a number such as 京ICP备1234号-1, of at most {MAX_FILING} printable characters,"
            f" got {text[:MAX_FILING]!r}"
        )
    return text.strip()


def _guard(environ: Mapping[str, str]) -> Path | Secured | None:
    text = environ.get("TRACEQR_GUARD", "")
    if not text.startswith("tls:"):
        return Path(text) if text else None
    found = _TLS.fullmatch(text)
    if found is None or not 0 < int(found[2]) < 65_536:
        raise InvalidSetting(f"TRACEQR_GUARD: expected an address such as tls://guard.example.org:7443, got {text!r}")
    files = []
    for name in ("TRACEQR_GUARD_CERTIFICATE", "TRACEQR_GUARD_KEY", "TRACEQR_GUARD_CA"):
        if not (path := environ.get(name, "")):
            raise InvalidSetting(
                f"{name} is missing: where TRACEQR_GUARD is an address, both sides show a certificate; set it to a PEM"
                " file"
            )
        files.append(Path(path))
    return Secured(found[1].strip("[]"), int(found[2]), *files)


def _second_person(text: str) -> bool:
    if text not in ("needed", "off"):
        raise InvalidSetting(f"TRACEQR_SECOND_PERSON: expected needed or off, got {text!r}")
    return text == "needed"


def _suspicion(text: str) -> bool:
    if text not in ("on", "off"):
        raise InvalidSetting(f"TRACEQR_SUSPICION: expected on or off, got {text!r}")
    return text == "on"


def _mail_server(text: str) -> MailServer | None:
    """`smtps://user:password@smtp.example.org:465`, or `smtp://smtp.example.org:587`. No part of it is ever shown."""
    if not text:
        return None
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    default = {"smtps": 465, "smtp": 587}.get(parts.scheme)
    extra = parts.path.strip("/") or parts.query or parts.fragment
    if default is None or not parts.hostname or extra or bool(parts.username) != bool(parts.password):
        raise InvalidSetting(
            "TRACEQR_SMTP: expected a URL such as smtps://user:password@smtp.example.org:465 or"
            " smtp://smtp.example.org:587, with user and password or neither, and nothing behind the port, got another"
        )
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return MailServer(parts.hostname, port or default, parts.scheme == "smtps", user, password)


def _mail_from(text: str, *, needed: bool) -> str:
    if not text and not needed:
        return ""
    try:
        return mail_address(text)
    except InvalidEndpoint as error:
        raise InvalidSetting(f"TRACEQR_MAIL_FROM: {error}, got {text!r}; TRACEQR_SMTP needs it") from error


def _webhooks(text: str) -> bool:
    if text not in ("public", "loopback"):
        raise InvalidSetting(f"TRACEQR_WEBHOOKS: expected public or loopback, got {text!r}")
    return text == "loopback"


def _proxies(text: str) -> tuple[Network, ...]:
    return tuple(_network(part.strip()) for part in text.split(",") if part.strip())


def _network(part: str) -> Network:
    try:
        return ipaddress.ip_network(part)
    except ValueError as error:
        raise InvalidSetting(
            f"TRACEQR_PROXIES: expected addresses or networks such as 10.0.0.0/24, got {part!r}"
        ) from error


def _secret(text: str, name: str = "TRACEQR_SECRET_KEY") -> str:
    if text and len(text) < MIN_SECRET:
        raise InvalidSetting(f"{name}: expected at least {MIN_SECRET} characters, got {len(text)}")
    return text


def _attachments(environ: Mapping[str, str]) -> Path | None:
    """Beside a registry that is a file; one on a server has no place beside it."""
    database = environ.get("TRACEQR_DATABASE", "") or DEFAULT_DATABASE
    if given := environ.get("TRACEQR_ATTACHMENTS", ""):
        return Path(given)
    return Path(database.removeprefix("sqlite:///")).with_name(ATTACHMENTS) if database.startswith("sqlite:") else None



def _token(text: str) -> str:
    """What is sent in an `Authorization` header as it stands (RFC 6750, section 2.1)."""
    if text and not _TOKEN.fullmatch(text):
        raise InvalidSetting(
            f"TRACEQR_METRICS_TOKEN: expected {MIN_TOKEN} to {MAX_TOKEN} characters, all of them letters, digits or any"
            f" of -._~+/=, got {len(text)} characters"
        )
    return text


def _roles(text: str) -> frozenset[str]:
    roles = frozenset(part.strip() for part in text.split(","))
    if not roles <= ROLES:
        unknown = ", ".join(sorted(roles - ROLES))
        raise InvalidSetting(f"TRACEQR_ROLES: expected some of {', '.join(sorted(ROLES))}, got {unknown!r}")
    return roles


def _timezone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # OSError: a folder of zones, such as Asia
        raise InvalidSetting(f"TRACEQR_TIMEZONE: expected a name such as {DEFAULT_TIMEZONE}, got {name!r}") from error
