"""Copies between the two kinds of database: the same row by row, or none."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
from support import postgres
from support.estate import settle
from support.world import World, new_world, viewer

from traceqr import copying
from traceqr.checking.whole import check
from traceqr.copying import Copied, CopyRefused
from traceqr.errors import RegistryUnavailable
from traceqr.registry import batches, ledger, opening
from traceqr.registry.database import Reader

Place = Callable[[str], str]
ROOT = Path(__file__).parents[3]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Gives the URL of an empty place on an engine."""
    folder = tmp_path / "copies"
    folder.mkdir()
    with ExitStack() as held:

        def make(engine: str) -> str:
            if engine == "postgres":
                return held.enter_context(postgres.empty_database())
            return f"sqlite:///{folder / 'copy.db'}"

        yield make


@pytest.fixture
def estate(world: World) -> World:
    settle(world)
    return world


def opened(url: str, root: Path) -> closing[World]:
    return closing(World(root / "other", url=url, made=True))


def other(engine: str) -> str:
    return "sqlite" if engine == "postgres" else "postgres"


class TestCopy:
    @pytest.mark.parametrize("target", ["sqlite", "postgres"])
    def test_every_row_of_every_table_and_it_passes_the_check(
        self, estate: World, place: Place, target: str, tmp_path: Path
    ) -> None:
        url = place(target)
        copied = copying.copy(estate.url, url)
        with opened(url, tmp_path) as copy:
            assert copy.dump() == estate.dump()
            report = check(copy.database)
            assert (report.total, report.counts) == (0, copied.counts)
            assert (report.size, report.root) == (copied.size, copied.root)
            assert copied.place == copy.database.place
            copy.issue(5)
            assert check(copy.database).total == 0, "it goes on where the other was"

    def test_there_and_back_again(self, estate: World, engine: str, tmp_path: Path) -> None:
        with postgres.empty_database() as between:
            url = f"sqlite:///{tmp_path / 'back.db'}"
            if engine == "sqlite":
                copying.copy(estate.url, between)
                copying.copy(between, url)
            else:
                copying.copy(estate.url, url)
                copying.copy(url, between)
                url = between
            with opened(url, tmp_path) as copy:
                assert copy.dump() == estate.dump()

    def test_an_empty_registry(self, world: World, place: Place, engine: str) -> None:
        copied = copying.copy(world.url, place(other(engine)))
        assert (copied.size, sum(copied.counts.values())) == (0, 1)

    def test_progress_counts_every_row_twice(self, estate: World, place: Place) -> None:
        steps: list[tuple[int, int]] = []
        copied = copying.copy(estate.url, place("sqlite"), lambda done, total: steps.append((done, total)))
        assert steps == sorted(steps)
        assert steps[-1] == (2 * sum(copied.counts.values()),) * 2

    def test_nothing_is_left_beside_a_file(self, estate: World, place: Place, tmp_path: Path) -> None:
        copying.copy(estate.url, place("sqlite"))
        (file,) = (tmp_path / "copies").iterdir()
        assert file.stat().st_mode & 0o777 == 0o600

    def test_while_others_scan_and_act(self, estate: World, place: Place, engine: str, tmp_path: Path) -> None:
        """The copy is of one instant: the process beside it writes on, the copy is whole in itself."""
        with writing(estate):
            copying.copy(estate.url, url := place(other(engine)))
        with opened(url, tmp_path) as copy:
            assert check(copy.database).total == 0
            ours, theirs = estate.dump(), copy.dump()
        assert len(theirs["scan"]) < len(ours["scan"]), "expected scans after the copy began"
        assert set(theirs["ledger"]) < set(ours["ledger"]), "expected acts after the copy began"


WRITER = """
import sys
from pathlib import Path
from support.world import World, viewer
world = World(Path(sys.argv[2]), url=sys.argv[1], made=True)
verifier, text = world.verifier(), sys.argv[3]
for number in range(10**6):
    verifier.scan(text, viewer(f"device-{number}"))
    world.desk.clock.pass_ms(10)
    with world.desk.act() as act:
        act.record("test.note", f"note:{number}", {})
    print(number, flush=True)
"""


