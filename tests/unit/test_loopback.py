"""The gate that keeps every test on this machine, as tests/conftest.py sets it up for all of them."""

from __future__ import annotations

import socket
import urllib.request
from pathlib import Path

import pytest
from support.loopback import LeftLoopback

# TEST-NET-1 (RFC 5737) and the documentation prefix of IPv6 (RFC 3849): nobody is there, should the gate be open.
ELSEWHERE = "192.0.2.1"


@pytest.mark.parametrize("method", ["connect", "connect_ex"])
@pytest.mark.parametrize(
    ("family", "host"),
    [(socket.AF_INET, ELSEWHERE), (socket.AF_INET6, "2001:db8::1"), (socket.AF_INET, "0.0.0.0")],
)
@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_no_connection_elsewhere(method: str, family: int, host: str, kind: int) -> None:
    with socket.socket(family, kind) as outgoing:
        outgoing.setblocking(False)  # an open gate fails at once instead of waiting for an answer
        with pytest.raises(LeftLoopback, match="expected a loopback address"):
            getattr(outgoing, method)((host, 9))


def test_no_datagram_elsewhere() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outgoing:
        with pytest.raises(LeftLoopback, match=ELSEWHERE):
            outgoing.sendto(b"x", (ELSEWHERE, 9))
        with pytest.raises(LeftLoopback, match=ELSEWHERE):
            outgoing.sendto(b"x", 0, (ELSEWHERE, 9))


@pytest.mark.parametrize("ask", [socket.getaddrinfo, socket.gethostbyname], ids=lambda ask: ask.__name__)
@pytest.mark.parametrize("host", ["qr.example.org", "localhost.example.org", ELSEWHERE])
def test_no_name_is_asked_for(ask: object, host: str) -> None:
    name = ask.__name__  # type: ignore[attr-defined]
    arguments = (host, 80) if name == "getaddrinfo" else (host,)
    with pytest.raises(LeftLoopback, match=repr(host)):
        getattr(socket, name)(*arguments)


def test_what_the_libraries_do_is_stopped_too() -> None:
    """urllib turns an OSError into its own: the gate's exception is none, and comes through."""
    with pytest.raises(LeftLoopback):
        urllib.request.urlopen(f"http://{ELSEWHERE}/", timeout=0.1)
    with pytest.raises(LeftLoopback):
        socket.create_connection(("qr.example.org", 443), timeout=0.1)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_loopback_is_open(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        place = server.getsockname()
        with socket.create_connection((host, place[1]), timeout=5) as connection:
            assert connection.getpeername() == place


def test_unix_sockets_are_open(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(str(tmp_path / "s"))
        server.listen()
        client.connect(str(tmp_path / "s"))
