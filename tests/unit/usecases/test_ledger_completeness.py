"""No state change without its entry in the same transaction: every use case is walked, and none can be forgotten."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from support.scenarios import SCENARIOS, Scenario
from support.world import World, gtin, uscc

from traceqr import activating, claiming, enrolling, issuing, keying, recalling
from traceqr.acting import ActRefused, Desk, EntriesRefused, Unrecorded
from traceqr.activating import Range
from traceqr.registry.database import Database, Reader, RegistryConflict, Transaction
from traceqr.registry.organisations import Organisation

PACKAGE = Path(__file__).resolve().parents[3] / "traceqr"

NOT_STATE = ("ledger", "trail", "scan", "sighting", "purchase", "session", "pace", "answered", "case_event")
NOT_STATE += ("report_pace", "notification", "delivery", "field_photo", "bundle_part")
"""What a dump leaves out. Scans are what people do with labels, sessions come and go with who signs in, and answers
to programs and parts of bundles tell again what acts have done: no acts. The ledger is looked at by itself, and the
trail says it again.
"""

MAY_BEGIN = {
    "transaction": {"acting.py", "authenticating.py", "importing/landing.py"},
    "recording": {
        *("authenticating.py", "entering.py", "recording.py", "pruning.py", "reporting.py", "forgetting.py"),
        *("verifying.py", "demo/loading.py", "notifying.py", "office/field.py", "bundling.py"),
        *("delivering/deliverer.py", "delivering/gathering.py", "delivering/questions.py", "office/events.py"),
    },
    "maintenance": set(),
}
"""Modules above the registry that may begin a transaction of each kind: acts, and the rehearsal of an import, which
rolls back whatever happens; the recording of scans and of purchases, and taking scans out once the act that orders it
is recorded; parts of bundles before an act names them; who is signed in, and removing what of that has ended; what is
sent to those who subscribed, and how far their queries have come; what became of documents of which nothing was
captured."""


class Watching:
    """A database that notes how many transactions it committed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.committed = 0

    def snapshot(self) -> AbstractContextManager[Reader]:
        return self._database.snapshot()

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with self._database.transaction() as tx:
            yield tx
        self.committed += 1

    def close(self) -> None:
        self._database.close()


@pytest.mark.parametrize("name", SCENARIOS)
def test_each_act_changes_state_and_appends_its_entries_at_once(world: World, name: str) -> None:
    scenario = SCENARIOS[name]
    scenario.prepare(world)
    before, acts = world.dump(*NOT_STATE), world.acts()
    watching = Watching(world.database)
    original = world.desk
    world.desk = Desk(watching, original.actor, original.clock, original.timezone, original.new_id)
    scenario.run(world)
    assert watching.committed == 1, "state and entry must land in one transaction"
    assert tuple(world.acts()) == (*acts, *scenario.acts)
    assert (world.dump(*NOT_STATE) != before) is scenario.changes
    entries = range(len(acts), len(acts) + len(scenario.acts))
    require_rows_of(world, before, entries, erases=scenario.acts == ("inspection.erase",))


def require_rows_of(
    world: World, before: Mapping[str, list[tuple[Any, ...]]], entries: range, *, erases: bool
) -> None:
    """A `position` of a changed row is one of the act's own: what the ledger does not say, no row says."""
    for table in ("organisation", "enterprise", "gtin_claim", "product_version", "campaign", "pledge_text", "pledge",
                  "signing_key", "hidden_root", "batch", "bundle", "account", "credential", "invitation", "api_token",
                  "passport_issue", "proposal", "inspector", "field_device", "inspection", "inspection_entry",
                  "inspection_referral"):  # fmt: skip
        known = set(before[table])
        new = [row for row in world.rows(f"SELECT * FROM {table}") if tuple(row.values()) not in known]
        if erases and table == "inspection_entry":
            new = [row for row in new if row["content"]]  # what is emptied stands where it came, with its digest
        assert all(row["position"] in entries for row in new), table


