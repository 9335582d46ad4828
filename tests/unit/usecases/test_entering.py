"""Entering hidden codes: what comes of it, and what verdicts say of a purchase afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.hidden import code, guarding, issue_with_codes, name, right_code, wrong_code
from support.together import in_processes
from support.world import ON_A_FILE, World, viewer

from traceqr import activating, recalling
from traceqr.activating import Range
from traceqr.entering import Entered, Entries, Outcome, tidied
from traceqr.evidence import Purchase, Verdict
from traceqr.guard.asking import Line
from traceqr.label.serial import Serial
from traceqr.registry import opening
from traceqr.suspicion.trace import Trace
from traceqr.verdict import Code

LABEL = Serial(1, 3)
ONE, TWO, THREE = name("one"), name("two"), name("three")


@dataclass
class Shop:
    """A world whose first batch has hidden codes, and a guard."""

    world: World
    line: Line

    @property
    def entries(self) -> Entries:
        return Entries(self.world.database, self.line, self.world.clock)

    def enter(self, typed: str | None = None, device: str = ONE, serial: Serial = LABEL, place: str = "") -> Entered:
        """The right code unless another is typed."""
        return self.entries.enter(
            right_code(self.world, serial).grouped if typed is None else typed, serial, device, place=place
        )

    def scan(self, device: str = ONE) -> Verdict:
        return self.world.verifier().scan(self.world.text(LABEL.batch, LABEL.index), viewer(device))

    def wrong(self) -> str:
        return wrong_code(right_code(self.world, LABEL)).grouped


@pytest.fixture
def shop(furnished: World, tmp_path: Path) -> Iterator[Shop]:
    issue_with_codes(furnished)
    with guarding(furnished, tmp_path / "guard") as line:
        yield Shop(furnished, line)


class TestOutcomes:
    def test_the_first_right_entry_confirms(self, shop: Shop) -> None:
        at_ms = shop.world.clock()
        assert shop.enter(place="330100") == Entered(Outcome.CONFIRMED, at_ms, Purchase(at_ms, "330100", own=True))

    def test_the_same_device_looks_again(self, shop: Shop) -> None:
        first = shop.enter(place="330100")
        shop.world.clock.pass_days(300)
        again = shop.enter(place="110100")
        assert again.outcome is Outcome.CONFIRMED_AGAIN
        assert again.purchase == first.purchase

    def test_another_device_is_told_when_and_where(self, shop: Shop) -> None:
        at_ms = shop.world.clock()
        shop.enter(place="330100")
        shop.world.clock.pass_days(2)
        second = shop.enter(device=TWO, place="JP")
        assert second.outcome is Outcome.ALREADY_CONFIRMED
        assert second.purchase == Purchase(at_ms, "330100", False, 1, shop.world.clock(), "JP")
        shop.world.clock.pass_days(1)
        shop.enter(device=THREE)
        own = shop.enter()
        assert own.purchase == Purchase(at_ms, "330100", True, 2, shop.world.clock(), "")

    def test_wrong(self, shop: Shop) -> None:
        assert shop.enter(shop.wrong()).outcome is Outcome.WRONG
        assert shop.world.rows("SELECT * FROM purchase") == []

    def test_after_too_many_it_waits(self, shop: Shop) -> None:
        for number in range(1, 6):
            shop.enter(code(number).digits)
        waits = shop.enter()
        assert (waits.outcome, waits.others) == (Outcome.WAIT, False)
        assert 13 <= waits.wait_s <= 15
        assert shop.enter(device=TWO).outcome is Outcome.CONFIRMED

    @pytest.mark.parametrize("typed", ["744509610378", "744509610300", "7445-0961-0399"])
    def test_a_typing_error_is_told_without_the_guard(self, furnished: World, typed: str) -> None:
        assert Entries(furnished.database, None, furnished.clock).enter(typed, LABEL, ONE).outcome is Outcome.MISTYPED

    @pytest.mark.parametrize("typed", ["", "1", "7445-0961-037", "7445 0961 0377 1", "七四", "7" * 10_000, "\x00"])
    def test_what_is_no_code(self, furnished: World, typed: str) -> None:
        assert Entries(furnished.database, None, furnished.clock).enter(typed, LABEL, ONE).outcome is Outcome.MALFORMED

    def test_typing_errors_cost_nothing(self, shop: Shop) -> None:
        for number in range(50):
            assert shop.enter(f"{number:012d}").outcome in (Outcome.MISTYPED, Outcome.MALFORMED)
        assert shop.enter().outcome is Outcome.CONFIRMED

    @pytest.mark.parametrize(
        "typed",
        ["{0}{1}{2}", "{0} {1} {2}", " {0}-{1}-{2}\n", "{0}—{1}–{2}", "{0}\u3000{1}\u200b{2}", "{0}  {1} - {2}"],
    )
    def test_however_it_is_spaced(self, shop: Shop, typed: str) -> None:
        digits = right_code(shop.world, LABEL).digits
        assert shop.enter(typed.format(digits[:4], digits[4:8], digits[8:])).outcome is Outcome.CONFIRMED

    def test_full_width_digits(self) -> None:
        assert tidied("７４４５－０９６１－０３７７") == "744509610377"


class TestNotAvailable:
    """Never good, and never bad."""

    def test_no_guard_is_set(self, furnished: World) -> None:
        issue_with_codes(furnished)
        entries = Entries(furnished.database, None, furnished.clock)
        assert entries.enter(right_code(furnished, LABEL).digits, LABEL, ONE).outcome is Outcome.UNAVAILABLE
        assert not entries.open

    def test_the_guard_is_away(self, furnished: World, tmp_path: Path) -> None:
        issue_with_codes(furnished)
        entries = Entries(furnished.database, Line(tmp_path / "none", patience_s=0), furnished.clock)
        assert entries.enter(right_code(furnished, LABEL).digits, LABEL, ONE).outcome is Outcome.UNAVAILABLE

    @ON_A_FILE
    def test_the_registry_is_away(self, shop: Shop) -> None:
        typed = right_code(shop.world, LABEL).digits
        shop.world.take_away()
        try:
            assert shop.enter(typed).outcome is Outcome.UNAVAILABLE
        finally:
            shop.world.bring_back()

    def test_a_batch_whose_codes_were_never_printed(self, shop: Shop) -> None:
        other = shop.world.issue(5)
        assert shop.enter(serial=Serial(other.number, 0)).outcome is Outcome.UNAVAILABLE

    @pytest.mark.parametrize("serial", [Serial(9, 0), Serial(1, 10)])
    def test_no_such_label(self, shop: Shop, serial: Serial) -> None:
        assert shop.enter(code(1).digits, serial=serial).outcome is Outcome.UNAVAILABLE

    def test_labels_that_are_not_for_sale(self, shop: Shop) -> None:
        batch = issue_with_codes(shop.world, active=False)
        assert shop.enter(serial=Serial(batch.number, 0)).outcome is Outcome.UNAVAILABLE
        activating.void(shop.world.desk, Range(1, 3, 3), "lost")
        assert shop.enter().outcome is Outcome.UNAVAILABLE

    def test_a_recalled_label_can_be_confirmed(self, shop: Shop) -> None:
        """Its owner has it, and must hear of it."""
        recalling.open_on_batch(shop.world.desk, "recall", Range(1, 3, 3), "faulty")
        assert shop.enter().outcome is Outcome.CONFIRMED


class TestEvidence:
    def test_verdicts_tell_of_it(self, shop: Shop) -> None:
        before = shop.scan().evidence
        assert before is not None
        assert (before.hidden_codes, before.purchase) == (True, None)
        at_ms = shop.world.clock()
        shop.enter(place="330100")
        own, other = shop.scan().evidence, shop.scan(TWO).evidence
        assert own is not None
        assert other is not None
        assert own.purchase == Purchase(at_ms, "330100", own=True)
        assert other.purchase == Purchase(at_ms, "330100", own=False)

    def test_those_who_are_told_no_history_are_not(self, shop: Shop) -> None:
        shop.enter()
        text = shop.world.text(LABEL.batch, LABEL.index)
        told, untold = (shop.world.verifier().verify(text, history=history).evidence for history in (True, False))
        assert told is not None
        assert untold is not None
        assert told.purchase == Purchase(shop.world.clock(), "", own=False)
        assert untold.purchase is None

    def test_other_labels_and_batches_do_not(self, shop: Shop) -> None:
        plain = shop.world.issue(5)
        shop.enter()
        verifier = shop.world.verifier()
        for text in (shop.world.text(1, 4), shop.world.text(plain.number, 3)):
            evidence = verifier.scan(text, viewer()).evidence
            assert evidence is not None
            assert evidence.purchase is None

    def test_a_clock_that_is_ahead_confirms_nothing_in_the_future(self, shop: Shop) -> None:
        shop.world.clock.pass_ms(60_000)
        shop.enter()
        shop.world.clock.pass_ms(-60_000)
        evidence = shop.scan().evidence
        assert evidence is not None
        assert evidence.purchase == Purchase(shop.world.clock(), "", own=True)
        second = shop.enter(device=TWO).purchase
        assert second is not None
        assert second.confirmed_ms == shop.world.clock()

    def test_codes_printed_later_show_with_the_next_scan(self, furnished: World) -> None:
        furnished.issue(5)
        verifier, text = furnished.verifier(), furnished.text(1, 0)
        first = verifier.scan(text, viewer()).evidence
        issue_with_codes(furnished)
        other = verifier.scan(furnished.text(2, 0), viewer()).evidence
        assert first is not None
        assert other is not None
        assert (first.hidden_codes, other.hidden_codes) == (False, True)


def test_of_many_right_entries_at_once_one_is_the_first(shop: Shop) -> None:
    """In processes of their own, on connections of their own."""
    typed, url, line, clock = right_code(shop.world, LABEL).digits, shop.world.url, shop.line, shop.world.clock

    def enter(racer: int) -> Outcome:
        database = opening.open_database(url)
        try:
            return Entries(database, line, clock).enter(typed, LABEL, name(f"racer {racer % 4}")).outcome
        finally:
            database.close()

    found = in_processes([lambda racer=racer: enter(racer) for racer in range(8)])
    assert sorted(found) == sorted([Outcome.CONFIRMED, Outcome.CONFIRMED_AGAIN] + [Outcome.ALREADY_CONFIRMED] * 6)
    row = shop.world.one("SELECT entries, other_entries FROM purchase")
    assert (row["entries"], row["other_entries"]) == (8, 6)


def test_looks_by_others_after_a_purchase_are_signs_of_a_copy(shop: Shop) -> None:
    """Not those before it, and not the buyer's own."""
    for number in range(7):
        shop.world.clock.pass_days(1)
        shop.scan(name(f"before {number}"))
    shop.enter()
    shop.world.clock.pass_days(1)
    shop.scan(ONE)
    assert after(shop) == 0
    for number in range(7):
        shop.world.clock.pass_days(1)
        shop.scan(name(f"after {number}"))
    assert after(shop) > 0


