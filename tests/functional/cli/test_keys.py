"""Keys from the command line."""

from __future__ import annotations

import stat

import pytest
from support.program import Program
from support.world import World, gtin


def statuses(program: Program) -> dict[int, str]:
    return {key["number"]: key["status"] for key in program.json("keys", "list")}


def test_new_keys(program: Program, shop: World) -> None:
    made = program.json("keys", "new", "--role", "ledger", "--signing-days", 10, "--verifying-days", 20)
    assert (made["number"], made["role"]) == (2, "ledger")
    assert "key 3 (role label)" in program.good("keys", "new", "--role", "label")
    assert "0002" not in program.good("keys", "list")
    assert "expected a signing window that ends inside the verifying window" in program.refused(
        "keys", "new", "--role", "label", "--signing-days", 20, "--verifying-days", 10
    )


def test_retire_and_destroy(program: Program, shop: World) -> None:
    assert program.good("keys", "retire", 1, "--reason", "yearly change") == "retired: key 1\n"
    assert "run: traceqr keys new" in program.refused("batch", "issue", "--gtin", gtin(), "--count", 1)
    program.good("keys", "destroy", 1, "--reason", "end of life", "--yes")
    assert statuses(program) == {1: "destroyed"}
    assert program.json("keys", "list")[0]["private_here"] is False
    assert "not here" in program.good("keys", "list")
    assert "expected it to be active or retired" in program.refused("keys", "destroy", 1, "--reason", "x")


def test_compromise(program: Program, shop: World) -> None:
    program.good("batch", "issue", "--gtin", gtin(), "--count", 5)
    said = program.good("keys", "compromise", 1, "--reason", "stolen laptop", "--as-of", 3)
    assert "compromised: key 1; 5 labels not yet activated were voided" in said
    assert statuses(program) == {1: "compromised"}
    assert "expected a ledger position from 0 to" in program.refused(
        "keys", "compromise", program.json("keys", "new", "--role", "label")["number"], "--reason", "x", "--as-of", 999
    )


def test_backup_and_restore(program: Program, shop: World) -> None:
    target = program.root / "keys.tar"
    assert program.good("keys", "backup", target) == f"backed up: 2 files into {target}\n"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert "cannot write the backup" in program.refused("keys", "backup", target)
    assert program.good("keys", "restore", target) == "nothing was missing\n"
    (program.root / "keys" / "0001-label.key").unlink()
    assert program.good("keys", "restore", target) == "restored: 0001-label.key\n"
    assert "expected a key backup" in program.refused("keys", "restore", program.file("other.tar", "text"))


@pytest.mark.parametrize(
    "command",
    [
        ("batch", "void", 1, "--reason", "x"),
        ("pledge", "withdraw", 1, "--reason", "x"),
        ("keys", "destroy", 1, "--reason", "x"),
        ("keys", "compromise", 1, "--reason", "x"),
    ],
)
@pytest.mark.parametrize(("answer", "code"), [("n\n", 1), ("", 1), ("y\n", 0)])
def test_what_cannot_be_undone_is_asked_first(
    program: Program,
    shop: World,
    command: tuple[object, ...],
    answer: str,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shop.issue(3)
    before = shop.dump()
    monkeypatch.setattr("traceqr.cli.house.is_attended", lambda: True)
    result = program.run(*command, stdin=answer)
    assert result.exit_code == code
    assert "?" in result.stderr
    assert (shop.dump() == before) == (code == 1)
    if code:
        assert result.stderr.endswith("traceqr: nothing was done\n")
