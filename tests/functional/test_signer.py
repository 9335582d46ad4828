"""The signer: what it seals and for whom, over its real socket."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import stat
import struct
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from support.print_house import PrintHouse, answering, linked_export, open_print_house
from support.together import until
from support.world import ASSOCIATION, ON_A_FILE, World

from traceqr import activating, claiming, exporting, keying
from traceqr.activating import Range
from traceqr.label.seal import SEAL_DIGITS
from traceqr.registry.exports import Content
from traceqr.signer import frames
from traceqr.signer.asking import Line, SignerAway, SignerRefused
from traceqr.signer.frames import FinishRequest, SealRequest
from traceqr.signer.granting import GRACE_MS
from traceqr.signer.listening import MAX_PATH, SocketError, listening
from traceqr.signer.sealing import MOST_PASSES
from traceqr.wire import frames as wire

DIGEST = "ab" * 32
NOBODY = 65_534


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "socket"


@pytest.fixture
def printing(furnished: World) -> World:
    furnished.issue(10_000)
    return furnished


@pytest.fixture
def line(printing: World, path: Path) -> Iterator[Line]:
    with answering(printing, path):
        yield Line(path)


def connected(path: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(10)
    connection.connect(str(path))
    return connection


def talk(path: Path, octets: bytes) -> bytes:
    """All that the signer says to some bytes, until it closes; it may close while some of them are unread."""
    answer = b""
    with connected(path) as connection, suppress(ConnectionError):
        connection.sendall(octets)
        connection.shutdown(socket.SHUT_WR)
        while chunk := connection.recv(65_536):
            answer += chunk
    return answer


def framed(content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + content


class TestSealing:
    def test_seals_are_those_of_the_command_line(self, printing: World, line: Line) -> None:
        made = linked_export(printing)
        seals = made.plan.series.written(line.ask(made.id, 7, 9).signatures())
        assert list(seals) == [printing.text(1, index)[-SEAL_DIGITS:] for index in (7, 8, 9)]

    def test_as_many_labels_as_may_be_asked_for_at_once(self, printing: World, line: Line) -> None:
        made = linked_export(printing)
        signatures = line.ask(made.id, 0, frames.MAX_LABELS - 1).signatures()
        assert len(signatures) == 8_192
        assert made.plan.series.written(signatures[-1:])[0] == printing.text(1, 8_191)[-SEAL_DIGITS:]

    def test_one_request_after_another_on_a_connection(self, printing: World, line: Line) -> None:
        made = linked_export(printing)
        with connected(line.path) as connection:
            for index in range(3):
                wire.send(connection, SealRequest(made.id, index, index).to_bytes(), seconds=5)
                answer = wire.receive(connection, frames.MAX_ANSWER, 10)
                assert answer is not None
                assert answer[:1] == frames.DONE
                assert made.plan.series.written([answer[1:]])[0] == printing.text(1, index)[-SEAL_DIGITS:]

    def test_many_at_once(self, printing: World, line: Line) -> None:
        """More than are served at the same time wait, and all are answered."""
        made = linked_export(printing)
        found: dict[int, bytes] = {}

        def ask(index: int) -> None:
            found[index] = line.ask(made.id, index, index + 99).signatures()[0]

        threads = [threading.Thread(target=ask, args=(index,)) for index in range(80)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        series = made.plan.series
        assert {index: series.written([each])[0] for index, each in found.items()} == {
            index: printing.text(1, index)[-SEAL_DIGITS:] for index in range(80)
        }

    def test_a_key_made_after_the_start(self, printing: World, line: Line) -> None:
        printing.key()
        batch = printing.issue(5)
        made = exporting.export(
            printing.desk,
            printing.plan(batch.number),
            exporting.Asked("csv", {"link": {"mask": 0, "until_ms": printing.clock() + 1_000}}),
        )
        assert len(line.ask(made.id, 0, 4).signatures()) == 5

    def test_finished_is_on_the_ledger(self, printing: World, line: Line) -> None:
        made = linked_export(printing)
        line.finish(made.id, 1_234, DIGEST)
        assert printing.acts()[-1] == "labels.exported"
        row = printing.one("SELECT digest, bytes FROM label_export")
        assert (row["digest"], row["bytes"]) == (DIGEST, 1_234)
        with pytest.raises(SignerRefused, match="expected an export that goes on") as refused:
            line.finish(made.id, 1_234, DIGEST)
        assert refused.value.reason == "act-refused"


def void(world: World, _: str) -> None:
    activating.void(world.desk, Range(1), "spoilt")


def revoke(world: World, _: str) -> None:
    claiming.revoke_claim(world.desk, str(world.one("SELECT id FROM gtin_claim")["id"]), ASSOCIATION, "forged papers")


def compromise(world: World, _: str) -> None:
    keying.compromise(world.desk, 1, "stolen")


def destroy(world: World, _: str) -> None:
    keying.destroy(world.desk, world.folder, 1, "printed")


def finish_long_ago(world: World, export: str) -> None:
    made = exporting.Export(export, world.plan())
    exporting.finish(world.desk, made, DIGEST, 1)
    world.clock.pass_ms(GRACE_MS)


def let_end(world: World, _: str) -> None:
    world.clock.pass_ms(24 * 3_600_000)


class TestRefusing:
    @pytest.mark.parametrize(
        ("happens", "reason"),
        [
            (void, "labels-withdrawn"),
            (revoke, "labels-withdrawn"),
            (compromise, "labels-withdrawn"),
            (destroy, "labels-withdrawn"),
            (finish_long_ago, "export-finished"),
            (let_end, "link-expired"),
        ],
    )
    def test_what_ended_since(
        self, printing: World, line: Line, happens: Callable[[World, str], None], reason: str
    ) -> None:
        made = linked_export(printing)
        assert line.ask(made.id, 0, 0).signatures()
        happens(printing, made.id)
        with pytest.raises(SignerRefused) as refused:
            line.ask(made.id, 0, 0).signatures()
        assert refused.value.reason == reason

    def test_within_the_hour_what_was_sent_whole_is_sealed_again(self, printing: World, line: Line) -> None:
        made = linked_export(printing)
        exporting.finish(printing.desk, made, DIGEST, 1)
        printing.clock.pass_ms(GRACE_MS - 1)
        assert line.ask(made.id, 0, 0).signatures()

    def test_a_link_is_not_for_copies(self, printing: World, line: Line) -> None:
        """A line that breaks may be taken up again and again; fetching it all for the tenth time needs a reason."""
        made = linked_export(printing)
        for _ in range(MOST_PASSES + 1):
            assert line.ask(made.id, 0, 8_191).signatures()
            assert line.ask(made.id, 8_192, 9_999 - 1_024).signatures()
        with pytest.raises(SignerRefused, match="make another link, for which the ledger keeps a reason") as refused:
            line.ask(made.id, 0, 8_191).signatures()
        assert refused.value.reason == "export-spent"
        again = exporting.export(
            printing.desk,
            printing.plan(),
            exporting.Asked("csv", {"link": {"mask": 0, "until_ms": printing.clock() + 1_000}}, again="lost"),
        )
        assert line.ask(again.id, 0, 0).signatures()

    def test_an_export_that_nobody_made(self, printing: World, line: Line) -> None:
        with pytest.raises(SignerRefused) as refused:
            line.ask("0123456789abcdef", 0, 0).signatures()
        assert refused.value.reason == "export-unknown"

    @pytest.mark.parametrize("content", [Content.LABELS, Content.HIDDEN])
    def test_an_export_of_the_command_line(self, printing: World, line: Line, content: Content) -> None:
        made = printing.export(content=content)
        with pytest.raises(SignerRefused) as refused:
            line.ask(made.id, 0, 0).signatures()
        assert refused.value.reason == "export-not-linked"

    @pytest.mark.parametrize(("first", "last"), [(99, 100), (100, 201), (201, 201), (2**32 - 1, 2**32 - 1)])
    def test_labels_that_the_export_does_not_have(self, printing: World, line: Line, first: int, last: int) -> None:
        until_ms = printing.clock() + 1_000
        asked = exporting.Asked("csv", {"link": {"mask": 0, "until_ms": until_ms}})
        made = exporting.export(printing.desk, printing.plan(1, 100, 200), asked)
        with pytest.raises(SignerRefused, match="expected labels of 100 to 200") as refused:
            line.ask(made.id, first, last).signatures()
        assert refused.value.reason == "range-outside"
        assert line.ask(made.id, 100, 200).signatures()

    def test_a_finish_of_another_export(self, printing: World, line: Line) -> None:
        made = printing.export()
        with pytest.raises(SignerRefused) as refused:
            line.finish(made.id, 1, DIGEST)
        assert refused.value.reason == "export-not-linked"

    def test_with_the_key_file_gone_it_cannot_now(self, printing: World, path: Path) -> None:
        made = linked_export(printing)
        for file in printing.folder.path.glob("*.key"):
            file.unlink()
        with answering(printing, path) as said, pytest.raises(SignerAway, match=r"\(failed\): expected a private key"):
            Line(path).ask(made.id, 0, 0).signatures(0)
        assert said[-1]["event"] == "request-failed"

    def test_with_the_registry_away_it_cannot_now(self, printing: World, line: Line) -> None:
        made = linked_export(printing)
        printing.take_away()
        with pytest.raises(SignerAway):
            line.ask(made.id, 0, 0).signatures(0)
        printing.bring_back()
        assert line.ask(made.id, 0, 0).signatures()


SEAL = SealRequest("0123456789abcdef", 0, 0).to_bytes()
FINISH = FinishRequest("0123456789abcdef", 1, DIGEST).to_bytes()


@ON_A_FILE
class TestGarbled:
    @pytest.mark.parametrize(
        ("octets", "words"),
        [
            (framed(b""), "expected a request of version 1"),
            (framed(b"\2" + SEAL[1:]), "expected a request of version 1"),
            (framed(b"\1K" + SEAL[2:]), "expected a request S of 26 bytes or F of 58"),
            (framed(SEAL[:-1]), "expected a request S of 26 bytes"),
            (framed(SEAL + b"\0"), "expected a request S of 26 bytes"),
            (framed(FINISH[:-1]), "got 57 bytes"),
            (framed(SEAL.replace(b"abcdef", b"ABCDEF")), "expected an export's id of 16 hex digits"),
            (framed(SEAL.replace(b"abcdef", b"abc'--")), "expected an export's id of 16 hex digits"),
            (framed(SealRequest("0" * 16, 5, 4).to_bytes()), "expected 1 to 8,192 labels"),
            (framed(SealRequest("0" * 16, 0, 8_192).to_bytes()), "expected 1 to 8,192 labels"),
            (b"\xff\xff\xff\xff", "expected a frame of at most 64 bytes, got one of 4,294,967,295"),
            (b"\0\0\0\x41", "got one of 65"),
            (b"\0\0", "expected a frame, got less than its length"),
            (framed(SEAL)[:-1], "expected a frame of 26 bytes, got 25"),
            (b"GET / HTTP/1.1\r\n\r\n", "expected a frame of at most 64 bytes"),
        ],
    )
    def test_is_told_so_and_hung_up_on(self, printing: World, path: Path, octets: bytes, words: str) -> None:
        with answering(printing, path) as said:
            answer = talk(path, octets)
            # What was sent beyond a frame's length may take the answer with it when the connection closes.
            assert answer == b"" or (answer[4:5], words in answer.decode("latin-1")) == (frames.GARBLED, True)
            assert said[0]["event"] == "request-garbled"
            assert words in str(said[0]["words"])
            assert talk(path, framed(SEAL))[4:5] == frames.REFUSED

    def test_a_request_after_it_is_not_answered(self, line: Line) -> None:
        answer = talk(line.path, framed(SEAL[:-1]) + framed(SEAL))
        assert answer.count(b"export-unknown") == 0

    def test_a_silent_worker_is_hung_up_on(self, printing: World, path: Path) -> None:
        with answering(printing, path, idle_s=0.1), connected(path) as connection:
            assert connection.recv(1) == b""

    def test_a_worker_that_trickles_is_hung_up_on(self, printing: World, path: Path) -> None:
        with answering(printing, path, idle_s=0.2), connected(path) as connection:
            sent = 0
            with suppress(BrokenPipeError, ConnectionResetError):
                for octet in framed(SEAL):
                    connection.sendall(bytes([octet]))
                    sent += 1
                    threading.Event().wait(0.05)
            assert 0 < sent < len(framed(SEAL))

    def test_one_too_many_is_told_to_wait(self, printing: World, path: Path) -> None:
        made = linked_export(printing)
        with answering(printing, path, connections=1), connected(path) as connection:
            wire.send(connection, SealRequest(made.id, 0, 0).to_bytes(), seconds=5)
            assert wire.receive(connection, frames.MAX_ANSWER, 5)  # this one holds the place
            with pytest.raises(SignerAway):
                Line(path).ask(made.id, 0, 0, patience_s=0).signatures(0)
            question = Line(path).ask(made.id, 0, 0)
            connection.close()
            assert question.signatures()

    def test_without_a_thread_to_be_had_it_says_busy_and_goes_on(
        self, printing: World, line: Line, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made, start = linked_export(printing), threading.Thread.start

        def none(thread: threading.Thread) -> None:
            if thread.name == "connection":
                raise RuntimeError("can't start new thread")
            start(thread)

        with monkeypatch.context() as short:
            short.setattr(threading.Thread, "start", none)
            until(lambda: b"as many workers ask as may at once" in talk(line.path, b""))
        assert line.ask(made.id, 0, 0).signatures()


@ON_A_FILE
class TestStrangers:
    """The kernel says who is at the other end; here the mode of the socket lets everybody reach it."""

    @pytest.mark.parametrize(
        ("group", "further", "answered"),
        [(NOBODY, [], False), (4_242, [], True), (NOBODY, [5, 4_242], True), (NOBODY, [0, 5], False)],
    )
    def test_only_those_of_the_group_are_answered(
        self, printing: World, group: int, further: list[int], answered: bool
    ) -> None:
        if os.geteuid():
            pytest.skip("not root: nobody else can be at the other end")
        folder = Path(tempfile.mkdtemp(prefix="traceqr-signer-"))
        try:
            folder.chmod(0o755)
            path = folder / "socket"
            before = os.getegid()
            os.setegid(4_242)  # as systemd starts the signer: what it makes is of the shared group
            try:
                with answering(printing, path) as said:
                    os.setegid(before)
                    assert path.stat().st_gid == 4_242
                    path.chmod(0o666)
                    assert self._as_another(path, group, further) is answered
                    assert ({"event": "stranger-refused", "user": NOBODY} in said) is not answered
            finally:
                os.setegid(before)
        finally:
            shutil.rmtree(folder)

    @staticmethod
    def _as_another(path: Path, group: int, further: list[int]) -> bool:
        """Whether another user, in a process of his own, gets an answer."""
        child = os.fork()
        if not child:
            code = 2
            try:
                os.setgroups(further)
                os.setgid(group)
                os.setuid(NOBODY)
                code = 0 if talk(path, framed(SEAL)) else 1
            finally:
                os._exit(code)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert code in (0, 1)
        return code == 0

    def test_the_mode_of_the_socket(self, line: Line) -> None:
        assert stat.S_IMODE(line.path.stat().st_mode) == 0o660


class TestPlace:
    @pytest.mark.parametrize("mode", [0o777, 0o770])
    def test_a_folder_that_others_may_write(self, tmp_path: Path, path: Path, mode: int) -> None:
        """Those of the group are the web's workers: they may connect, and not put a socket of their own there."""
        tmp_path.chmod(mode)
        words = f"expected a folder that others cannot write .* has mode {mode:04o}"
        with pytest.raises(SocketError, match=words), listening(path):
            pass
        assert not path.exists()

    def test_one_where_nobody_may_remove_what_is_not_his(self, tmp_path: Path, path: Path) -> None:
        tmp_path.chmod(0o1777)
        with listening(path):
            assert path.exists()
        assert not path.exists()

    def test_no_folder(self, tmp_path: Path) -> None:
        with pytest.raises(SocketError, match="cannot use the folder"), listening(tmp_path / "none" / "socket"):
            pass

    def test_a_folder_of_somebody_else(self, tmp_path: Path, path: Path) -> None:
        if os.geteuid():
            pytest.skip("not root: no folder can be given away")
        os.chown(tmp_path, NOBODY, NOBODY)
        with pytest.raises(SocketError, match="to be ours, it is another user's"), listening(path):
            pass

    def test_a_path_too_long_for_a_socket(self, tmp_path: Path) -> None:
        with pytest.raises(SocketError, match=f"at most {MAX_PATH} bytes"), listening(tmp_path / ("s" * 120)):
            pass

    def test_another_file_is_left_alone(self, path: Path) -> None:
        path.write_text("a letter")
        with pytest.raises(SocketError, match="found another file"), listening(path):
            pass
        assert path.read_text() == "a letter"

    def test_a_living_signer(self, path: Path) -> None:
        with listening(path), pytest.raises(SocketError, match="expected no other signer"), listening(path):
            pass

    def test_a_living_server_of_another_kind(self, path: Path) -> None:
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(str(path))
            other.listen()
            with pytest.raises(SocketError, match="expected no server"), listening(path):
                pass
            assert path.exists()

    def test_what_a_dead_one_left_is_replaced(self, path: Path) -> None:
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(str(path))
            dead.listen()
        assert path.exists()
        with listening(path) as listener, connected(path):
            listener.accept()[0].close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[PrintHouse]:
    with open_print_house(tmp_path) as opened:
        opened.issue(10_000)
        yield opened