def test_every_use_case_that_acts_has_a_scenario() -> None:
    acting = set(_functions_that_act())
    assert acting == {scenario.use_case for scenario in SCENARIOS.values()}
    assert len(acting) >= 15


def _functions_that_act() -> Iterator[str]:
    """Public functions that call `desk.act()`, themselves or through private ones of their module."""
    for path in sorted([*PACKAGE.glob("*.py"), *(PACKAGE / "chain").glob("*.py")]):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        acts = {name for name, node in functions.items() if _calls_attribute(node, "act")}
        while grown := {name for name, node in functions.items() if name not in acts and _names_called(node) & acts}:
            acts |= grown
        module = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        yield from (f"{module}.{name}" for name in acts if not name.startswith("_"))


def _calls_attribute(node: ast.AST, name: str) -> bool:
    return any(
        isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == name
        for call in ast.walk(node)
    )


def _names_called(node: ast.AST) -> set[str]:
    return {call.func.id for call in ast.walk(node) if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)}


@pytest.mark.parametrize("kind", MAY_BEGIN)
def test_nothing_else_begins_a_transaction(kind: str) -> None:
    beginning = {
        str(path.relative_to(PACKAGE))
        for path, tree in _trees().items()
        if path.parent.name != "registry" and _calls_attribute(tree, kind)
    }
    assert beginning == MAY_BEGIN[kind]


@cache
def _trees() -> dict[Path, ast.Module]:
    """What each module says."""
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in PACKAGE.rglob("*.py")}


def test_nothing_else_appends_to_the_ledger() -> None:
    """One way onto the ledger, `Act.record`, and one statement that inserts there, in `ledger.Tail`."""
    sources = {path.name: path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}
    inserting = [
        name
        for name, source in sources.items()
        for _ in re.findall(r"INTO\s+ledger|insert_many\(\s*[\"']ledger", source)
    ]
    assert inserting == ["ledger.py"]
    assert {name for name, source in sources.items() if re.search(r"\bTail\(", source)} == {"acting.py"}


class TestAnActThatFails:
    """It changes nothing and records nothing, wherever it fails."""

    @pytest.mark.parametrize("error", [ValueError, ActRefused, KeyboardInterrupt])
    def test_a_body_that_raises(self, furnished: World, error: type[BaseException]) -> None:
        before = furnished.dump()
        with pytest.raises(error), furnished.desk.act() as act:  # noqa: PT012
            position = act.record("organisation.enrol", "organisation:x", {})
            _insert(act.tx, position)
            raise error("stop")
        assert furnished.dump() == before

    @pytest.mark.parametrize("how", ["execute", "insert_many"])
    def test_a_write_without_an_entry(self, furnished: World, how: str) -> None:
        before = furnished.dump()
        with pytest.raises(Unrecorded, match="expected a ledger entry for the 1 writes"), furnished.desk.act() as act:  # noqa: PT012
            if how == "execute":
                act.tx.execute("UPDATE enterprise SET name_en = 'changed'")
            else:
                _insert(act.tx, 0)
        assert furnished.dump() == before

    def test_reading_needs_no_entry(self, furnished: World) -> None:
        before = furnished.dump()
        with furnished.desk.act() as act:
            assert act.tx.rows("SELECT number FROM signing_key") == [{"number": 1}]
            assert act.tx.row("SELECT number FROM signing_key WHERE number = :n", {"n": 2}) is None
        assert furnished.dump() == before

    def test_a_conflict_takes_the_entry_with_it(self, furnished: World) -> None:
        before = furnished.dump()
        with pytest.raises(RegistryConflict), furnished.desk.act() as act:  # noqa: PT012
            _insert(act.tx, act.record("organisation.enrol", "organisation:x", {}))
            _insert(act.tx, 0)
        assert furnished.dump() == before

    def test_a_process_that_dies_before_the_commit(self, furnished: World) -> None:
        import os

        before = furnished.dump()
        child = os.fork()
        if not child:
            with furnished.another() as desk, desk.act() as act:
                _insert(act.tx, act.record("organisation.enrol", "organisation:x", {}))
                os.kill(os.getpid(), 9)
        os.waitpid(child, 0)
        assert furnished.dump() == before


