"""The demonstration: true on any day of the year, and as `make demo` starts it, for real."""

from __future__ import annotations

import html
import json
import os
import re
import shlex
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import click
import pytest
from support.ports import free_port
from support.program import Program
from support.server import Answer, Server
from support.world import ZONE, SetClock

from traceqr.chain import recounting
from traceqr.chain.telling import ACTIVATED, MADE
from traceqr.demo import household, postgres
from traceqr.demo.household import Household
from traceqr.instant import Clock
from traceqr.label.format import InvalidLabel, Label
from traceqr.label.gtin import Gtin
from traceqr.label.host import Origin
from traceqr.registry import opening
from traceqr.symbol.encode import encode
from traceqr.symbol.terminal import to_terminal
from traceqr.tracing.thing import Thing
from traceqr.verdict import Code
from traceqr.verifying import Verifier

ORIGIN = Origin.parse("http://127.0.0.1:8000")
PERSON = {"Accept": "text/html", "Sec_Fetch_Dest": "document", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Site": "none"}
FORM = {"Content_Type": "application/x-www-form-urlencoded"}

STARTS = (
    "2026-09-01 00:30",  # the first hour of an edition: all of its past lies in this hour
    "2026-11-20 12:00",
    "2027-01-01 00:00",
    "2027-02-28 23:59",
    "2027-08-31 23:30",  # the last hour of an edition
    "2028-02-29 08:00",
)


def shanghai(text: str) -> SetClock:
    moment = datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)
    return SetClock(int(moment.timestamp()) * 1000)


def rows(folder: Path, sql: str) -> list[dict[str, Any]]:
    database = opening.open_database(f"sqlite:///{folder}/traceqr.db")
    try:
        with database.snapshot() as reader:
            return reader.rows(sql)
    finally:
        database.close()


def hosts_of(house: Household) -> set[str]:
    """The hosts that a server of this demonstration takes for official."""
    return set(house.environment(ORIGIN)["TRACEQR_OFFICIAL_HOSTS"].split(",")) | {ORIGIN.host}


def verdicts(house: Household, clock: Clock) -> list[str]:
    database = opening.open_database(f"sqlite:///{house.folder}/traceqr.db")
    try:
        verifier = Verifier(database, hosts_of(house), clock)
        return [str(verifier.verify(sample.text, history=True).code) for sample in house.samples()]
    finally:
        database.close()


@dataclass(frozen=True)
class Made:
    """A demonstration as it was made on a day, and that day's clock."""

    house: Household
    clock: SetClock


@pytest.fixture(scope="module", params=STARTS)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    clock = shanghai(request.param)
    return Made(household.open_or_make(tmp_path_factory.mktemp("day") / "demo", ORIGIN, clock), clock)


