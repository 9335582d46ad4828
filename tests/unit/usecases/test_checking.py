"""A whole registry passes the check, and each kind of damage is told in words, at its place."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from support.estate import settle
from support.scenarios import SCENARIOS
from support.world import World, new_world

from traceqr import merkle
from traceqr.checking.acts import EFFECTS, MAKERS
from traceqr.checking.finding import LIKE_IT, Finding
from traceqr.checking.whole import Report, check
from traceqr.errors import RegistryUnavailable, TraceqrError
from traceqr.merkle import Frontier
from traceqr.registry import meta
from traceqr.registry.ledger import Entry
from traceqr.registry.tables import tables


@pytest.fixture
def estate(world: World) -> World:
    settle(world)
    return world


@pytest.fixture
def filed(tmp_path: Path) -> Iterator[World]:
    """The same in a file, for damage that only a file takes."""
    with new_world("sqlite", tmp_path) as made:
        settle(made)
        yield made


def damage(world: World, *statements: str) -> None:
    """What no rule of the database holds off: its triggers, foreign keys and (in a file) CHECKs are off."""
    world.close()
    if world.url.startswith("postgresql"):
        with psycopg.connect(world.url) as raw:
            raw.execute("SET session_replication_role = replica")
            for statement in statements:
                raw.execute(statement)  # type: ignore[call-overload]
        return
    with closing(sqlite3.connect(world.path)) as raw, raw:
        for (trigger,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {trigger}")
        raw.execute("PRAGMA ignore_check_constraints = ON")
        for statement in statements:
            raw.execute(statement)


def said(report: Report) -> list[str]:
    return [str(finding) for finding in report.findings]


def test_no_act_is_done_on_a_ledger_without_its_hashes(estate: World) -> None:
    damage(estate, "DELETE FROM ledger WHERE position < (SELECT MAX(position) FROM ledger)")
    with pytest.raises(RegistryUnavailable, match="the ledger is damaged; run: traceqr check"):
        estate.issue(1)


class TestWhole:
    @pytest.mark.parametrize("name", SCENARIOS)
    def test_after_every_act(self, world: World, name: str) -> None:
        scenario = SCENARIOS[name]
        scenario.prepare(world)
        scenario.run(world)
        assert said(check(world.database)) == []

    def test_a_registry_with_everything_in_it(self, estate: World) -> None:
        report = check(estate.database)
        assert said(report) == []
        assert report.total == 0
        assert report.counts == {table: len(rows) for table, rows in estate.dump().items()}
        assert min(report.counts.values()) > 0
        root = estate.one("SELECT root_hash FROM ledger ORDER BY position DESC LIMIT 1")["root_hash"]
        assert (report.size, report.root, report.stray_scans) == (report.counts["ledger"], root, 0)

    def test_a_new_registry(self, world: World) -> None:
        report = check(world.database)
        assert (said(report), report.size, report.root) == ([], 0, merkle.EMPTY_ROOT.hex())

    def test_progress_goes_up_to_all_rows(self, estate: World) -> None:
        steps: list[tuple[int, int]] = []
        report = check(estate.database, progress=lambda done, total: steps.append((done, total)))
        assert steps == sorted(steps)
        assert steps[-1] == (sum(report.counts.values()),) * 2

    def test_scans_that_no_day_counts(self, estate: World) -> None:
        (row,) = estate.rows("SELECT enterprise_id, SUM(scans) AS scans FROM scan_day GROUP BY enterprise_id")
        damage(estate, "UPDATE scan_day SET scans = 1")
        told = f"enterprise {row['enterprise_id']}: expected at least {row['scans']} scans by day, as many as are kept"
        assert any(each.startswith(told) for each in said(check(estate.database)))

    def test_scans_of_batches_that_do_not_exist_are_counted(self, estate: World) -> None:
        damage(estate, "INSERT INTO scan VALUES (99, 0, 'd', 1, 'page', 'chrome', 'en', 0, 0, '', -1, 0)")
        report = check(estate.database)
        assert (said(report), report.stray_scans) == ([], 1)


@dataclass(frozen=True)
class Damage:
    """What is done, where it is told, and in which words; `file` for what only SQLite takes."""

    sql: str
    place: str
    words: str
    file: bool = False


HASH = "'" + "ab" * 32 + "'"
DAMAGES = {
    # the ledger
    "a text changed": Damage(
        "UPDATE ledger SET entry = replace(entry, 'Tea House', 'Tee House') WHERE position = 1",
        "ledger entry 1",
        "its text was changed, or its leaf hash",
    ),
    "a leaf hash changed": Damage(
        f"UPDATE ledger SET leaf_hash = {HASH} WHERE position = 3",
        "ledger entry 3",
        "its leaf hash: expected leaf hash",
    ),
    "a leaf hash garbled": Damage(
        "UPDATE ledger SET leaf_hash = replace(leaf_hash, substr(leaf_hash, 1, 1), 'z') WHERE position = 3",
        "ledger entry 3",
        "its leaf hash is garbled: peaks and roots from here on cannot be compared",
    ),
    "a peak changed": Damage(
        f"UPDATE ledger SET peak_hash = {HASH} WHERE position = 3", "ledger entry 3", "expected peak hash"
    ),
    "a root changed": Damage(
        f"UPDATE ledger SET root_hash = {HASH} WHERE position = 3",
        "ledger entry 3",
        "found abababababababab...: this entry or one before it was changed after it was recorded",
    ),
    "an entry gone": Damage(
        "DELETE FROM ledger WHERE position = 5", "ledger entry 6", "entry 5 is missing before it: peaks and roots"
    ),
    "entries gone": Damage(
        "DELETE FROM ledger WHERE position BETWEEN 5 AND 7", "ledger entry 8", "entries 5 to 7 are missing before it"
    ),
    "time going back": Damage(
        "UPDATE ledger SET at_ms = at_ms - 60000 WHERE position = 9",
        "ledger entry 9",
        "expected an instant from 2026-09-01T00:00:00.000Z on, found 2026-08-31T23:59:00.000Z: time went back",
    ),
    "an act renamed in its column": Damage(
        "UPDATE ledger SET act = 'batch.void' WHERE act = 'batch.issue'",
        "ledger entry",
        "its text says act 'batch.issue', its column 'batch.void'",
    ),
    "an entry that is no JSON": Damage(
        "UPDATE ledger SET entry = 'nonsense' WHERE position = 2",
        "ledger entry 2",
        "expected canonical JSON, found text",
    ),
    "an entry of endless depth": Damage(
        f"UPDATE ledger SET entry = '{'[' * 100_000}' WHERE position = 2",
        "ledger entry 2",
        "expected canonical JSON, found text",
    ),
    "an entry that is a list": Damage(
        "UPDATE ledger SET entry = '[1]' WHERE position = 2", "ledger entry 2", "expected an object with act, actor"
    ),
    "an entry with a text for a number": Damage(
        'UPDATE ledger SET entry = replace(entry, \'"position":2\', \'"position":"2"\') WHERE position = 2',
        "ledger entry 2",
        "expected position as int, found '2'",
    ),
    "an entry in another spelling": Damage(
        "UPDATE ledger SET entry = ' ' || entry WHERE position = 2",
        "ledger entry 2",
        "the same said in another spelling",
    ),
    "an entry past 2^53": Damage(
        "UPDATE ledger SET entry = replace(entry, '\"year\":2026', '\"year\":9007199254740993')"
        " WHERE act = 'campaign.open'",
        "ledger entry",
        "expected canonical JSON (RFC 8785): cannot put campaign.open",
    ),
    # the schema
    "a table gone": Damage("DROP TABLE sighting", "table sighting", "it is missing, or cannot be read"),
    "a column gone": Damage(
        "ALTER TABLE batch RENAME COLUMN lot TO lots", "table batch", "column lot is missing, or cannot be read"
    ),
    "text for a number": Damage(
        "UPDATE batch SET label_count = 'many' WHERE number = 1",
        "table batch, row number 1",
        "column label_count: expected an integer, found 'many'",
        file=True,
    ),
    "a fraction for a number": Damage(
        "UPDATE scan SET at_ms = at_ms + 0.5",
        "table scan, row",
        "column at_ms: expected an integer, found 1",
        file=True,
    ),
    "bytes for text": Damage(
        "UPDATE enterprise SET contact = x'00ff'",
        "table enterprise, row id",
        "column contact: expected text, found 2 bytes",
        file=True,
    ),
    "text with NUL": Damage(
        "UPDATE enterprise SET sector = 'food' || char(0)",
        "table enterprise, row id",
        "column sector: expected text, found text with NUL",
        file=True,
    ),
    "text that is not UTF-8": Damage(
        "UPDATE organisation SET name_en = CAST(x'ff41' AS TEXT)",
        "table organisation",
        "it cannot be read to its end: the registry cannot be used: Could not decode to UTF-8",
        file=True,
    ),
    "a key that is text": Damage(
        "UPDATE span SET first = 'first' WHERE batch = 1 AND first = 0",
        "table span, row batch 1, first 'first'",
        "column first: expected an integer, found 'first'",
        file=True,
    ),
    "a position that is text": Damage(
        "UPDATE ledger SET position = 'x' WHERE position = 4",
        "table ledger, row position 'x'",
        "column position: expected an integer, found 'x'",
        file=True,
    ),
    "a state that there is not": Damage(
        "UPDATE span SET life = 'sold' WHERE batch = 1 AND first = 0",
        "table span, row batch 1, first 0",
        "expected life IN ('issued', 'active', 'void'), found a row that is not so",
        file=True,
    ),
    "a number past its limit": Damage(
        "UPDATE batch SET number = 100000000 WHERE number = 1",
        "table batch, row number 100000000",
        "expected number BETWEEN 1 AND 99999999",
        file=True,
    ),
    "a foreign key that leads nowhere": Damage(
        "UPDATE product SET enterprise_id = 'nobody'",
        "table product, row gtin",
        "it names a row of enterprise that is not there: enterprise_id 'nobody'",
    ),
    "a product version that is not there": Damage(
        "UPDATE batch SET product_version = 7 WHERE number = 1",
        "table batch, row number 1",
        "it names a row of product_version that is not there: gtin '06901234000016', product_version 7",
    ),
    "a pledge that is not there": Damage(
        "UPDATE batch SET pledge = 7 WHERE number = 1", "batch 1", "its pledge 7 is not there"
    ),
    "a purchase of a label without a code": Damage(
        "UPDATE purchase SET label_index = 10", "batch 1, label 10", "it was confirmed, and has no hidden code"
    ),
    "a floor that is no number": Damage(
        "INSERT INTO meta VALUES ('batch_floor', 'high')", "meta batch_floor", "expected a number, found 'high'"
    ),
    # rows against the ledger
    "a batch made larger": Damage(
        "UPDATE batch SET label_count = 11 WHERE number = 1",
        "ledger entry",
        "table batch, row number 1: expected label_count 10, as the entry says, found 11",
    ),
    "a batch gone": Damage(
        "DELETE FROM batch WHERE number = 1", "ledger entry", "expected its row in table batch, number 1; found none"
    ),
    "a batch nobody issued": Damage(
        "INSERT INTO batch SELECT 9, gtin, product_version, enterprise_id, enterprise_position, pledge, key_number,"
        " label_count, origin, lot, produced_on, expires_on, market, position FROM batch WHERE number = 1",
        "table batch, row number 9",
        "expected an entry about batch:9, found one about 'batch:1'",
    ),
    "a batch made by another act": Damage(
        "UPDATE batch SET position = 0 WHERE number = 1",
        "table batch, row number 1",
        "position 0: expected an entry of batch.issue, found 'organisation.enrol'",
    ),
    "a public key replaced": Damage(
        f"UPDATE signing_key SET public_key = {HASH} WHERE status = 'retired'",
        "ledger entry",
        "as the entry says, found 'abababab",
    ),
    "a commitment replaced": Damage(
        f"UPDATE hidden_root SET commitment = {HASH}",
        "ledger entry",
        "table hidden_root, row number 1: expected commitment",
    ),
    "a hidden root that serves more batches": Damage(
        "UPDATE hidden_root SET first_batch = 2",
        "ledger entry",
        "table hidden_root, row number 1: expected first_batch 1, as the entry says, found 2",
    ),
    "a hidden root nobody made": Damage(
        f"INSERT INTO hidden_root SELECT 2, {HASH}, 1, position FROM hidden_root",
        "table hidden_root, row number 2",
        "expected an entry about hidden_root:2, found one about 'hidden_root:1'",
    ),
    "a hidden root gone": Damage(
        "DELETE FROM hidden_root", "ledger entry", "expected its row in table hidden_root, number 1; found none"
    ),
    "a retired key revived": Damage(
        "UPDATE signing_key SET status = 'active', position ="
        " (SELECT MIN(position) FROM ledger WHERE subject = 'key:2') WHERE number = 2",
        "ledger entry",
        "key.retire of key:2: table signing_key, row number 2 does not show it: its position is",
    ),
    "a compromise moved": Damage(
        "UPDATE signing_key SET compromised_position = 0 WHERE status = 'compromised'",
        "ledger entry",
        "expected compromised_position",
    ),
    "a withdrawn pledge revived": Damage(
        "UPDATE pledge SET state = 'published' WHERE number = 2",
        "ledger entry",
        "pledge.withdraw of pledge:2: table pledge, row number 2: expected state 'withdrawn', as the entry says",
    ),
    "a suspended licence revived": Damage(
        "UPDATE mark_licence SET state = 'granted', reason = NULL WHERE number = 2",
        "ledger entry",
        "licence.suspend of licence:2: table mark_licence, row number 2: expected state 'suspended', as the entry says",
    ),
    "a reason reworded": Damage(
        "UPDATE mark_licence SET reason = 'another' WHERE number = 2",
        "ledger entry",
        "expected reason '检查：一个理由'",
    ),
    "a quota enlarged": Damage(
        "UPDATE mark_licence SET quota = 9000 WHERE number = 1",
        "ledger entry",
        "table mark_licence, row number 1: expected quota 200, as the entry says, found 9000",
    ),
    "labels not counted": Damage(
        "UPDATE mark_licence SET used = 4 WHERE number = 1",
        "licence 1",
        "its batches have 10 labels, and 4 are counted of its quota",
    ),
    "a mark taken off a batch": Damage(
        "DELETE FROM batch_mark",
        "ledger entry",
        "batch.issue of batch:1: expected marks [1], as the entry says, found []",
    ),
    "a mark put on a batch": Damage(
        "INSERT INTO batch_mark VALUES (2, 1)",
        "ledger entry",
        "batch.issue of batch:2: expected marks [], as the entry",
    ),
    "a product added to a licence": Damage(
        "INSERT INTO licence_product SELECT 1, gtin FROM product WHERE gtin <> '06901234000016'",
        "ledger entry",
        "licence.grant of licence:1: expected gtins ['06901234000016'], as the entry says, found",
    ),
    "a mark's words changed": Damage(
        "UPDATE mark_text SET name_en = 'Gold' WHERE mark_id = 'quality-month-2026' AND version = 1",
        "ledger entry",
        "mark.define of mark:quality-month-2026: table mark_text",
    ),
    "a mark's words gone": Damage(
        "DELETE FROM mark_text WHERE version = 2", "mark quality-month-2026", "expected versions 1 to 2 without a gap"
    ),
    "a claim accepted by nobody": Damage(
        "UPDATE gtin_claim SET state = 'accepted', decided_ms = 1, organisation_id = (SELECT id FROM organisation)"
        " WHERE state = 'filed'",
        "ledger entry",
        "expected state 'filed', as the entry says, found 'accepted'",
    ),
    "a revoked claim revived": Damage(
        "UPDATE gtin_claim SET state = 'accepted' WHERE state = 'revoked'",
        "ledger entry",
        "expected state 'revoked', as the entry says, found 'accepted'",
    ),
    "a document taken from a claim": Damage(
        "DELETE FROM claim_document WHERE place = 1", "ledger entry", "beside it, found ["
    ),
    "a document put beside a claim": Damage(
        "INSERT INTO claim_document SELECT (SELECT MIN(id) FROM gtin_claim), 0, MIN(id) FROM document",
        "ledger entry",
        "expected documents [] beside it, found [",
    ),
    "a document replaced": Damage(
        "UPDATE document SET content = 'AAAA'", "table document, row id", "not the one that the digest was taken over"
    ),
    "a batch of another enterprise": Damage(
        "UPDATE batch SET enterprise_id = (SELECT id FROM enterprise WHERE name_en = 'Longjing Hill')",
        "ledger entry",
        "expected enterprise_id",
    ),
    "a batch of its enterprise at another time": Damage(
        "UPDATE batch SET enterprise_position = 0 WHERE number = 1", "ledger entry", "expected enterprise_position"
    ),
    "a claim decided at another time": Damage(
        "UPDATE gtin_claim SET decided_ms = 5 WHERE state = 'accepted'",
        "table gtin_claim, row id",
        "expected decided_ms 1788220800000, as the entry says, found 5",
    ),
    "an enterprise renamed": Damage(
        "UPDATE enterprise SET name_zh = '假茶' WHERE name_en = 'Longjing Hill'",
        "ledger entry",
        "as the entry says, found '假茶'",
    ),
    "a contact replaced": Damage("UPDATE enterprise SET contact = '李四'", "ledger entry", "expected contact_digest"),
    "a product renamed": Damage(
        "UPDATE product_version SET brand = '假' WHERE version = 2",
        "ledger entry",
        "expected brand '新清泉', as the entry",
    ),
    "a product taken over": Damage(
        "UPDATE product SET enterprise_id = (SELECT id FROM enterprise WHERE name_en = 'Longjing Hill')",
        "table product, row gtin",
        "expected enterprise '0000000000000002', as its entry says",
    ),
    "a picture replaced": Damage(
        "UPDATE picture SET content = 'AAAA'", "table picture, row digest", "its content is not the one that the digest"
    ),
    "a picture that is no base64": Damage(
        "UPDATE picture SET content = '!'", "table picture, row digest", "expected content in base64"
    ),
    "a pledge text changed": Damage(
        "UPDATE pledge_text SET articles = '[]' WHERE version = 1", "ledger entry", "expected articles_digest"
    ),
    "a pledge text garbled": Damage(
        "UPDATE pledge_text SET articles = '{' WHERE version = 1", "ledger entry", "found 'no JSON'"
    ),
    "a question reworded": Damage(
        "UPDATE pledge_note SET content = 'x' WHERE kind = 'question'", "ledger entry", "expected content_digest"
    ),
    "a question turned into an answer": Damage(
        "UPDATE pledge_note SET kind = 'answer' WHERE kind = 'question'", "ledger entry", "expected kind 'question'"
    ),
    "a note gone": Damage("DELETE FROM pledge_note", "ledger entry", "expected its row in table pledge_note"),
    "another signatory": Damage("UPDATE pledge_signature SET name = 'x'", "ledger entry", "expected signatory_digest"),
    "a signature moved to another pledge": Damage(
        "UPDATE pledge_signature SET pledge = 1", "ledger entry", "expected pledge"
    ),
    "a finding softened": Damage(
        "UPDATE pledge_finding SET content = 'x' WHERE closed_position IS NULL",
        "ledger entry",
        "table pledge_finding, row id '",
    ),
    "a reply reworded": Damage(
        "UPDATE pledge_finding SET reply = 'x' WHERE reply IS NOT NULL", "ledger entry", "expected reply_digest"
    ),
    "a reply gone": Damage(
        "UPDATE pledge_finding SET reply = NULL, reply_position = NULL", "ledger entry", "its reply_position is nothing"
    ),
    "a finding closed by no act": Damage(
        "UPDATE pledge_finding SET closing = 'x', closed_position = position WHERE closed_position IS NULL",
        "table pledge_finding, row id",
        "expected an entry of pledge.clear, found 'pledge.breach'",
    ),
    "a breached pledge in force again": Damage(
        "UPDATE pledge SET state = 'published' WHERE state = 'breached'", "ledger entry", "expected state 'breached'"
    ),
    "a refused application accepted": Damage(
        "UPDATE pledge SET state = 'accepted' WHERE state = 'refused'", "ledger entry", "expected state 'refused'"
    ),
    "a pledge signed under another text": Damage(
        "UPDATE pledge SET text_version = 1 WHERE text_version = 2 AND state = 'breached'",
        "ledger entry",
        "expected text_version 2",
    ),
    "an application period made longer": Damage(
        "UPDATE campaign SET apply_to_ms = apply_to_ms + 1", "ledger entry", "table campaign, row id"
    ),
    "a campaign under another code": Damage(
        "UPDATE campaign SET code = 'X1'", "ledger entry", "expected code 'QM2026'"
    ),
    "an enrolment gone": Damage("DELETE FROM organisation", "ledger entry 0", "expected its row in table organisation"),
    # notices
    "a notice gone": Damage(
        "DELETE FROM notice WHERE kind = 'recall' AND batch IS NULL", "ledger entry", "expected its row in table notice"
    ),
    "a recall closed quietly": Damage(
        "UPDATE notice SET closed_position = opened_position WHERE kind = 'recall' AND batch IS NULL",
        "table notice, row id",
        "expected an entry of hold.lift or recall.lift, found 'product.recall'",
    ),
    "a hold opened again": Damage(
        "UPDATE notice SET closed_position = NULL", "ledger entry", "does not show it: its closed_position is nothing"
    ),
    "a notice past its batch": Damage(
        "UPDATE notice SET last = 10 WHERE first = 6", "notice 0", "it is over labels 6 to 10 of batch 1"
    ),
    "two notices by one act": Damage(
        "INSERT INTO notice SELECT 'second', kind, gtin, batch, first, last, lot, material, material_name,"
        " reason, opened_position, closed_position FROM notice WHERE batch IS NULL AND lot IS NULL",
        "table notice, row id 'second'",
        "expected the entry that opened it, found that of notice",
    ),
    "a recall reworded": Damage(
        "UPDATE recall SET advice_en = 'Drink it.' WHERE hazard_en <> ''", "ledger entry ", "expected text_digest"
    ),
    "a recall of another class": Damage(
        "UPDATE recall SET grade = 3 WHERE grade = 2", "ledger entry ", "expected grade 2, as the entry says, found 3"
    ),
    "a recall of another's goods": Damage(
        "UPDATE recall SET enterprise_id = (SELECT MAX(id) FROM enterprise) WHERE grade = 2",
        "ledger entry ",
        "expected enterprise_id",
    ),
    "a recall that nobody ordered": Damage(
        "UPDATE recall SET ordered_by = NULL", "ledger entry ", "expected ordered_by"
    ),
    "a recall ended otherwise": Damage(
        "UPDATE recall SET outcome = 'unfounded' WHERE outcome = 'completed'", "ledger entry ", "expected outcome"
    ),
    "a recall without words": Damage(
        "DELETE FROM recall WHERE id = (SELECT id FROM notice WHERE first = 6)",
        "notice 0",
        "expected a recall to have its words, opened and closed with it",
    ),
    "a recall open in its notice alone": Damage(
        "UPDATE notice SET closed_position = NULL WHERE lot IS NOT NULL",
        "notice 0",
        "expected a recall to have its words, opened and closed with it",
    ),
    "a lot recalled that was another": Damage(
        "UPDATE notice SET lot = 'L9' WHERE lot IS NOT NULL", "ledger entry ", "expected lot"
    ),
    "more taken back than was stated": Damage(
        "UPDATE recall_progress SET recovered = 9 WHERE recovered = 3", "ledger entry ", "expected recovered 3"
    ),
    "a remark replaced": Damage(
        "UPDATE recall_progress SET remark = '' WHERE recovered = 3", "ledger entry ", "expected remark_digest"
    ),
    "a statement of progress gone": Damage(
        "DELETE FROM recall_progress WHERE recovered = 4",
        "ledger entry ",
        "expected its row in table recall_progress",
    ),
    # the state of labels
    "no spans": Damage(
        "DELETE FROM span WHERE batch = 2", "batch 2", "expected spans up to label 19, found none from 0"
    ),
    "a hole between spans": Damage(
        "DELETE FROM span WHERE batch = 2 AND first = 5", "batch 2", "labels 5 to 7 are in no span"
    ),
    "spans that overlap": Damage(
        "UPDATE span SET last = 8 WHERE batch = 2 AND first = 5", "batch 2", "labels 8 to 8 are in two spans"
    ),
    "spans that end too late": Damage(
        "UPDATE span SET last = 20 WHERE batch = 2 AND last = 19",
        "batch 2",
        "expected labels up to 19, found a span up to",
    ),
    "spans that should be one": Damage(
        "INSERT INTO span SELECT batch, 15, 19, life, life_position, holds, recalls FROM span WHERE batch = 2"
        " AND last = 19; UPDATE span SET last = 14 WHERE batch = 2 AND first = 13",
        "batch 2",
        "the spans from 13 and from 15 are alike, and should be one",
    ),
    "a hold not counted": Damage(
        "UPDATE span SET holds = 0 WHERE batch = 1 AND first = 4",
        "batch 1",
        "span 4 to 5: expected holds 1, as the open notices say, found 0",
    ),
    "a notice that begins inside a span": Damage(
        "UPDATE notice SET last = 6 WHERE first = 4",
        "batch 1",
        "span 7 to 7: expected holds 0, as the open notices say, found 1",
    ),
    "a notice that ends inside a span": Damage(
        "UPDATE notice SET first = 5 WHERE first = 4",
        "batch 1",
        "a notice begins or ends at label 5, where no span does",
    ),
    "a void label revived": Damage(
        "UPDATE span SET life = 'active' WHERE batch = 2 AND life = 'void'",
        "ledger entry",
        "batch.void of batch:2 does not show in batch 2: the span from 8 to 12 is active",
    ),
    "an active label put back": Damage(
        "UPDATE span SET life = 'issued' WHERE batch = 2 AND first = 5",
        "ledger entry",
        "batch.activate of batch:2 does not show in batch 2: the span from 5 to 7 is issued",
    ),
    "a stolen key's label not voided": Damage(
        "UPDATE span SET life = 'issued', life_position = (SELECT position FROM batch WHERE number = 3)"
        " WHERE batch = 3",
        "ledger entry",
        "key.compromise of key:3 does not show in batch 3",
    ),
    "labels activated by no act": Damage(
        "UPDATE span SET life = 'active' WHERE batch = 2 AND first = 0",
        "table span, row batch 2, first 0",
        "expected the life it was issued with, 'issued', found 'active'",
    ),
    "labels void by another batch's act": Damage(
        "UPDATE span SET life = 'void', life_position = (SELECT MAX(position) FROM ledger WHERE act = 'batch.void')"
        " WHERE batch = 1 AND first = 0",
        "table span, row batch 1, first 0",
        "expected an entry about batch:1, found one about 'batch:2'",
    ),
    "labels void by an act on others": Damage(
        "UPDATE span SET life = 'void', life_position = (SELECT MAX(position) FROM ledger WHERE act = 'batch.void')"
        " WHERE batch = 2 AND first = 0",
        "table span, row batch 2, first 0",
        "the entry is about labels 8 to 12, the span about 0 to 4",
    ),
    # versions
    "a product version gone": Damage(
        "DELETE FROM product_version WHERE version = 1 AND gtin = '06901234000016'",
        "product 06901234000016",
        "expected versions 1 to 2 without a gap, found 1 of them, the latest 2",
    ),
    "a product ahead of its versions": Damage(
        "UPDATE product SET version = 3 WHERE version = 2",
        "product 06901234000016",
        "expected versions 1 to 3 without a gap, found 2 of them, the latest 2",
    ),
    "a campaign behind its text": Damage(
        "UPDATE campaign SET text_version = 1", "campaign quality-month-2026", "expected versions 1 to 1 without a gap"
    ),
    # sightings
    "a scan more in the summary": Damage(
        "UPDATE sighting SET times_seen = times_seen + 1 WHERE label_index = 0",
        "batch 1, label 0",
        "expected times_seen 3, as its confirmed scans say, found 4",
    ),
    "a device less in the summary": Damage(
        "UPDATE sighting SET devices = devices - 1 WHERE label_index = 0",
        "batch 1, label 0",
        "expected devices 2, as its confirmed scans say, found 1",
    ),
    "a first sight moved": Damage(
        "UPDATE sighting SET first_seen_ms = 5 WHERE label_index = 0", "batch 1, label 0", "expected first_seen_ms"
    ),
    "a last sight moved": Damage(
        "UPDATE sighting SET last_seen_ms = last_seen_ms + 5 WHERE label_index = 9",
        "batch 1, label 9",
        "expected last_seen_ms",
    ),
    "a summary gone": Damage(
        "DELETE FROM sighting WHERE label_index = 1",
        "batch 1, label 1",
        "it has confirmed scans, and no summary of its sightings",
    ),
    "the last summary gone": Damage(
        "DELETE FROM sighting WHERE label_index = 9",
        "batch 1, label 9",
        "it has confirmed scans, and no summary of its sightings",
    ),
    "a summary of nothing": Damage(
        "INSERT INTO sighting VALUES (1, 5, 7, 7, 1, 1, '', '')",
        "batch 1, label 5",
        "expected times_seen 0, as its confirmed",
    ),
    "a summary of no times": Damage(
        "UPDATE sighting SET times_seen = 0, devices = 0 WHERE label_index = 1",
        "batch 1, label 1",
        "expected a summary of scans, found 0 times",
    ),
    "an act missing from the trail": Damage(
        "DELETE FROM trail WHERE position = (SELECT position FROM batch WHERE number = 1)",
        "ledger entry ",
        "expected it in table trail for enterprise",
    ),
    "an act on the trail of another enterprise": Damage(
        "INSERT INTO trail SELECT MAX(position), 'stranger', 'products', NULL FROM trail",
        "ledger entry ",
        "table trail has it for enterprise 'stranger' as 'products', which is not so",
    ),
    "another batch on the trail": Damage(
        "UPDATE trail SET batch = 77 WHERE batch = 1 AND kind = 'labels'",
        "ledger entry ",
        "as 'labels', batch 77, which is not so",
    ),
    "a scan gone": Damage(
        "DELETE FROM scan WHERE label_index = 9 AND confirmed = 1 AND at_ms = (SELECT MIN(at_ms) FROM scan s"
        " WHERE s.label_index = 9 AND s.confirmed = 1)",
        "batch 1, label 9",
        "expected times_seen 1, as its confirmed scans say, found 2",
    ),
}


ON_A_SERVER = (
    *("a text changed", "a root changed", "entries gone", "time going back", "a column gone", "a table gone"),
    *("a foreign key that leads nowhere", "a batch gone", "a batch nobody issued", "a public key replaced"),
    *("a question reworded", "a breached pledge in force again"),
    *("a withdrawn pledge revived", "a contact replaced", "a hold opened again", "two notices by one act"),
    *("a recall reworded", "a recall without words", "a remark replaced"),
    *("no spans", "spans that overlap", "spans that should be one", "a hold not counted", "a void label revived"),
    *("an act missing from the trail", "another batch on the trail"),
    *("a product version gone", "a campaign behind its text", "a scan more in the summary", "a summary of nothing"),
)
"""Damage that is done to PostgreSQL too: of each kind of question that is asked of it."""


class TestDamage:
    @pytest.mark.parametrize("kind", DAMAGES)
    def test_in_a_file(self, filed: World, kind: str) -> None:
        done = DAMAGES[kind]
        damage(filed, *done.sql.split("; "))
        report = check(filed.database)
        assert report.total
        assert [text for text in said(report) if text.startswith(done.place) and done.words in text], said(report)

    @pytest.mark.parametrize("kind", ON_A_SERVER)
    def test_in_postgresql(self, tmp_path: Path, kind: str) -> None:
        done = DAMAGES[kind]
        with new_world("postgres", tmp_path) as world:
            settle(world)
            damage(world, *done.sql.split("; "))
            report = check(world.database)
            assert report.total
            assert [text for text in said(report) if text.startswith(done.place) and done.words in text], said(report)

    def test_many_of_a_kind_are_counted(self, filed: World) -> None:
        rows = ", ".join(f"(1, {index}, 7, 7, 1, 1, '', '')" for index in range(100, 150))
        damage(filed, f"INSERT INTO sighting VALUES {rows}")
        report = check(filed.database)
        assert report.total > 50
        assert len(report.findings) == LIKE_IT + 1
        more = report.total - LIKE_IT
        assert report.findings[-1] == Finding("sightings", f"{more} more findings like those above")


class TestPruned:
    """Of scans before an instant the detail may be gone; summaries keep their counts."""

    def prune(self, world: World, before_ms: int) -> None:
        damage(
            world,
            f"DELETE FROM scan WHERE at_ms < {before_ms}",
            f"INSERT INTO meta VALUES ('{meta.SCANS_PRUNED_BEFORE_MS}', '{before_ms}')",
        )

    def test_some(self, estate: World) -> None:
        latest = estate.one("SELECT MAX(at_ms) AS at_ms FROM scan")["at_ms"]
        self.prune(estate, latest)
        assert said(check(estate.database)) == []

    def test_all(self, estate: World) -> None:
        latest = estate.one("SELECT MAX(at_ms) AS at_ms FROM scan")["at_ms"]
        self.prune(estate, latest + 1)
        assert estate.rows("SELECT * FROM scan") == []
        assert said(check(estate.database)) == []

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ("last_seen_ms = last_seen_ms + 5", "expected last_seen_ms"),
            ("times_seen = 0, devices = 0", "expected a summary of scans"),
            ("first_seen_ms = last_seen_ms", "expected times_seen 1"),
        ],
    )
    def test_what_pruning_does_not_explain(self, estate: World, change: str, words: str) -> None:
        latest = estate.one("SELECT MAX(at_ms) AS at_ms FROM scan")["at_ms"]
        self.prune(estate, latest)
        damage(estate, f"UPDATE sighting SET {change} WHERE label_index = 0")
        assert [text for text in said(check(estate.database)) if text.startswith("batch 1, label 0") and words in text]


class TestMark:
    """What is kept outside finds what hashes alone cannot: an end cut off, and a history written anew as a whole."""

    def mark(self, world: World) -> tuple[int, str]:
        row = world.one("SELECT position, root_hash FROM ledger ORDER BY position DESC LIMIT 1")
        return row["position"] + 1, row["root_hash"]

    def test_it_agrees(self, estate: World) -> None:
        mark = self.mark(estate)
        assert said(check(estate.database, *mark)) == []
        estate.enterprise(3)
        assert said(check(estate.database, *mark)) == [], "the registry may be ahead of the mark"
        assert said(check(estate.database, 0, merkle.EMPTY_ROOT.hex())) == []

    def test_truncation(self, estate: World) -> None:
        estate.enterprise(3)
        size, root = self.mark(estate)
        damage(
            estate,
            f"DELETE FROM enterprise WHERE position = {size - 1}",
            f"DELETE FROM trail WHERE position = {size - 1}",
            f"DELETE FROM ledger WHERE position = {size - 1}",
        )
        assert said(check(estate.database)) == [], "without a mark nobody can tell"
        assert said(check(estate.database, size, root)) == [
            f"ledger: expected at least {size} entries, as the mark outside the registry says, found {size - 1}: the"
            " last 1 are gone (an older copy was restored, or the end was cut off); a backup is looked at with"
            " --backup; if this is the registry in use, see: traceqr ledger accept-restore"
        ]

    def test_a_backup_may_be_behind(self, estate: World) -> None:
        size, root = self.mark(estate)
        report = check(estate.database, size + 4, "ab" * 32, backup=True)
        assert (said(report), report.total, report.behind) == ([], 0, 4)
        assert check(estate.database, size, root, backup=True).behind == 0
        assert check(estate.database, size - 1, "ab" * 32, backup=True).total == 1, "but it may have no other history"

    def test_rewriting(self, estate: World) -> None:
        size, root = self.mark(estate)
        rewrite(estate, lambda entry: entry["act"] == "batch.void")
        assert said(check(estate.database)) == [], "every hash was made anew"
        (finding,) = said(check(estate.database, size, root))
        assert finding.startswith(
            f"ledger: expected root {root} after {size} entries, as the mark outside the registry"
        )
        assert finding.endswith("the ledger was rewritten")

    def test_one_that_was_accepted(self, estate: World) -> None:
        size, root = self.mark(estate)[0] + 5, "cd" * 32
        assert check(estate.database, size, root).total == 1
        damage(estate, f"INSERT INTO meta VALUES ('{meta.ACCEPTED_MARK}', '{size}:{root}')")
        assert said(check(estate.database, size, root)) == []


def rewrite(world: World, chosen: Callable[[dict[str, str]], bool]) -> None:
    """Another reason in some entries, and every hash after it made to fit, as somebody with the database could."""
    frontier, statements = Frontier(), []
    for row in world.rows("SELECT position, entry FROM ledger ORDER BY position"):
        members = json.loads(row["entry"])
        if chosen(members):
            members["payload"]["reason"] = "another"
        text = Entry(**members).canonical()
        frontier = frontier.append(merkle.leaf_hash(text))
        hashes = (merkle.leaf_hash(text).hex(), frontier.peaks[-1].hex(), frontier.root.hex())
        quoted = text.decode().replace("'", "''")
        statements.append(
            f"UPDATE ledger SET entry = '{quoted}', leaf_hash = '{hashes[0]}', peak_hash = '{hashes[1]}',"
            f" root_hash = '{hashes[2]}' WHERE position = {row['position']}"
        )
    damage(world, *statements)


class TestWhatCannotBeChecked:
    def test_another_schema(self, estate: World) -> None:
        damage(estate, "UPDATE meta SET value = '99' WHERE name = 'schema_version'")
        with pytest.raises(RegistryUnavailable, match="it needs a later TraceQR"):
            check(estate.database)

    def test_a_file_of_something_else(self, tmp_path: Path) -> None:
        world = World(tmp_path)
        world.close()
        world.path.write_bytes(b"long enough to be looked at " * 100)
        with pytest.raises(RegistryUnavailable, match="file is not a database"):
            check(World(tmp_path, url=world.url, made=True).database)

    @pytest.mark.parametrize("seed", range(25))
    def test_a_file_with_a_page_overwritten(self, filed: World, seed: int) -> None:
        """Wherever it hits, damage is told; nothing else comes out than findings or our own error."""
        filed.close()
        with closing(sqlite3.connect(filed.path)) as raw:
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        content = bytearray(filed.path.read_bytes())
        page = 4_096 * random.Random(seed).randrange(1, len(content) // 4_096)
        content[page : page + 4_096] = bytes(byte ^ 0x5A for byte in content[page : page + 4_096])
        filed.path.write_bytes(content)
        with new_world_at(filed) as damaged:
            try:
                assert check(damaged.database).total
            except TraceqrError as error:
                assert "registry" in str(error)  # noqa: PT017


def new_world_at(world: World) -> closing[World]:
    return closing(World(world.root / "again", url=world.url, made=True))


def test_every_table_that_names_a_position_is_compared_with_the_ledger() -> None:
    named = {(table.name, key.columns[0]) for table in tables() for key in table.foreign_keys if key.table == "ledger"}
    with_the_row = {("signing_key", "compromised_position"), ("batch", "enterprise_position")}
    with_the_acts = {("span", "life_position"), ("trail", "position"), ("recall_affected", "position")}
    assert named - set(MAKERS) == with_the_row | with_the_acts


def test_every_act_is_compared_with_the_tables() -> None:
    acts = {act for scenario in SCENARIOS.values() for act in scenario.acts}
    on_spans = {"batch.activate", "batch.void"}
    on_no_row = {"labels.resume", "labels.proof", "ledger.lost", "ledger.restore", "scans.prune", "reports.prune"}
    on_no_row |= {"recovery_codes.renew"}
    assert acts - set(EFFECTS) == on_spans | on_no_row