def _insert(tx: Transaction, position: int) -> None:
    from traceqr.registry import organisations

    organisations.insert(tx, Organisation("x", "association", "city", "310000", "名", "Name"), position)


REFUSED: dict[str, Any] = {
    "enterprise with a wrong check character": lambda w: w.enterprise(uscc="913100000000000010"),
    "product of nobody": lambda w: w.product(3, enterprise=9),
    "claim of nobody": lambda w: w.claim(enterprise=9),
    "claim to nonsense": lambda w: w.claim("prefix", "12"),
    "claim accepted by nobody": lambda w: claiming.accept_claim(w.desk, "none", "质量检验协会（测试）"),
    "campaign of nobody": lambda w: w.campaign("x", organiser="无名"),
    "campaign without articles": lambda w: w.campaign("x", ()),
    "pledge in no campaign": lambda w: w.pledge(campaign_id="none"),
    "count 0": lambda w: w.issue(0),
    "pledge of nobody": lambda w: w.issue(pledge=9),
    "activate nothing": lambda w: activating.activate(w.desk, Range(1), "r"),
    "void past the end": lambda w: activating.void(w.desk, Range(1, 0, 10), "r"),
    "recall of no batch": lambda w: recalling.open_on_batch(w.desk, "recall", Range(9), "r"),
    "recall of no product": lambda w: recalling.open_on_product(w.desk, "recall", gtin(9), "r"),
    "lift of nothing": lambda w: recalling.lift(w.desk, "none", "r"),
    "retire no key": lambda w: keying.retire(w.desk, 9, "r"),
    "compromise from the future": lambda w: keying.compromise(w.desk, 1, "r", as_of=10_000),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_refused_act_leaves_no_trace(furnished: World, what: str) -> None:
    furnished.issue()
    before = furnished.dump()
    with pytest.raises(ActRefused):
        REFUSED[what](furnished)
    assert furnished.dump() == before


def test_one_bad_entry_of_many_and_none_lands(furnished: World) -> None:
    before = furnished.dump()
    entries: Sequence[enrolling.EnterpriseEntry] = [
        enrolling.EnterpriseEntry(code, "名", "Name", "310000", "food", "1", "c")
        for code in (uscc(5), "bad", uscc(6), "worse")
    ]
    with pytest.raises(EntriesRefused) as caught:
        enrolling.enrol_enterprises(furnished.desk, entries)
    assert [(index, error.field) for index, error in caught.value.refusals] == [(1, "uscc"), (3, "uscc")]
    assert "entry 2: expected a unified social credit code of 18 characters, got 'bad'" in str(caught.value)
    assert furnished.dump() == before


def test_a_registry_of_another_schema_is_not_written(furnished: World) -> None:
    with furnished.database.transaction() as tx:
        tx.execute("UPDATE meta SET value = '2' WHERE name = 'schema_version'")
    before = furnished.dump()
    with pytest.raises(Exception, match="needs a later TraceQR"):
        issuing.issue(furnished.desk, furnished.order())
    assert furnished.dump() == before


def test_the_clock_is_read_once_and_under_the_lock(furnished: World) -> None:
    """So the instants of acts are in the order of the ledger, and an act has one instant."""
    readings: list[bool] = []

    def clock() -> int:
        readings.append(furnished.act_under_way())
        return furnished.clock()

    desk = Desk(furnished.database, "tester", clock, furnished.desk.timezone, furnished.desk.new_id)
    issuing.issue(desk, furnished.order())
    assert readings == [True]


def test_the_table_of_scenarios_is_right() -> None:
    assert all(isinstance(scenario, Scenario) and scenario.acts for scenario in SCENARIOS.values())
