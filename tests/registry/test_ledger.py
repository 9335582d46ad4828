"""The ledger: canonical entries, leaf hashes, dense positions, and a database that takes nothing back."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.scenarios import SCENARIOS
from support.world import ENGINES, World, uscc

from tests.property.test_merkle import root_of
from traceqr import enrolling, merkle
from traceqr.registry import ledger
from traceqr.registry.database import RegistryConflict
from traceqr.registry.ledger import Entry, InvalidEntry


def canonical(value: object) -> bytes:
    """RFC 8785 for what our entries hold: objects, lists, texts without astral names, integers, booleans, null.

    Independent of the library: the standard's sorting by UTF-16 code units equals sorting by code points for names
    of the basic plane, and integers below 2^53 are written as they are.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def entries(world: World) -> list[dict[str, object]]:
    return world.rows("SELECT position, at_ms, act, subject, entry, leaf_hash FROM ledger ORDER BY position")


class TestEntries:
    @pytest.mark.parametrize("name", SCENARIOS)
    def test_every_entry_of_every_act(self, world: World, name: str) -> None:
        """Canonical, hashed as RFC 6962 says, numbered from 0 without a gap, and findable by what is in it."""
        scenario = SCENARIOS[name]
        scenario.prepare(world)
        scenario.run(world)
        found = entries(world)
        assert [row["position"] for row in found] == list(range(len(found)))
        for row in found:
            text = str(row["entry"])
            entry = json.loads(text)
            assert sorted(entry) == ["act", "actor", "at_ms", "payload", "position", "subject"]
            assert canonical(entry).decode() == text
            assert row["leaf_hash"] == hashlib.sha256(b"\x00" + text.encode()).hexdigest()
            assert {name: row[name] for name in ("position", "at_ms", "act", "subject")} == {
                name: entry[name] for name in ("position", "at_ms", "act", "subject")
            }
            assert entry["actor"] == "tester"

    def test_the_whole_text_of_one(self, world: World) -> None:
        world.association()
        assert entries(world)[0]["entry"] == (
            '{"act":"organisation.enrol","actor":"tester","at_ms":1788220800000,"payload":{"kind":"association",'
            '"level":"national","name_en":"Quality Association","name_zh":"质量检验协会（测试）","region":"000000"},'
            '"position":0,"subject":"organisation:0000000000000001"}'
        )

    @given(
        payload=st.dictionaries(
            st.text(st.characters(max_codepoint=0xD7FF), max_size=8),
            st.recursive(
                st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=8),
                lambda inner: st.lists(inner, max_size=3),
                max_leaves=6,
            ),
            max_size=6,
        )
    )
    def test_any_payload(self, payload: dict[str, object]) -> None:
        entry = Entry(7, 1_788_220_800_000, "a", "b.c", "d:1", payload)
        assert entry.canonical() == canonical(
            {
                "act": "b.c",
                "actor": "a",
                "at_ms": 1_788_220_800_000,
                "payload": payload,
                "position": 7,
                "subject": "d:1",
            }
        )

    def test_the_example_of_rfc_8785(self) -> None:
        """Sections 3.2.2 and 3.2.3: string escapes, and sorting by UTF-16 code units, not by code points."""
        text = Entry(0, 0, "", "", "", {"string": '€$\u000f\nA\'B"\\\\"/', "literals": [None, True, False]}).canonical()
        assert b'"literals":[null,true,false],"string":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"' in text
        names = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}
        ordered = json.loads(Entry(0, 0, "", "", "", names).canonical())["payload"]
        assert list(ordered.values()) == [2, 4, 6, 7, 1, 5, 3]

    @pytest.mark.parametrize("payload", [{"a": 2**53}, {"a": "\ud800"}, {"a": -(2**60)}])
    def test_what_canonical_json_cannot_say_is_named(self, payload: dict[str, object]) -> None:
        with pytest.raises(InvalidEntry, match=r"cannot put batch.issue of 'batch:1' on the ledger"):
            Entry(0, 0, "me", "batch.issue", "batch:1", payload).canonical()


