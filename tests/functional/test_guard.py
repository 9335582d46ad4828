"""The guard over its real sockets: what it answers and to whom; and with a real web before it."""

from __future__ import annotations

import re
import signal
import socket
import ssl
import subprocess
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from support.authority import CLIENT, SERVER, Authority
from support.hidden import code, guarding, issue_with_codes, name, right_code
from support.ports import free_port
from support.print_house import PrintHouse, open_print_house
from support.server import Answer, Server
from support.together import in_threads, until
from support.world import ON_A_FILE, World

from traceqr.entering import Entry, GuardAway, Judgement
from traceqr.guard import securing
from traceqr.guard.asking import Line
from traceqr.guard.counters import Counters
from traceqr.guard.frames import MAX_ANSWER, MAX_REQUEST, to_request
from traceqr.guard.judging import Judge
from traceqr.guard.securing import SecureDoor, SecuringError
from traceqr.label.format import Label
from traceqr.label.host import Origin
from traceqr.label.serial import Serial
from traceqr.settings import Secured
from traceqr.wire import frames as wire
from traceqr.wire.serving import CONNECTIONS, Service

LABEL = Serial(1, 3)


def entry(world: World, typed: int | None = None, serial: Serial = LABEL, device: str = "a") -> Entry:
    """The right code, or that of a number."""
    return Entry(serial, right_code(world, serial) if typed is None else code(typed), name(device))


