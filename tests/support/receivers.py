"""Receivers of notifications, over real sockets of this machine: a web server, and a mail server."""

from __future__ import annotations

import base64
import contextlib
import datetime
import ipaddress
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "hooks.firm.example"


@dataclass(frozen=True)
class Papers:
    """A certificate for names, and its key, as PEM."""

    certificate: bytes
    key: bytes


@cache
def papers(*names: str, days: int = 30) -> Papers:
    """A certificate that proves itself; of one that has ended `days` is below nothing."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a receiver of a test")])
    others = [x509.IPAddress(ipaddress.ip_address(each)) if each[0].isdigit() else x509.DNSName(each) for each in names]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=60))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName(others), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Papers(
        made.public_bytes(serialization.Encoding.PEM),
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    )


def trusting(given: Papers) -> ssl.SSLContext:
    """What a caller believes: this certificate, and no other."""
    return ssl.create_default_context(cadata=given.certificate.decode())


def serving(given: Papers, folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    chain = folder / "receiver.pem"
    chain.write_bytes(given.certificate + given.key)
    context.load_cert_chain(chain)
    return context


@dataclass
class Request:
    """What a receiver was sent."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Takes calls, and answers as it is told: `answer` writes what comes back, octet by octet if it likes to."""

    port: int = 0
    requests: list[Request] = field(default_factory=list)
    answer: Callable[[Any], None] = lambda out: out.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
    names: list[str | None] = field(default_factory=list)
    """The host names that TLS was asked for."""

    def status(self, line: str, more: bytes = b"") -> None:
        """Answer so from now on."""
        self.answer = lambda out: out.sendall(f"HTTP/1.1 {line}\r\nContent-Length: {len(more)}\r\n\r\n".encode() + more)


def _read(connection: Any) -> Request:
    taken = b""
    while b"\r\n\r\n" not in taken:
        if not (part := connection.recv(65_536)):
            raise ConnectionError("the caller left")
        taken += part
    head, _, body = taken.partition(b"\r\n\r\n")
    line, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (each.partition(": ") for each in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(65_536)
    return Request(line, headers, body)


@contextmanager
def receiver(given: Papers | None = None, folder: Path | None = None) -> Iterator[Receiver]:
    """A receiver on a free port, with TLS where it has papers."""
    told = Receiver()
    context = serving(given, folder) if given and folder else None
    if context:
        context.sni_callback = lambda _socket, name, _context: told.names.append(name)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError), self._line() as connection:
                told.requests.append(_read(connection))
                told.answer(connection)
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_WR)
                    connection.recv(1)

        def _line(self) -> Any:
            return context.wrap_socket(self.request, server_side=True) if context else self.request

    with _served(Handler) as port:
        told.port = port
        yield told


@dataclass
class MailHost:
    """Takes mail. `says` replaces what it answers to a command, such as `{"RCPT": "550 nobody"}`."""

    port: int = 0
    taken: list[str] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    secure: list[bool] = field(default_factory=list)
    says: dict[str, str] = field(default_factory=dict)
    offers: tuple[str, ...] = ("STARTTLS", "AUTH PLAIN")
    hangs: bool = False


class _Line(socketserver.StreamRequestHandler):
    host: MailHost
    context: ssl.SSLContext | None
    from_the_beginning: bool

    def handle(self) -> None:
        with contextlib.suppress(OSError, ValueError), contextlib.ExitStack() as self.held:
            if self.from_the_beginning and self.context:
                self._take(self.context.wrap_socket(self.request, server_side=True))
            if self.host.hangs:
                time.sleep(5)
                return
            self._say("220 a mail server of a test")
            while line := self.rfile.readline():
                if not self._answer(line.decode("ascii").strip()):
                    return

    def _take(self, connection: Any) -> None:
        self.connection = self.held.enter_context(connection)
        self.rfile, self.wfile = connection.makefile("rb"), connection.makefile("wb", 0)

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def _answer(self, line: str) -> bool:
        word = line.split(" ")[0].upper()
        if word in self.host.says:
            self._say(self.host.says[word])
        elif word == "EHLO":
            for each in ("a mail server", *self.host.offers):
                self._say(f"250-{each}")
            self._say("250 8BITMIME")
        elif word == "STARTTLS":
            self._say("220 go on")
            assert self.context
            self._take(self.context.wrap_socket(self.connection, server_side=True))
        elif word == "AUTH":
            self.host.logins.append(base64.b64decode(line.split(" ")[-1]).decode())
            self._say("235 come in")
        elif word == "DATA":
            self._say("354 go on")
            self._mail()
        elif word == "QUIT":
            self._say("221 goodbye")
            return False
        else:
            if word == "RCPT":
                self.host.recipients.append(line)
            self._say("250 yes")
        return True

    def _mail(self) -> None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.decode("utf-8").removeprefix("."))
        if "END" in self.host.says:
            self._say(self.host.says["END"])
            return
        self.host.taken.append("".join(lines))
        self.host.secure.append(isinstance(self.connection, ssl.SSLSocket))
        self._say("250 taken")


@contextmanager
def mail_host(given: Papers, folder: Path, *, tls: bool = False) -> Iterator[MailHost]:
    """A mail server on a free port; with TLS from the beginning, or on demand."""
    host = MailHost()
    handler = type("Line", (_Line,), {"host": host, "context": serving(given, folder), "from_the_beginning": tls})
    with _served(handler) as port:
        host.port = port
        yield host


@contextmanager
def _served(handler: type[socketserver.BaseRequestHandler]) -> Iterator[int]:
    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """What callers do to it in tests is no fault of its own."""

    with Server(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
