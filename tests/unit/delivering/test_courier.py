"""The courier calls real servers of this machine, which do to it whatever strangers may."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from support.receivers import HOST, Papers, Receiver, papers, receiver, trusting

from traceqr.delivering.courier import Courier, resolve
from traceqr.delivering.outcome import Outcome
from traceqr.endpoint import Endpoint

BODY = b'{"type":"label.suspect"}'
HEADERS = {"webhook-id": "m1", "webhook-timestamp": "1", "webhook-signature": "v1,x"}


@pytest.fixture
def firm() -> Papers:
    return papers(HOST)


@pytest.fixture
def there(firm: Papers, tmp_path: Path) -> Iterator[Receiver]:
    with receiver(firm, tmp_path) as made:
        yield made


def courier(firm: Papers, *addresses: str, **more: Any) -> Courier:
    """One to which the host's name leads to these addresses, to this machine unless told otherwise."""
    found = addresses or ("127.0.0.1",)
    options = {"loopback": True, "context": trusting(firm), "patience_s": 5.0, **more}
    return Courier(lambda _host, _port: found, **options)


def endpoint(port: int, target: str = "/traceqr?a=b") -> Endpoint:
    return Endpoint(HOST, port, target)


class TestACall:
    def test_arrives_whole_under_the_hosts_own_name(self, firm: Papers, there: Receiver) -> None:
        assert courier(firm).send(endpoint(there.port), HEADERS, BODY) == Outcome("", 204)
        (request,) = there.requests
        assert request.line == "POST /traceqr?a=b HTTP/1.1"
        assert request.body == BODY
        assert request.headers["host"] == f"{HOST}:{there.port}"
        assert request.headers["content-type"] == "application/json"
        assert HEADERS.items() <= request.headers.items()
        assert there.names == [HOST]

    def test_without_tls_only_to_this_machine_in_tests(self) -> None:
        with receiver() as plain:
            outcome = Courier(lambda *_: ["127.0.0.1"], loopback=True).send(
                Endpoint("127.0.0.1", plain.port, "/", secure=False), HEADERS, BODY
            )
        assert outcome == Outcome("", 204)

    @pytest.mark.parametrize("line", ["200 OK", "201 Created", "202 Accepted"])
    def test_whoever_takes_it_says_so_as_he_likes(self, firm: Papers, there: Receiver, line: str) -> None:
        there.status(line, b"thank you")
        assert courier(firm).send(endpoint(there.port), HEADERS, BODY).fault == ""


class TestReceiversThatDoNotTakeIt:
    @pytest.mark.parametrize("status", [400, 404, 410, 429, 500, 503])
    def test_answers_of_error(self, firm: Papers, there: Receiver, status: int) -> None:
        there.status(f"{status} No", b"a secret of an inner page")
        assert courier(firm).send(endpoint(there.port), HEADERS, BODY) == Outcome("status", status)

    def test_a_redirect_is_not_followed(self, firm: Papers, there: Receiver) -> None:
        there.answer = lambda out: out.sendall(
            b"HTTP/1.1 307 Go\r\nLocation: https://127.0.0.1:9/inner\r\nContent-Length: 0\r\n\r\n"
        )
        assert courier(firm).send(endpoint(there.port), HEADERS, BODY) == Outcome("redirect", 307)
        assert len(there.requests) == 1

    @pytest.mark.parametrize(
        ("answer", "fault"),
        [
            (b"", "connection"),
            (b"HTTP/1.1 20", "answer"),
            (b"SSH-2.0-OpenSSH\r\n", "answer"),
            (b"HTTP/1.1 abc OK\r\n\r\n", "answer"),
            (b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 500 + b"\r\n", "answer"),
            (b"HTTP/1.1 200 OK\r\na: " + b"b" * 70_000 + b"\r\n\r\n", "answer"),
        ],
    )
    def test_answers_that_are_none(self, firm: Papers, there: Receiver, answer: bytes, fault: str) -> None:
        there.answer = lambda out: out.sendall(answer)
        assert courier(firm).send(endpoint(there.port), HEADERS, BODY).fault == fault

    def test_a_huge_answer_is_left(self, firm: Papers, there: Receiver) -> None:
        """As far as the receiver can tell, its first kilobytes were read, and then nobody listened."""
        sent = threading.Event()

        def flood(out: Any) -> None:
            out.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
            try:
                while True:
                    out.sendall(b"x" * 100_000)
            finally:
                sent.set()

        there.answer = flood
        assert courier(firm).send(endpoint(there.port), HEADERS, BODY) == Outcome("", 200)
        assert sent.wait(5)

    @pytest.mark.parametrize("drip", [b"", b"H", b"HTTP/1.1 100 Continue\r\n\r\n"])
    def test_nobody_is_waited_for_longer_than_agreed(self, firm: Papers, there: Receiver, drip: bytes) -> None:
        """Whether nothing comes, or an octet now and then, or answers without end that are not yet the answer."""
        over = threading.Event()

        def slow(out: Any) -> None:
            while not over.wait(0.02):
                out.sendall(drip)

        there.answer = slow
        try:
            assert courier(firm, patience_s=0.3).send(endpoint(there.port), HEADERS, BODY) == Outcome("timeout")
        finally:
            over.set()

    def test_a_body_that_drips_after_the_answer_is_not_waited_for(self, firm: Papers, there: Receiver) -> None:
        over = threading.Event()

        def slow(out: Any) -> None:
            out.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n")
            while not over.wait(0.02):
                out.sendall(b"x")

        there.answer = slow
        try:
            assert courier(firm, patience_s=0.3).send(endpoint(there.port), HEADERS, BODY) == Outcome("", 200)
        finally:
            over.set()

    def test_tls_that_is_never_begun(self, firm: Papers) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            port = silent.getsockname()[1]
            assert courier(firm, patience_s=0.3).send(endpoint(port), HEADERS, BODY) == Outcome("timeout")

    def test_a_name_server_that_never_answers(self, firm: Papers) -> None:
        over, given_up = threading.Event(), threading.Event()

        def never(_host: str, _port: int) -> Sequence[str]:
            over.wait(10)
            given_up.set()
            return ["127.0.0.1"]

        try:
            asking = Courier(never, trusting(firm), loopback=True, patience_s=0.3)
            assert asking.send(endpoint(1), HEADERS, BODY) == Outcome("timeout")
            assert not given_up.is_set(), "the resolver was waited for"
        finally:
            over.set()

    def test_nobody_there(self, firm: Papers) -> None:
        with socket.create_server(("127.0.0.1", 0)) as gone:
            port = gone.getsockname()[1]
        assert courier(firm).send(endpoint(port), HEADERS, BODY) == Outcome("connection")