class TestOnAnyDay:
    def test_every_sample_leads_to_the_verdict_that_it_announces(self, made: Made) -> None:
        announced = [(sample.title_en, sample.verdict) for sample in made.house.samples()]
        found = verdicts(made.house, made.clock)
        assert list(zip((title for title, _ in announced), found, strict=True)) == announced
        assert set(found) == {str(code) for code in Code}

    def test_there_is_enough_to_show(self, made: Made) -> None:
        folder = made.house.folder
        assert len(rows(folder, "SELECT uscc FROM enterprise")) >= 3
        gtins = [Gtin.parse(row["gtin"]) for row in rows(folder, "SELECT gtin FROM product")]
        assert len(gtins) >= 12
        assert all(690 <= int(gtin.trade[:3]) <= 699 for gtin in gtins)
        assert len(rows(folder, "SELECT id FROM campaign")) == 2
        assert len(rows(folder, "SELECT number FROM pledge WHERE state = 'withdrawn'")) == 1
        assert rows(folder, "SELECT gtin FROM product_version WHERE picture IS NULL") == []
        assert len(rows(folder, "SELECT batch FROM suspect")) == 1
        assert len(rows(folder, "SELECT DISTINCT place FROM scan_place WHERE place <> ''")) >= 15

    def test_the_way_of_the_tea_is_told(self, made: Made) -> None:
        (text,) = (each.text for each in made.house.samples() if each.title_en == "Black tea that carries a pledge")
        label = Label.parse(text)
        database = opening.open_database(f"sqlite:///{made.house.folder}/traceqr.db")
        try:
            with database.snapshot() as reader:
                thing = Thing.label(label.gtin.digits, label.serial.batch, label.serial.index)
                story = recounting.recount(reader, thing)
                names = recounting.names_in(reader, story)
        finally:
            database.close()
        told = [line.what for line in story.lines]
        assert sorted(told) == sorted(
            [*("receiving", "inspecting", MADE, ACTIVATED), *("packing", "packing", "shipping", "receiving")]
        )
        assert all(names.place(line.place) for line in story.lines if line.place)
        assert all(line.gap is None and line.at_ms <= made.clock() for line in story.lines)

    def test_nothing_was_done_in_the_future_nor_out_of_order(self, made: Made) -> None:
        acts = [row["at_ms"] for row in rows(made.house.folder, "SELECT at_ms FROM ledger ORDER BY position")]
        assert acts == sorted(acts)
        assert acts[-1] <= made.clock()
        assert all(row["at_ms"] <= made.clock() for row in rows(made.house.folder, "SELECT at_ms FROM scan"))

    def test_opened_again_it_is_as_it_was(self, made: Made) -> None:
        before = (made.house.folder / "samples.json").read_bytes()
        again = household.open_or_make(made.house.folder, ORIGIN, made.clock)
        assert (again.folder / "samples.json").read_bytes() == before


class Interrupted(BaseException):
    """What Ctrl-C is to a load; a class of its own, so that pytest does not stop."""


@pytest.mark.parametrize("asked", [1, 4, 9])
def test_an_interrupted_first_load_spoils_nothing(tmp_path: Path, asked: int) -> None:
    clock = shanghai("2026-11-20 12:00")
    left = [asked]

    def interrupted() -> int:
        left[0] -= 1
        if not left[0]:
            raise Interrupted
        return clock()

    folder = tmp_path / "demo"
    with pytest.raises(Interrupted):
        household.open_or_make(folder, ORIGIN, interrupted)
    assert not folder.exists(), "half a demonstration"
    assert (tmp_path / "demo.new").exists(), "expected the load to be interrupted after it had begun"
    (tmp_path / "demo.new" / "samples.json").write_text("[]")
    house = household.open_or_make(folder, ORIGIN, clock)
    assert [sample.verdict for sample in house.samples()] == verdicts(house, clock)
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


# --- the command, in a process of its own


