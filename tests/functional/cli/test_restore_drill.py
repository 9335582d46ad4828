"""The drill: a machine is lost, its registry and keys come back from backups, and nothing is ever given out twice.

What issues, exports, backs up, restores and accepts runs in a process of its own, as an operator types it.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from support.program import Program
from support.server import serving
from support.world import ASSOCIATION, gtin, uscc

from traceqr.highwater import HighWater

TIMEOUT_S = 120
CAMPAIGN = f"""
id = "quality-month-2026"
organiser = "{ASSOCIATION}"
year = 2026
name_zh = "质量月"
name_en = "Quality Month"
theme_zh = "诚信"
theme_en = "Good faith"
code = "QM27"
apply_from = 2020-01-01
apply_until = 2198-12-31
valid_from = 2020-01-01
valid_until = 2198-12-31
[[articles.signers]]
zh = "一"
en = "One"
"""


@dataclass
class Operator:
    """Types commands, and reads what they say."""

    program: Program

    @property
    def root(self) -> Path:
        return self.program.root

    @property
    def registry(self) -> Path:
        return self.root / "traceqr.db"

    @property
    def mark(self) -> HighWater:
        return HighWater(self.root / "keys" / "high-water.json")

    def run(self, *args: object) -> tuple[int, str, str]:
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        with self.program.start(*args, **streams) as process:
            out, err = process.communicate(timeout=TIMEOUT_S)
        return process.returncode, out.decode(), err.decode()

    def good(self, *args: object) -> str:
        code, out, err = self.run(*args)
        assert code == 0, err
        return out

    def json(self, *args: object) -> Any:
        return json.loads(self.good(*args, "--json"))

    def refused(self, *args: object) -> str:
        return self.program.refused(*args)

    def issue(self, pledge: int = 1) -> int:
        issued = self.json("batch", "issue", "--gtin", gtin(), "--count", 5, "--pledge", pledge, "--active")
        return int(issued["number"])

    def labels(self, batch: int) -> list[str]:
        """Label texts, as the print house gets them."""
        rows = csv.DictReader(io.StringIO(self.good("batch", "labels", batch, "--format", "csv")))
        return [row["text"] for row in rows]

    def verdict(self, text: str) -> tuple[str, str]:
        found = json.loads(self.program.run("verify", text, "--json").stdout)
        return found["code"], found["reason"]

    def positions(self) -> list[tuple[int, str]]:
        entries = map(json.loads, self.program.good("ledger", "list", "--json").splitlines())
        return [(entry["position"], entry["act"]) for entry in entries]

    def pledge(self, number: int) -> int:
        """An enterprise joins the campaign."""
        enterprise = f"uscc,name_zh,region\n{uscc(number)},茶业{number},330100\n"
        self.program.good("enterprise", "import", self.program.file("e.csv", enterprise))
        header = "campaign,uscc,signed_on,valid_from,valid_until\n"
        row = f"quality-month-2026,{uscc(number)},2020-01-01,2020-01-01,2199-12-31\n"
        self.program.good("pledge", "import", self.program.file("pl.csv", header + row))
        return max(pledge["number"] for pledge in self.program.json("pledge", "list"))

    def begin(self) -> None:
        """From nothing to a product that batches can be issued of."""
        self.good("init")
        good, file = self.program.good, self.program.file
        organisation = f"kind,level,region,name_zh\nassociation,national,000000,{ASSOCIATION}\n"
        good("organisation", "import", file("o.csv", organisation))
        good("campaign", "import", file("c.toml", CAMPAIGN))
        assert self.pledge(1) == 1
        good("product", "import", file("p.csv", f"gtin,uscc,name_zh\n{gtin()},{uscc()},茶\n"))
        claims = file("cl.csv", f"uscc,kind,value,evidence\n{uscc()},prefix,6901234,证书\n")
        (claim,) = self.program.json("claim", "import", claims)
        good("claim", "accept", claim["id"], "--by", ASSOCIATION)

    def lose_the_registry(self, backup: Path) -> None:
        """The disk of the database is gone; the backup is put in its place."""
        for path in self.root.glob("traceqr.db*"):
            path.unlink()
        shutil.copy(backup, self.registry)


@dataclass
class Before:
    """How things stood when the machine was lost."""

    operator: Operator
    backup: Path
    keys: Path
    kept: list[str]
    """Labels of the batch that the backup knows."""
    forgotten: list[str]
    """Labels of the batches that it does not."""
    numbers: dict[str, set[int]]
    """What lost acts had used: batches, pledges, keys, and positions on the ledger."""


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Before:
    """Built once; each test loses a copy of it."""
    root = tmp_path_factory.mktemp("before")
    operator = Operator(Program(root))
    operator.begin()
    kept = operator.labels(operator.issue())
    keys, backup = root / "backup.tar", root / "backup.db"
    operator.good("keys", "backup", keys)
    operator.good("backup", backup)
    size = len(operator.positions())

    forgotten = operator.labels(operator.issue())
    key = operator.json("keys", "new")["number"]
    batches = {2, operator.issue()}
    forgotten += operator.labels(3)
    pledge = operator.pledge(2)
    operator.good("batch", "hold", 1, "--first", 4, "--reason", "doubtful")
    positions = {position for position, _ in operator.positions()[size:]}
    assert (batches, key, pledge) == ({2, 3}, 3, 2)
    used = {"batch": batches, "pledge": {pledge}, "key": {key}, "position": positions}
    return Before(operator, backup, keys, kept, forgotten, used)


@pytest.fixture
def lost(before: Before, tmp_path: Path) -> Before:
    root = tmp_path / "machine"
    shutil.copytree(before.operator.root, root)
    return replace(before, operator=Operator(Program(root)))


def the_disk_of_the_registry_is_gone(lost: Before) -> None:
    """The folder of keys, with the high-water file, is on another disk."""
    lost.operator.lose_the_registry(lost.backup)


def the_machine_is_gone(lost: Before, *, but_the_mark: bool) -> None:
    """Keys too. The high-water file was kept elsewhere, or not."""
    lost.operator.lose_the_registry(lost.backup)
    mark = lost.operator.mark.path.read_bytes()
    shutil.rmtree(lost.operator.root / "keys")
    assert "restored: 0001-hidden.key, 0001-label.jwk, 0001-label.key" in lost.operator.good(
        "keys", "restore", lost.keys
    )
    if but_the_mark:
        lost.operator.mark.path.write_bytes(mark)


def nothing_is_done(operator: Operator, remedy: str) -> None:
    before = operator.positions()
    for act in (
        ("batch", "issue", "--gtin", gtin(), "--count", 5, "--json"),
        ("batch", "labels", 1, "--format", "csv"),
        ("batch", "labels", 1, "--format", "csv", "-o", operator.root / "labels.csv"),
        ("batch", "activate", 1, "--reason", "for sale"),
        ("batch", "recall", 1, "--reason", "faulty"),
        ("keys", "new"),
    ):
        assert remedy in operator.refused(*act)
    assert not (operator.root / "labels.csv").exists(), "no label byte leaves the house"
    assert operator.positions() == before


def nothing_is_given_out_twice(lost: Before) -> None:
    operator, used = lost.operator, lost.numbers
    batch, pledge = operator.issue(), operator.pledge(3)
    keys = {key["number"] for key in operator.program.json("keys", "list")}
    assert batch not in used["batch"]
    assert pledge not in used["pledge"]
    assert used["key"].isdisjoint(keys)
    acts = dict(operator.positions())
    assert list(acts) == list(range(len(acts)))
    assert {acts[position] for position in used["position"]} == {"ledger.lost"}

    texts = operator.labels(batch)
    with closing(sqlite3.connect(operator.registry)) as database:
        (key,) = database.execute("SELECT key_number FROM batch WHERE number = ?", (batch,)).fetchone()
    assert key == max(keys), "new labels use the new key"
    assert {operator.verdict(text) for text in texts} == {("genuine", "first-sighting")}
    assert {operator.verdict(text) for text in lost.kept[:4]} == {("genuine", "first-sighting")}
    assert {operator.verdict(text)[0] for text in lost.forgotten} == {"forged"}
    assert len(set(texts) | set(lost.kept) | set(lost.forgotten)) == 20
    # With the process over, the mark is where the ledger is; and the whole registry is sound.
    mark = operator.mark.read()
    assert mark is not None
    assert mark.size == len(operator.positions())
    operator.program.good("check")


def test_the_registry_is_lost_and_keys_and_mark_are_not(lost: Before) -> None:
    the_disk_of_the_registry_is_gone(lost)
    operator = lost.operator
    nothing_is_done(operator, "run: traceqr ledger accept-restore")
    assert operator.verdict(lost.kept[0]) == ("genuine", "first-sighting")
    assert operator.verdict(lost.forgotten[0]) == ("forged", "batch-unknown")
    with serving(operator.root, operator.program.env["TRACEQR_DATABASE"]) as server:
        for text, code in ((lost.kept[0], "genuine"), (lost.forgotten[0], "forged")):
            answer = server.get(text.partition("QR.EXAMPLE.ORG")[2], Accept="application/json")
            assert json.loads(answer.text)["code"] == code, "people are answered all the while"
        assert server.get("/readyz").status == 200

    accepted = operator.json("ledger", "accept-restore", "--yes")
    assert accepted["lost"] == accepted["filled"] == len(lost.numbers["position"])
    assert accepted["key"] not in (1, 2, 3), "the files of key 3 are there, and are its own"
    nothing_is_given_out_twice(lost)
    assert (operator.root / "keys" / "0003-label.key").exists()


def test_the_machine_is_lost_and_the_mark_was_kept_elsewhere(lost: Before) -> None:
    the_machine_is_gone(lost, but_the_mark=True)
    operator = lost.operator
    nothing_is_done(operator, "run: traceqr ledger accept-restore")
    code, _, err = operator.run("ledger", "accept-restore")
    assert (code, "Error: expected --yes" in err, "Usage" in err) == (2, True, False), "nobody is there to be asked"
    places = [line.partition(": ")[2].split(": ")[0].strip() for line in err.splitlines()[:2]]
    assert places == [str(operator.mark.path), str(operator.registry)], "what is about to be changed"
    said = operator.good("ledger", "accept-restore", "--yes")
    assert f"lost acts:       {len(lost.numbers['position'])}" in said
    assert "labels of batches that this registry does not know are forged from now on" in said
    assert {operator.verdict(text) for text in lost.forgotten[:5]} == {("forged", "batch-unknown")}
    nothing_is_given_out_twice(lost)
    assert "nothing to accept" in operator.refused("ledger", "accept-restore", "--yes")


def test_the_whole_machine_is_lost(lost: Before) -> None:
    """Only backups are left. The registry knows that there was a high-water file, and does nothing without one."""
    the_machine_is_gone(lost, but_the_mark=False)
    operator = lost.operator
    nothing_is_done(operator, "run: traceqr ledger accept-restore --lost N")
    assert "--lost N" in operator.refused("ledger", "accept-restore", "--yes")
    assert operator.json("ledger", "accept-restore", "--lost", 50, "--yes")["next"]["batch"] == 52
    nothing_is_given_out_twice(lost)


def test_the_whole_machine_came_back_from_one_picture(lost: Before) -> None:
    """The mark is as old as the registry, so nothing can be noticed: the operator has to say it."""
    operator = lost.operator
    the_machine_is_gone(lost, but_the_mark=False)
    size = len(operator.positions())
    with closing(sqlite3.connect(operator.registry)) as database:
        (root,) = database.execute("SELECT root_hash FROM ledger WHERE position = ?", (size - 1,)).fetchone()
    operator.mark.path.write_text(json.dumps({"size": size, "root": root}))
    assert "if the file is as old as the registry, say how many" in operator.refused(
        "ledger", "accept-restore", "--yes"
    )
    operator.good("ledger", "accept-restore", "--lost", len(lost.numbers["position"]), "--yes")
    nothing_is_given_out_twice(lost)


def test_the_mark_alone_is_lost(lost: Before) -> None:
    """Nothing else is: the operator says so, and goes on as before."""
    operator = lost.operator
    operator.mark.path.unlink()
    nothing_is_done(operator, "run: traceqr ledger accept-restore --lost N")
    said = operator.json("ledger", "accept-restore", "--lost", 0, "--yes")
    assert (said["key"], said["filled"]) == (None, 0)
    assert operator.issue() == 4
    assert operator.verdict(lost.forgotten[0]) == ("genuine", "first-sighting")


def test_a_setting_puts_the_mark_elsewhere(lost: Before) -> None:
    operator = lost.operator
    elsewhere = operator.root / "elsewhere" / "mark.json"
    elsewhere.parent.mkdir()
    operator.mark.path.rename(elsewhere)
    operator.program.env["TRACEQR_HIGH_WATER"] = str(elsewhere)
    operator.issue()
    mark = HighWater(elsewhere).read()
    assert mark is not None
    assert mark.size == len(operator.positions())
    assert not operator.mark.path.exists()
