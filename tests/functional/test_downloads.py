"""Files of labels over the web: a signer with the keys, a gunicorn without, and what a print house fetches from it."""

from __future__ import annotations

import hashlib
import json
import random
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser
from support import postgres
from support.ports import free_port
from support.print_house import PrintHouse, open_print_house
from support.processes import children, open_files, peak_memory_kb
from support.server import Answer, Server
from support.together import until

from tests.browser.conftest import launched
from traceqr import activating, keying
from traceqr.activating import Range
from traceqr.registry import opening

COUNT = 2_013
FORMS: dict[str, tuple[str, ...]] = {
    "csv": (),
    "txt": ("--columns", "serial,text", "--bom"),
    "zpl": ("--graphic", "--dpi", "203"),
    "tspl": (),
    "pdf": (),
    "png": ("--last", "700"),
    "svg": ("--last", "300"),
    "svg-zip": ("--last", "300"),
}
AGAIN = ("--again", "a roll was damaged")


@dataclass
class Running:
    """A print house whose signer and web node run."""

    house: PrintHouse
    server: Server

    @property
    def events(self) -> list[dict[str, Any]]:
        """What the web node has logged."""
        return [json.loads(line) for line in self.server.log.read_text().splitlines()]

    def get(self, path: str, **headers: str) -> Answer:
        return self.server.get(path, **headers)

    def head(self, path: str, **headers: str) -> Answer:
        request = urllib.request.Request(self.server.origin + path, headers=headers, method="HEAD")
        return self.server.send(request)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with open_print_house(tmp_path_factory.mktemp("house")) as house:
        house.issue(COUNT, lot="L-7")
        with house.signer(), house.node() as server:
            yield Running(house, server)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as started:
        yield started


@pytest.fixture(scope="module", params=sorted(FORMS))
def file(running: Running, request: pytest.FixtureRequest) -> tuple[str, bytes]:
    """The path of a link, and what the command line writes of the same labels."""
    name = str(request.param)
    options = ("--first", "5", *FORMS[name])
    return running.house.link(*options, *AGAIN, name=name), running.house.file(*options, name=name)


