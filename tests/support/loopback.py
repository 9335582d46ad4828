"""Tests speak to this machine alone: whoever reaches further is stopped at the socket, before a packet leaves."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class LeftLoopback(AssertionError):
    """A test reached for another machine. No OSError, which the program would take for a network that is down."""


def require_loopback(host: object) -> None:
    """Raise `LeftLoopback` unless a host is this machine. None and "" stand for it where names are resolved."""
    if host in (None, "", b"", "localhost", b"localhost"):
        return
    text = host.decode() if isinstance(host, bytes) else str(host)
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        raise LeftLoopback(f"expected a loopback address in a test, got the name {text!r}") from None
    if not address.is_loopback:
        raise LeftLoopback(f"expected a loopback address in a test, got {text!r}")


def _guard_connection(connect: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            require_loopback(address[0])
        return connect(self, address)

    return guarded


def _guard_sending(send: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(self: socket.socket, data: Any, *rest: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            require_loopback(rest[-1][0])
        return send(self, data, *rest)

    return guarded


def _guard_name(resolve: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(host: Any, *rest: Any, **named: Any) -> Any:
        require_loopback(host)
        return resolve(host, *rest, **named)

    return guarded


GUARDS = (
    (socket.socket, "connect", _guard_connection),
    (socket.socket, "connect_ex", _guard_connection),
    (socket.socket, "sendto", _guard_sending),
    (socket, "getaddrinfo", _guard_name),
    (socket, "gethostbyname", _guard_name),
)


@contextmanager
def loopback_only() -> Iterator[None]:
    """No connection, datagram or question for a name goes further than loopback; AF_UNIX is free."""
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in GUARDS]
    for (owner, name, guard), (_, _, original) in zip(GUARDS, before, strict=True):
        setattr(owner, name, guard(original))
    try:
        yield
    finally:
        for owner, name, original in before:
            setattr(owner, name, original)