class TestCertificates:
    @pytest.mark.parametrize(
        ("shown", "trusted"),
        [
            (papers("other.firm.example"), papers("other.firm.example")),
            (papers(HOST, days=-1), papers(HOST, days=-1)),
            (papers("127.0.0.1"), papers("127.0.0.1")),
            (papers(HOST, "self.example"), papers(HOST)),
        ],
        ids=["of another name", "ended", "of the address", "of nobody known"],
    )
    def test_that_are_not_good_for_the_name(self, shown: Papers, trusted: Papers, tmp_path: Path) -> None:
        with receiver(shown, tmp_path) as there:
            assert courier(trusted).send(endpoint(there.port), HEADERS, BODY) == Outcome("certificate")
            assert there.requests == []

    def test_a_receiver_without_tls(self, firm: Papers) -> None:
        with receiver() as plain:
            assert courier(firm).send(endpoint(plain.port), HEADERS, BODY).fault in ("connection", "timeout")
            assert not any(BODY in request.body for request in plain.requests)


class TestNamesThatLeadInside:
    @pytest.mark.parametrize(
        "addresses",
        [
            ["10.0.0.5"],
            ["127.0.0.1"],
            ["169.254.169.254"],
            ["::1"],
            ["::ffff:127.0.0.1"],
            ["64:ff9b::7f00:1"],
            ["2002:7f00:1::"],
            ["8.8.8.8", "10.0.0.5"],  # one good address beside it makes it no better
            ["10.0.0.5", "8.8.8.8"],
        ],
    )
    def test_are_not_called(self, firm: Papers, there: Receiver, addresses: Sequence[str]) -> None:
        sent = courier(firm, *addresses, loopback=False).send(endpoint(there.port), HEADERS, BODY)
        assert sent == Outcome("address")
        assert there.names == []

    @pytest.mark.parametrize("found", [[], OSError("no such name")])
    def test_names_that_lead_nowhere(self, firm: Papers, found: Any) -> None:
        def asked(_host: str, _port: int) -> Sequence[str]:
            if isinstance(found, OSError):
                raise found
            return list(found)

        sent = Courier(asked, trusting(firm), loopback=True).send(endpoint(9_999), HEADERS, BODY)
        assert sent == Outcome("name")

    def test_a_name_that_leads_elsewhere_when_asked_again_is_asked_once(
        self, firm: Papers, there: Receiver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Rebinding: what was looked at is what is called, and nobody asks anew on the way."""
        answers = iter([["127.0.0.1"], ["10.0.0.5"]])
        asked: list[str] = []

        def rebinding(host: str, _port: int) -> Sequence[str]:
            asked.append(host)
            return next(answers)

        original = socket.getaddrinfo

        def only_addresses(host: Any, *rest: Any, **named: Any) -> Any:
            assert host == "127.0.0.1", "a name is looked up behind the courier's back"
            return original(host, *rest, **named)

        monkeypatch.setattr(socket, "getaddrinfo", only_addresses)
        caller = Courier(rebinding, trusting(firm), loopback=True)
        assert caller.send(endpoint(there.port), HEADERS, BODY) == Outcome("", 204)
        assert asked == [HOST]

    def test_the_machines_own_resolver(self) -> None:
        assert "127.0.0.1" in resolve("127.0.0.1", 443)

    @pytest.mark.parametrize("host", ["a" * 64 + ".example", "a..b"])
    def test_names_that_no_resolver_takes(self, firm: Papers, monkeypatch: pytest.MonkeyPatch, host: str) -> None:
        def asked(name: str, *_rest: Any, **_named: Any) -> Any:
            name.encode("idna")
            raise AssertionError("the name is none, and was taken for one")

        monkeypatch.setattr(socket, "getaddrinfo", asked)
        sent = Courier(resolve, trusting(firm)).send(Endpoint(host, 443, "/"), HEADERS, BODY)
        assert sent == Outcome("name")
