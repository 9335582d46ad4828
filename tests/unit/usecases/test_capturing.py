"""What enterprises state of things is captured whole or not at all, once, and by those alone who may say so."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.chain import HOUR_MS, Chain, item, labels, sscc
from support.epcis import PATHS, document_of, event_of
from support.staff import enterprise_id
from support.world import World, gtin

from traceqr import claiming
from traceqr.acting import ActRefused, EntriesRefused
from traceqr.chain import seeking
from traceqr.chain.capturing import MAX_EVENTS
from traceqr.checking.whole import check
from traceqr.epcis.document import read
from traceqr.registry import partners, trace_events, trace_items
from traceqr.tracing.digest import digest_of_all
from traceqr.tracing.event import Action, Declaration, Event, EventKind, Part, Standing
from traceqr.tracing.run import Run
from traceqr.tracing.thing import Thing

LEAVES = Thing.lot(str(gtin(1, "6905555")), "L-2026-04")
"""A lot of a material that nobody has claimed."""


@pytest.fixture
def chain(furnished: World) -> Chain:
    furnished.enterprise(2)
    return Chain(furnished)


def name_partner(world: World, owner: int, partner: int, *, makes: bool = False) -> None:
    with world.desk.act() as act:
        payload = {"enterprise": enterprise_id(world, owner), "partner": enterprise_id(world, partner), "makes": makes}
        position = act.record("partner.name", f"enterprise:{enterprise_id(world, owner)}", payload)
        partners.name(act.tx, enterprise_id(world, owner), enterprise_id(world, partner), position, makes=makes)


def standings(world: World) -> list[str]:
    return [row["standing"] for row in world.rows("SELECT standing FROM trace_event ORDER BY number")]


def test_an_event_over_ten_thousand_labels_is_a_handful_of_rows(chain: Chain) -> None:
    batch = chain.world.issue(10_000)
    chain.seen(labels(batch, 0, 9_999), step="inspecting")
    assert chain.world.one("SELECT COUNT(*) AS n FROM trace_item")["n"] <= 2
    with chain.world.database.snapshot() as reader:
        (touch,) = trace_items.touching(reader, [labels(batch, 777, 777)])
    assert touch.run == labels(batch, 0, 9_999)


def test_what_is_captured_is_on_the_ledger_by_its_digest(chain: Chain) -> None:
    events = [chain.event(EventKind.OBJECT, Action.OBSERVE, item(Part.OBJECT, sscc(n))) for n in (1, 2)]
    captured = chain.state(*events)
    assert captured.new == (0, 1)
    entry = json.loads(chain.world.one("SELECT entry FROM ledger ORDER BY position DESC LIMIT 1")["entry"])
    assert (entry["act"], entry["subject"]) == ("trace.capture", f"capture:{captured.id}")
    digests = [row["digest"] for row in chain.world.rows("SELECT digest FROM trace_event ORDER BY number")]
    assert entry["payload"]["digest"] == digest_of_all(digests)
    assert (entry["payload"]["events"], entry["payload"]["first_event"]) == (2, 1)


def test_the_same_event_again_is_known_and_captured_once(chain: Chain) -> None:
    event = chain.event(EventKind.OBJECT, Action.OBSERVE, item(Part.OBJECT, sscc(1)))
    chain.state(event)
    before = chain.world.acts()
    again = chain.state(event)
    assert (again.id, again.new, again.known) == (None, (), (0,))
    assert chain.world.acts() == before


def test_twice_in_one_document_is_once(chain: Chain) -> None:
    event = chain.event(EventKind.OBJECT, Action.OBSERVE, item(Part.OBJECT, sscc(1)))
    assert chain.state(event, event).known == (1,)


def test_another_event_under_an_id_that_is_there_is_refused(chain: Chain) -> None:
    one = chain.event(EventKind.OBJECT, Action.OBSERVE, item(Part.OBJECT, sscc(1)))
    chain.state(one)
    other = chain.event(EventKind.OBJECT, Action.OBSERVE, item(Part.OBJECT, sscc(2)), id=one.id)
    with pytest.raises(EntriesRefused, match="expected an event id that is new"):
        chain.state(other)


def test_an_event_that_another_stated_first_is_captured_all_the_same(chain: Chain) -> None:
    """Who learns of an event before its owner captures it takes nothing from him by stating it himself."""
    chain.world.enterprise(3)
    batch = chain.world.issue(10)
    event = chain.event(EventKind.OBJECT, Action.OBSERVE, item(Part.OBJECT, labels(batch, 0, 4)))
    other = replace(event, items=(item(Part.OBJECT, labels(batch, 5, 9)),))
    assert (chain.state(event, by=2).new, chain.state(event).new) == ((0,), (0,))
    assert chain.state(event).known == (0,)
    assert chain.state(other, by=3).new == (0,)
    assert standings(chain.world) == ["stranger", "owner", "stranger"]
    with chain.world.database.snapshot() as reader:
        own = seeking.by_id(reader, enterprise_id(chain.world), event.id)
        assert own is not None
        assert own.event.items == event.items
    assert check(chain.world.database).findings == ()


PAIRS = [path for path in PATHS if path.with_stem(f"{path.stem}-links") in PATHS]


@pytest.mark.parametrize("urns_first", [True, False], ids=["urns-first", "links-first"])
@pytest.mark.parametrize("path", PAIRS, ids=[path.stem for path in PAIRS])
def test_the_same_event_in_another_spelling_is_known(chain: Chain, path: Path, urns_first: bool) -> None:
    """It has one id, the hash of what it says, and stays in the spelling that came first."""
    spelled = [path, path.with_stem(f"{path.stem}-links")]
    first, second = (
        [entry.event for entry in read(each.read_bytes()).entries if entry.event]
        for each in (spelled if urns_first else reversed(spelled))
    )
    assert [event.id for event in first] == [event.id for event in second]
    chain.world.clock.at_ms = max(chain.world.clock(), *(event.at_ms for event in first))
    captured = chain.state(*first)
    contents = chain.world.rows("SELECT content, digest FROM trace_event ORDER BY number")
    again = chain.state(*second)
    assert (again.id, again.known) == (None, tuple(range(len(second))))
    assert len(captured.new) == len(contents) > 0
    assert chain.world.rows("SELECT content, digest FROM trace_event ORDER BY number") == contents
    assert check(chain.world.database).findings == ()


SEEN = event_of(eventID="https://events.example/1", bizStep="shipping")
OTHERWISE = {
    "another thing": {"epcList": ["https://id.gs1.org/01/09521141123454/21/A2"]},
    "another step": {"bizStep": "receiving"},
    "another time": {"eventTime": "2026-09-01T08:00:00.001+08:00"},
    "an extension": {"tea:grade": "1"},
    "another certification": {"certificationInfo": ["https://certificates.example/1"]},
}


@pytest.mark.parametrize("together", [True, False], ids=["in-one-capture", "later"])
def test_in_another_spelling_and_in_other_words(chain: Chain, together: bool) -> None:
    """Also within one capture, under an id that was given."""
    chain.world.clock.pass_days(30)
    one, same = (stated(changes) for changes in ({}, {"epcList": ["https://id.example.org/01/09521141123454/21/A1"]}))
    same_words = stated({"bizStep": "https://ref.gs1.org/cbv/BizStep-shipping"})
    if together:
        assert chain.state(one, same, same_words).known == (1, 2)
    else:
        chain.state(one)
        assert chain.state(same, same_words).known == (0, 1)


@pytest.mark.parametrize("name", OTHERWISE)
def test_an_event_that_says_something_else_in_another_spelling_is_refused(chain: Chain, name: str) -> None:
    chain.world.clock.pass_days(30)
    chain.state(stated({}))
    with pytest.raises(EntriesRefused, match="expected an event id that is new"):
        chain.state(stated(OTHERWISE[name]))
    assert len(standings(chain.world)) == 1


def test_an_error_is_declared_once_in_whichever_spelling(chain: Chain) -> None:
    chain.world.clock.pass_days(30)
    told = {"declarationTime": "2026-09-02T08:00:00.000Z", "reason": "incorrect_data"}
    links = {"epcList": ["https://id.gs1.org/01/09521141123454/21/A1"]}
    chain.state(stated({}))
    chain.state(stated({"errorDeclaration": told}))
    spelled = {**told, "reason": "urn:epcglobal:cbv:er:incorrect_data"}
    assert chain.state(stated({**links, "errorDeclaration": spelled})).known == (0,)
    with pytest.raises(EntriesRefused, match="expected an event id that is new"):
        chain.state(stated({**links, "errorDeclaration": {**told, "reason": "did_not_occur"}}))


def stated(changes: dict[str, Any]) -> Event:
    """One event as it is read from a document."""
    (entry,) = read(json.dumps(document_of([{**SEEN, **changes}])).encode()).entries
    assert entry.event is not None, entry.problems
    return entry.event


def test_one_bad_event_and_none_is_captured_unless_it_is_to_proceed(chain: Chain) -> None:
    good = chain.event(EventKind.OBJECT, Action.OBSERVE, item(Part.OBJECT, sscc(1)))
    ahead = chain.world.clock() + 3 * HOUR_MS
    bad = chain.event(EventKind.OBJECT, Action.OBSERVE, item(Part.OBJECT, sscc(2)), at_ms=ahead)
    with pytest.raises(EntriesRefused, match="expected an event that has happened by"):
        chain.state(good, bad)
    assert standings(chain.world) == []
    captured = chain.state(good, bad, proceed=True)
    assert captured.new == (0,)
    ((place, why),) = captured.refused
    assert place == 1
    assert "expected an event that has happened by" in why


@pytest.mark.parametrize("count", [0, MAX_EVENTS + 1])
def test_no_event_or_too_many_are_refused(chain: Chain, count: int) -> None:
    event = chain.event(EventKind.OBJECT, Action.OBSERVE, item(Part.OBJECT, sscc(1)))
    with pytest.raises(ActRefused, match="expected 1 to 2,000 events at once"):
        chain.state(*[event] * count)


class TestWhoMaySaySo:
    def test_of_ones_own_things_the_owner(self, chain: Chain) -> None:
        chain.seen(labels(chain.world.issue(10), 0, 4))
        assert standings(chain.world) == ["owner"]

    def test_of_what_nobody_has_claimed_whoever_does(self, chain: Chain) -> None:
        chain.seen(LEAVES, by=2, step="receiving")
        assert standings(chain.world) == ["owner"]

    def test_anothers_labels_are_seen_by_a_stranger(self, chain: Chain) -> None:
        chain.seen(labels(chain.world.issue(10), 0, 4), by=2)
        assert standings(chain.world) == ["stranger"]

    def test_or_by_a_partner_that_the_owner_has_named(self, chain: Chain) -> None:
        batch = chain.world.issue(10)
        name_partner(chain.world, 1, 2)
        chain.seen(labels(batch, 0, 4), by=2)
        assert standings(chain.world) == ["partner"]

    def test_nobody_says_that_another_made_something(self, chain: Chain) -> None:
        batch = chain.world.issue(10)
        name_partner(chain.world, 1, 2)
        with pytest.raises(EntriesRefused, match="expected things of the enterprise's own in what it makes"):
            chain.made([labels(batch, 0, 9)], [LEAVES], by=2)
        lot = item(Part.OBJECT, Thing.lot(str(gtin()), "X"), "5", "KGM")
        with pytest.raises(EntriesRefused, match="expected things of the enterprise's own in what it makes"):
            chain.state(chain.event(EventKind.OBJECT, Action.ADD, lot), by=2)
        assert standings(chain.world) == []

    def test_but_a_partner_that_makes_things_for_the_owner_does(self, chain: Chain) -> None:
        batch = chain.world.issue(10)
        name_partner(chain.world, 1, 2, makes=True)
        chain.made([labels(batch, 0, 9)], [LEAVES], by=2)
        assert standings(chain.world) == ["partner"]

    def test_what_one_makes_of_anothers_things_is_ones_own(self, chain: Chain) -> None:
        world = chain.world
        world.claim("prefix", "6907777", enterprise=2)
        chain.made([Thing.lot(str(gtin(1, "6907777")), "B")], [labels(world.issue(10), 0, 9)], by=2)
        assert standings(world) == ["owner"]

    def test_a_unit_is_that_of_its_company_prefix(self, chain: Chain) -> None:
        chain.world.claim("prefix", "6907777", enterprise=2)
        chain.packed(sscc(1, "6907777"), sscc(1), by=1)
        assert standings(chain.world) == ["stranger"]

    def test_what_was_claimed_and_taken_away_is_nobodys(self, chain: Chain) -> None:
        claim = chain.world.claim("prefix", "6907777", enterprise=2)
        claiming.revoke_claim(chain.world.desk, claim, "质量检验协会（测试）", "a reason")
        chain.seen(sscc(1, "6907777"))
        assert standings(chain.world) == ["owner"]

    def test_labels_past_the_batch_were_never_issued(self, chain: Chain) -> None:
        batch = chain.world.issue(10)
        with pytest.raises(EntriesRefused, match="batch 1: expected labels within 0 to 9, got 5 to 10"):
            chain.seen(labels(batch, 5, 10))

    def test_a_batch_under_another_gtin_has_no_labels(self, chain: Chain) -> None:
        chain.world.issue(10)
        strange = Run(Thing.label(str(gtin(1, "6905555")), 1, 0).line, 0, 99)
        chain.seen(strange, by=2)
        assert standings(chain.world) == ["owner"]


class TestErrors:
    def test_a_declared_error_counts_no_more(self, chain: Chain) -> None:
        event = chain.event(EventKind.OBJECT, Action.OBSERVE, item(Part.OBJECT, sscc(1)))
        chain.state(event)
        chain.state(self.declared(chain, event))
        with chain.world.database.snapshot() as reader:
            told = trace_events.by_numbers(reader, [1, 2])
        assert [told[number].counts for number in (1, 2)] == [False, False]
        assert told[1].declared_ms == chain.world.clock()

    def test_with_the_event_in_one_document(self, chain: Chain) -> None:
        event = chain.event(EventKind.OBJECT, Action.OBSERVE, item(Part.OBJECT, sscc(1)))
        assert chain.state(event, self.declared(chain, event)).new == (0, 1)

    def test_declaring_it_again_changes_nothing(self, chain: Chain) -> None:
        event = chain.event(EventKind.OBJECT, Action.OBSERVE, item(Part.OBJECT, sscc(1)))
        error = self.declared(chain, event)
        chain.state(event, error)
        assert chain.state(error).known == (0,)

    def test_of_an_event_that_is_not_there(self, chain: Chain) -> None:
        event = chain.event(EventKind.OBJECT, Action.OBSERVE, item(Part.OBJECT, sscc(1)))
        with pytest.raises(EntriesRefused, match="expected the id of a captured event to declare an error"):
            chain.state(self.declared(chain, event))

    def test_of_anothers_event(self, chain: Chain) -> None:
        event = chain.event(EventKind.OBJECT, Action.OBSERVE, item(Part.OBJECT, LEAVES))
        chain.state(event)
        with pytest.raises(EntriesRefused, match="expected an event of one's own to declare an error"):
            chain.state(self.declared(chain, event), by=2)

    def declared(self, chain: Chain, event: Event) -> Event:
        declaration = Declaration(chain.world.clock(), "incorrect_data")
        return Event(
            id=event.id,
            kind=event.kind,
            action=event.action,
            at_ms=event.at_ms,
            items=event.items,
            content=event.content,
            declaration=declaration,
        )


def test_nothing_contains_itself(chain: Chain) -> None:
    with pytest.raises(EntriesRefused, match="expected things as parent or as child of an event"):
        chain.packed(sscc(1), sscc(1), sscc(2))


def test_nothing_is_made_of_itself(chain: Chain) -> None:
    batch = chain.world.issue(10)
    with pytest.raises(EntriesRefused, match="expected things as input or as output of an event"):
        chain.made([labels(batch, 0, 5)], [labels(batch, 5, 9)])


def test_standing_is_told_with_the_event(chain: Chain) -> None:
    chain.seen(labels(chain.world.issue(10), 0, 4), by=2)
    with chain.world.database.snapshot() as reader:
        told = trace_events.by_numbers(reader, [1])[1]
    assert told.standing is Standing.STRANGER
    assert not told.counts
