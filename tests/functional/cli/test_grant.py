"""`traceqr grant`: roles of PostgreSQL that serve the public, and what they may not do."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from support import postgres
from support.program import Program

ROLE = "grant_test_public"


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    with postgres.empty_database() as url:
        made = Program(tmp_path)
        made.env["TRACEQR_DATABASE"] = url
        yield made


@pytest.fixture
def role(program: Program) -> Iterator[str]:
    """A role of the server, gone again before its database is."""
    postgres.run_as_owner(f"CREATE ROLE {ROLE} LOGIN")
    yield ROLE
    with psycopg.connect(program.env["TRACEQR_DATABASE"], autocommit=True) as connection:
        connection.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(ROLE)))
        connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(ROLE)))


def test_a_role_that_may_record_scans_and_no_more(program: Program, role: str) -> None:
    said = program.good("init")
    assert "traceqr grant ROLE, for nodes that only serve the public" in said
    assert f"{role} may serve the public" in program.good("grant", role)
    program.good("grant", role)  # once more changes nothing
    public = program.env["TRACEQR_DATABASE"].replace("postgres:@", f"{role}@")
    assert public != program.env["TRACEQR_DATABASE"]
    with psycopg.connect(public, autocommit=True) as connection:
        assert connection.execute("SELECT COUNT(*) FROM ledger").fetchone() == (3,), (
            "the first keys and the first hidden root"
        )
        for statement in (
            "DELETE FROM ledger",
            "UPDATE span SET last = 0",
            "DELETE FROM batch",
            "DROP TABLE scan",
            "SELECT * FROM hidden_root",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("command", "doing"), [(("check",), "check"), (("check", "--json"), "check"), (("backup", "b.db"), "copy")]
)
def test_it_is_told_what_it_may_not_do(
    program: Program, role: str, command: tuple[str, ...], doing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not that the registry is damaged."""
    monkeypatch.chdir(program.root)
    program.good("init")
    program.good("grant", role)
    public = program.env["TRACEQR_DATABASE"].replace("postgres:@", f"{role}@")
    said = program.refused(*command, TRACEQR_DATABASE=public)
    refused = (
        rf"traceqr: postgresql://\S+: this role may not read all of table \w+: {doing} as the owner of the registry\n"
    )
    assert re.fullmatch(refused, said)
    assert list(program.root.glob("*.db*")) == []


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (("postgres:@", "nobodyhere@"), 'role "nobodyhere" does not exist'),
        (("/test_", "/no_such_"), 'database "no_such_'),
    ],
)
def test_a_connection_that_is_refused_is_one_line(program: Program, wrong: tuple[str, str], words: str) -> None:
    program.env["TRACEQR_DATABASE"] = program.env["TRACEQR_DATABASE"].replace(*wrong)
    process = program.start("check", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    output, errors = process.communicate(timeout=60)
    (line,) = errors.decode().splitlines()
    assert (process.returncode, output) == (1, b"")
    assert line.startswith("traceqr: postgresql://")
    assert f" refused the connection: {words}" in line


def test_a_server_that_is_away_is_one_line(program: Program) -> None:
    program.env["TRACEQR_DATABASE"] = "postgresql://operator:very-secret@127.0.0.1:1/traceqr"
    process = program.start("check", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    (line,) = process.communicate(timeout=60)[1].decode().splitlines()
    assert line == (
        "traceqr: expected a connection to postgresql://127.0.0.1:1/traceqr within 3 s, got none: Connection refused"
    )


def test_a_role_that_there_is_not(program: Program) -> None:
    program.good("init")
    assert "no_such_role" in program.refused("grant", "no_such_role")


def test_before_there_is_a_registry(program: Program, role: str) -> None:
    assert "expected a TraceQR registry" in program.refused("grant", role)


def test_a_file_has_no_roles(tmp_path: Path) -> None:
    program = Program(tmp_path)
    program.good("init")
    assert program.refused("grant", ROLE).startswith("traceqr: expected a PostgreSQL registry, got a file: ")


def test_without_a_role(program: Program) -> None:
    assert "ROLE" in program.refused("grant", code=2)


def test_migrate_says_where_the_registry_stands(program: Program) -> None:
    program.good("init")
    assert program.good("migrate").startswith("the registry has schema ")
