"""Eight at once in eight processes: of many who pass one check one does, and nothing is counted twice or lost."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from support.inspections import furnished_inspectors
from support.together import in_processes, in_threads
from support.world import ASSOCIATION, CAMPAIGN, HOSTS, World, gtin, uscc, viewer

from tests.property.test_merkle import root_of
from traceqr import activating, claiming, enrolling, inspecting, issuing, keying, licensing, pledging, upholding
from traceqr.acting import ActRefused, Desk
from traceqr.activating import Range
from traceqr.label.keyring import Role
from traceqr.pledging import PledgeEntry
from traceqr.registry import opening
from traceqr.verifying import Verifier

RACERS = 8


def race(world: World, act: Callable[[Desk, int], Any]) -> list[Any]:
    """What each racer got, "refused" where a rule refused it. They start at once, each with a connection of its own."""

    def run(racer: int) -> Any:
        with world.another(racer * 1000) as desk:
            try:
                return act(desk, racer)
            except ActRefused:
                return "refused"

    return in_processes([lambda racer=racer: run(racer) for racer in range(1, RACERS + 1)])


def check_ledger(world: World) -> None:
    """Dense positions, instants that never go back, and after each entry the root that RFC 6962 gives."""
    rows = world.rows("SELECT position, at_ms, entry, root_hash FROM ledger ORDER BY position")
    assert [row["position"] for row in rows] == list(range(len(rows)))
    assert all(one["at_ms"] <= two["at_ms"] for one, two in itertools.pairwise(rows))
    leaves = [str(row["entry"]).encode() for row in rows]
    assert [json.loads(leaf)["position"] for leaf in leaves] == list(range(len(rows)))
    assert [row["root_hash"] for row in rows] == [root_of(leaves[: at + 1]).hex() for at in range(len(rows))]


class TestOneOfMany:
    def check(self, world: World, outcomes: list[Any], act: str) -> None:
        assert outcomes.count("refused") == RACERS - 1, outcomes
        assert world.acts().count(act) == 1
        check_ledger(world)

    def test_a_gtin_has_one_owner(self, world: World) -> None:
        world.association()
        for number in range(1, RACERS + 1):
            world.enterprise(number)
        claims = [world.claim("gtin", str(gtin(7)), number, accepted=False) for number in range(1, RACERS + 1)]
        outcomes = race(world, lambda desk, racer: claiming.accept_claim(desk, claims[racer - 1], ASSOCIATION).state)
        self.check(world, outcomes, "claim.accept")

    def test_a_claim_is_decided_once(self, furnished: World) -> None:
        claim = furnished.claim("gtin", str(gtin(7, "6999999")), accepted=False)

        def decide(desk: Desk, racer: int) -> str:
            if racer % 2:
                return claiming.refuse_claim(desk, claim, ASSOCIATION, "r").state
            return claiming.accept_claim(desk, claim, ASSOCIATION).state

        outcomes = race(furnished, decide)
        assert outcomes.count("refused") >= RACERS - 1  # the state of a refused claim is spelled so too
        decided = [act for act in furnished.acts() if act in ("claim.accept", "claim.refuse")]
        assert len(decided) == 2, "the prefix it was furnished with, and one decision of this"
        check_ledger(furnished)

    def test_of_two_who_contest_a_claim_one_takes_its_place(self, furnished: World) -> None:
        """And it is revoked once, also where an officer revokes it by itself at the same moment."""
        accepted = str(furnished.one("SELECT id FROM gtin_claim")["id"])
        for number in range(2, RACERS + 2):
            furnished.enterprise(number)
        claims = [furnished.claim("gtin", str(gtin()), number, accepted=False) for number in range(2, RACERS + 2)]

        def decide(desk: Desk, racer: int) -> str:
            if racer == 1:
                return claiming.revoke_claim(desk, accepted, ASSOCIATION, "r").state
            return claiming.accept_claim(desk, claims[racer - 1], ASSOCIATION, [accepted], "r").state

        outcomes = race(furnished, decide)
        assert outcomes.count("refused") == RACERS - 1, outcomes
        assert furnished.acts().count("claim.revoke") == 1
        assert len(furnished.rows("SELECT id FROM gtin_claim WHERE state = 'revoked'")) == 1
        check_ledger(furnished)

    def test_a_claim_is_revoked_once(self, furnished: World) -> None:
        claim = str(furnished.one("SELECT id FROM gtin_claim")["id"])
        outcomes = race(furnished, lambda desk, _: claiming.revoke_claim(desk, claim, ASSOCIATION, "r").state)
        self.check(furnished, outcomes, "claim.revoke")

    def test_nothing_is_issued_after_a_claim_was_revoked(self, furnished: World) -> None:
        """Whatever the order: what is issued stands before the revocation on the ledger."""
        claim = str(furnished.one("SELECT id FROM gtin_claim")["id"])

        def act(desk: Desk, racer: int) -> str:
            if racer == 1:
                return claiming.revoke_claim(desk, claim, ASSOCIATION, "r").state
            return str(issuing.issue(desk, furnished.order()).number)

        race(furnished, act)
        acts = furnished.acts()
        assert "batch.issue" not in acts[acts.index("claim.revoke") :]

    def test_a_batch_is_activated_once(self, furnished: World) -> None:
        furnished.issue(10, active=False)
        outcomes = race(furnished, lambda desk, _: activating.activate(desk, Range(1), "r").labels)
        self.check(furnished, outcomes, "batch.activate")
        assert outcomes.count(10) == 1

    def test_a_pledge_is_withdrawn_once(self, furnished: World) -> None:
        self.check(furnished, race(furnished, lambda desk, _: pledging.withdraw(desk, 1, "r")), "pledge.withdraw")

    def test_an_application_is_decided_once(self, furnished: World) -> None:
        """By officers who all have it before them."""
        number = furnished.application(2)
        decide = (
            lambda desk: pledging.accept(desk, number).state,
            lambda desk: pledging.refuse(desk, number, "r").state + "!",
            lambda desk: pledging.ask_back(desk, number, "q").state,
        )
        outcomes = race(furnished, lambda desk, racer: decide[racer % 3](desk))
        decided = [act for act in furnished.acts() if act in ("pledge.accept", "pledge.refuse", "pledge.ask")]
        if decided[0] == "pledge.ask":  # what was asked back may still be refused
            assert decided in (["pledge.ask"], ["pledge.ask", "pledge.refuse"])
        else:
            assert len(decided) == 1
        assert outcomes.count("refused") == RACERS - len(decided)
        check_ledger(furnished)

    def test_two_officers_one_accepts_one_refuses(self, furnished: World) -> None:
        number = furnished.application(2)

        def decide(desk: Desk, racer: int) -> str:
            return (pledging.accept(desk, number) if racer % 2 else pledging.refuse(desk, number, "r")).state + "!"

        outcomes = race(furnished, decide)
        assert outcomes.count("refused") == RACERS - 1
        decided = [act for act in furnished.acts() if act in ("pledge.accept", "pledge.refuse")]
        assert len(decided) == 1
        check_ledger(furnished)

    def test_a_signature_sent_twice_is_one(self, furnished: World) -> None:
        number = furnished.application(2, "accepted")
        signature = furnished.signature()
        outcomes = race(furnished, lambda desk, _: pledging.sign(desk, number, signature).signed_ms)
        assert len(set(outcomes)) == 1
        assert outcomes[0] != "refused"
        assert furnished.acts().count("pledge.sign") == 1
        assert furnished.one("SELECT COUNT(*) AS count FROM pledge_signature") == {"count": 1}
        check_ledger(furnished)

    def test_one_of_several_signatories_signs(self, furnished: World) -> None:
        number = furnished.application(2, "accepted")
        signature = furnished.signature()
        sign = lambda desk, racer: pledging.sign(desk, number, replace(signature, name=f"人{racer}")).number  # noqa: E731
        self.check(furnished, race(furnished, sign), "pledge.sign")

    def test_a_finding_takes_one_reply(self, furnished: World) -> None:
        number = furnished.application(2, "breached")
        reply = race(furnished, lambda desk, racer: upholding.reply(desk, number, f"r{racer}").pledge.state)
        self.check(furnished, reply, "pledge.reply")

    def test_an_enterprise_applies_once(self, furnished: World) -> None:
        furnished.enterprise(2)
        outcomes = race(furnished, lambda desk, _: pledging.apply(desk, CAMPAIGN, uscc(2)).number)
        self.check(furnished, outcomes, "pledge.apply")

    def test_an_entry_of_an_inspection_sent_from_eight_tabs_is_one(self, world: World) -> None:
        field = furnished_inspectors(world)
        text = field.entry()
        entry, signature, sender = inspecting.read(text), field.key.sign_entry(text), field.sender

        def take(desk: Desk, _racer: int) -> tuple[bool, int]:
            taken = inspecting.take(desk, sender, entry, signature)
            return taken.new, taken.link.position

        outcomes = race(world, take)
        assert [new for new, _ in outcomes].count(True) == 1, outcomes
        assert len({position for _, position in outcomes}) == 1
        assert world.acts().count("inspection.record") == 1
        check_ledger(world)

    def test_of_eight_entries_with_one_number_one_is_taken(self, world: World) -> None:
        field = furnished_inspectors(world)
        texts = [field.entry(record=field.record(findings=f"第 {racer} 份")) for racer in range(RACERS)]
        signed = [(inspecting.read(text), field.key.sign_entry(text)) for text in texts]
        sender = field.sender
        outcomes = race(world, lambda desk, racer: inspecting.take(desk, sender, *signed[racer - 1]).new)
        self.check(world, outcomes, "inspection.record")

    def test_a_key_is_retired_once(self, furnished: World) -> None:
        self.check(furnished, race(furnished, lambda desk, _: keying.retire(desk, 1, "r")), "key.retire")

    def test_the_last_batch_number_is_given_once(self, furnished: World) -> None:
        furnished.issue()
        with furnished.database.transaction() as tx:
            (span,) = tx.rows("SELECT * FROM span")
            tx.execute("DELETE FROM span")
            tx.execute("UPDATE batch SET number = 99999998")
            tx.insert_many("span", tuple(span), [tuple({**span, "batch": 99_999_998}.values())])
        outcomes = race(furnished, lambda desk, _: issuing.issue(desk, furnished.order()).number)
        assert sorted(outcomes, key=str) == [99_999_999] + ["refused"] * (RACERS - 1)


class TestTheLastOfAQuota:
    """The labels are counted in the transaction that issues them: who comes second finds what the first has left."""

    def test_one_batch_has_it(self, world: World) -> None:
        world.furnish().mark()
        world.licence(quota=100)
        order = world.order(60, marks=(1,))
        outcomes = race(world, lambda desk, _: issuing.issue(desk, order).number)
        assert sorted(outcomes, key=str) == [1] + ["refused"] * (RACERS - 1)
        assert world.one("SELECT used FROM mark_licence") == {"used": 60}
        assert world.rows("SELECT batch, licence FROM batch_mark") == [{"batch": 1, "licence": 1}]
        check_ledger(world)

    def test_it_is_used_up_to_the_last_label(self, world: World) -> None:
        world.furnish().mark()
        world.licence(quota=5 * 7)
        order = world.order(7, marks=(1,))
        outcomes = race(world, lambda desk, _: issuing.issue(desk, order).number)
        assert sorted(outcomes, key=str) == [1, 2, 3, 4, 5] + ["refused"] * (RACERS - 5)
        assert world.one("SELECT used FROM mark_licence") == {"used": 35}

    def test_a_suspension_and_a_batch_are_one_after_the_other(self, world: World) -> None:
        world.licensed()
        order = world.order(10, marks=(1,))

        def act(desk: Desk, racer: int) -> str:
            if racer == 1:
                return licensing.suspend_licence(desk, 1, "r").state
            return f"batch {issuing.issue(desk, order).number}"

        outcomes = race(world, act)
        suspended = world.acts().index("licence.suspend")
        assert "batch.issue" not in world.acts()[suspended:]
        assert outcomes.count("suspended") == 1


class TestWhatIsThereAlready:
    """Filed a second time it is the same: one of them adds it, the others find it."""

    def test_an_enterprise(self, world: World) -> None:
        entry = enrolling.EnterpriseEntry(uscc(99), "新", "New", "310000", "food", "1", "c")
        added = race(world, lambda desk, _: enrolling.enrol_enterprises(desk, [entry]).added)
        assert sorted(added) == [0] * (RACERS - 1) + [1]
        assert world.acts() == ["enterprise.enrol"]

    def test_a_pledge(self, furnished: World) -> None:
        furnished.enterprise(2)
        entry = PledgeEntry(CAMPAIGN, uscc(2), date(2026, 8, 20), date(2026, 9, 1), date(2027, 8, 31))
        race(furnished, lambda desk, _: bool(pledging.publish_pledges(desk, [entry])))
        assert furnished.rows("SELECT number FROM pledge ORDER BY number") == [{"number": 1}, {"number": 2}]
        assert furnished.acts().count("pledge.publish") == 2


class TestNumbers:
    def test_each_batch_has_its_own(self, furnished: World) -> None:
        numbers = race(furnished, lambda desk, _: issuing.issue(desk, furnished.order()).number)
        assert sorted(numbers) == list(range(1, RACERS + 1))
        check_ledger(furnished)

    def test_each_key_has_its_own(self, furnished: World) -> None:
        numbers = race(furnished, lambda desk, _: keying.new_key(desk, furnished.folder, Role.LABEL).number)
        assert sorted(numbers) == list(range(2, RACERS + 2))

    def test_acts_of_every_kind_stand_in_one_row(self, furnished: World) -> None:
        """Positions, roots and instants hold while all of them write several entries each, in acts short and long."""

        def busy(desk: Desk, racer: int) -> int:
            for at in range(5):
                entries = [
                    enrolling.EnterpriseEntry(uscc(racer * 1000 + at * 10 + n), "名", "N", "310000", "food", "1", "c")
                    for n in range(racer)
                ]
                enrolling.enrol_enterprises(desk, entries)
                issuing.issue(desk, furnished.order())
            return racer

        before = len(furnished.acts())
        assert race(furnished, busy) == list(range(1, RACERS + 1))
        assert len(furnished.acts()) == before + 5 * (sum(range(1, RACERS + 1)) + RACERS)
        check_ledger(furnished)
        numbers = [row["number"] for row in furnished.rows("SELECT number FROM batch ORDER BY number")]
        assert numbers == list(range(1, 5 * RACERS + 1))


class TestScans:
    @pytest.fixture
    def text(self, furnished: World) -> str:
        return furnished.label(furnished.issue(10))

    def scanning(self, world: World, text: str, devices: list[str], *, returned: bool = True) -> list[str]:
        """The reasons that a process is told which scans with several threads at once."""
        database = opening.open_database(world.url)
        try:
            verifier = Verifier(database, HOSTS, world.clock)
            jobs = [lambda device=device: verifier.scan(text, viewer(device, returned=returned)) for device in devices]
            return [verdict.reason for verdict in in_threads(jobs)]
        finally:
            database.close()

    def test_of_a_hundred_first_scans_one_is_first(self, furnished: World, text: str) -> None:
        """Four processes with 25 threads each; all have the cookie, so each counts at once."""
        told = in_processes(
            [
                lambda worker=worker: self.scanning(furnished, text, [f"{worker}/{at}" for at in range(25)])
                for worker in range(4)
            ]
        )
        assert sorted(itertools.chain(*told)) == ["first-sighting"] + ["seen-before"] * 99
        assert furnished.one("SELECT times_seen, devices FROM sighting") == {"times_seen": 100, "devices": 100}
        assert furnished.one("SELECT COUNT(*) AS n FROM scan WHERE confirmed = 1") == {"n": 100}

    @pytest.mark.parametrize("returned", [True, False])
    def test_one_device_at_once_in_two_processes_is_one_scan(self, furnished: World, text: str, returned: bool) -> None:
        """A page that is fetched twice, by way of two nodes, at the very same moment: of several labels in turn."""
        texts = [furnished.label(furnished.issue(1)) for _ in range(5)]
        for each in [text, *texts]:
            in_processes([lambda each=each: self.scanning(furnished, each, ["one"], returned=returned)] * 4)
        assert furnished.rows("SELECT COUNT(*) AS n FROM scan GROUP BY batch") == [{"n": 1}] * 6
        counted = [{"times_seen": 1, "devices": 1}] * 6 if returned else []
        assert furnished.rows("SELECT times_seen, devices FROM sighting") == counted

    def test_confirmed_at_once_it_counts_once(self, furnished: World, text: str) -> None:
        self.scanning(furnished, text, ["one"], returned=False)
        at_ms = furnished.clock.at_ms

        def confirm() -> bool:
            database = opening.open_database(furnished.url)
            Verifier(database, HOSTS, furnished.clock).confirm(1, 0, "one", at_ms)
            database.close()
            return True

        assert in_processes([confirm] * RACERS) == [True] * RACERS
        assert furnished.one("SELECT times_seen, devices FROM sighting") == {"times_seen": 1, "devices": 1}

    def test_scans_of_many_labels_of_several_batches_wait_for_each_other_in_one_order(self, furnished: World) -> None:
        """Groups of several processes that hold the same labels: none ends in a deadlock."""
        texts = [furnished.label(furnished.issue(3), index) for _ in range(3) for index in range(3)]

        def scan(worker: int) -> set[str]:
            database = opening.open_database(furnished.url)
            verifier = Verifier(database, HOSTS, furnished.clock)
            mine = texts if worker % 2 else texts[::-1]
            jobs = [
                lambda text=text, at=at: str(verifier.scan(text, viewer(f"{worker}/{at}")).code)
                for at in range(3)
                for text in mine
            ]
            said = set(in_threads(jobs))
            database.close()
            return said

        told = in_processes([lambda worker=worker: scan(worker) for worker in range(4)])
        assert set().union(*told) <= {"genuine", "seen"}, told
        found = furnished.rows("SELECT times_seen, devices FROM sighting")
        assert found == [{"times_seen": 12, "devices": 12}] * 9
