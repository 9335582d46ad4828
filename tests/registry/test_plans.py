"""Every statement of verifying and scanning, as it is really run, finds its rows by an index, however full all is.

What is checked are the plans of both databases over a registry with enough in it that reading a table through would be
seen: 20,000 scans, 2,000 batches, 4,000 spans, 8,000 ledger entries.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.inspections import inspectors
from support.plans import Heard, plan, read_through
from support.world import ENGINES, MARK, World, gtin, new_world, uscc, viewer

from traceqr import activating, recalling
from traceqr.access import Identity, Role
from traceqr.activating import Range
from traceqr.authenticating import Doorkeeper
from traceqr.highwater import HighWater
from traceqr.instant import CHINA, day_start, numbered_day
from traceqr.label.host import Origin
from traceqr.office.enterprise import OverviewOffice
from traceqr.office.figures import FiguresOffice
from traceqr.office.house import House
from traceqr.registry import (
    batches,
    claims,
    erasures,
    field_photos,
    inspection_search,
    inspections,
    licences,
    notices,
    products,
    recalls,
    scan_days,
    scan_places,
    scan_statements,
    scans,
    suspects,
    trail,
)
from traceqr.registry.database import Maintenance, Spread
from traceqr.registry.licences import Wanted
from traceqr.registry.memory import MAX_SPANS
from traceqr.registry.recalls import Cover, Reach
from traceqr.registry.scans import Confirmation, Event, Scan
from traceqr.registry.suspects import Suspect
from traceqr.registry.tallies import Tally, Told
from traceqr.registry.trail import Sought
from traceqr.second_factor import Vault

BATCHES, SCANNED, LABELS, ENTRIES = 2_000, 40, 500, 8_000
MANY_SPANS = 7
"""The number of a batch with so many spans that its labels are looked up one by one."""

LICENCES = 4_000
INSPECTIONS = 8_000
RARE, MET = 997, 326
"""One of so many inspections is at some premises, about some product, or has a correction that is open; and which of
them is asked for. Some of those were made in Shanghai.
"""
DAYS = range(20_000, 20_100)

LARGE = {"scan", "sighting", "scan_day", "span", "batch", "ledger", "mark_licence", "licence_product", "batch_mark"}
LARGE |= {"trail", "suspect", "scan_place", "scan_batch"}
LARGE |= {"inspection", "inspection_entry", "inspection_officer", "inspection_product", "inspection_photo"}
LARGE |= {"inspection_correction", "inspection_referral", "field_photo"}
"""The tables that grow with use."""


def fill(world: World) -> None:
    """A registry as after years of use. The rows are put in as they are: issuing 2,000 batches would take minutes."""
    world.licensed()
    for _ in range(10):
        world.issue(LABELS)
    seen = inspectors(world)
    with world.database.recording() as tx:
        field_photos.put(tx, "ab" * 32, 1, seen.first.account.id, 1)
    goods = [{**seen.record()["goods"][0], "gtin": str(gtin())}]
    seen.take(seen.entry(record=seen.record(goods=goods)))
    with world.database.maintenance() as tx:
        (batch,) = tx.rows("SELECT * FROM batch WHERE number = 1")
        (span,) = tx.rows("SELECT * FROM span WHERE batch = 1")
        (entry,) = tx.rows("SELECT * FROM ledger WHERE position = 0")
        row = tx.row("SELECT MAX(position) AS last FROM ledger")
        assert row is not None
        new = range(11, BATCHES + 1)
        tx.insert_many(
            "ledger",
            tuple(entry),
            (tuple({**entry, "position": at}.values()) for at in range(row["last"] + 1, ENTRIES)),
        )
        concerned = ((at, f"e{at % 50}", trail.KINDS[at % 9], at % BATCHES) for at in range(row["last"] + 1, ENTRIES))
        tx.insert_many("trail", ("position", "enterprise_id", "kind", "batch"), concerned)
        tx.insert_many("batch", tuple(batch), (tuple({**batch, "number": at, "position": at}.values()) for at in new))
        tx.execute("DELETE FROM span WHERE batch = :batch", {"batch": MANY_SPANS})
        pieces = [(at, 0, 249) for at in new] + [(at, 250, LABELS - 1) for at in new]
        pieces += [(MANY_SPANS, at, at + 4) for at in range(0, LABELS, 5)]
        tx.insert_many(
            "span",
            tuple(span),
            (tuple({**span, "batch": at, "first": first, "last": last}.values()) for at, first, last in pieces),
        )
        _fill_licences(world, tx)
        labels = [(at, index) for at in range(1, SCANNED + 1) for index in range(LABELS)]
        rows = ((at, index, f"{index:032x}", 1, "page", "chrome", "en", 1, 0, "", -1, 0) for at, index in labels)
        tx.insert_many("scan", scan_statements.SCAN_COLUMNS, rows)
        columns = ("batch", "label_index", "first_seen_ms", "last_seen_ms", "times_seen", "devices", "trace", "signs")
        tx.insert_many("sighting", columns, ((at, index, 1, 1, 1, 1, "", "") for at, index in labels))
        counts = ((f"e{at}", day, "seen", 0, 0, 9) for at in range(2, 51) for day in DAYS)
        tx.insert_many("scan_day", ("enterprise_id", "day", "verdict", "batch", "lane", "scans"), counts)
        _fill_places(tx)
        _fill_inspections(world, tx)
        if not world.on_a_file:  # PostgreSQL does so by itself; nobody ever does it to the file of SQLite
            tx.run_script("ANALYZE;")


def _fill_places(tx: Maintenance) -> None:
    """Suspects of fifty enterprises, and scans of fifty products at a hundred places."""
    rows = (
        (at, at % LABELS, f"e{2 + at % 49}", str(gtin(at % 50)), at, at, 100, "far-apart", "JP")
        for at in range(1, BATCHES + 1)
    )
    tx.insert_many("suspect", tuple(Suspect.__dataclass_fields__), rows)
    cells = (
        (str(gtin(at)), week, f"33{place:02d}00", 0, 0, 9)
        for at in range(50)
        for week in range(DAYS[0], DAYS[-1], 7)
        for place in range(10)
    )
    tx.insert_many("scan_place", ("gtin", "week", "place", "suspect", "lane", "scans"), cells)
    days = ((batch, day, 0, 9) for batch in range(1, 101) for day in DAYS)
    tx.insert_many("scan_batch", ("batch", "day", "lane", "scans"), days)


def _fill_inspections(world: World, tx: Maintenance) -> None:
    """Inspections of one organisation in 23 provinces, by two hundred officers, each with two photos, a product and
    a correction. Few of these are open, and few inspections were withdrawn.
    """
    tables = ("account", "inspection", "inspection_entry", "inspection_correction", "inspection_officer")
    tables += ("inspection_product", "field_photo")
    account, one, entry, correction, officer, product, photo = (tx.rows(f"SELECT * FROM {name}")[-1] for name in tables)
    new = [(at, f"{at:032x}") for at in range(INSPECTIONS)]

    def put(table: str, row: dict[str, Any], changes: Iterator[dict[str, Any]]) -> None:
        tx.insert_many(table, tuple(row), (tuple({**row, **each}.values()) for each in changes))

    put("account", account, ({"id": f"a{at:015x}", "login": f"officer-{at}"} for at in range(200)))
    put(
        "inspection",
        one,
        (
            {
                "id": name,
                "received_ms": at,
                "region": f"{11 + at % 23}0100",
                "uscc": uscc(at % RARE),
                "state": "withdrawn" if at % RARE == 0 else "recorded",
            }
            for at, name in new
        ),
    )
    put("inspection_entry", entry, ({"inspection_id": name, "received_ms": at} for at, name in new))
    put(
        "inspection_officer",
        officer,
        ({"inspection_id": name, "account_id": f"a{at % 200:015x}", "received_ms": at} for at, name in new),
    )
    put("inspection_product", product, ({"inspection_id": name, "gtin": str(gtin(at % RARE))} for at, name in new))
    put(
        "inspection_correction",
        correction,
        (
            {"inspection_id": name, "due_ms": at}
            | ({} if at % RARE == MET else {"followed_ms": at, "followed_entry": 1})
            for at, name in new
        ),
    )
    digests = [(at, place, f"{2 * at + place:064x}") for at, _ in new for place in (0, 1)]
    put("field_photo", photo, ({"digest": digest, "received_ms": at} for at, _, digest in digests))
    tx.insert_many(
        "inspection_photo",
        ("inspection_id", "entry", "ordinal", "digest"),
        ((f"{at:032x}", 0, place, digest) for at, place, digest in digests),
    )
    referrals = ((f"a{at:015x}", name, "case", f"c{at}", one["position"]) for at, name in new)
    tx.insert_many("inspection_referral", ("id", "inspection_id", "kind", "target", "position"), referrals)


def _fill_licences(world: World, tx: Maintenance) -> None:
    """Licences of fifty enterprises, with two batches each."""
    (licence,) = tx.rows("SELECT * FROM mark_licence WHERE number = 1")
    (enterprise,) = tx.rows("SELECT * FROM enterprise")
    others = range(2, 51)
    tx.insert_many(
        "enterprise",
        tuple(enterprise),
        (tuple({**enterprise, "id": f"e{at}", "uscc": uscc(at)}.values()) for at in others),
    )
    new = range(2, LICENCES + 1)
    rows = (
        {**licence, "number": at, "spelled": f"QM-{at}", "enterprise_id": f"e{2 + at % 49}", "used": 0} for at in new
    )
    # Few are withdrawn: those are what a page of the register is to find without reading the others.
    changed = ({**row, "state": "withdrawn", "reason": "r"} if row["number"] % 100 == 0 else row for row in rows)
    tx.insert_many("mark_licence", tuple(licence), (tuple(row.values()) for row in changed))
    tx.insert_many("licence_product", ("licence", "gtin"), ((at, str(gtin())) for at in new))
    tx.insert_many("batch_mark", ("batch", "licence"), ((1 + at % BATCHES, at) for at in new))


@pytest.fixture(scope="module", params=ENGINES)
def full(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with new_world(request.param, tmp_path_factory.mktemp("plans")) as world:
        fill(world)
        yield world


def parts(text: str, table: str) -> set[str]:
    return set(re.findall(rf"\bon ({table}_\d+)\b", text))


def half_bound(sql: str, text: str) -> list[str]:
    """The steps of a plan that look for scans or sightings by less of the key than the statement knows, so that they
    read all scans of a batch or of a label, of which there may be millions.
    """
    known = [name for name in ("batch", "label_index", "device") if re.search(rf"\b{name} = ", sql)]
    called = {alias for _, alias in re.findall(r"\b(?:FROM|JOIN)\s+(scan|sighting)\s+([a-z])\b", sql)}
    steps = re.findall(rf"(?:SEARCH (?:{'|'.join({'scan', 'sighting', *called})})|Index Cond:)\b.*", text)
    return [step for step in steps if not all(name in step for name in known if name != "device" or "scan" in sql)]


def check(world: World, heard: Heard, expected: int) -> None:
    assert len(heard.statements) >= expected, list(heard.statements)
    for sql, params in heard.statements.items():
        text = plan(world, sql, params)
        assert read_through(sql, text, LARGE) == [], f"{sql}\n{text}"
        if re.search(r"\b(scan|sighting)\b", sql):
            assert half_bound(sql, text) == [], f"{sql}\n{text}"
        assert len(parts(text, "scan")) <= 1, f"{sql}\n{text}"
        assert len(parts(text, "sighting")) <= 1, f"{sql}\n{text}"


def test_verifying_and_scanning(full: World, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = full.one("SELECT COUNT(*) AS n FROM batch")
    assert batch == {"n": BATCHES}
    labels = {at: made(full, at, 20) for at in (1, MANY_SPANS)}
    heard = Heard()
    heard.listen(monkeypatch)
    for text in labels.values():
        verifier = full.verifier()
        assert verifier.verify(text, history=True).code == "seen"
        assert verifier.scan(text, viewer("new", returned=False)).code == "seen"
        verifier.confirm(1, 20, "new", full.clock.at_ms)
        verifier.scan(text, viewer("new"))
        verifier.scan(text, viewer("newer"))
        full.clock.pass_days(1)
        verifier.scan(text, viewer("newer"))
    monkeypatch.undo()
    assert MAX_SPANS < 100
    assert any("MAX(p.first)" in sql for sql in heard.statements), "looked up by itself"
    check(full, heard, 14)


def test_labels_with_something_over_them(full: World, monkeypatch: pytest.MonkeyPatch) -> None:
    recalling.open_on_batch(full.desk, "recall", Range(3), "r")
    activating.void(full.desk, Range(4), "r")
    verifier = full.verifier()
    heard = Heard()
    heard.listen(monkeypatch)
    assert verifier.scan(made(full, 3, 0), viewer("new")).code == "recalled"
    assert verifier.scan(made(full, 4, 0), viewer("new")).code == "void"
    monkeypatch.undo()
    check(full, heard, 10)


def test_what_an_enterprise_sees_first(full: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for one of many enterprises; of one that has all there is, reading all there is were no fault."""
    heard = Heard()
    heard.listen(monkeypatch)
    with full.database.snapshot() as reader:
        assert batches.of_enterprise(reader, "e7") == []
        assert batches.of_enterprise(reader, "e7", before=9) == []
        assert batches.labels_by_life(reader, "e7") == {}
        assert notices.open_of_enterprise(reader, "e7") == []
        assert notices.open_on_batch(reader, str(gtin()), 7) == []
        assert products.of_enterprise(reader, "e7", contains="tea") == []
        assert products.history(reader, str(gtin()))
        assert claims.of_enterprise(reader, "e7") == []
        assert scans.labels_seen(reader, 1, 10) == 10
        assert len(scan_days.by_day(reader, "e7", DAYS[2], DAYS[-1])) == len(DAYS) - 2
        assert scan_days.suspects(reader, "e7", DAYS[0], DAYS[-1]) == []
    monkeypatch.undo()
    check(full, heard, 10)


