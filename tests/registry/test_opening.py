"""Making, opening and upgrading a registry, and what is said when the file is not one."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from support.world import TABLES, World

from traceqr.errors import RegistryUnavailable, TraceqrError
from traceqr.registry import opening
from traceqr.registry.database import RegistryConflict, RegistryNewer
from traceqr.registry.opening import SCHEMA_VERSION, RegistryOlder
from traceqr.registry.sqlite import SqliteDatabase


@pytest.fixture
def engine() -> str:
    """This module is about files."""
    return "sqlite"


def set_version(world: World, version: str) -> None:
    with world.database.transaction() as tx:
        tx.execute("UPDATE meta SET value = :version WHERE name = 'schema_version'", {"version": version})


def opened(path: Path) -> SqliteDatabase:
    return opening.open_database(f"sqlite:///{path}")


class TestCreate:
    def test_a_new_registry_has_every_table_and_this_programs_schema(self, world: World) -> None:
        tables = {row["name"] for row in world.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
        assert tables == set(TABLES)
        opening.check(world.database)
        with world.database.snapshot() as reader:
            assert opening.version(reader) == SCHEMA_VERSION

    def test_whatever_is_there_already_stays(self, tmp_path: Path) -> None:
        path = tmp_path / "traceqr.db"
        path.write_bytes(b"something dear to somebody")
        with pytest.raises(RegistryUnavailable, match=r"expected no file at .*traceqr.db, found one"):
            opening.create(f"sqlite:///{path}")
        assert path.read_bytes() == b"something dear to somebody"

    def test_a_registry_is_not_made_anew(self, furnished: World) -> None:
        before = furnished.dump()
        with pytest.raises(RegistryUnavailable, match="expected no file"):
            opening.create(furnished.url)
        assert furnished.dump() == before

    @pytest.mark.parametrize("place", ["no/such/folder/x.db", "file/x.db"])
    def test_a_place_where_no_file_can_be(self, tmp_path: Path, place: str) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(RegistryUnavailable, match=r"cannot create the registry .*: (No such file|Not a directory)"):
            opening.create(f"sqlite:///{tmp_path / place}")

    def test_a_relative_url_is_relative(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        opening.create("sqlite:///here.db").close()
        assert (tmp_path / "here.db").exists()

    @pytest.mark.parametrize("name", ["a b.db", "?mode=memory", "登记.db", "a#b%20.db"])
    def test_names_are_taken_as_they_are(self, tmp_path: Path, name: str) -> None:
        database = opening.create(f"sqlite:///{tmp_path / name}")
        opening.check(database)
        database.close()
        assert (tmp_path / name).stat().st_size > 0

    def test_making_leaves_the_registry_alone_or_nothing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        opening.create(f"sqlite:///{tmp_path / 'a.db'}").close()
        assert [path.name for path in tmp_path.iterdir()] == ["a.db"]
        (broken := tmp_path / "broken").mkdir()
        (broken / "schema.sql").write_text("CREATE TABLE meta (name TEXT);\nCREATE TABEL", encoding="utf-8")
        (broken / "sqlite.sql").write_text("", encoding="utf-8")
        monkeypatch.setattr(opening, "_PACKAGE", broken)
        with pytest.raises(RegistryUnavailable, match="syntax error"):
            opening.create(f"sqlite:///{tmp_path / 'b.db'}")
        shutil.rmtree(broken)
        assert [path.name for path in tmp_path.iterdir()] == ["a.db"]

    def test_a_copy_that_lost_its_journal_mode_gets_it_back(self, furnished: World) -> None:
        copy = furnished.root / "copy.db"
        with closing(sqlite3.connect(furnished.path)) as connection:
            connection.execute("VACUUM INTO ?", (str(copy),))
        with closing(sqlite3.connect(copy)) as connection:
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        database = opening.open_database(f"sqlite:///{copy}")
        opening.check(database)
        database.close()
        with closing(sqlite3.connect(copy)) as connection:
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


class TestWrongFiles:
    def test_missing(self, tmp_path: Path) -> None:
        with pytest.raises(RegistryUnavailable, match=r"expected a registry at .*none.db, found none; .* traceqr init"):
            opening.check(opened(tmp_path / "none.db"))

    @pytest.mark.parametrize(
        "content",
        [b"not a database at all, but long enough to have a header" * 40, b"SQLite format 3\0" + b"\xff" * 4096],
    )
    def test_garbled(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "x.db"
        path.write_bytes(content)
        with pytest.raises(RegistryUnavailable, match=r"the registry cannot be used|expected a TraceQR registry"):
            opening.check(opened(path))
        assert path.read_bytes() == content

    def test_garbled_inside(self, furnished: World) -> None:
        """The header is whole, the pages are not: whatever is read, no exception of the driver comes out."""
        furnished.close()
        content = furnished.path.read_bytes()
        furnished.path.write_bytes(content[:4096] + b"\xaa" * (len(content) - 4096))
        with pytest.raises(RegistryUnavailable):
            opening.check(opened(furnished.path))

    def test_truncated(self, furnished: World) -> None:
        furnished.close()
        furnished.path.write_bytes(furnished.path.read_bytes()[:10_000])
        with pytest.raises(RegistryUnavailable):
            opening.check(opened(furnished.path))

    @pytest.mark.parametrize("content", [b"", None], ids=["empty", "another program's"])
    def test_a_database_that_is_no_registry(self, tmp_path: Path, content: bytes | None) -> None:
        path = tmp_path / "x.db"
        path.touch()
        if content is None:
            with closing(sqlite3.connect(path)) as other:
                other.execute("CREATE TABLE recipes (name TEXT)")
        with pytest.raises(
            RegistryUnavailable, match="expected a TraceQR registry, found another or an unreadable one"
        ):
            opening.check(opened(path))

    @pytest.mark.parametrize("version", ["", "one", "-1", "1.0", " 1", "１"])
    def test_no_version_to_be_read(self, world: World, version: str) -> None:
        set_version(world, version)
        with pytest.raises(RegistryUnavailable, match="expected the schema version"):
            opening.check(world.database)

    def test_no_version_at_all(self, world: World) -> None:
        with world.database.transaction() as tx:
            tx.execute("DELETE FROM meta")
        with pytest.raises(RegistryUnavailable, match="expected the schema version"):
            opening.check(world.database)

    def test_older(self, world: World) -> None:
        set_version(world, "0")
        with pytest.raises(RegistryOlder, match="expected a registry of schema 1, got 0; run: traceqr migrate"):
            opening.check(world.database)

    def test_newer(self, world: World) -> None:
        set_version(world, "2")
        with pytest.raises(RegistryNewer, match="expected a registry of schema 1, got 2: it needs a later TraceQR"):
            opening.check(world.database)


@pytest.fixture
def steps(tmp_path: Path) -> Path:
    """Migrations of some later day: 1 to 2 adds a table, 2 to 3 fills it and adds a column."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0002-marks.sql").write_text(
        "-- A stamp; with a semicolon in its comment.\n"
        "CREATE TABLE stamp (\n    id TEXT NOT NULL PRIMARY KEY,\n    name_zh TEXT NOT NULL\n);\n"
        "CREATE TRIGGER stamp_final BEFORE UPDATE ON stamp\nBEGIN\n    SELECT RAISE(ABORT, 'final');\nEND;\n"
    )
    (folder / "0003-more-marks.sql").write_text(
        "INSERT INTO stamp (id, name_zh) VALUES ('m;1', '标志');\n"
        "ALTER TABLE enterprise ADD COLUMN mark TEXT\n"  # the last semicolon is missing on purpose
    )
    (folder / "README.md").write_text("not a migration")
    return folder


