"""`traceqr copy`, `traceqr backup` and `traceqr check`, on real registries."""

from __future__ import annotations

import io
import json
import re
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from support import postgres
from support.estate import settle
from support.program import Program
from support.server import Answer
from support.shop import Shop, open_shop
from support.world import TABLES, World

from traceqr.cli import meter
from traceqr.highwater import HighWater, Mark


@pytest.fixture
def estate(program: Program) -> World:
    world = World(program.root)
    settle(world)
    world.close()
    return world


def head(world: World) -> tuple[int, str]:
    row = world.one("SELECT position, root_hash FROM ledger ORDER BY position DESC LIMIT 1")
    return row["position"] + 1, row["root_hash"]


class TestCopy:
    def test_there_and_back_is_the_same(self, program: Program, estate: World) -> None:
        with postgres.empty_database() as url:
            said = program.good("copy", estate.url, url)
            assert re.search(r"^batch +3$", said, re.MULTILINE)
            assert "and compared row by row" in said
            size, root = head(estate)
            assert f"ledger: {size} entries, root {root}" in said
            back = f"sqlite:///{program.root / 'back.db'}"
            copied = program.json("copy", url, back)
        assert (copied["size"], copied["root"], copied["rows"]) == (size, root, sum(copied["counts"].values()))
        with closing(World(program.root / "other", url=back, made=True)) as world:
            assert world.dump() == estate.dump()
        assert "is whole" in program.good("check", TRACEQR_DATABASE=back)

    @pytest.mark.parametrize(
        ("urls", "words"),
        [
            (
                ("traceqr.db", "sqlite:///new.db"),
                "Invalid value for 'SOURCE': expected the URL of a registry, got a path:",
            ),
            (("sqlite:///traceqr.db", "new.db"), "got a path: write sqlite:///new.db"),
            (("mysql://me:secret@host/db", "sqlite:///new.db"), "expected a URL such as sqlite:///traceqr.db"),
            (("sqlite:///traceqr.db", "sqlite:///"), "expected a URL such as sqlite:///traceqr.db"),
            (("sqlite:///traceqr.db",), "Missing argument 'TARGET'"),
        ],
    )
    def test_a_wrong_call(self, program: Program, urls: tuple[str, ...], words: str) -> None:
        said = program.refused("copy", *urls, code=2)
        assert words in " ".join(said.split())
        assert "secret" not in said

    def test_a_target_that_is_there(self, program: Program, estate: World) -> None:
        assert "got the place where it is" in program.refused("copy", estate.url, estate.url)
        (program.root / "other.db").write_text("dear")
        said = program.refused("copy", estate.url, f"sqlite:///{program.root / 'other.db'}")
        assert "expected no registry yet, found a file at" in said
        assert (program.root / "other.db").read_text() == "dear"

    def test_no_password_is_printed(self, program: Program, estate: World) -> None:
        said = program.refused("copy", "postgresql://me:very-secret@127.0.0.1:1/db", f"{estate.url}.new")
        assert "127.0.0.1:1" in said
        assert "very-secret" not in said


