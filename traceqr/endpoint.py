"""Where notifications may go: addresses of mail, and of programs on the public internet that are called over HTTPS.

Who subscribes names an address that our own machine will call. So it must not be led to what only our machine reaches:
names are resolved once, every address must be one of the public internet, and the call goes to that very address.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from traceqr.errors import TraceqrError

MAX_URL, MAX_MAIL = 500, 254
HTTPS_PORT = 443
FIRST_FREE_PORT = 1024

Resolve = Callable[[str, int], Sequence[str]]
"""The addresses of a host, as text; raises `OSError` where there are none."""


class InvalidEndpoint(TraceqrError):
    """An address that notifications cannot go to. `part` says which is at fault: url, host, port or mail."""

    def __init__(self, message: str, part: str) -> None:
        super().__init__(message)
        self.part = part


_URL = re.compile(r"(https?)://([^/?#@\\:\[\]]+)(?::([0-9]{1,5}))?(/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"(?:{_LABEL}\.)+(?=[0-9-]*[a-z]){_LABEL}")
"""A name of the domain name system whose last label is none of a number: no IPv4 address in any of its spellings."""

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_MAIL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@((?i:(?:{_LABEL}\.)+(?=[0-9-]*[a-z]){_LABEL}))")
"""The plain form of RFC 5321: no comments, no quotes, no blanks, nothing that a header could take for its end."""

_NOT_PUBLIC = tuple(
    ipaddress.ip_network(text)
    for text in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"),
        *("203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
    )
)
"""The special-purpose registries of IANA. 2001::/23 has Teredo in it, and 2002::/16 is 6to4: both carry an IPv4 address
that may be anything."""

_GLOBAL_V6 = ipaddress.ip_network("2000::/3")
"""Nothing else was given out: outside lie loopback, link local, private, multicast, IPv4-mapped and NAT64 addresses."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A program that is called: `target` is the path with what follows it. Only while trying out is it not `secure`."""

    host: str
    port: int
    target: str
    secure: bool = True

    @classmethod
    def parse(cls, text: str, *, loopback: bool = False) -> Endpoint:
        """From a URL. `loopback` lets tests call this machine, also without TLS. Raises `InvalidEndpoint`."""
        found = _URL.fullmatch(text) if len(text) <= MAX_URL else None
        if found is None or (found[1] == "http" and not loopback):
            raise InvalidEndpoint(
                f"expected a URL such as https://hooks.example.org/traceqr of at most {MAX_URL} characters, without"
                " user, fragment or characters that must be encoded",
                "url",
            )
        host, secure = found[2].lower(), found[1] == "https"
        if not (loopback and host in ("127.0.0.1", "localhost")) and (len(host) > 253 or not _NAME.fullmatch(host)):
            raise InvalidEndpoint(f"expected the name of a host on the internet, got {host!r}", "host")
        port = int(found[3] or (HTTPS_PORT if secure else 80))
        if not (port == HTTPS_PORT or FIRST_FREE_PORT <= port <= 65_535):
            raise InvalidEndpoint(f"expected port {HTTPS_PORT}, or one from {FIRST_FREE_PORT} on, got {port}", "port")
        return cls(host, port, found[4] or "/", secure)

    @property
    def url(self) -> str:
        """In its one spelling."""
        standard = self.port == (HTTPS_PORT if self.secure else 80)
        return f"{'https' if self.secure else 'http'}://{self.host}{'' if standard else f':{self.port}'}{self.target}"

    @property
    def authority(self) -> str:
        """What stands in the `Host` header."""
        return self.host if self.port == HTTPS_PORT else f"{self.host}:{self.port}"


def mail_address(text: str) -> str:
    """A mail address, its domain in lower case. Raises `InvalidEndpoint`."""
    found = _MAIL.fullmatch(text) if len(text) <= MAX_MAIL else None
    if found is None or len(text.rpartition("@")[0]) > 64:
        raise InvalidEndpoint("expected a mail address such as quality@firm.example, without a name beside it", "mail")
    return text[: found.start(1)] + found[1].lower()


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, which anybody may reach."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if parsed.version == 6 and (parsed.scope_id is not None or parsed not in _GLOBAL_V6):
        return False
    return parsed.is_global and not any(parsed in network for network in _NOT_PUBLIC)


def is_loopback(address: str) -> bool:
    """Whether an IP address is this machine."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
