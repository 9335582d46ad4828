"""The origin of a label: scheme and host, in one of two spellings."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache

from traceqr.errors import TraceqrError

_DNS_LABEL = re.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_NUMERIC = re.compile("[0-9]+")
_PORT = re.compile("[1-9][0-9]{0,4}")
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_PRIVATE = tuple(
    ipaddress.IPv4Network(text) for text in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
)
MAX_HOST = 253


class InvalidOrigin(TraceqrError):
    """Not an origin of format 1. `reason` is the stable identifier of the fault."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Origin:
    """`text` as spelled on the label, all upper or all lower case, such as `HTTPS://QR.EXAMPLE.ORG`."""

    text: str

    def __post_init__(self) -> None:
        _check(self.text)

    @classmethod
    def parse(cls, text: str) -> Origin:
        """Strict: two spellings, no default port, http for loopback and private addresses only."""
        return cls(text)

    def __str__(self) -> str:
        return self.text

    @property
    def host(self) -> str:
        """Host and optional port, lower case: what is compared with the official hosts."""
        return self.text.lower().partition("://")[2]

    @property
    def scheme(self) -> str:
        """`https`, or `http` on loopback and private addresses."""
        return self.text.lower().partition("://")[0]

    def upper(self) -> Origin:
        """The spelling that a QR symbol holds in alphanumeric mode."""
        return Origin(self.text.upper())

    def lower(self) -> Origin:
        """The spelling that a browser's address bar shows."""
        return Origin(self.text.lower())


@lru_cache(maxsize=256)
def _check(text: str) -> None:
    """Raise `InvalidOrigin` unless it is one. Remembered, since nearly all labels of a deployment share theirs."""
    lower = text.lower()
    scheme, separator, host = lower.partition("://")
    if not separator or scheme not in _DEFAULT_PORTS:
        raise InvalidOrigin("not-a-label", f"expected https:// and a host, got {text!r}")
    if not text.isascii():
        raise InvalidOrigin("host-malformed", f"expected a host name in ASCII, got {text!r}")
    if text not in (lower, text.upper()):
        raise InvalidOrigin("host-case", f"expected scheme and host all upper or all lower case, got {text!r}")
    name, colon, port = host.partition(":")
    if colon:
        _check_port(scheme, port, text)
    _check_name(name, text)
    if scheme == "http" and not is_private(name):
        raise InvalidOrigin("http-on-public-host", f"expected https for the public host {name!r}, got http")


def is_private(name: str) -> bool:
    """Whether a lower-case host name (no port) is loopback or a private IPv4 address (RFC 1918)."""
    if name == "localhost":
        return True
    try:
        address = ipaddress.IPv4Address(name)
    except ValueError:
        return False
    return any(address in network for network in _PRIVATE)


def _check_port(scheme: str, port: str, text: str) -> None:
    if not _PORT.fullmatch(port) or int(port) > 65_535 or port == _DEFAULT_PORTS[scheme]:
        raise InvalidOrigin(
            "host-malformed", f"expected no port, or one that is not the default of {scheme}, in {text!r}"
        )


def _check_name(name: str, text: str) -> None:
    parts = name.split(".")
    if len(name) > MAX_HOST or not all(_DNS_LABEL.fullmatch(part) for part in parts):
        raise InvalidOrigin("host-malformed", f"expected a host name of letters, digits, '-' and '.', got {text!r}")
    # Browsers read a host whose last part is a number as an IPv4 address in many spellings; one is allowed.
    # A part such as 0x7f counts as a number there too (WHATWG URL, section 3.5, "ends in a number").
    if _NUMERIC.fullmatch(parts[-1]) or re.fullmatch("0x[0-9a-f]*", parts[-1]):
        try:
            ipaddress.IPv4Address(name)
        except ValueError as error:
            raise InvalidOrigin("host-malformed", f"expected four numbers from 0 to 255, got {text!r}") from error