@contextmanager
def writing(world: World) -> Iterator[None]:
    """Another process scans and acts as long as the block lasts: once at least before it, and fifty times after it."""
    with world.database.snapshot() as reader:
        batch = batches.by_number(reader, 1)
    assert batch
    env = {**os.environ, "PYTHONPATH": f"{ROOT / 'tests'}:{ROOT}"}
    command = [sys.executable, "-c", WRITER, world.url, str(world.root / "writer"), world.label(batch, 0)]
    process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        assert process.stdout.readline(), "expected the writer to begin"
        yield
        for _ in range(50):
            assert process.stdout.readline(), "expected the writer to go on"
    finally:
        process.kill()
        process.communicate()


class TestRefused:
    @pytest.mark.parametrize("target", ["sqlite", "postgres"])
    def test_a_place_that_is_taken_is_left_as_it_is(self, estate: World, target: str, tmp_path: Path) -> None:
        (tmp_path / "taken").mkdir()
        with new_world(target, tmp_path / "taken") as taken:
            before = taken.furnish().dump()
            with pytest.raises(RegistryUnavailable, match=r"expected (no registry yet|an empty database)"):
                copying.copy(estate.url, taken.url)
            assert taken.dump() == before

    def test_the_same_place(self, estate: World) -> None:
        with pytest.raises(CopyRefused, match="got the place where it is"):
            copying.copy(estate.url, estate.url)

    def test_the_same_file_by_another_name(self, tmp_path: Path) -> None:
        with closing(World(tmp_path)) as world:
            (tmp_path / "link.db").symlink_to(world.path)
            with pytest.raises(CopyRefused, match="got the place where it is"):
                copying.copy(world.url, f"sqlite:///{tmp_path / 'link.db'}")

    @pytest.mark.parametrize(("version", "words"), [("99", "needs a later TraceQR"), ("0", "run: traceqr migrate")])
    def test_another_schema(self, estate: World, place: Place, version: str, words: str) -> None:
        with estate.database.transaction() as tx:
            tx.execute("UPDATE meta SET value = :version WHERE name = 'schema_version'", {"version": version})
        with pytest.raises(RegistryUnavailable, match=words):
            copying.copy(estate.url, url := place("sqlite"))
        opening.require_absent(url)

    def test_no_source(self, place: Place, tmp_path: Path) -> None:
        with pytest.raises(RegistryUnavailable, match=r"expected a registry at .*gone.db, found none"):
            copying.copy(f"sqlite:///{tmp_path / 'gone.db'}", url := place("postgres"))
        opening.require_absent(url)

    def test_no_server_and_no_word_of_its_password(self, estate: World) -> None:
        url = "postgresql://user:very-secret@127.0.0.1:1/traceqr"
        with pytest.raises(RegistryUnavailable, match=r"127.0.0.1:1") as refused:
            copying.copy(estate.url, url)
        assert "very-secret" not in str(refused.value)

    def test_a_folder_that_is_not_there(self, estate: World, tmp_path: Path) -> None:
        with pytest.raises(
            RegistryUnavailable, match=r"while writing the copy: cannot create the registry .*: No such"
        ):
            copying.copy(estate.url, f"sqlite:///{tmp_path / 'none' / 'x.db'}")