def test_what_is_asked_of_recalls(full: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whom one reached is counted by the labels under it, and no others are read."""
    wanted, digits = recalls.Sought(text="tea", open=True), str(gtin(9))
    heard = Heard()
    heard.listen(monkeypatch)
    with full.database.snapshot() as reader:
        assert recalls.reach(reader, Cover(str(gtin()), 3, 10, 19), 1, 5).more
        assert recalls.reach(reader, Cover(digits, lot="L1"), 1) == Reach()
        assert recalls.labels_under(reader, Cover(digits)) == 0
        assert not recalls.has_lot(reader, digits, "L1")
        assert recalls.sought(reader, wanted, None, 50) == []
        assert len(recalls.changed_last(reader, 50)) <= 1
        assert recalls.by_id(reader, "none") is None
    monkeypatch.undo()
    check(full, heard, 7)


def test_the_page_that_an_enterprise_sees_first(full: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whatever its desks ask for it, whoever adds to it."""
    house = house_of(full, tmp_path)
    clerk = Identity("clerk", Role.CLERK, enterprise="e7")
    full.clock.at_ms = day_start(numbered_day(DAYS[-1]), CHINA)
    heard = Heard()
    heard.listen(monkeypatch)
    assert OverviewOffice(house, clerk).overview().issued == 0
    assert FiguresOffice(house, clerk).scans(90).total == 90 * 9
    monkeypatch.undo()
    check(full, heard, 8)


def test_suspects_and_places(full: World, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard()
    heard.listen(monkeypatch)
    with full.database.snapshot() as reader:
        below = (BATCHES // 2, 0, 0)
        found = suspects.of_enterprise(reader, "e7", 20, below)
        assert [row["since_ms"] for row in found] == [at for at in range(below[0] - 1, 0, -1) if at % 49 == 5][:20]
        assert suspects.of_enterprise(reader, "e7", 20, below, str(gtin(5)))
        assert len(suspects.of_region(reader, "000000", 20, below)) == 20
        assert suspects.count_since(reader, "e7", 100, 10) == 10
        assert suspects.find(reader, 7, 7)
        assert len(scan_places.by_week_and_place(reader, str(gtin(3)), DAYS[0], DAYS[0])) == 10
        assert len(scan_places.sums(reader, str(gtin(3)), DAYS[0], DAYS[14])) == 10 + 3
        assert len(scan_places.of_batch(reader, 7, DAYS[0], DAYS[9])) == 10
        assert scans.summary(reader, 1, 20)
        assert scans.latest(reader, 1, 20, 5)
        assert scans.places(reader, 1, 20)
    monkeypatch.undo()
    check(full, heard, 10)


ASKED = (
    inspection_search.Sought(5, "310000"),
    inspection_search.Sought(5, "310000", finding="problem", kind="routine"),
    inspection_search.Sought(5, gtin=str(gtin(MET))),
    inspection_search.Sought(5, "310000", gtin=str(gtin(MET))),
    inspection_search.Sought(5, uscc=uscc(MET)),
    inspection_search.Sought(5, "310000", uscc=uscc(MET)),
    inspection_search.Sought(INSPECTIONS, standing="late"),
    inspection_search.Sought(INSPECTIONS, "310000", standing="late"),
    inspection_search.Sought(5, standing="open"),
    inspection_search.Sought(5, standing="withdrawn"),
)


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_inspections_that_are_looked_for(
    full: World, monkeypatch: pytest.MonkeyPatch, asked: inspection_search.Sought
) -> None:
    """What is rare among all is found without going through the others."""
    heard = Heard()
    heard.listen(monkeypatch)
    with full.database.snapshot() as reader:
        found = inspection_search.sought(reader, asked, (2**62, ""), 1)
        found += inspection_search.sought(reader, asked, (found[0]["received_ms"], found[0]["id"]), 20)
        received = [row["received_ms"] for row in found]
        assert received == sorted(set(received), reverse=True)
        assert inspection_search.by_finding(reader, asked)
        assert inspection_search.by_region(reader, asked)
    monkeypatch.undo()
    check(full, heard, 3)


def test_inspections_that_are_late_or_due_to_be_erased(full: World, monkeypatch: pytest.MonkeyPatch) -> None:
    half = INSPECTIONS // 2
    heard = Heard()
    heard.listen(monkeypatch)
    with full.database.snapshot() as reader:
        late = inspection_search.late_after(reader, (MET + 1, ""), half, 20)
        assert [each.due_ms for each in late] == [MET + RARE * times for times in range(1, 4)]
        assert [at for at, _ in erasures.some(reader, half, None, (half - 9, ""), 5)] == list(range(half - 9, half - 4))
        assert erasures.photos(reader, f"{777:032x}")
    monkeypatch.undo()
    check(full, heard, 3)


def test_an_inspection_and_what_hangs_on_it(full: World, monkeypatch: pytest.MonkeyPatch) -> None:
    name, officer = f"{777:032x}", f"a{177:015x}"
    heard = Heard()
    heard.listen(monkeypatch)
    with full.database.snapshot() as reader:
        assert len(inspections.of_officer(reader, officer, (2**62, ""), 20)) == 20
        assert inspections.of_officer(reader, officer, (INSPECTIONS // 2, "0" * 32), 20)
        assert inspections.links(reader, name)
        assert inspections.officers(reader, name) == [officer]
        assert inspections.met(reader, name, str(gtin(777)))
        assert inspections.products(reader, name)
        assert inspections.names_photo(reader, name, f"{2 * 777:064x}")
        assert inspections.corrections(reader, name)
        assert inspections.following(reader, name) == []
        assert inspections.referrals(reader, name)
        assert inspections.referring_to(reader, "case", "c777")
        assert field_photos.sizes(reader, [f"{place:064x}" for place in range(50)])
    with full.database.recording() as tx:
        inspections.follow_up(tx, name, 1, 9, 1)
        inspections.follow_up_all(tx, name, 9, f"{778:032x}")
        inspections.unfollow(tx, f"{778:032x}")
    monkeypatch.undo()
    check(full, heard, 14)


def house_of(world: World, folder: Path) -> House:
    vault = Vault.of("only-for-tests-" * 4)
    doorkeeper = Doorkeeper(world.database, world.clock, vault, world.desk.new_id, lambda call: call())
    mark = HighWater(folder / "high-water.json")
    origin = Origin.parse("HTTPS://QR.EXAMPLE.ORG")
    return House(world.database, world.clock, CHINA, world.desk.new_id, mark, origin, vault, doorkeeper, True)


SOUGHT = (Sought(), Sought(kind="labels"), Sought(batch=7), Sought("labels", 7))


def test_what_an_enterprise_did(full: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of any of many enterprises, of a kind that is rare among its acts, or of one batch."""
    heard = Heard()
    heard.listen(monkeypatch)
    with full.database.snapshot() as reader:
        for sought in SOUGHT:
            for before in (None, ENTRIES // 2):
                found = trail.page(reader, "e7", sought, before, 20)
                positions = [row["position"] for row in found]
                assert positions == sorted(positions, reverse=True)
        assert len(trail.page(reader, "e7", Sought(), None, 20)) == 20
        assert trail.between(reader, 5, 9)
    monkeypatch.undo()
    check(full, heard, 5)


WANTED = (
    Wanted(),
    Wanted(mark_id=MARK),
    Wanted(state="withdrawn"),
    Wanted(enterprise_id="e7"),
    Wanted(MARK, "withdrawn", "e4"),
)


def test_the_register_of_licences(full: World, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard()
    heard.listen(monkeypatch)
    with full.database.snapshot() as reader:
        for wanted in WANTED:
            page = licences.register(reader, wanted, most=20)
            following = licences.register(reader, wanted, before=page[-1]["number"], most=20)
            numbers = [row["number"] for row in page + following]
            assert numbers == sorted(set(numbers), reverse=True)
        assert licences.listed(reader, 7)
        assert licences.by_spelled(reader, "QM-7")
        assert licences.batches_under(reader, 7)
        assert licences.of_batch(reader, 7)
        assert licences.is_for(reader, 7, str(gtin()))
    monkeypatch.undo()
    check(full, heard, 10)


@pytest.mark.parametrize("several", [1, 3])
@pytest.mark.parametrize("size", [1, 2, 8, 16, 64])
def test_groups(full: World, monkeypatch: pytest.MonkeyPatch, size: int, several: int) -> None:
    """Scans and confirmations of one batch or of several, as they are recorded together."""
    heard = Heard()
    heard.listen(monkeypatch)
    events: list[Event] = []
    for at in range(size):
        batch, index = 1 + at % several, 100 + at * 10 + size
        events.append(Scan(batch, index, "counts", 5, "page", "chrome", "en", True))
        events.append(Scan(batch, index + 1, "waits", 5, "page", "chrome", "en", False))
        events.append(Confirmation(batch, index + 1, "waits", 5))
        events.append(Confirmation(batch, index + 2, "nobody", 5))
    with full.database.recording() as tx:
        scans.record(tx, events, spread=full.database.spread)
        tx.execute_each(counted(events, full.database.spread).changes())
    monkeypatch.undo()
    check(full, heard, 5)


def test_on_several_machines_every_statement_names_one_batch(full: World, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard()
    heard.listen(monkeypatch)
    events: list[Event] = []
    for batch in (1, 2, 3):
        for index in range(200, 240):
            events.append(Scan(batch, index, "counts", 5, "page", "chrome", "en", index < 230))
            events.append(Confirmation(batch, index, "counts", 5))
            events.append(Confirmation(batch, index, "nobody", 5))
    with full.database.recording() as tx:
        scans.record(tx, events, spread=Spread.MACHINES)
    monkeypatch.undo()
    named = [batches_named(params) for _, params in heard.runs]
    assert {batch for each in named for batch in each} == {1, 2, 3}
    assert all(len(each) == 1 for each in named), heard.runs
    check(full, heard, 8)


def counted(events: list[Event], spread: Spread) -> Tally:
    tally = Tally(spread, CHINA)
    for event in events:
        for verdict in ("genuine", "suspect"):
            tally.add(Told("e1", "06901234000016", event.batch, event.at_ms, verdict, "330100"))
    return tally


def batches_named(params: dict[str, Any]) -> set[int]:
    """The batches in the rows or the conditions of a statement about scans: in rows they stand first."""
    return {value for name, value in params.items() if re.fullmatch(r"batch(_\d+)?|v\d+_0", name)}


def made(world: World, batch: int, index: int) -> str:
    with world.database.snapshot() as reader:
        found = batches.by_number(reader, batch)
    assert found is not None
    return world.label(found, index)


class TestTheCheckItself:
    @pytest.mark.parametrize(
        "sql",
        [
            "SELECT device FROM scan WHERE at_ms = 7",
            "SELECT s.device FROM scan s WHERE s.label_index = 7",
            "SELECT batch FROM sighting WHERE devices = 2",
            "SELECT number FROM batch WHERE label_count = 7",
            "SELECT batch FROM span WHERE holds = 1",
            "SELECT day FROM scan_batch WHERE scans = 7",
            "SELECT position FROM ledger WHERE subject = 'batch:7'",
        ],
    )
    def test_reading_through_is_found(self, full: World, sql: str) -> None:
        assert read_through(sql, plan(full, sql, {}), LARGE)

    def test_several_parts_are_found(self, full: World) -> None:
        text = plan(full, "SELECT device FROM scan WHERE label_index = 7 AND device = 'x'", {})
        assert full.on_a_file or len(parts(text, "scan")) == 16

    @pytest.mark.parametrize(
        "sql",
        [
            "SELECT at_ms FROM scan WHERE batch = 1 AND channel = 'device = x'",
            "SELECT s.at_ms FROM scan s WHERE s.batch = 1 AND s.label_index = 7 AND lower(s.device = 'x') = '1'",
            "SELECT batch FROM sighting WHERE batch = 1 AND abs(label_index) = 7 AND ' label_index = ' <> ''",
        ],
    )
    def test_half_a_key_is_found(self, full: World, sql: str) -> None:
        if full.on_a_file:
            assert half_bound(sql, plan(full, sql, {}))