class TestBackup:
    def test_it_says_where_how_large_and_what_is_missing(self, program: Program, estate: World) -> None:
        path = program.root / "backup.db"
        said = program.good("backup", path)
        size, root = head(estate)
        assert said.splitlines() == [
            f"written to {path}, {path.stat().st_size:,} bytes, {sum(map(len, estate.dump().values()))} rows",
            f"ledger: {size} entries, root {root}",
            "keys are not in it: back them up with: traceqr keys backup FILE",
        ]
        assert program.json("batch", "list") != []
        estate.close()
        estate.path.unlink()
        path.rename(estate.path)
        assert program.json("check")["whole"] is True

    def test_as_json(self, program: Program, estate: World) -> None:
        said = program.json("backup", program.root / "backup.db")
        assert (said["size"], said["root"]) == head(estate)
        assert said["bytes"] == (program.root / "backup.db").stat().st_size

    def test_a_file_that_is_there(self, program: Program, estate: World) -> None:
        said = program.refused("backup", estate.path)
        assert said == f"traceqr: expected a new file for the backup, found one at {estate.path}\n"

    def test_while_a_server_takes_scans(self, tmp_path: Path) -> None:
        """Every scan that was acknowledged before the backup began is in it, and the backup is whole."""
        with open_shop(tmp_path) as shop:
            program = Program(tmp_path)
            program.env["TRACEQR_DATABASE"] = shop.world.url
            stop, acknowledged = threading.Event(), list[int]()
            threads = [threading.Thread(target=visit, args=(shop, start, acknowledged, stop)) for start in (0, 500)]
            for thread in threads:
                thread.start()
            while len(acknowledged) < 20:
                assert all(thread.is_alive() for thread in threads)
            before = set(acknowledged)
            process = program.start("backup", tmp_path / "backup.db", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            output, errors = process.communicate(timeout=60)
            after = len(acknowledged)
            stop.set()
            for thread in threads:
                thread.join(30)
            assert (process.returncode, errors) == (0, b""), output
            assert after > len(before), "expected scans while the backup was written"
        with closing(sqlite3.connect(tmp_path / "backup.db")) as raw:
            seen = {index for (index,) in raw.execute("SELECT label_index FROM sighting WHERE times_seen = 1")}
        assert before <= seen
        program.env["TRACEQR_DATABASE"] = f"sqlite:///{tmp_path / 'backup.db'}"
        assert program.json("check")["findings"] == []


def visit(shop: Shop, start: int, acknowledged: list[int], stop: threading.Event) -> None:
    """New phones scan one label after the other, each with the image of its page: from then on it counts."""
    navigation = {"Sec_Fetch_Dest": "document", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Site": "none"}
    for index in range(start, start + 500):
        if stop.is_set():
            return
        page = shop.server.get(shop.path(index), Accept="text/html", **navigation)
        found = re.search(r'src="(/seen/[^"]+)"', page.text)
        assert found
        cookie = page.headers["Set-Cookie"].partition(";")[0]
        image: Answer = shop.server.get(found[1], Cookie=cookie, Sec_Fetch_Dest="image", Sec_Fetch_Site="same-origin")
        assert image.status == 200
        acknowledged.append(index)


class TestCheck:
    def test_a_whole_registry(self, program: Program, estate: World) -> None:
        said = program.good("check")
        size, root = head(estate)
        rows = sum(map(len, estate.dump().values()))
        assert said.splitlines()[:2] == [
            f"{estate.path} is whole: {rows} rows in {len(TABLES)} tables",
            f"ledger: {size} entries, root {root}",
        ]
        assert said.splitlines()[2].startswith("there is no high-water file at ")

    def test_damage(self, program: Program, estate: World) -> None:
        with closing(sqlite3.connect(estate.path)) as raw, raw:
            raw.execute("UPDATE span SET last = 8 WHERE batch = 2 AND first = 5")
        result = program.run("check")
        assert result.exit_code == 1
        assert "batch 2: labels 8 to 8 are in two spans\n" in result.stdout
        assert result.stdout.endswith(f"{estate.path} is not whole\n")
        result = program.run("check", "--json")
        assert result.exit_code == 1
        report = json.loads(result.stdout)
        assert report["whole"] is False
        assert {"place": "batch 2", "message": "labels 8 to 8 are in two spans"} in report["findings"]

    def test_the_mark_outside(self, program: Program, estate: World) -> None:
        size, root = head(estate)
        file = HighWater(program.root / "high-water")
        file.advance(Mark(size, root))
        settings = {"TRACEQR_HIGH_WATER": str(file.path)}
        assert "there is no high-water file" not in program.good("check", **settings)
        file.advance(Mark(size + 3, "ab" * 32))
        result = program.run("check", **settings)
        assert result.exit_code == 1
        assert "the last 3 are gone" in result.stdout
        file.path.write_text("nonsense")
        result = program.run("check", **settings)
        assert result.exit_code == 1
        assert "high-water file: the high-water file" in result.stdout
        assert "1 finding: " in result.stdout

    @pytest.mark.parametrize(("acts", "words"), [(1, "1 act behind"), (4, "4 acts behind")])
    def test_a_backup_that_is_behind_the_mark(self, program: Program, estate: World, acts: int, words: str) -> None:
        backup = program.root / "backup.db"
        program.good("backup", backup)
        file = HighWater(program.root / "high-water")
        for number in range(acts):
            estate.enterprise(50 + number)
        file.advance(Mark(*head(estate)))
        settings = {"TRACEQR_HIGH_WATER": str(file.path), "TRACEQR_DATABASE": f"sqlite:///{backup}"}
        said = program.good("check", "--backup", **settings)
        assert said.splitlines()[2:] == [f"{words} the high-water file, as a backup may be"]
        report = json.loads(program.run("check", "--backup", "--json", **settings).stdout)
        assert (report["whole"], report["behind"]) == (True, acts)
        assert (
            program.run("check", **settings)
            .stdout.splitlines()[0]
            .endswith("if this is the registry in use, see: traceqr ledger accept-restore")
        )
        assert "as a backup may be" not in program.good("check", "--backup", TRACEQR_HIGH_WATER=str(file.path))

    def test_a_backup_of_another_history(self, program: Program, estate: World) -> None:
        file = HighWater(program.root / "high-water")
        file.advance(Mark(head(estate)[0], "ab" * 32))
        result = program.run("check", "--backup", TRACEQR_HIGH_WATER=str(file.path))
        assert result.exit_code == 1
        assert "the ledger was rewritten" in result.stdout

    def test_no_registry(self, program: Program) -> None:
        assert "expected a registry at" in program.refused("check")


class TestMeter:
    """Progress of what takes more than a second, on a terminal alone."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    def run(self, stream: io.StringIO, monkeypatch: pytest.MonkeyPatch, after_s: float) -> str:
        monkeypatch.setattr(sys, "stderr", stream)
        monkeypatch.setattr(meter, "_SHOWN_AFTER_S", after_s)
        monkeypatch.setattr(meter, "_STEP_S", 0)
        with meter.Meter("checking") as told:
            for done in (500, 1_000):
                told(done, 1_000)
        return stream.getvalue()

    def test_it_is_shown_and_taken_away(self, monkeypatch: pytest.MonkeyPatch) -> None:
        said = self.run(self.Terminal(), monkeypatch, 0)
        half, whole = (
            r"\rchecking:  50% of 1,000 rows\x1b\[K",
            r"\rchecking: 100% of 1,000 rows, [0-9,]+ a second, 0 s left\x1b\[K",
        )
        assert re.fullmatch(half + whole + r"\r\x1b\[K", said)

    def test_short_work_shows_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.run(self.Terminal(), monkeypatch, 1_000) == ""

    def test_a_file_gets_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.run(io.StringIO(), monkeypatch, 0) == ""