def framed(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content


def talk(path: Path, octets: bytes) -> bytes:
    """All that the guard says to some bytes, until it closes."""
    answer = b""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection, suppress(ConnectionError):
        connection.settimeout(10)
        connection.connect(str(path))
        connection.sendall(octets)
        connection.shutdown(socket.SHUT_WR)
        while chunk := connection.recv(65_536):
            answer += chunk
    return answer


@pytest.fixture
def selling(furnished: World) -> World:
    issue_with_codes(furnished)
    return furnished


@pytest.fixture
def line(selling: World, tmp_path: Path) -> Iterator[Line]:
    with guarding(selling, tmp_path / "guard") as way:
        yield way


class TestAnswers:
    def test_right_wrong_and_wait(self, selling: World, line: Line) -> None:
        assert line.ask(entry(selling)) == Judgement.right()
        assert [line.ask(entry(selling, number)).wait_s for number in range(1, 6)] == [0, 0, 0, 0, 15]
        waits = line.ask(entry(selling))
        assert (waits.judged.name, waits.others) == ("WAIT", False)

    def test_guessing_across_a_batch(self, selling: World, line: Line) -> None:
        """A device that tries one code on each label waits as if they were one."""
        batch = issue_with_codes(selling, 40).number
        found = [line.ask(entry(selling, number, Serial(batch, number))).judged.name for number in range(1, 20)]
        assert found == ["WRONG"] * 13 + ["WAIT"] * 6

    @ON_A_FILE
    def test_a_label_past_the_count_or_without_codes(self, selling: World, line: Line) -> None:
        for serial in (Serial(1, 10), Serial(2, 0)):
            with pytest.raises(GuardAway, match="no-code"):
                line.ask(entry(selling, 1, serial))

    def test_a_root_made_after_the_start(self, selling: World, line: Line) -> None:
        from traceqr import hiding

        hiding.new_root(selling.desk, selling.folder)
        batch = issue_with_codes(selling).number
        assert line.ask(entry(selling, serial=Serial(batch, 0))) == Judgement.right()

    def test_what_it_knows_it_knows_without_the_registry(self, selling: World, line: Line) -> None:
        right = entry(selling)
        assert line.ask(right) == Judgement.right()
        selling.take_away()
        try:
            assert line.ask(right) == Judgement.right()
            with pytest.raises(GuardAway, match="failed"):
                line.ask(Entry(Serial(9, 0), code(1), name("a")))
        finally:
            selling.bring_back()

    @ON_A_FILE
    def test_with_the_root_gone_it_says_neither(self, selling: World, tmp_path: Path) -> None:
        right = entry(selling)
        for file in selling.folder.path.glob("*-hidden.key"):
            file.unlink()
        with guarding(selling, tmp_path / "guard") as way, pytest.raises(GuardAway, match="failed"):
            way.ask(right)

    @ON_A_FILE
    def test_many_at_once(self, selling: World, line: Line) -> None:
        found = in_threads([lambda at=at: line.ask(entry(selling, device=f"device {at}")) for at in range(16)])
        assert found == [Judgement.right()] * 16


@ON_A_FILE
class TestGarbled:
    REQUEST = to_request(Entry(LABEL, code(1), name("a")))

    @pytest.mark.parametrize(
        ("octets", "words"),
        [
            (framed(b""), "expected a request E of version 1"),
            (framed(REQUEST[:-1]), "and 70 bytes, got 69"),
            (framed(b"\1S" + REQUEST[2:]), "expected a request E"),
            (b"\xff\xff\xff\xff", "expected a frame of at most 70 bytes, got one of 4,294,967,295"),
            (b"\0\0\0\x47", "got one of 71"),
            (b"\0\0", "expected a frame, got less than its length"),
            (framed(REQUEST)[:-1], "expected a frame of 70 bytes, got 69"),
            (b"GET / HTTP/1.1\r\n\r\n", "expected a frame of at most 70 bytes"),
        ],
    )
    def test_is_told_so_and_hung_up_on(
        self, selling: World, line: Line, tmp_path: Path, octets: bytes, words: str
    ) -> None:
        answer = talk(tmp_path / "guard", octets)
        # What was sent beyond a frame's length may take the answer with it when the connection closes.
        assert answer == b"" or (answer[4:5], words in answer.decode("latin-1")) == (b"?", True)
        assert line.ask(entry(selling)) == Judgement.right()


@contextmanager
def answering_with(server: Callable[[socket.socket], None], path: Path) -> Iterator[Line]:
    """Something at the socket that is no guard."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen()

        def attend() -> None:
            connection, _ = listener.accept()
            with connection:
                server(connection)

        thread = threading.Thread(target=attend)
        thread.start()
        try:
            yield Line(path, patience_s=0)
        finally:
            thread.join(10)


@ON_A_FILE
class TestAnotherServer:
    """Nothing that goes wrong on the way is ever a yes or a no."""

    @pytest.mark.parametrize(
        "octets",
        [
            b"",
            b"\0",
            framed(b""),
            framed(b"+")[:-1],
            framed(b"+yes"),
            framed(b"-"),
            framed(b"x"),
            b"HTTP/1.1 200 OK\r\n",
        ],
    )
    def test_is_no_answer(self, selling: World, tmp_path: Path, octets: bytes) -> None:
        def answer(connection: socket.socket) -> None:
            connection.recv(1_000)
            connection.sendall(octets)

        with answering_with(answer, tmp_path / "other") as way, pytest.raises(GuardAway):
            way.ask(entry(selling, 1))

    def test_an_answer_that_is_too_long(self, selling: World, tmp_path: Path) -> None:
        def answer(connection: socket.socket) -> None:
            connection.recv(1_000)
            connection.sendall((MAX_ANSWER + 1).to_bytes(4, "big") + b"+" * (MAX_ANSWER + 1))

        with answering_with(answer, tmp_path / "other") as way, pytest.raises(GuardAway, match="at most"):
            way.ask(entry(selling, 1))

    def test_nobody_there(self, selling: World, tmp_path: Path) -> None:
        with pytest.raises(GuardAway, match="cannot be reached"):
            Line(tmp_path / "none", patience_s=0).ask(entry(selling, 1))


@contextmanager
def secured(world: World, place: Secured, folder: Path) -> Iterator[list[str]]:
    """The guard of a world behind TLS; gives who was refused."""
    refused: list[str] = []

    def say(event: str, **fields: object) -> None:
        if event == "stranger-refused":
            refused.append(str(fields["user"]))

    ours, theirs = socket.socketpair()
    with ours, theirs, closing(Counters(folder / "counters")) as kept, securing.listening(place) as listener:
        service = Service(Judge(world.database, world.folder, kept, say).reply, MAX_REQUEST, say)
        thread = threading.Thread(target=service.serve, args=(listener, SecureDoor(place), ours))
        thread.start()
        try:
            yield refused
        finally:
            theirs.send(b"s")
            thread.join(20)


@ON_A_FILE
class TestSecured:
    @pytest.fixture
    def authority(self, tmp_path: Path) -> Authority:
        return Authority(tmp_path / "ours", "ours")

    @pytest.fixture
    def place(self, authority: Authority) -> Secured:
        return authority.place(free_port(), "guard", SERVER)

    def ask(self, world: World, place: Secured) -> Judgement:
        return Line(place, patience_s=0).ask(entry(world))

    def test_a_node_with_a_certificate_is_answered(
        self, selling: World, authority: Authority, place: Secured, tmp_path: Path
    ) -> None:
        node = authority.place(place.port, "node", CLIENT)
        with secured(selling, place, tmp_path) as refused:
            assert [self.ask(selling, node) for _ in range(3)] == [Judgement.right()] * 3
        assert refused == []

    def test_it_stops_while_a_node_is_connected(
        self, selling: World, authority: Authority, place: Secured, tmp_path: Path
    ) -> None:
        """What is under way is answered, and under TLS to its end."""
        context = securing.asking_context(authority.place(place.port, "node", CLIENT))
        with secured(selling, place, tmp_path):
            plain = socket.create_connection((place.host, place.port), timeout=10)
            connection = context.wrap_socket(plain, server_hostname=place.host)
            wire.send(connection, to_request(entry(selling)), seconds=5)
            assert wire.receive(connection, MAX_ANSWER, 5) == b"+"
        with connection, suppress(ssl.SSLError):  # the guard's alert that no more was sent to it
            assert connection.recv(10) == b""

    def test_strangers_who_say_nothing_keep_no_node_out(
        self, selling: World, authority: Authority, place: Secured, tmp_path: Path
    ) -> None:
        node = authority.place(place.port, "node", CLIENT)
        with secured(selling, place, tmp_path), ExitStack() as strangers:
            for _ in range(2 * CONNECTIONS):
                strangers.enter_context(socket.create_connection((place.host, place.port), timeout=10))
            assert self.ask(selling, node) == Judgement.right()

    @pytest.mark.parametrize("uses", [(SERVER,), ()])
    def test_the_wrong_kind_of_certificate(
        self, selling: World, authority: Authority, place: Secured, tmp_path: Path, uses: tuple[object, ...]
    ) -> None:
        """The guard's own kind, on a node that was broken into elsewhere; and one of another authority."""
        giver = authority if uses else Authority(tmp_path / "theirs", "theirs")
        certificate, key = giver.certify("node", *uses)  # type: ignore[arg-type]
        node = replace(place, certificate=certificate, key=key)
        with secured(selling, place, tmp_path) as refused:
            with pytest.raises(GuardAway):
                self.ask(selling, node)
            until(lambda: refused)

    def test_one_that_has_run_out(self, selling: World, authority: Authority, place: Secured, tmp_path: Path) -> None:
        certificate, key = authority.certify("node", CLIENT, days=-1)
        with secured(selling, place, tmp_path), pytest.raises(GuardAway):
            self.ask(selling, replace(place, certificate=certificate, key=key))

    def test_a_guard_that_is_another(
        self, selling: World, authority: Authority, place: Secured, tmp_path: Path
    ) -> None:
        """Nothing is sent to it."""
        theirs = Authority(tmp_path / "theirs", "theirs")
        node = authority.place(place.port, "node", CLIENT)
        others = replace(theirs.place(place.port, "guard", SERVER), authorities=authority.path)
        with secured(selling, others, tmp_path), pytest.raises(GuardAway, match="not trusted"):
            self.ask(selling, node)

    def test_a_guard_of_another_name(
        self, selling: World, authority: Authority, place: Secured, tmp_path: Path
    ) -> None:
        node = replace(authority.place(place.port, "node", CLIENT), host="localhost")
        with secured(selling, place, tmp_path), pytest.raises(GuardAway, match="not trusted"):
            self.ask(selling, node)

    def heard(self, place: Secured, context: ssl.SSLContext, request: bytes) -> bytes:
        """What a client of that context is answered, if it gets so far."""
        with suppress(OSError), socket.create_connection((place.host, place.port), 10) as plain:
            connection = context.wrap_socket(plain, server_hostname=place.host)
            with connection:
                wire.send(connection, request, seconds=5)
                return connection.recv(10)
        return b""

    def test_no_certificate_no_tls_and_an_old_version(
        self, selling: World, authority: Authority, place: Secured, tmp_path: Path
    ) -> None:
        bare = ssl.create_default_context(cafile=str(authority.path))
        old = ssl.create_default_context(cafile=str(authority.path))
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        with secured(selling, place, tmp_path) as refused:
            for context in (bare, old):
                assert self.heard(place, context, to_request(entry(selling))) == b""
            with socket.create_connection((place.host, place.port), 10) as plain:
                plain.sendall(framed(to_request(entry(selling))))
                with suppress(ConnectionError):
                    assert plain.recv(10)[:1] in (b"", b"\x15"), "an alert of TLS, if anything"
            until(lambda: len(refused) == 3)
            node = authority.place(place.port, "node", CLIENT)
            assert self.ask(selling, node) == Judgement.right()


def test_files_that_are_missing_or_no_certificates(tmp_path: Path) -> None:
    place = Authority(tmp_path / "ours", "ours").place(1, "guard", SERVER)
    with pytest.raises(SecuringError, match="expected a PEM file at"):
        Line(replace(place, authorities=tmp_path / "none"))
    letter = tmp_path / "letter"
    letter.write_text("Dear guard,")
    for changes in ({"certificate": letter}, {"key": letter}, {"authorities": letter}):
        with pytest.raises(SecuringError, match="cannot use the certificate"):
            Line(replace(place, **changes))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[PrintHouse]:
    """A deployment whose first batch has hidden codes."""
    with open_print_house(tmp_path) as opened:
        opened.program.env |= {"TRACEQR_GUARD": str(tmp_path / "guard")}
        issue_with_codes(opened.world, origin=Origin.parse(f"HTTP://127.0.0.1:{opened.port}"))
        yield opened


@contextmanager
def guard(house: PrintHouse, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """`traceqr guard`, in a process of its own."""
    log = house.world.root / "guard.log"
    house.program.env |= settings
    with log.open("wb") as output:
        process = house.program.start("guard", stderr=output)
    try:
        until(lambda: b"guard-started" in log.read_bytes() or process.poll() is not None)
        assert process.poll() is None, log.read_text()
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        finally:  # one that does not heed it fails this test, and none after it
            process.kill()
            process.wait()


class Phone:
    """A browser that keeps its cookie."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._cookie = ""

    def _keep(self, answer: Answer) -> Answer:
        if found := re.match("traceqr=[^;]+", answer.headers.get("Set-Cookie", "")):
            self._cookie = found[0]
        return answer

    def scan(self, label: Label) -> str:
        """The pass on the page."""
        page = self._keep(self._server.get(label.path, Accept="text/html", Cookie=self._cookie))
        found = re.search('name="pass" value="([^"]+)"', page.text)
        assert found, page.text
        return found[1]

    def enter(self, token: str, typed: str) -> str:
        body = urllib.parse.urlencode({"pass": token, "code": typed}).encode()
        answer = self._server.post("/hidden-code", body, Accept="text/html", Cookie=self._cookie)
        found = re.search('data-outcome="([a-z-]+)"', answer.text)
        assert found, answer.text
        return found[1]


class TestDeployed:
    def label(self, house: PrintHouse, index: int = LABEL.index) -> Label:
        return Label.parse(house.world.text(1, index))

    def test_a_buyer_and_whoever_comes_after(self, house: PrintHouse) -> None:
        """One server for all: the web has no key folder, and knows the guard's socket alone."""
        label, right = self.label(house), right_code(house.world, LABEL).grouped
        with house.node(roles="public", TRACEQR_GUARD=house.program.env["TRACEQR_GUARD"]) as server:
            phones = [Phone(server) for _ in range(8)]
            tokens = [phone.scan(label) for phone in phones]
            assert phones[0].enter(tokens[0], right) == "not-available", "the guard is not there yet"
            with guard(house):
                found = in_threads([lambda at=at: phones[at].enter(tokens[at], right) for at in range(8)])
                assert sorted(found) == ["already-confirmed"] * 7 + ["confirmed"]
                assert phones[found.index("confirmed")].enter(tokens[found.index("confirmed")], right) == (
                    "confirmed-again"
                )
                assert phones[0].enter(tokens[0], "7445 0961 0378") == "mistyped"
                guesser = Phone(server)
                token = guesser.scan(label)
                assert [guesser.enter(token, code(at).digits) for at in range(1, 7)] == ["wrong"] * 5 + ["wait"]
            assert phones[0].enter(tokens[0], right) == "not-available"
            with guard(house):
                assert guesser.enter(token, right) == "wait", "what was counted outlives the guard"
                assert phones[0].enter(tokens[0], right) in ("confirmed-again", "already-confirmed")
        row = house.world.one("SELECT entries, other_entries FROM purchase")
        assert (row["entries"], row["other_entries"]) in ((10, 7), (10, 8))
        self.require_no_codes(house)

    def require_no_codes(self, house: PrintHouse) -> None:
        """Neither the registry nor a log nor the counters hold a code, or the plain hash of one."""
        digits = right_code(house.world, LABEL).digits
        hashed = name(digits)
        for path in house.world.root.iterdir():
            if path.is_file():
                content = path.read_bytes()
                for secret in (digits, right_code(house.world, LABEL).grouped, hashed):
                    assert secret.encode() not in content, path.name

    def test_over_the_network(self, house: PrintHouse, tmp_path: Path) -> None:
        authority, port = Authority(tmp_path / "authority", "ours"), free_port()
        ours, nodes = authority.place(port, "guard", SERVER), authority.place(port, "node", CLIENT)
        with (
            guard(house, **environment(ours)),
            house.node(roles="public", **environment(nodes)) as server,
        ):
            phone = Phone(server)
            token = phone.scan(self.label(house))
            assert phone.enter(token, right_code(house.world, LABEL).grouped) == "confirmed"

    def test_a_second_guard_is_refused(self, house: PrintHouse) -> None:
        with guard(house):
            assert "expected no other guard" in house.program.refused("guard")

    def test_what_is_missing_is_said(self, house: PrintHouse, tmp_path: Path) -> None:
        assert "TRACEQR_GUARD is missing" in house.program.refused("guard", TRACEQR_GUARD="")
        (tmp_path / "empty").mkdir()
        said = house.program.refused("guard", TRACEQR_KEYS=str(tmp_path / "empty"))
        assert "expected a hidden root" in said

    def test_it_leaves_no_picture_of_its_memory(self, house: PrintHouse) -> None:
        with guard(house) as process:
            limits = Path(f"/proc/{process.pid}/limits").read_text()
        assert re.search(r"Max core file size +0 +0 ", limits)


def environment(place: Secured) -> dict[str, str]:
    return {
        "TRACEQR_GUARD": str(place),
        "TRACEQR_GUARD_CERTIFICATE": str(place.certificate),
        "TRACEQR_GUARD_KEY": str(place.key),
        "TRACEQR_GUARD_CA": str(place.authorities),
    }
