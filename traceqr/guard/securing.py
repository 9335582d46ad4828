"""TLS between nodes and a guard on another machine: version 1.3, and both sides show a certificate of the same
authority. That authority is the deployment's own, and certifies nobody else: whom it certifies may ask.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from traceqr.errors import TraceqrError
from traceqr.settings import Secured

GREETING_S = 5.0
"""How long the two may take to find out who they are."""

BACKLOG = 64


class SecuringError(TraceqrError):
    """Certificates that cannot be used, or an address that cannot be listened on."""


def asking_context(place: Secured) -> ssl.SSLContext:
    """For a node. Raises `SecuringError`."""
    return _context(place, ssl.PROTOCOL_TLS_CLIENT)


class SecureDoor:
    """Lets in whoever shows a certificate of the authority."""

    plain = False

    def __init__(self, place: Secured) -> None:
        """Raises `SecuringError`."""
        self._context = _context(place, ssl.PROTOCOL_TLS_SERVER)

    def stranger(self, connection: socket.socket) -> None:
        """Nobody can be told by his address."""

    def enter(self, connection: socket.socket) -> socket.socket:
        """The connection under TLS. Raises `ssl.SSLError` for one who shows no good certificate, or `TimeoutError`."""
        connection.settimeout(GREETING_S)
        return self._context.wrap_socket(connection, server_side=True)


@contextmanager
def listening(place: Secured) -> Iterator[socket.socket]:
    """A socket at the address. Raises `SecuringError`."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            place.host, place.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise SecuringError(f"cannot listen on {place}: {error.strerror or error}") from error
    with listener:
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(BACKLOG)
        except OSError as error:
            raise SecuringError(f"cannot listen on {place}: {error.strerror or error}") from error
        yield listener


def _context(place: Secured, protocol: int) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    context.check_hostname = protocol == ssl.PROTOCOL_TLS_CLIENT
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    # A key that is locked would ask at the terminal for its passphrase, for ever.
    for path in (place.certificate, place.key, place.authorities):
        if not path.is_file():
            raise SecuringError(f"expected a PEM file at {path} for {place}, found none")
    try:
        context.load_cert_chain(place.certificate, place.key, password=_none)
        context.load_verify_locations(place.authorities)
    except (OSError, ValueError) as error:
        raise SecuringError(
            f"cannot use the certificate {place.certificate}, its key {place.key} or the authorities"
            f" {place.authorities}: {error}"
        ) from error
    return context


def _none() -> str:
    raise ValueError("the key is locked: expected one without a passphrase, for its user alone")
