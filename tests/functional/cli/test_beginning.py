"""From nothing to a registry, and what is said when something is missing."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest
from support.program import Program
from support.world import World

from traceqr.label import keyfiles
from traceqr.label.keyring import PublicKey, Role

NOUNS = ("organisation", "enterprise", "product", "claim", "pledge", "batch", "notice", "keys")
LISTS = [(noun, "list") for noun in NOUNS]


def test_init(program: Program) -> None:
    said = program.good("init")
    assert f"registry: {program.root / 'traceqr.db'}" in said
    assert "key 1 (role label): " in said
    assert "set TRACEQR_SECRET_KEY, which traceqr serve needs" in said
    assert "TRACEQR_ORIGIN" not in said
    assert "traceqr batch issue" in said
    assert f"hidden root 1: {program.root / 'keys' / '0001-hidden.key'}\n" in said
    assert "it gives the hidden codes of batches from 1 on, and is not encrypted, mode 0600; back it up" in said
    key, bundle, root = program.json("keys", "list")
    assert (bundle["number"], bundle["role"], bundle["status"], bundle["private_here"]) == (2, "bundle", "active", True)
    assert (root["number"], root["role"], root["status"], root["private_here"]) == (1, "hidden", "active", True)
    assert (key["number"], key["role"], key["status"], key["private_here"]) == (1, "label", "active", True)
    assert stat.S_IMODE((program.root / "keys" / "0001-label.key").stat().st_mode) == 0o600
    assert stat.S_IMODE((program.root / "keys" / "0001-hidden.key").stat().st_mode) == 0o600
    assert stat.S_IMODE((program.root / "traceqr.db").stat().st_mode) == 0o600
    for each in LISTS[:-1]:
        assert program.json(*each) == []
        assert program.good(*each).startswith(("there are no ", "no "))


def test_init_needs_no_origin_and_says_that_it_is_missing(program: Program) -> None:
    del program.env["TRACEQR_ORIGIN"]
    assert "set TRACEQR_ORIGIN to the address that labels lead to" in program.good("init")


def test_init_refuses_a_registry_that_is_there(program: Program) -> None:
    program.good("init")
    before = (program.root / "traceqr.db").read_bytes()
    message = f"expected no registry yet, found a file at {program.root / 'traceqr.db'}; nothing was changed"
    assert message in program.refused("init")
    assert (program.root / "traceqr.db").read_bytes() == before


def test_init_refuses_keys_of_another_registry(program: Program) -> None:
    program.good("init")
    (program.root / "traceqr.db").unlink()
    for name in ("0001-label.key", "0001-label.jwk", "0001-hidden.key", "0002-bundle.key", "0002-bundle.jwk"):
        assert f"found {name}: it belongs to another registry" in program.refused("init")
        assert not (program.root / "traceqr.db").exists()
        (program.root / "keys" / name).unlink()
    program.good("init", TRACEQR_HIGH_WATER=str(program.root / "another.json"))


def test_init_where_no_file_can_be_made(program: Program) -> None:
    where = f"sqlite:///{program.root / 'none' / 'traceqr.db'}"
    assert "cannot create the registry" in program.refused("init", TRACEQR_DATABASE=where)


def test_init_where_no_key_can_be_made(program: Program) -> None:
    program.file("file", "")
    program.env["TRACEQR_KEYS"] = str(program.root / "file" / "keys")
    result = program.run("init")
    assert result.exit_code == 1
    assert "the registry is made, its first key is not: " in result.stderr
    assert "when that is mended, run: traceqr keys new\n" in result.stderr
    program.env["TRACEQR_KEYS"] = str(program.root / "keys")
    assert "key 1 (role label)" in program.good("keys", "new")


def test_init_where_no_hidden_root_can_be_made(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("traceqr.label.keyfiles.write_hidden", full)
        result = program.run("init")
    assert result.exit_code == 1
    assert "the registry and its first key are made, its hidden root is not: " in result.stderr
    assert "when that is mended, run: traceqr keys new --role hidden\n" in result.stderr
    assert program.json("keys", "new", "--role", "hidden")["first_batch"] == 1


def test_init_where_no_key_for_bundles_can_be_made(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    write = keyfiles.write

    def full(folder: Path, key: PublicKey, private: bytes) -> None:
        if key.role is Role.BUNDLE:
            raise OSError(28, "No space left on device")
        write(folder, key, private)

    with monkeypatch.context() as patch:
        patch.setattr("traceqr.label.keyfiles.write", full)
        result = program.run("init")
    assert result.exit_code == 1
    assert "its hidden root are made, its key for bundles is not: " in result.stderr
    assert "when that is mended, run: traceqr keys new --role bundle\n" in result.stderr
    assert program.json("keys", "new", "--role", "bundle")["number"] == 2


def test_init_with_a_passphrase(program: Program) -> None:
    said = program.good("init", TRACEQR_KEY_PASSPHRASE="open sesame")
    assert said.count("locked by TRACEQR_KEY_PASSPHRASE") == 3


@pytest.mark.parametrize("command", LISTS)
def test_a_registry_that_is_missing(program: Program, command: tuple[str, ...]) -> None:
    where = program.root / "traceqr.db"
    said = program.refused(*command)
    assert said == f"traceqr: expected a registry at {where}, found none; to make one, run: traceqr init\n"
    assert list(program.root.iterdir()) == []


def test_a_registry_that_is_another_file(program: Program) -> None:
    program.file("traceqr.db", "not a database, but long enough to be looked at" * 100)
    assert "the registry cannot be used: file is not a database" in program.refused("batch", "list")


@pytest.mark.parametrize(("version", "message"), [("99", "it needs a later TraceQR"), ("0", "run: traceqr migrate")])
def test_a_registry_of_another_schema(program: Program, shop: World, version: str, message: str) -> None:
    shop.close()
    connection = sqlite3.connect(program.root / "traceqr.db")
    connection.execute("UPDATE meta SET value = ? WHERE name = 'schema_version'", (version,))
    connection.commit()
    connection.close()
    assert message in program.refused("batch", "list")
    assert message in program.refused("batch", "issue", "--gtin", "6901234000016", "--count", 1)


@pytest.mark.parametrize(
    "command",
    [
        ("batch", "activate", 1, "--reason", "shipped"),
        ("organisation", "import", "o.csv"),
        ("keys", "retire", 1, "--reason", "yearly"),
    ],
)
def test_a_registry_that_another_program_writes_to(
    program: Program, shop: World, command: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.issue(3, active=False)
    path = program.file("o.csv", "kind,level,region,name_zh\nassociation,national,000000,协会\n")
    before = shop.dump()
    shop.close()
    monkeypatch.setattr("traceqr.registry.writelock.PATIENCE_S", 0.05)
    foreign = sqlite3.connect(program.root / "traceqr.db", isolation_level=None)
    try:
        foreign.execute("BEGIN IMMEDIATE")
        said = program.refused(*(path if part == "o.csv" else part for part in command))
        assert "is being written to by another program" in said
        assert "wait for it, or end it" in said
        assert program.json("batch", "list")[0]["number"] == 1, "reading goes on"
    finally:
        foreign.execute("ROLLBACK")
        foreign.close()
    assert shop.dump() == before


def test_migrate(program: Program) -> None:
    assert "expected a registry at" in program.refused("migrate")
    program.good("init")
    assert program.good("migrate") == "the registry has schema 1\n"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("TRACEQR_DATABASE", "mysql://user:secret@host/db", "TRACEQR_DATABASE: expected a URL such as sqlite:///"),
        ("TRACEQR_ORIGIN", "http://qr.example.org", "TRACEQR_ORIGIN: expected https for the public host"),
        ("TRACEQR_ORIGIN", "https://qr.example.org/", "set it to https://qr.example.org\n"),
        ("TRACEQR_SECRET_KEY", "short", "TRACEQR_SECRET_KEY: expected at least 32 characters, got 5"),
        ("TRACEQR_LABEL_CASE", "mixed", "TRACEQR_LABEL_CASE: expected upper or lower, got 'mixed'"),
    ],
)
def test_a_setting_that_is_wrong(program: Program, name: str, value: str, message: str) -> None:
    said = program.refused("batch", "list", **{name: value})
    assert message in said
    assert "secret@" not in said


@pytest.mark.parametrize(
    "command", [("batch", "issue", "--gtin", "6901234000016", "--count", 1), ("verify", "text"), ("serve",)]
)
def test_a_setting_that_is_missing(program: Program, shop: World, command: tuple[object, ...]) -> None:
    said = program.refused(*command, TRACEQR_ORIGIN=None)
    assert said.startswith("traceqr: TRACEQR_ORIGIN is missing: set it to the address that labels lead to")


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (("unknown",), "No such command"),
        (("batch", "issue"), "Missing option '--gtin'"),
        (("batch", "issue", "--gtin", "6901234000017", "--count", 1), "expected check digit"),
        (("batch", "issue", "--gtin", "6901234000016", "--count", "many"), "not a valid integer"),
        (("batch", "issue", "--gtin", "6901234000016", "--count", 1, "--expires-on", "1/9/2026"), "such as 2026-09-01"),
        (("batch", "activate", 1), "Missing option '--reason'"),
        (("batch", "activate", 1, "--reason", "  "), "expected a reason of 1 to 500 printable characters"),
        (("batch", "activate", 0, "--reason", "x"), "0 is not in the range x>=1"),
        (("batch", "labels", 1, "--format", "docx"), "'docx' is not one of"),
        (("verify",), "expected either TEXT or --image FILE"),
        (("product", "import", "none.csv"), "does not exist"),
        (("keys", "new", "--role", "root"), "'root' is not one of"),
        (("keys", "new", "--role", "hidden", "--signing-days", 1), "expected no --signing-days with --role hidden"),
        (("keys", "new", "--role", "hidden", "--verifying-days", 1), "expected no --verifying-days with --role hidden"),
        (("serve", "--bind", "8000"), "expected HOST:PORT, such as 127.0.0.1:8000, got '8000'"),
        (("serve", "--bind", "127.0.0.1:0"), "expected HOST:PORT"),
    ],
)
def test_a_wrong_call(program: Program, command: tuple[object, ...], message: str) -> None:
    assert message in program.refused(*command, code=2)


def test_help_and_version(program: Program) -> None:
    assert "traceqr, version " in program.good("--version")
    assert "batch" in program.good("--help")
    assert "--count" in program.good("batch", "issue", "-h")