def command(folder: Path, bind: str, *more: str) -> tuple[list[str], dict[str, str]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TRACEQR_")}
    arguments = [sys.executable, "-m", "traceqr", "demo", "--folder", str(folder), "--bind", bind, *more]
    return arguments, {**environment, "PYTHONWARNINGS": "error", "PYTHONIOENCODING": "utf-8"}


def refusal(folder: Path, bind: str, *more: str) -> tuple[int, str]:
    """Exit code and standard error of a start that must fail; it would not end if it succeeded."""
    arguments, environment = command(folder, bind, *more)
    done = subprocess.run(
        arguments, env=environment, cwd=folder.parent, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


@contextmanager
def demonstration(folder: Path, port: int, *more: str, how: signal.Signals = signal.SIGTERM) -> Iterator[Server]:
    """The running demonstration, stopped by a signal: it must end by itself, and without complaint."""
    arguments, environment = command(folder, f"127.0.0.1:{port}", *more)
    log = folder.with_name(f"{folder.name}-{port}.log")
    with log.open("wb") as output:
        process = subprocess.Popen(
            arguments, env=environment, cwd=folder.parent, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        server = Server(port, log, process)
        await_answer(server)
        yield server
        process.send_signal(how)
        assert process.wait(20) == 0, log.read_text(encoding="utf-8")
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)  # with PostgreSQL it has children to stop
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
        process.kill()
        process.wait()


def await_answer(server: Server) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.process.poll() is None:
        with suppress(OSError):
            if server.get("/readyz").status == 200:
                return
        time.sleep(0.05)
    raise AssertionError(f"expected the demonstration on port {server.port}: {server.log.read_text(encoding='utf-8')}")


def shown(answer: Answer) -> str:
    """The verdict of a page."""
    found = re.search(r'<body[^>]*\bdata-verdict="([a-z]+)"', answer.text)
    assert found, answer.text[:500]
    return found[1]


def opened(server: Server, text: str) -> Answer:
    """What a person sees of a sample: its own path where it leads to this site, else the form."""
    with suppress(InvalidLabel):
        label = Label.parse(text)
        if label.origin.host == f"127.0.0.1:{server.port}":
            return server.get(label.path, **PERSON)
    return server.post("/check", urllib.parse.urlencode({"text": text}).encode(), **FORM)


def entry(server: Server, sample: dict[str, str]) -> str:
    """What comes of entering the hidden code of a sample."""
    found = re.search('name="pass" value="([^"]+)"', opened(server, sample["text"]).text)
    assert found, "a form for the hidden code"
    body = urllib.parse.urlencode({"pass": found[1], "code": sample["hidden"]}).encode()
    told = json.loads(server.post("/hidden-code", body, **{**FORM, "Accept": "application/json"}).text)
    return str(told["outcome"])


def ledger_of(folder: Path) -> list[dict[str, Any]]:
    """All but that bundles and passports are published, which goes on by itself."""
    published = "('bundle.publish', 'passport.publish')"
    return rows(folder, f"SELECT * FROM ledger WHERE act NOT IN {published} ORDER BY position")


@dataclass(frozen=True)
class Begun:
    """A demonstration that runs for the first time."""

    folder: Path
    server: Server

    @property
    def samples(self) -> list[dict[str, str]]:
        told: list[dict[str, str]] = json.loads((self.folder / "samples.json").read_text(encoding="utf-8"))
        return told


@pytest.fixture(scope="module")
def in_a_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one demonstration that is started again and again."""
    return tmp_path_factory.mktemp("demonstration") / "demo"


@pytest.fixture(scope="class")
def begun(in_a_file: Path) -> Iterator[Begun]:
    with demonstration(in_a_file, free_port()) as server:
        yield Begun(in_a_file, server)


class TestFirstStart:
    def test_it_shows_and_serves_a_label_for_each_verdict(self, begun: Begun) -> None:
        server, samples = begun.server, begun.samples
        assert server.get("/", **PERSON).status == 200
        page = html.unescape(server.get("/samples", Accept_Language="en").text)
        for number, sample in enumerate(samples):
            assert sample["title_en"] in page
            assert f'src="/samples/{number}.svg"' in page
            assert shown(opened(server, sample["text"])) == sample["verdict"], sample["title_en"]
        entered = [entry(server, sample) for sample in samples if sample["hidden"]]
        assert entered == ["confirmed", "already-confirmed"]
        assert server.get("/samples/0.svg").headers["Content-Type"].startswith("image/svg+xml")
        said = server.log.read_text(encoding="utf-8")
        symbol = click.unstyle(to_terminal(encode(Label.parse(samples[0]["text"]))))  # a file is no terminal
        assert symbol.strip("\n") in said
        assert samples[0]["text"] in said.splitlines()
        assert f"http://127.0.0.1:{server.port}/samples" in said

    def test_its_people_sign_in_as_the_file_tells(self, begun: Begun) -> None:
        folder, server = begun.folder, begun.server
        told = (folder / "accounts").read_text(encoding="utf-8")
        assert stat.S_IMODE((folder / "accounts").stat().st_mode) == 0o600
        assert told.startswith(f"Sign in at {server.origin}/account/sign-in\n")
        people = re.findall(r"login     (\S+)\n    password  (\S+)\n(?:.*\n.*\n        (\S+))?", told)
        assert len(people) == 6
        for login, password, code in people:
            browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
            page = _send(browser, server, "/account/sign-in", login=login, password=password)
            if 'name="code"' in page:
                page = _send(browser, server, "/account/code", code=code)
            page = browser.open(server.origin + "/account/", timeout=30).read().decode()
            assert login in page
        assert stat.S_ISSOCK((folder / "signer").stat().st_mode), "labels can be ordered in the consoles"
        assert stat.S_ISSOCK((folder / "guard").stat().st_mode), "hidden codes can be entered"

    def test_its_bundle_and_passports_are_published(self, begun: Begun) -> None:
        """By processes beside, which have had the time of the tests above."""
        gtin = Label.parse(begun.samples[0]["text"]).gtin
        for path, accept in (
            ("/.well-known/traceqr-bundle", "application/json"),
            (f"/passport/01/{gtin}", "application/vc+jwt"),
        ):
            answer = begun.server.get(path, Accept=accept)
            deadline = time.monotonic() + 60
            while answer.status != 200 and time.monotonic() < deadline:
                time.sleep(0.1)
                answer = begun.server.get(path, Accept=accept)
            assert answer.status == 200, path
        assert rows(begun.folder, "SELECT COUNT(*) AS parts FROM bundle_part")[0]["parts"] > 5


def _send(browser: urllib.request.OpenerDirector, server: Server, path: str, **form: str) -> str:
    page = browser.open(server.origin + path, timeout=30).read().decode()
    token = re.search('name="csrf_token" value="([^"]+)"', page)
    assert token
    body = urllib.parse.urlencode({**form, "csrf_token": token[1]}).encode()
    with suppress(HTTPError):  # where it leads may be a page that is not there yet
        return str(browser.open(server.origin + path, body, timeout=30).read().decode())
    return ""


def test_it_keeps_its_data_and_its_labels_lead_back_from_another_port(in_a_file: Path) -> None:
    """Printed for one port and served on another: the site still takes its own labels for official."""
    folder = in_a_file
    if not folder.exists():  # where this test runs alone
        with demonstration(folder, free_port()):
            pass
    kept = (folder / "samples.json").read_bytes(), ledger_of(folder)
    genuine = json.loads(kept[0])[0]["text"]
    with demonstration(folder, free_port()) as server:
        assert ((folder / "samples.json").read_bytes(), ledger_of(folder)) == kept
        answer = server.post("/api/v1/verify", json.dumps({"text": genuine}).encode(), Content_Type="application/json")
        assert json.loads(answer.text)["host_official"] is True
        redirected = server.post("/check", urllib.parse.urlencode({"text": genuine}).encode(), **FORM)
        assert redirected.status == 303
        assert shown(server.get(redirected.headers["Location"], **PERSON)) == "genuine"


def test_a_taken_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        code, said = refusal(tmp_path / "demo", f"127.0.0.1:{port}")
    assert code == 1
    assert said.startswith(f"traceqr: cannot serve on 127.0.0.1:{port}: ")
    assert "--bind" in said
    assert list(tmp_path.iterdir()) == [], "nothing is made for a start that cannot succeed"


@pytest.mark.parametrize("bind", ["203.0.113.7:8000", "0.0.0.0:8000", "[2001:db8::1]:8000"])
def test_a_public_address(tmp_path: Path, bind: str) -> None:
    said = Program(tmp_path).refused("demo", "--folder", tmp_path / "demo", "--bind", bind, code=2)
    assert (
        f"Invalid value for --bind: expected a loopback or private address that labels can lead to, got {bind!r}"
        in (" ".join(said.split()))
    )
    assert list(tmp_path.iterdir()) == []


def test_a_folder_left_by_an_interrupted_load(tmp_path: Path) -> None:
    """Killed while it loads, for real: whoever opens it next begins anew."""
    folder = tmp_path / "demo"
    arguments, environment = command(folder, f"127.0.0.1:{free_port()}")
    process = subprocess.Popen(arguments, env=environment, cwd=tmp_path, stdout=subprocess.DEVNULL)
    new = tmp_path / "demo.new"
    deadline = time.monotonic() + 30
    while not (new / "traceqr.db").exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.kill()
    process.wait()
    assert new.exists(), "killed too late to be interrupted"
    assert not folder.exists(), "half a demonstration"
    clock = shanghai("2026-11-20 12:00")
    house = household.open_or_make(folder, ORIGIN, clock)
    assert [sample.verdict for sample in house.samples()] == verdicts(house, clock)
    assert not new.exists()
    with closing(sqlite3.connect(folder / "traceqr.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


# --- on PostgreSQL

ON_POSTGRES = ("--database", "postgres")

SIZES: dict[Path, int] = {}
"""Of the ledger in each folder, when it was first looked at."""


@pytest.fixture(scope="module")
def reachable() -> Iterator[Path]:
    """A folder that every user may pass through: PostgreSQL does not run as root, but as nobody then."""
    folder = Path(tempfile.mkdtemp(prefix="tqdemo"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def on_a_server(reachable: Path) -> Path:
    """The folder of one demonstration on PostgreSQL that is started again and again."""
    return reachable / "demo"


@pytest.fixture(scope="module")
def port() -> int:
    """The one that the labels of that demonstration lead to."""
    return free_port()


def postmaster(folder: Path) -> int:
    return int((folder / "postgres" / "postmaster.pid").read_text().split()[0])


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def ledger_size(environment: str) -> int:
    """Asked as somebody would who has typed `source environment`."""
    (url,) = shlex.split(re.findall(r"export TRACEQR_DATABASE=(\S+)", environment)[0])
    assert url.startswith("postgresql://")
    with closing(opening.open_database(url)) as database, database.snapshot() as reader:
        return len(reader.rows("SELECT position FROM ledger"))


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_on_postgresql_it_serves_stops_and_keeps_its_data(on_a_server: Path, port: int, how: signal.Signals) -> None:
    """Whatever stops it; the first start makes it."""
    folder = on_a_server
    kept = (folder / "samples.json").read_bytes() if folder.exists() else b""
    with demonstration(folder, port, *ON_POSTGRES, how=how) as server:
        samples = (folder / "samples.json").read_bytes()
        assert kept in (b"", samples)
        for sample in json.loads(samples):
            assert shown(opened(server, sample["text"])) == sample["verdict"], sample["title_en"]
        size, first = ledger_size((folder / "environment").read_text()), postmaster(folder)
        assert size > 20
        assert SIZES.setdefault(folder, size) == size
        assert not (folder / "traceqr.db").exists()
    assert not alive(first), "the database goes with the demonstration"


def test_a_database_left_behind_by_one_that_was_killed(on_a_server: Path, port: int) -> None:
    folder = on_a_server
    arguments, environment = command(folder, f"127.0.0.1:{port}", *ON_POSTGRES)
    log = folder.with_name("log")
    with log.open("wb") as output:
        process = subprocess.Popen(arguments, env=environment, cwd=folder.parent, stdout=output, stderr=output)
    await_answer(Server(port, log, process))
    orphan = postmaster(folder)
    (gunicorn,) = [json.loads(each)["pid"] for each in log.read_text().splitlines() if '"server-started"' in each]
    process.kill()
    process.wait()
    assert alive(orphan)
    deadline = time.monotonic() + 30
    while alive(gunicorn) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(gunicorn), "the server ends with whoever attends to it"
    with demonstration(folder, port, *ON_POSTGRES):
        assert postmaster(folder) != orphan
        assert not alive(orphan)


def test_two_at_once_on_one_folder_whose_name_is_too_long_for_a_socket(reachable: Path) -> None:
    folder, port = reachable / ("long-" * 20) / "demo", free_port()
    folder.parent.mkdir()
    with demonstration(folder, port, *ON_POSTGRES) as server:
        code, said = refusal(folder, f"127.0.0.1:{free_port()}", *ON_POSTGRES)
        assert (code, said) == (
            1,
            f"traceqr: expected no other demonstration on {folder}, found one running: stop it first\n",
        )
        assert server.get("/readyz").status == 200
        (place,) = re.findall(r"host=(%2F[^\s\']+)", (folder / "environment").read_text())
        short = Path(urllib.parse.unquote(place))
        assert short.parent != folder
        assert (short / ".s.PGSQL.5432").is_socket()
    assert not short.exists()


def test_without_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "PACKAGE", "no_such_package_is_installed")
    with pytest.raises(household.DemoError, match=r"pip install 'traceqr\[postgres-demo\]'"):
        household.open_or_make(tmp_path / "demo", ORIGIN, shanghai("2026-11-20 12:00"), postgres.running_in)
    assert not (tmp_path / "demo").exists()