class TestPersonalData:
    def test_a_contact_occurs_in_no_entry(self, furnished: World) -> None:
        """Nor any part of it, nor its salt: only a digest that the salt makes unguessable."""
        furnished.enterprise(2, contact="品控部 quality@tea.example")
        furnished.enterprise(2, contact="客服部 000-0000-0002")
        kept = furnished.rows("SELECT contact, contact_salt FROM enterprise")
        assert {row["contact"] for row in kept} == {"质量部 000-0000-0001", "客服部 000-0000-0002"}
        everything = "\n".join(str(row["entry"]) for row in entries(furnished))
        secret = ["质量部", "000-0000-0001", "品控部", "quality@tea", "客服部", "000-0000-0002"]
        for part in [*secret, *(str(row["contact_salt"]) for row in kept)]:
            assert f'"{part}' not in everything.replace(f"enterprise:{part}", "")
            assert part in str(kept) or part in ("品控部", "quality@tea")
        assert "contact_digest" in everything
        assert '"contact":' not in everything

    def test_the_digest_can_be_opened_by_who_has_the_salt(self, furnished: World) -> None:
        (row,) = furnished.rows("SELECT contact, contact_salt FROM enterprise")
        (entry,) = [
            json.loads(str(found["entry"])) for found in entries(furnished) if found["act"] == "enterprise.enrol"
        ]
        digest = hashlib.sha256(f"{row['contact_salt']}\n{row['contact']}".encode()).hexdigest()
        assert entry["payload"]["contact_digest"] == digest

    def test_equal_contacts_have_different_digests(self, world: World) -> None:
        world.enterprise(1, contact="same")
        world.enterprise(2, contact="same")
        digests = [json.loads(str(row["entry"]))["payload"]["contact_digest"] for row in entries(world)]
        assert len(set(digests)) == 2


ROW = {
    "at_ms": 0,
    "act": "a",
    "subject": "s",
    "entry": "{}",
    "leaf_hash": "0" * 64,
    "peak_hash": "0" * 64,
    "root_hash": "0" * 64,
}
INSERT = (
    "INTO ledger (position, at_ms, act, subject, entry, leaf_hash, peak_hash, root_hash)"
    " VALUES (:position, :at_ms, :act, :subject, :entry, :leaf_hash, :peak_hash, :root_hash)"
)
ATTACKS = {
    "update": ("UPDATE ledger SET entry = '{}'", {}),
    "update of a position": ("UPDATE ledger SET position = position + 100", {}),
    "update or replace": ("UPDATE OR REPLACE ledger SET position = 0 WHERE position = 1", {}),
    "update or ignore": ("UPDATE OR IGNORE ledger SET act = 'x'", {}),
    "delete": ("DELETE FROM ledger WHERE position = 1", {}),
    "delete of the last": ("DELETE FROM ledger WHERE position = (SELECT MAX(position) FROM ledger)", {}),
    "delete of all": ("DELETE FROM ledger", {}),
    "replace": (f"INSERT OR REPLACE {INSERT}", {**ROW, "position": 0}),
    "replace of the last": (f"REPLACE {INSERT}", {**ROW, "position": "last"}),
    "upsert": (f"INSERT {INSERT} ON CONFLICT (position) DO UPDATE SET act = 'x'", {**ROW, "position": 0}),
    "same position": (f"INSERT {INSERT}", {**ROW, "position": 0}),
    "gap": (f"INSERT {INSERT}", {**ROW, "position": 10_000}),
    "negative": (f"INSERT {INSERT}", {**ROW, "position": -1}),
    "not a number": (f"INSERT {INSERT}", {**ROW, "position": "abc"}),
    "no position": (f"INSERT {INSERT}", {**ROW, "position": None}),
    "truncation": ("TRUNCATE ledger CASCADE", {}),
    "truncation of all": ("TRUNCATE meta, ledger CASCADE", {}),
}


IN_THE_WORDS_OF = {
    "sqlite": ("update or replace", "update or ignore", "replace", "replace of the last"),
    "postgres": ("truncation", "truncation of all"),
}


def understood(engine: str) -> list[str]:
    """The attacks that an engine has words for."""
    strange = {attack for other, attacks in IN_THE_WORDS_OF.items() if other != engine for attack in attacks}
    return [attack for attack in ATTACKS if attack not in strange]


def roots(world: World) -> list[str]:
    """The root after each entry, by the definition alone, over what the database holds as the entries' text."""
    leaves = [str(row["entry"]).encode() for row in entries(world)]
    return [root_of(leaves[: at + 1]).hex() for at in range(len(leaves))]


