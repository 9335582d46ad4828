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
    assert "key 3 (role label)" in program.good("keys", "new")
    assert "0002" not in program.good("keys", "list")
    assert "expected a signing window that ends inside the verifying window" in program.refused(
        "keys", "new", "--signing-days", 20, "--verifying-days", 10
    )


def test_hidden_roots(program: Program, shop: World) -> None:
    assert program.json("keys", "new", "--role", "hidden") == {
        "number": 1,
        "role": "hidden",
        "status": "active",
        "commitment": shop.one("SELECT commitment FROM hidden_root")["commitment"],
        "first_batch": 1,
        "private_here": True,
    }
    shop.issue()
    said = program.good("keys", "new", "--role", "hidden")
    assert f"hidden root 2: {program.root / 'keys' / '0002-hidden.key'}\n" in said
    assert "it gives the hidden codes of batches from 2 on" in said
    (program.root / "keys" / "0001-hidden.key").unlink()
    key, first, second = program.json("keys", "list")
    assert (key["role"], first["role"], second["role"]) == ("label", "hidden", "hidden")
    assert [(root["number"], root["status"], root["private_here"]) for root in (first, second)] == [
        (1, "retired", False),
        (2, "active", True),
    ]
    rows = [line.split("  ") for line in program.good("keys", "list").splitlines()[2:]]
    assert [[cell.strip() for cell in row if cell.strip()] for row in rows] == [
        ["1", "hidden", "retired", "from batch 1", "-", "not here"],
        ["2", "hidden", "active", "from batch 2", "-", "here"],
    ]


def test_a_hidden_root_is_backed_up_and_restored(program: Program, shop: World) -> None:
    program.good("keys", "new", "--role", "hidden", TRACEQR_KEY_PASSPHRASE="open sesame")
    target, path = program.root / "keys.tar", program.root / "keys" / "0001-hidden.key"
    content = path.read_bytes()
    assert program.good("keys", "backup", target) == f"backed up: 3 files into {target}\n"
    path.unlink()
    assert program.good("keys", "restore", target) == "restored: 0001-hidden.key\n"
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (content, 0o600)
    path.chmod(0o644)
    assert "run: chmod 600" in program.refused("keys", "backup", program.root / "another.tar")


def test_retire_and_destroy(program: Program, shop: World) -> None:
    assert program.good("keys", "retire", 1, "--reason", "yearly change") == "retired: key 1\n"
    assert "run: traceqr keys new" in program.refused("batch", "issue", "--gtin", gtin(), "--count", 1)
    program.good("keys", "destroy", 1, "--reason", "end of life", "--yes")
    assert statuses(program) == {1: "destroyed"}
    assert program.json("keys", "list")[0]["private_here"] is False
    assert "not here" in program.good("keys", "list")
    assert "expected it to be active or retired" in program.refused("keys", "destroy", 1, "--reason", "x", "--yes")


def test_compromise(program: Program, shop: World) -> None:
    program.good("batch", "issue", "--gtin", gtin(), "--count", 5)
    said = program.good("keys", "compromise", 1, "--reason", "stolen laptop", "--as-of", 3, "--yes")
    assert "compromised: key 1; 5 labels not yet activated were voided" in said
    assert statuses(program) == {1: "compromised"}
    assert "to issue them anew: traceqr keys new, then" in said
    number = program.json("keys", "new")["number"]
    assert "expected a ledger position from 0 to" in program.refused(
        "keys", "compromise", number, "--reason", "x", "--as-of", 999, "--yes"
    )


def test_backup_and_restore(program: Program, shop: World) -> None:
    target = program.root / "keys.tar"
    assert program.good("keys", "backup", target) == f"backed up: 2 files into {target}\n"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert "expected a new file for the backup of the keys" in program.refused("keys", "backup", target)
    assert program.good("keys", "restore", target) == "nothing was missing\n"
    (program.root / "keys" / "0001-label.key").unlink()
    assert program.good("keys", "restore", target) == "restored: 0001-label.key\n"
    assert "expected a key backup" in program.refused("keys", "restore", program.file("other.tar", "text"))


def test_a_backup_of_a_key_that_others_may_read(program: Program, shop: World) -> None:
    path = program.root / "keys" / "0001-label.key"
    path.chmod(0o644)
    said = program.refused("keys", "backup", program.root / "keys.tar")
    assert said == f"traceqr: expected mode 0600 on {path}, got 0644; run: chmod 600 {path}\n"
    assert not (program.root / "keys.tar").exists()


def test_a_destroyed_key_stays_away(program: Program, shop: World) -> None:
    target, path = program.root / "keys.tar", program.root / "keys" / "0001-label.key"
    program.good("keys", "new")
    program.good("keys", "backup", target)
    (program.root / "keys" / "0002-label.key").unlink()
    program.good("keys", "destroy", 1, "--reason", "end of life", "--yes")
    said = program.good("keys", "restore", target)
    assert said == "key 1 is destroyed, left out\nrestored: 0002-label.key\n"
    assert program.good("keys", "restore", target) == "key 1 is destroyed, left out\n"
    assert not path.exists()
    assert program.good("keys", "restore", target, "--also-destroyed") == "restored: 0001-label.key\n"
    assert path.exists()


def test_keys_come_back_before_the_registry_only_when_told_so(program: Program, shop: World) -> None:
    target, path = program.root / "keys.tar", program.root / "keys" / "0001-label.key"
    program.good("keys", "backup", target)
    path.unlink()
    elsewhere = {"TRACEQR_DATABASE": f"sqlite:///{program.root / 'none.db'}"}
    said = program.refused("keys", "restore", target, **elsewhere)
    assert "expected a registry at" in said
    assert "bring the registry back first, or restore with --also-destroyed" in said
    assert not path.exists()
    program.good("keys", "restore", target, "--also-destroyed", **elsewhere)
    assert path.exists()


FOR_EVER = [
    ("batch", "void", 1, "--reason", "x"),
    ("pledge", "withdraw", 1, "--reason", "x"),
    ("keys", "destroy", 1, "--reason", "x"),
    ("keys", "compromise", 1, "--reason", "x"),
]


@pytest.mark.parametrize("command", FOR_EVER)
@pytest.mark.parametrize("stdin", [None, "y\n"])
def test_what_cannot_be_undone_is_refused_with_nobody_to_ask(
    program: Program, shop: World, command: tuple[object, ...], stdin: str | None
) -> None:
    shop.issue(3)
    before = shop.dump()
    result = program.run(*command, stdin=stdin)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Error: expected --yes: this cannot be undone" in result.stderr
    assert result.stderr.endswith("nothing was done\n")
    assert shop.dump() == before
    assert (program.root / "keys" / "0001-label.key").exists()
    program.good(*command, "--yes")
    assert shop.dump() != before


def test_a_closed_standard_input_is_nobody_to_ask(program: Program, shop: World) -> None:
    done = program.shell("traceqr keys destroy 1 --reason x <&-")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Error: expected --yes: this cannot be undone" in done.stderr


@pytest.mark.parametrize("command", FOR_EVER)
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
