"""Issuing: every refusal by its name, the bounds of a count, and one row for any number of labels."""

from __future__ import annotations

from datetime import date

import pytest
from support.world import ASSOCIATION, ON_A_FILE, ORIGIN, World, gtin

from traceqr import claiming, issuing, keying, pledging
from traceqr.acting import ActRefused
from traceqr.label.keyring import Role
from traceqr.label.serial import MAX_BATCH
from traceqr.registry.sqlite import SqliteConnection, SqliteDatabase


def add_anothers_pledge(world: World) -> None:
    world.enterprise(2)
    world.pledge(2)


def add_a_later_pledge(world: World) -> None:
    world.campaign("later")
    world.pledge(campaign_id="later", valid_from=date(2026, 9, 2))


REFUSALS = {
    "count 0": (lambda w: None, {"count": 0}, "count", "expected a count from 1 to 100,000,000, got 0"),
    "count -1": (lambda w: None, {"count": -1}, "count", "got -1"),
    "count too great": (lambda w: None, {"count": 100_000_001}, "count", "got 100,000,001"),
    "unknown product": (lambda w: None, {"gtin": gtin(9)}, "gtin", "expected the GTIN of an enrolled product"),
    "no claim": (lambda w: w.product(1, prefix="6999999"), {"gtin": gtin(1, "6999999")}, "gtin", "accepted claim"),
    "claim only filed": (
        lambda w: (w.product(1, prefix="6999999"), w.claim("prefix", "6999999", accepted=False)),
        {"gtin": gtin(1, "6999999")}, "gtin", "expected an accepted claim of the enterprise to it, found none",
    ),
    "claim of another": (
        lambda w: (w.product(1, prefix="6999999"), w.enterprise(2), w.claim("prefix", "6999999", 2)),
        {"gtin": gtin(1, "6999999")}, "gtin", "expected an accepted claim of the enterprise to it, found none",
    ),
    "unknown pledge": (lambda w: None, {"pledge": 2}, "pledge", "expected the number of a pledge, 2 is none"),
    "pledge past 64 bits": (lambda w: None, {"pledge": 2**70}, "pledge", None),
    "anothers pledge": (add_anothers_pledge, {"pledge": 2}, "pledge", "the product's own enterprise, got another's"),
    "pledge withdrawn": (
        lambda w: pledging.withdraw(w.desk, 1, "r"), {}, "pledge", "expected one in force, it is withdrawn"
    ),
    "pledge over": (lambda w: w.clock.pass_days(365), {}, "pledge", "in force, it is outside its dates"),
    "pledge ahead": (add_a_later_pledge, {"pledge": 2}, "pledge", "in force, it is outside its dates"),
    "no key": (lambda w: keying.retire(w.desk, 1, "r"), {}, "", r"expected an active label key .* traceqr keys new"),
    "key past its window": (lambda w: w.clock.pass_days(730), {"pledge": 0}, "", "expected an active label key"),
    "key compromised": (lambda w: keying.compromise(w.desk, 1, "r"), {}, "", "expected an active label key"),
    "only a key of another role": (
        lambda w: (keying.retire(w.desk, 1, "r"), w.key(Role.LEDGER)), {}, "", "expected an active label key"
    ),
    "empty lot": (lambda w: None, {"lot": ""}, "lot", "expected a lot of 1 to 64 printable characters, got ''"),
    "long lot": (lambda w: None, {"lot": "x" * 65}, "lot", "expected a lot of 1 to 64"),
    "lot with a line break": (lambda w: None, {"lot": "a\nb"}, "lot", "printable"),
    "expires before it is made": (
        lambda w: None, {"produced_on": date(2026, 9, 2), "expires_on": date(2026, 9, 1)}, "expires_on",
        "expected an expiry date from 2026-09-02 on, got 2026-09-01",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_refused(furnished: World, name: str) -> None:
    prepare, changes, field, message = REFUSALS[name]
    prepare(furnished)
    before = furnished.dump()
    with pytest.raises(Exception, match=message) as caught:
        issuing.issue(furnished.desk, furnished.order(**changes))
    if message is None:  # no such number can be: the registry says so, and no exception of a driver
        assert type(caught.value).__name__ == "RegistryConflict"
    else:
        assert isinstance(caught.value, ActRefused)
        assert caught.value.field == field
    assert furnished.dump() == before


@pytest.mark.parametrize("count", [1, 2, 99_999_999, 100_000_000])
def test_any_count_is_one_row(furnished: World, count: int) -> None:
    before = {table: len(rows) for table, rows in furnished.dump().items()}
    batch = furnished.issue(count)
    after = {table: len(rows) for table, rows in furnished.dump().items()}
    assert {table: after[table] - before[table] for table in after if after[table] != before[table]} == {
        "batch": 1,
        "span": 1,
        "ledger": 1,
        "trail": 1,
    }
    assert furnished.one("SELECT first, last, life FROM span") == {"first": 0, "last": count - 1, "life": "active"}
    assert batch.label_count == count
    assert furnished.verifier().verify(furnished.label(batch, count - 1)).code == "genuine"


@ON_A_FILE
def test_ten_million_take_no_more_statements_than_one(furnished: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite itself tells: each statement run, an `executemany` once for each row."""
    connect = SqliteDatabase._connect
    said: list[str] = []

    def traced(database: SqliteDatabase) -> SqliteConnection:
        connection = connect(database)
        connection.raw.set_trace_callback(said.append)
        return connection

    monkeypatch.setattr(SqliteDatabase, "_connect", traced)

    def statements(count: int) -> list[str]:
        """The first three words of each."""
        furnished.database.close()  # so that the act connects anew, under the trace
        said.clear()
        furnished.issue(count)
        return [" ".join(statement.split()[:3]) for statement in said]

    one, many = statements(1), statements(10_000_000)
    assert many == one
    assert {"INSERT INTO batch", "INSERT INTO span", "INSERT INTO ledger"} <= set(one), "the trace told nothing"


def test_what_a_batch_remembers(furnished: World) -> None:
    batch = furnished.issue(
        5, active=False, lot="批号 7", produced_on=date(2026, 8, 30), expires_on=date(2028, 8, 30), pledge=1
    )
    assert (batch.number, batch.gtin, batch.product_version, batch.pledge, batch.key_number) == (
        1,
        str(gtin()),
        1,
        1,
        1,
    )
    assert (batch.origin, batch.lot, batch.produced_on, batch.expires_on) == (
        str(ORIGIN), "批号 7", "2026-08-30", "2028-08-30",
    )  # fmt: skip
    verdict = furnished.verifier().verify(furnished.label(batch))
    assert verdict.code == "inactive"
    assert verdict.evidence is not None
    assert (verdict.evidence.batch.lot, verdict.evidence.batch.count) == ("批号 7", 5)


def test_numbers_follow_each_other_and_refused_orders_use_none(furnished: World) -> None:
    assert furnished.issue().number == 1
    with pytest.raises(ActRefused):
        furnished.issue(pledge=9)
    assert furnished.issue().number == 2


def test_the_last_number(furnished: World) -> None:
    furnished.issue()
    with furnished.database.transaction() as tx:
        (span,) = tx.rows("SELECT * FROM span")
        tx.execute("DELETE FROM span")
        tx.execute("UPDATE batch SET number = :n", {"n": MAX_BATCH - 1})
        tx.insert_many("span", tuple(span), [tuple({**span, "batch": MAX_BATCH - 1}.values())])
    assert furnished.issue().number == MAX_BATCH
    with pytest.raises(ActRefused, match="expected a batch number up to 99999999, all are used"):
        furnished.issue()


def test_the_newest_key_issues(furnished: World) -> None:
    furnished.key()
    furnished.key(Role.BUNDLE)
    assert furnished.issue().key_number == 2
    keying.retire(furnished.desk, 2, "r")
    assert furnished.issue().key_number == 1


def test_no_private_key_is_needed(furnished: World) -> None:
    for path in furnished.folder.path.glob("*.key"):
        path.unlink()
    assert furnished.issue().number == 1


def test_the_present_version_of_product_and_pledge_is_pinned(furnished: World) -> None:
    furnished.product(brand="新")
    assert furnished.issue().product_version == 2


def test_a_claim_refused_afterwards_leaves_batches_as_they_are(furnished: World) -> None:
    furnished.issue()
    other = furnished.claim("prefix", "6999999", accepted=False)
    claiming.refuse_claim(furnished.desk, other, ASSOCIATION, "r")
    assert furnished.issue().number == 2