class TestTheTree:
    @pytest.mark.parametrize("name", SCENARIOS)
    def test_the_root_after_each_entry_of_every_act(self, world: World, name: str) -> None:
        SCENARIOS[name].prepare(world)
        SCENARIOS[name].run(world)
        found = world.rows("SELECT root_hash FROM ledger ORDER BY position")
        assert [row["root_hash"] for row in found] == roots(world)

    def test_over_acts_of_one_and_of_many_entries_by_several_processes(self, furnished: World) -> None:
        for number in range(2, 30):
            furnished.enterprise(number)
        with furnished.another(10_000) as desk:  # an import: many entries in one act
            enrolling.enrol_enterprises(
                desk,
                [enrolling.EnterpriseEntry(uscc(at), "名", "N", "310000", "food", "1", "c") for at in range(100, 230)],
            )
        furnished.issue()
        with pytest.raises(ValueError, match="stop"), furnished.desk.act() as act:  # noqa: PT012
            act.record("a.b", "c:1", {})  # what was rolled back is in no root
            raise ValueError("stop")
        with furnished.desk.act() as act:
            for at in range(10):
                act.record("a.b", f"c:{at}", {"茶": "\u2028𠮷"})
        found = furnished.rows("SELECT root_hash, peak_hash FROM ledger ORDER BY position")
        assert len(found) > 170
        expected = roots(furnished)
        assert [row["root_hash"] for row in found] == expected
        with furnished.database.snapshot() as reader:
            empty = merkle.EMPTY_ROOT.hex()
            assert [ledger.root_after(reader, size) for size in range(len(found) + 1)] == [empty, *expected]
            assert ledger.root_after(reader, len(found) + 1) is None
            for size in range(len(found) + 1):
                assert ledger.frontier(reader, size).root.hex() == (expected[size - 1] if size else empty)
                assert ledger.frontier(reader, size).size == size
            assert ledger.next_position(reader) == len(found)

    def test_pages(self, furnished: World) -> None:
        count = len(entries(furnished))
        with furnished.database.snapshot() as reader:
            pages = [ledger.page(reader, first, 3) for first in range(0, count + 3, 3)]
        assert [row["position"] for page in pages for row in page] == list(range(count))
        assert all(set(row) == {"position", "entry", "leaf_hash", "root_hash"} for row in pages[0])


class TestTime:
    """An act is never recorded before the one that it follows, whatever the clock says."""

    def test_the_clock_goes_back_an_hour(self, furnished: World) -> None:
        furnished.clock.pass_days(1)
        furnished.issue()
        before = furnished.clock.at_ms
        furnished.clock.pass_ms(-3_600_000)
        with furnished.another() as desk, desk.act() as act:  # another process, with nothing in memory
            assert act.at_ms == before
            act.record("a.b", "c:1", {})
        furnished.clock.pass_ms(3_599_999)
        furnished.issue()
        assert [row["at_ms"] for row in entries(furnished)][-3:] == [before] * 3
        assert [json.loads(str(row["entry"]))["at_ms"] for row in entries(furnished)][-3:] == [before] * 3
        furnished.clock.pass_ms(2)
        furnished.issue()
        assert entries(furnished)[-1]["at_ms"] == before + 1

    def test_what_is_made_has_the_instant_of_its_entry(self, furnished: World) -> None:
        """So a key that is made meanwhile does not begin to sign before its own entry."""
        before = furnished.clock.at_ms
        furnished.clock.pass_ms(-3_600_000)
        key = furnished.key()
        found = furnished.one("SELECT signing_from_ms FROM signing_key WHERE number = :n", n=key.number)
        assert found["signing_from_ms"] >= before

    def test_the_first_entry_has_the_time_of_the_clock(self, world: World) -> None:
        world.clock.at_ms = 7
        world.association()
        assert entries(world)[0]["at_ms"] == 7


class TestAppendOnly:
    @pytest.mark.parametrize(
        ("engine", "attack"),
        [(engine, attack) for engine in ENGINES for attack in understood(engine)],
        indirect=["engine"],
    )
    def test_the_database_itself_refuses(self, furnished: World, attack: str) -> None:
        before = entries(furnished)
        sql, params = ATTACKS[attack]
        if params.get("position") == "last":
            params = {**params, "position": before[-1]["position"]}
        with pytest.raises(RegistryConflict), furnished.database.transaction() as tx:
            tx.execute(sql, params)
        assert entries(furnished) == before
        assert len(before) > 2

    def test_the_first_entry_has_position_0(self, world: World) -> None:
        with pytest.raises(RegistryConflict, match="the next position only"), world.database.transaction() as tx:
            tx.execute(f"INSERT {INSERT}", {**ROW, "position": 1})
        with world.database.transaction() as tx:
            assert ledger.Tail(tx).append(0, "me", "a.b", "c:1", {}).position == 0
            assert ledger.Tail(tx).append(0, "me", "a.b", "c:1", {}).position == 1
        assert [row["position"] for row in entries(world)] == [0, 1]

    def test_a_position_rolled_back_is_used_by_the_next(self, furnished: World) -> None:
        count = len(entries(furnished))
        with pytest.raises(ValueError, match="stop"), furnished.database.transaction() as tx:  # noqa: PT012
            assert ledger.Tail(tx).append(0, "me", "a.b", "c:1", {}).position == count
            raise ValueError("stop")
        with furnished.database.transaction() as tx:
            assert ledger.Tail(tx).append(0, "me", "a.b", "c:1", {}).position == count