class TestWhole:
    def test_the_bytes_are_those_of_the_command_line(self, running: Running, file: tuple[str, bytes]) -> None:
        path, expected = file
        answer = running.get(path)
        assert (answer.status, answer.headers["Content-Length"]) == (200, str(len(expected)))
        assert answer.body == expected

    def test_what_a_browser_is_told(self, running: Running, file: tuple[str, bytes]) -> None:
        path, expected = file
        name = path.rpartition("/")[2]
        for answer in (running.get(path), running.head(path)):
            assert answer.status == 200
            told = {each: answer.headers[each] for each in ("Content-Length", "Content-Disposition", "Accept-Ranges")}
            assert told == {
                "Content-Length": str(len(expected)),
                "Content-Disposition": f'attachment; filename="{name}"',
                "Accept-Ranges": "bytes",
            }
            assert answer.headers["ETag"].startswith('"')
            assert answer.headers["Cache-Control"] == "private, no-store, no-transform"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert running.head(path).body == b""

    def test_the_tag_is_the_same_in_every_worker(self, running: Running, file: tuple[str, bytes]) -> None:
        assert len({running.head(file[0]).headers["ETag"] for _ in range(8)}) == 1

    def test_it_is_on_the_ledger(self, running: Running) -> None:
        path = running.house.link("--first", 7, "--last", 1_400, *AGAIN)
        export = self._latest(running)
        assert (export["digest"], export["bytes"]) == (None, None)
        body = running.get(path).body
        until(lambda: running.house.world.acts()[-1] == "labels.exported")
        export = self._latest(running)
        assert (export["digest"], export["bytes"]) == (hashlib.sha256(body).hexdigest(), len(body))
        entries = [json.loads(row["entry"]) for row in running.house.world.rows("SELECT entry FROM ledger")]
        assert entries[-1]["actor"] == "signer"
        assert running.house.program.run("check").exit_code == 0

    def test_a_second_time_within_the_hour(self, running: Running) -> None:
        """A print house whose line broke at the very end may come again; the ledger keeps the first time."""
        path = running.house.link("--last", 50, *AGAIN)
        first = running.get(path)
        until(lambda: running.house.world.acts()[-1] == "labels.exported")
        assert running.get(path).body == first.body
        until(lambda: running.events[-2]["event"] == "download-unrecorded")
        assert running.events[-2]["reason"] == "act-refused"
        assert running.house.world.acts()[-2:] == ["labels.export", "labels.exported"]

    @staticmethod
    def _latest(running: Running) -> dict[str, Any]:
        rows = running.house.world.rows("SELECT digest, bytes FROM label_export ORDER BY position")
        return dict(rows[-1])

    def test_a_real_browser_saves_it(self, running: Running, browser: Browser) -> None:
        path = running.house.link("--last", 1_999, *AGAIN)
        page = browser.new_page(accept_downloads=True)
        page.goto(running.server.origin + "/")
        with page.expect_download() as expected:
            page.evaluate("path => { location.href = path }", path)
        saved = expected.value
        assert saved.failure() is None
        assert saved.suggested_filename == "batch-00000001-labels-00000000-00001999.csv"
        assert Path(saved.path()).read_bytes() == running.house.file("--last", 1_999)
        page.close()

    def test_by_a_role_that_may_not_act(self, tmp_path: Path) -> None:
        """The node's role of PostgreSQL reads one table more than a verifier's, and acts on none: the signer does."""
        role = "print_node"
        postgres.run_as_owner(f"CREATE ROLE {role} LOGIN NOSUPERUSER")
        try:
            with open_print_house(tmp_path, engine="postgres") as house:
                opening.grant_public(house.world.url, role)
                parts = house.world.url_parts
                own = {"TRACEQR_DATABASE": f"postgresql://{role}@/{parts['dbname']}?host={parts['host']}"}
                house.issue(1_500)
                path = house.link()
                with house.signer(), house.node(**own) as server:
                    assert server.get(path).status == 503
                    with psycopg.connect(house.world.url, autocommit=True) as owner:
                        owner.execute(f"GRANT SELECT ON label_export TO {role}")
                    assert server.get(path).body == house.file()
                    until(lambda: house.world.acts().count("labels.exported") == 2)
        finally:
            postgres.run_as_owner(f"DROP ROLE {role}")