GARBLED = {
    "text for a number": (
        "UPDATE batch SET label_count = 'many' WHERE number = 2",
        "table batch, row number 2: column label_count: expected an integer, found 'many'",
    ),
    "bytes for text": (
        "UPDATE enterprise SET contact = x'00'",
        "column contact: expected text, found 1 bytes",
    ),
    "text with NUL": (
        "UPDATE product_version SET brand = 'a' || char(0)",
        "column brand: expected text, found text with",
    ),
    "a key that is text": (
        "UPDATE span SET first = 'x' WHERE batch = 1 AND first = 0",
        "column first: expected an int",
    ),
    "a foreign key that leads nowhere": (
        "UPDATE product SET enterprise_id = 'nobody'",
        "table product: the registry refused the change",
    ),
    "a ledger entry changed": (
        "UPDATE ledger SET entry = '{}' WHERE position = 3",
        "ledger entry 3: its text was changed, or its leaf hash",
    ),
    "a ledger entry gone": (
        "DELETE FROM ledger WHERE position = 3",
        "table ledger: the registry refused the change: the ledger takes the next position only",
    ),
    "a root changed": (
        "UPDATE ledger SET root_hash = replace(root_hash, substr(root_hash, 1, 1), 'x') WHERE position = 3",
        "ledger entry 3: expected root",
    ),
    "text that is not UTF-8": (
        "UPDATE organisation SET name_en = CAST(x'ff41' AS TEXT)",
        "while reading .*: the registry cannot be used: Could not decode to UTF-8",
    ),
}