class TestMigrate:
    def test_an_old_file_is_upgraded_step_by_step(self, furnished: World, steps: Path) -> None:
        before = furnished.dump("meta", "enterprise")
        assert opening.migrate(furnished.database, steps, target=3) == ["0002-marks.sql", "0003-more-marks.sql"]
        with furnished.database.snapshot() as reader:
            assert opening.version(reader) == 3
            assert reader.rows("SELECT id, name_zh FROM stamp") == [{"id": "m;1", "name_zh": "标志"}]
            assert reader.row("SELECT uscc, mark FROM enterprise WHERE mark IS NULL") is not None
        assert furnished.dump("meta", "enterprise") == before
        with pytest.raises(RegistryConflict, match="final"), furnished.database.transaction() as tx:
            tx.execute("UPDATE stamp SET name_zh = 'x'")

    def test_only_as_far_as_asked_and_on_from_there(self, world: World, steps: Path) -> None:
        assert opening.migrate(world.database, steps, target=2) == ["0002-marks.sql"]
        assert opening.migrate(world.database, steps, target=3) == ["0003-more-marks.sql"]
        assert opening.migrate(world.database, steps, target=3) == []

    def test_this_programs_registry_needs_none(self, world: World) -> None:
        assert opening.migrate(world.database) == []

    def test_an_old_registry_without_its_step(self, world: World, steps: Path) -> None:
        (steps / "0002-marks.sql").unlink()
        with pytest.raises(TraceqrError, match="expected a migration from schema 1 to 2, found none"):
            opening.migrate(world.database, steps, target=3)

    def test_a_newer_registry_is_refused(self, world: World, steps: Path) -> None:
        set_version(world, "4")
        with pytest.raises(RegistryNewer, match="expected a registry of schema 3, got 4"):
            opening.migrate(world.database, steps, target=3)

    def test_two_steps_to_one_schema_are_refused(self, world: World, steps: Path) -> None:
        (steps / "0002-again.sql").write_text("CREATE TABLE again (a TEXT);")
        with pytest.raises(TraceqrError, match="expected one migration to schema 2"):
            opening.migrate(world.database, steps, target=3)

    @pytest.mark.parametrize(
        ("script", "error"),
        [
            ("CREATE TABLE extra (a TEXT);\nINSERT INTO no_such_table VALUES (1);\n", RegistryUnavailable),
            (
                "CREATE TABLE extra (a TEXT);\nINSERT INTO meta (name, value) VALUES ('schema_version', 'x');\n",
                RegistryConflict,
            ),
            ("CREATE TABLE extra (a TEXT);\nDELETE FROM meta;\nthis is not SQL;\n", RegistryUnavailable),
            ("CREATE TABLE extra (a TEXT);\nthis is not SQL and has no end", RegistryUnavailable),
            ("CREATE TABLE extra (a TEXT); CREATE TABLE extra2 (a TEXT);", RegistryUnavailable),
        ],
        ids=["no such table", "conflict", "not SQL", "not SQL, without an end", "two on a line"],
    )
    def test_a_step_that_fails_leaves_nothing_of_itself(
        self, world: World, steps: Path, script: str, error: type[TraceqrError]
    ) -> None:
        (steps / "0003-more-marks.sql").write_text(script)
        with pytest.raises(error):
            opening.migrate(world.database, steps, target=3)
        with world.database.snapshot() as reader:
            assert opening.version(reader) == 2  # the step before it has landed, whole
            tables = {row["name"] for row in reader.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
        assert "stamp" in tables
        assert "extra" not in tables
        (steps / "0003-more-marks.sql").write_text("CREATE TABLE extra (a TEXT);")
        assert opening.migrate(world.database, steps, target=3) == ["0003-more-marks.sql"]

    def test_a_folder_that_is_not_there_holds_no_steps(self, world: World, tmp_path: Path) -> None:
        assert opening.migrate(world.database, tmp_path / "none") == []