class TestCommand:
    """`traceqr signer`, in a process of its own."""

    def test_it_ends_in_good_order(self, house: PrintHouse) -> None:
        request = SealRequest(house.export(), 0, 8_191).to_bytes()
        with house.signer() as process, connected(house.socket) as connection:
            for signals in ([], [signal.SIGTERM]):
                wire.send(connection, request, seconds=5)
                for each in signals:
                    process.send_signal(each)
                answer = wire.receive(connection, frames.MAX_ANSWER, 10)
                assert answer is not None, "what was asked before is answered"
                assert len(answer) == frames.MAX_ANSWER
            assert process.wait(20) == 0
            assert connection.recv(1) == b""
        assert not house.socket.exists()
        assert [line["event"] for line in house.said] == ["signer-started", "signer-stopped"]

    def test_it_leaves_no_picture_of_its_memory(self, house: PrintHouse) -> None:
        with house.signer() as process:
            limits = Path(f"/proc/{process.pid}/limits").read_text()
        assert re.search(r"Max core file size +0 +0 ", limits)

    def test_a_second_one_is_refused(self, house: PrintHouse) -> None:
        with house.signer():
            assert "expected no other signer" in house.program.refused("signer")
            assert Line(house.socket).ask(house.export(), 0, 0).signatures()

    def test_one_after_a_killed_one(self, house: PrintHouse) -> None:
        with house.signer() as process:
            process.kill()
            process.wait()
        assert house.socket.exists()
        with house.signer():
            assert Line(house.socket).ask(house.export(), 0, 0).signatures()

    def test_the_setting_is_missing(self, house: PrintHouse) -> None:
        assert "TRACEQR_SIGNER is missing" in house.program.refused("signer", TRACEQR_SIGNER="")

    def test_there_are_no_keys(self, house: PrintHouse, tmp_path: Path) -> None:
        said = house.program.refused("signer", TRACEQR_KEYS=str(tmp_path / "none"))
        assert "expected a label key that may print" in said

    def test_a_key_that_others_may_read(self, house: PrintHouse) -> None:
        (key,) = house.world.folder.path.glob("*.key")
        key.chmod(0o640)
        assert "expected mode 0600" in house.program.refused("signer")

    def test_nothing_secret_is_said(self, house: PrintHouse) -> None:
        export = house.export()
        with house.signer():
            Line(house.socket).ask(export, 0, 0).signatures()
            with pytest.raises(SignerRefused):
                Line(house.socket).ask("0" * 16, 0, 0).signatures()
        assert [sorted(line) for line in house.said] == [
            ["event", "keys", "timestamp"],
            ["event", "export", "reason", "timestamp"],
            ["event", "timestamp"],
        ]