class TestRange:
    def test_any_stretch(self, running: Running, file: tuple[str, bytes]) -> None:
        """From the middle of a label, over the edges of head, strips and tail, and at random."""
        path, expected = file
        size, chance = len(expected), random.Random(len(expected))
        edges = [0, 1, 47, 48, 49, size // 2, size - 2, size - 1, *(chance.randrange(size) for _ in range(12))]
        for start in edges:
            stop = min(size, start + chance.choice([1, 2, 999, 70_001]))
            answer = running.get(path, Range=f"bytes={start}-{stop - 1}")
            assert answer.status == 206
            assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{size}"
            assert answer.headers["Content-Length"] == str(stop - start)
            assert answer.body == expected[start:stop], (start, stop)

    def test_what_is_missing_of_a_download(self, running: Running, file: tuple[str, bytes]) -> None:
        """As `curl -C -` asks for it, and browsers with the tag that they were given."""
        path, expected = file
        at = len(expected) * 2 // 3 + 1
        tag = running.head(path).headers["ETag"]
        for more in ({}, {"If_Range": tag}):
            answer = running.get(path, Range=f"bytes={at}-", **more)
            assert (answer.status, answer.body) == (206, expected[at:])

    @pytest.mark.parametrize("count", [1, 2, 100, 300_000])
    def test_the_end(self, running: Running, file: tuple[str, bytes], count: int) -> None:
        path, expected = file
        answer = running.get(path, Range=f"bytes=-{count}")
        assert (answer.status, answer.body) == (206, expected[-count:])

    def test_more_than_there_is(self, running: Running, file: tuple[str, bytes]) -> None:
        path, expected = file
        size = len(expected)
        assert running.get(path, Range=f"bytes=-{size + 5}").body == expected
        answer = running.get(path, Range=f"bytes={size - 3}-{size + 5}")
        assert (answer.status, answer.headers["Content-Range"]) == (206, f"bytes {size - 3}-{size - 1}/{size}")
        assert answer.body == expected[-3:]

    @pytest.mark.parametrize("beyond", ["bytes={size}-", "bytes={more}-{more}", "bytes=-0"])
    def test_past_the_end(self, running: Running, file: tuple[str, bytes], beyond: str) -> None:
        path, expected = file
        size = len(expected)
        answer = running.get(path, Range=beyond.format(size=size, more=size + 9), Accept_Language="en")
        assert (answer.status, answer.headers["Content-Range"]) == (416, f"bytes */{size}")
        assert "The file is shorter than that" in answer.text

    @pytest.mark.parametrize(
        "asked",
        ["bytes=0-1,5-6", "bytes=5-4", "bytes=-", "bytes=a-b", "bytes=\uff11-\uff12", "lines=0-1", "bytes 0-1", "0-1"],
    )
    def test_what_is_no_single_range_is_not_heeded(self, running: Running, asked: str) -> None:
        path = running.house.link("--last", 3, *AGAIN)
        answer = running.get(path, Range=asked.encode().decode("latin-1"))
        assert (answer.status, answer.body) == (200, running.house.file("--last", 3))

    @pytest.mark.parametrize("validator", ['"another"', "W/{tag}", "Fri, 20 Nov 2026 08:00:00 GMT"])
    def test_a_part_of_another_file_is_not_added_to(self, running: Running, validator: str) -> None:
        path = running.house.link("--last", 3, *AGAIN)
        tag = running.head(path).headers["ETag"]
        answer = running.get(path, Range="bytes=10-", If_Range=validator.format(tag=tag))
        assert (answer.status, answer.body) == (200, running.house.file("--last", 3))

    def test_parts_are_not_on_the_ledger_as_a_whole(self, running: Running) -> None:
        path = running.house.link("--last", 100, *AGAIN)
        size = int(running.head(path).headers["Content-Length"])
        body = running.get(path, Range="bytes=0-9999").body + running.get(path, Range="bytes=10000-").body
        assert body == running.house.file("--last", 100)
        row = running.house.world.rows("SELECT finished_position FROM label_export ORDER BY position")[-2]
        assert (row["finished_position"], len(body)) == (None, size)


class TestNoLink:
    @pytest.mark.parametrize("language", ["zh-CN", "zh-TW", "en"])
    def test_an_altered_one(self, running: Running, language: str) -> None:
        words = {"zh-CN": "此处没有文件", "zh-TW": "此處沒有檔案", "en": "There is no file here"}
        path = running.house.link("--last", 3, *AGAIN)
        _, _, token, name = path.split("/")
        other = ("A" if token[8] != "A" else "B").join((token[:8], token[9:]))
        for wrong in (f"/print/{other}/{name}", f"/print/{token[:-2]}/{name}", f"/print/{token}/another.csv"):
            answer = running.get(wrong, Accept_Language=language)
            assert (answer.status, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
            assert words[language] in answer.text
            assert token not in running.server.log.read_text()

    def test_only_get_and_head(self, running: Running) -> None:
        path = running.house.link("--last", 3, *AGAIN)
        assert running.server.post(path, b"").status == 405

    def test_a_node_that_prints_nothing_has_no_such_page(self, running: Running) -> None:
        path = running.house.link("--last", 3, *AGAIN)
        elsewhere = PrintHouse(running.house.world, free_port())
        with elsewhere.node("public") as server:
            answer = server.get(path, Accept_Language="en")
        assert answer.status == 404
        assert "There is no file here" not in answer.text

    def test_a_node_that_only_prints(self, running: Running) -> None:
        path = running.house.link("--last", 3, *AGAIN)
        elsewhere = PrintHouse(running.house.world, free_port())
        with elsewhere.node("print", TRACEQR_SIGNER=str(running.house.socket)) as server:
            assert server.get("/", Accept_Language="en").status == 404
            assert server.get(path).body == running.house.file("--last", 3)

    def test_a_node_without_the_setting_does_not_start(self, running: Running) -> None:
        elsewhere = PrintHouse(running.house.world, free_port())
        with pytest.raises(AssertionError, match="TRACEQR_SIGNER is missing"), elsewhere.node(TRACEQR_SIGNER=""):
            pass


@pytest.fixture
def house(tmp_path: Path) -> Iterator[PrintHouse]:
    with open_print_house(tmp_path) as opened:
        yield opened


class TestWithoutKeys:
    def test_the_web_worker_opens_none(self, running: Running) -> None:
        """No key file, and no folder of them, is open in any process of the web, nor named in its environment."""
        running.get(running.house.link("--last", 3, *AGAIN))
        keys = str(running.house.world.folder.path)
        for pid in (running.server.process.pid, *children(running.server.process.pid)):
            assert not [path for path in open_files(pid) if path.startswith(keys)]
            assert keys.encode() + b"\0" not in Path(f"/proc/{pid}/environ").read_bytes()

    def test_the_private_files_may_lie_elsewhere_altogether(self, house: PrintHouse, tmp_path: Path) -> None:
        house.issue(600)
        path, expected = house.link(), house.file()
        with house.signer(), house.node() as server:
            # The signer has opened them already: nobody on this machine could read one now.
            house.world.folder.path.rename(tmp_path / "gone")
            for file in (tmp_path / "gone").iterdir():
                file.unlink()
            assert server.get(path).body == expected


class TestNoSigner:
    def test_away(self, house: PrintHouse) -> None:
        house.issue(600)
        path, expected = house.link(), house.file()
        with house.node() as server:
            answer = server.get(path, Accept_Language="en")
            assert (answer.status, answer.headers["Retry-After"]) == (503, "30")
            assert "The labels cannot be fetched just now" in answer.text
            assert server.get(path, Accept_Language="zh-CN").text.count("暂时无法取得标签") == 1
            assert server.get("/healthz").status == 200
            with house.signer():
                assert server.get(path).body == expected
                # The end of a download is told to the signer after its last byte; a node that stops waits for that.
                until(lambda: house.world.acts().count("labels.exported") == 2)

    def test_started_anew_during_a_download(self, house: PrintHouse) -> None:
        """The download waits, and goes on."""
        house.issue(20_000)
        path = house.link()
        with house.node() as server:
            with house.signer():
                connection = _begun(server, path)
                received = connection.recv(65_536)
            with connection, house.signer():
                while chunk := connection.recv(1 << 16):
                    received += chunk
        assert received.partition(b"\r\n\r\n")[2] == house.file()

    def test_withdrawn_during_a_download(self, house: PrintHouse) -> None:
        """The rest is not sealed, and the connection breaks off short of its length: nobody takes it for whole."""
        house.issue(40_000)
        path = house.link()
        with house.signer(), house.node() as server, _begun(server, path) as connection:
            received = connection.recv(65_536)
            activating.void(house.world.desk, Range(1), "spoilt")
            while chunk := _received(connection):
                received += chunk
            head, _, body = received.partition(b"\r\n\r\n")
            assert len(body) < int(head.partition(b"Content-Length: ")[2].split()[0])
            assert server.get(path, Accept_Language="en").status == 403
            assert '"download-broken-off"' in server.log.read_text()
        assert house.world.acts()[-1] == "batch.void"

    def test_stolen_since(self, house: PrintHouse) -> None:
        house.issue(600)
        path = house.link()
        keying.compromise(house.world.desk, 1, "stolen")
        house.world.key()
        with house.signer(), house.node() as server:
            answer = server.get(path, Accept_Language="en")
        assert answer.status == 403
        assert "These labels may no longer be printed" in answer.text


def _begun(server: Server, path: str) -> socket.socket:
    """A connection on which a file is asked for, and little of it is taken in at a time."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
    connection.settimeout(60)
    connection.connect(("127.0.0.1", server.port))
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nConnection: close\r\n\r\n".encode())
    return connection


def _received(connection: socket.socket) -> bytes:
    try:
        return connection.recv(1 << 16)
    except ConnectionResetError:
        return b""


class TestBeside:
    def test_others_are_answered_while_a_long_file_is_made(self, house: PrintHouse) -> None:
        """By the one worker that makes it, again and again before it is done; and its memory stays flat."""
        house.issue(200_000)
        path = house.link()
        with house.signer(), house.node(workers=1) as server:
            (worker,) = children(server.process.pid)
            server.get(path, Range="bytes=0-2000000")
            before, sizes = peak_memory_kb(worker), list[int]()

            def fetch() -> None:
                with urllib.request.urlopen(server.origin + path, timeout=120) as response:
                    while chunk := response.read(1 << 20):
                        sizes.append(len(chunk))

            fetching = threading.Thread(target=fetch)
            fetching.start()
            answered = 0
            while fetching.is_alive():
                assert server.get("/healthz").status == 200
                answered += 1
                time.sleep(0.05)
            fetching.join()
            assert sum(sizes) == int(_length(server, path))
            assert answered >= 20
            assert peak_memory_kb(worker) - before < 40_000

    def test_a_reader_who_leaves(self, house: PrintHouse) -> None:
        """Nothing goes on for him, and it is no whole export."""
        house.issue(40_000)
        path = house.link()
        with house.signer(), house.node(workers=1) as server:
            connection = _begun(server, path)
            assert connection.recv(1_000)
            connection.close()
            until(lambda: '"download-broken-off"' in server.log.read_text())
            assert server.get("/healthz").status == 200
            assert server.get(path, Range="bytes=0-9").status == 206
        assert house.world.acts()[-1] == "labels.export"


def _length(server: Server, path: str) -> str:
    return server.send(urllib.request.Request(server.origin + path, method="HEAD")).headers["Content-Length"]


class TestLink:
    """`traceqr batch link`."""

    def test_what_is_said(self, house: PrintHouse) -> None:
        house.issue(600)
        made = house.program.run("batch", "link", 1, "--format", "csv", "--last", 9)
        name = "batch-00000001-labels-00000000-00000009.csv"
        assert made.exit_code == 0
        assert made.stdout.startswith(f"http://127.0.0.1:{house.port}/print/")
        assert made.stdout.endswith(f"/{name}\n")
        assert "10 labels of batch 1, 3," in made.stderr
        (entry,) = (json.loads(row["entry"]) for row in house.world.rows("SELECT entry FROM ledger")[-1:])
        assert entry["payload"]["options"]["link"]["mask"] == 0

    def test_a_second_one_needs_a_reason(self, house: PrintHouse) -> None:
        house.issue(600)
        house.link("--last", 9)
        assert "say why it is needed" in house.program.refused("batch", "link", 1, "--format", "csv")
        assert house.link(*AGAIN)

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            (
                ("--format", "png", "--sheet", "contact", "--last", 5),
                "expected a format whose length is known before it is made, png is none",
            ),
            (("--format", "pdf", "--design", "own.toml"), "expected a built-in design"),
            (("--format", "csv", "--dpi", "300"), "expected options that csv takes"),
            (("--format", "csv", "--last", 600), "expected labels within 0 to 599"),
        ],
    )
    def test_what_cannot_be_had_by_a_link(
        self, house: PrintHouse, monkeypatch: pytest.MonkeyPatch, options: tuple[object, ...], words: str
    ) -> None:
        house.issue(600)
        monkeypatch.chdir(house.world.root)
        design = Path(__file__).parents[2] / "traceqr" / "printing" / "designs" / "classic.toml"
        (house.world.root / "own.toml").write_bytes(design.read_bytes())
        assert words in house.program.refused("batch", "link", 1, *options)
        assert "labels.export" not in house.world.acts()

    def test_without_the_secret_nothing_is_put_on_the_ledger(self, house: PrintHouse) -> None:
        house.issue(600)
        said = house.program.refused("batch", "link", 1, "--format", "csv", TRACEQR_SECRET_KEY="")
        assert "TRACEQR_SECRET_KEY is missing" in said
        assert "labels.export" not in house.world.acts()

    @pytest.mark.parametrize("hours", ["0", "721", "soon"])
    def test_for_how_long(self, house: PrintHouse, hours: str) -> None:
        assert "--valid-hours" in house.program.refused(
            "batch", "link", 1, "--format", "csv", "--valid-hours", hours, code=2
        )
