"""`traceqr grant`: roles of PostgreSQL that serve the public, and what they may not do."""

from __future__ import annotations

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
        assert connection.execute("SELECT COUNT(*) FROM ledger").fetchone() == (1,)
        for statement in ("DELETE FROM ledger", "UPDATE span SET last = 0", "DELETE FROM batch", "DROP TABLE scan"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)  # type: ignore[call-overload]


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