@pytest.mark.parametrize("target", ["sqlite", "postgres"])
@pytest.mark.parametrize("kind", GARBLED)
def test_a_garbled_source_is_not_copied(place: Place, tmp_path: Path, kind: str, target: str) -> None:
    sql, words = GARBLED[kind]
    with closing(World(tmp_path)) as world:
        settle(world)
        with closing(sqlite3.connect(world.path)) as raw, raw:
            for (trigger,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                raw.execute(f"DROP TRIGGER {trigger}")
            raw.execute("PRAGMA ignore_check_constraints = ON")
            raw.execute(sql)
        with pytest.raises((CopyRefused, RegistryUnavailable)) as refused:
            copying.copy(world.url, url := place(target))
    assert re.search(words if ".*" in words else re.escape(words), str(refused.value)), str(refused.value)
    opening.require_absent(url)
    assert list((tmp_path / "copies").iterdir()) == []


class TestKilled:
    """SIGKILL in the middle of a copy."""

    SCRIPT = """
import sys, time
from traceqr import copying
def watch(done, total):
    if done >= total * float(sys.argv[3]):
        print("there", flush=True)
        time.sleep(60)
copying.copy(sys.argv[1], sys.argv[2], watch)
"""

    @pytest.mark.parametrize("share", [0.2, 0.8])
    def test_no_target_and_a_second_run_succeeds(
        self, estate: World, place: Place, engine: str, share: float, tmp_path: Path
    ) -> None:
        url = place(other(engine))
        command = [sys.executable, "-c", self.SCRIPT, estate.url, url, str(share)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
        assert process.stdout
        assert process.stdout.readline() == b"there\n"
        process.send_signal(signal.SIGKILL)
        process.communicate()
        opening.require_absent(url)
        copying.copy(estate.url, url)
        with opened(url, tmp_path) as copy:
            assert copy.dump() == estate.dump()
            assert check(copy.database).total == 0
        left = [path.name for path in (tmp_path / "copies").iterdir() if path.name.startswith(".")]
        assert left == [], "the draft of the process that was killed is gone"

    def test_the_draft_of_one_that_lives_is_left_alone(self, estate: World, tmp_path: Path) -> None:
        url = f"sqlite:///{tmp_path / 'copy.db'}"
        command = [sys.executable, "-c", self.SCRIPT, estate.url, url, "0.5"]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
        try:
            assert process.stdout
            assert process.stdout.readline() == b"there\n"
            drafts = sorted(tmp_path.glob(".copy.db.*"))
            copying.copy(estate.url, url)
            assert sorted(tmp_path.glob(".copy.db.*")) == drafts != []
        finally:
            process.kill()
            process.communicate()


class TestBackup:
    def backup(self, world: World, path: Path) -> Copied:
        return copying.backup(world.url, path)

    def test_it_is_the_registry_as_one_file(self, estate: World, tmp_path: Path) -> None:
        (tmp_path / "safe").mkdir()
        path = tmp_path / "safe" / "backup.db"
        copied = self.backup(estate, path)
        assert path.stat().st_mode & 0o777 == 0o600
        assert [file.name for file in path.parent.iterdir()] == ["backup.db"]
        last = estate.one("SELECT position, root_hash FROM ledger ORDER BY position DESC LIMIT 1")
        assert (copied.size, copied.root) == (last["position"] + 1, last["root_hash"])
        assert copied.counts == {name: len(rows) for name, rows in estate.dump().items()}
        with opened(f"sqlite:///{path}", tmp_path) as copy:
            assert copy.dump() == estate.dump()
            assert check(copy.database).total == 0
            copy.issue(5)

    def test_of_a_file_that_is_there_it_stays(self, estate: World, tmp_path: Path) -> None:
        path = tmp_path / "backup.db"
        path.write_text("dear")
        with pytest.raises(RegistryUnavailable, match=f"expected a new file for the backup, found one at {path}"):
            self.backup(estate, path)
        assert path.read_text() == "dear"

    def test_a_folder_that_is_not_there(self, estate: World, tmp_path: Path) -> None:
        with pytest.raises(
            RegistryUnavailable, match=r"cannot (write the backup|create the registry) .*: No such file"
        ):
            self.backup(estate, tmp_path / "none" / "backup.db")

    def test_a_registry_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(RegistryUnavailable, match="expected a registry at"):
            copying.backup(f"sqlite:///{tmp_path / 'gone.db'}", tmp_path / "backup.db")
        assert not (tmp_path / "backup.db").exists()

    def test_another_schema(self, estate: World, tmp_path: Path) -> None:
        with estate.database.transaction() as tx:
            tx.execute("UPDATE meta SET value = '99' WHERE name = 'schema_version'")
        with pytest.raises(RegistryUnavailable, match="needs a later TraceQR"):
            self.backup(estate, tmp_path / "backup.db")

    def test_no_room(self, estate: World, tmp_path: Path) -> None:
        """A limit on the size of files, as a full disk: nothing appears, and the registry is as it was."""
        (tmp_path / "safe").mkdir()
        script = (
            "import resource, sys; from pathlib import Path; from traceqr import copying;"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000));"
            "copying.backup(sys.argv[1], Path(sys.argv[2]))"
        )
        command = [sys.executable, "-c", script, estate.url, str(tmp_path / "safe" / "backup.db")]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
        assert ended.returncode == 1
        assert re.search("RegistryUnavailable: (cannot write the backup|while writing the copy)", ended.stderr)
        assert list((tmp_path / "safe").iterdir()) == []
        assert check(estate.database).total == 0

    def test_nothing_of_deleted_rows_is_in_it(self, tmp_path: Path) -> None:
        with closing(World(tmp_path)) as world:
            batch = settle(world)
            secret = "device-that-was-pruned"
            world.verifier().scan(world.label(batch, 0), viewer(secret))
            with world.database.transaction() as tx:
                tx.execute("DELETE FROM scan")
                tx.execute("DELETE FROM visitor")
            self.backup(world, tmp_path / "backup.db")
        assert secret.encode() not in (tmp_path / "backup.db").read_bytes()

    def test_others_write_meanwhile(self, estate: World, tmp_path: Path) -> None:
        with writing(estate):
            copied = self.backup(estate, tmp_path / "backup.db")
        assert copied.size < len(estate.acts())
        with opened(f"sqlite:///{tmp_path / 'backup.db'}", tmp_path) as copy:
            assert check(copy.database, copied.size, copied.root).total == 0

    def test_it_holds_up_no_act(self, tmp_path: Path) -> None:
        """What is done between the copying and the end of the backup is done at once, and not in it."""
        with closing(World(tmp_path)) as world:
            settle(world)
            before = len(world.acts())

            def look(reader: Reader) -> int:
                world.enterprise(3)
                return ledger.next_position(reader)

            assert world.database.backup(tmp_path / "backup.db", look) == before  # type: ignore[attr-defined]
            assert len(world.acts()) == before + 1