def after(shop: Shop) -> float:
    """What a label's trace holds of looks after a purchase."""
    return Trace.parse(str(shop.world.one("SELECT trace FROM sighting")["trace"])).after


class TestOwner:
    """Who confirmed his purchase stays confirmed, whatever goes on with the code."""

    def going_around(self, shop: Shop) -> None:
        text = shop.world.text(LABEL.batch, LABEL.index)
        for number in range(14):
            shop.world.clock.pass_days(1)
            shop.world.verifier().scan(text, viewer(name(f"stranger {number}"), network=f"n{number}"))

    def test_he_stays_confirmed_while_the_code_goes_around(self, shop: Shop) -> None:
        shop.enter()
        self.going_around(shop)
        owner, other = shop.scan(ONE), shop.scan(TWO)
        assert (owner.code, owner.reason) == (Code.GENUINE, "purchase-confirmed")
        assert (other.code, other.reason) == (Code.SUSPECT, "seen-after-purchase")

    def test_not_once_another_has_entered_the_code_too(self, shop: Shop) -> None:
        shop.enter()
        self.going_around(shop)
        shop.enter(device=TWO)
        assert shop.scan(ONE).code == Code.SUSPECT

    def test_a_recall_is_told_to_him_as_to_anybody(self, shop: Shop) -> None:
        shop.enter()
        recalling.open_on_batch(shop.world.desk, "recall", Range(LABEL.batch), "r")
        assert shop.scan(ONE).code == Code.RECALLED
