"""People report what they scanned: into the case that is open, at a pace, and without leaving who they are."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from support.staff import enterprise_id
from support.together import in_threads
from support.world import CONTACTS, ON_A_FILE, World

from traceqr import handling, reporting
from traceqr.acting import ActRefused
from traceqr.instant import DAY_MS
from traceqr.photo import Photo
from traceqr.receipt import Receipt
from traceqr.registry import cases, reports
from traceqr.reporting import (
    DEVICE,
    LABEL,
    NETWORK,
    AlreadyReported,
    Scanned,
    Sender,
    Statement,
    TooFast,
)
from traceqr.suspecting import suspected

LONG = "瓶盖的防伪涂层已经被刮开过了，味道也和以前的不一样。"
FORGED = Scanned("forged", "seal-broken")
PHOTO = Photo(b"a photo", (3_024, 12_016))


@pytest.fixture
def market(furnished: World) -> World:
    """Two batches of ten labels."""
    furnished.issue(10)
    furnished.issue(10)
    return furnished


def label(batch: int = 1, index: int = 0, verdict: str = "genuine") -> Scanned:
    return Scanned(verdict, "first-sighting", batch, index)


class TestCases:
    def test_a_report_opens_a_case_of_its_enterprise(self, market: World) -> None:
        market.report()
        case = market.one("SELECT * FROM case_file")
        assert (case["batch"], case["enterprise_id"], case["region"]) == (1, enterprise_id(market), "310000")
        assert (case["state"], case["reports"], case["suspects"]) == ("open", 1, 0)
        assert case["due_ms"] == case["reported_ms"] + 7 * DAY_MS
        assert market.acts()[-1] == "batch.issue", "to report is no act"

    def test_one_batch_and_one_province_make_one_case(self, market: World) -> None:
        for place in ("330100", "330200", "330000"):
            market.report(sender=Sender(place=place))
        market.report(label(1, 5), Sender(place="310100"))
        market.report(label(2, 0), Sender(place="330100"))
        market.report(sender=Sender(place="JP"))
        rows = market.rows("SELECT batch, place, reports FROM case_file ORDER BY batch, place")
        assert [(row["batch"], row["place"], row["reports"]) for row in rows] == [
            (1, "310000", 1),
            (1, "330000", 3),
            (1, "JP", 1),
            (2, "330000", 1),
        ]

    @pytest.mark.parametrize(("place", "region"), [("", "000000"), ("330106", "330000"), ("JP", "000000")])
    def test_a_forgery_is_the_associations(self, market: World, place: str, region: str) -> None:
        """However the forged text spelled a batch of ours: nobody reaches an enterprise by imitating it."""
        market.report(Scanned("forged", "seal-broken", 1, 3), Sender(place=place))
        case = market.one("SELECT gtin, batch, enterprise_id, region FROM case_file")
        assert case == {"gtin": "", "batch": 0, "enterprise_id": None, "region": region}
        assert market.one("SELECT batch, label_index FROM report") == {"batch": 0, "label_index": 0}

    def test_a_batch_that_there_is_not_is_no_product(self, market: World) -> None:
        market.report(label(99))
        assert market.one("SELECT enterprise_id FROM case_file") == {"enterprise_id": None}

    def test_after_it_is_closed_another_is_opened(self, market: World) -> None:
        first = market.case()
        handling.answer(market.desk, first, "an answer")
        handling.close(market.desk, first, "genuine")
        market.clock.pass_ms(1)
        assert market.case() != first
        assert len(market.rows("SELECT id FROM case_file")) == 2

    def test_many_at_once_make_one_case(self, market: World) -> None:
        receipts = [Receipt.drawn(bytes([at] * 16)) for at in range(8)]
        desk = market.report_desk()
        in_threads(
            [
                lambda at=at: desk.file(label(1, at), Sender(f"d{at}"), Statement("copied"), receipts[at])
                for at in range(8)
            ]
        )
        assert market.one("SELECT reports FROM case_file") == {"reports": 8}
        assert len(market.rows("SELECT id FROM report")) == 8
        assert len(market.rows("SELECT id FROM case_event")) == 8

    def test_labels_that_look_copied_join_it_once(self, market: World) -> None:
        case_id = market.case(sender=Sender(place="330100"))
        for index in (3, 3, 4):
            with market.database.recording() as tx:
                found = suspected(tx, market.desk.new_id, 1, index, "330200", market.clock(), "many-devices")
            assert found == case_id
        assert market.one("SELECT reports, suspects FROM case_file") == {"reports": 1, "suspects": 2}
        with market.database.recording() as tx:
            assert suspected(tx, market.desk.new_id, 99, 0, "", market.clock(), "many-devices") is None

    def test_a_case_of_suspects_alone_is_due_when_somebody_reports(self, market: World) -> None:
        with market.database.recording() as tx:
            suspected(tx, market.desk.new_id, 1, 3, "", market.clock(), "many-devices")
        market.clock.pass_days(30)
        with market.database.snapshot() as reader:
            assert cases.late(reader, market.clock()) == []
        market.report()
        case = market.one("SELECT reports, reported_ms, due_ms FROM case_file")
        assert case == {"reports": 1, "reported_ms": market.clock(), "due_ms": market.clock() + 7 * DAY_MS}


class TestWhatIsSaid:
    def test_it_is_kept_as_it_was_typed(self, market: World) -> None:
        said = "<script>alert(1)</script>\n=HYPERLINK(1) '; DROP TABLE report; -- 🍵"
        market.report(content=f"  {said} \r\n", shop="https://evil.example/?a=<b>")
        row = market.one("SELECT content, shop, contact, reason FROM report")
        assert row == {"content": said, "shop": "https://evil.example/?a=<b>", "contact": None, "reason": "copied"}

    BAD: ClassVar[dict[str, tuple[dict[str, Any], str]]] = {
        "no reason": ({"reason": ""}, "reason"),
        "another reason": ({"reason": "revenge"}, "reason"),
        "other, and no words": ({"reason": "other"}, "content"),
        "text too long": ({"content": "字" * 1_001}, "content"),
        "control characters": ({"content": "a\x1b[31m"}, "content"),
        "NUL": ({"content": "a\0b"}, "content"),
        "turned direction": ({"shop": "a\u202eb"}, "shop"),
        "shop of two lines": ({"shop": "a\nb"}, "shop"),
        "shop too long": ({"shop": "a" * 201}, "shop"),
        "contact too long": ({"contact": "1" * 101}, "contact"),
        "five photos": ({"photos": (PHOTO,) * 5}, "photos"),
        "half a surrogate": ({"content": "\ud800"}, "content"),
    }

    @pytest.mark.parametrize("what", BAD)
    def test_what_is_refused(self, market: World, what: str) -> None:
        said, field = self.BAD[what]
        with pytest.raises(ActRefused) as caught:
            market.report(**said)
        assert caught.value.field == field
        assert market.rows("SELECT id FROM case_file") == []

    def test_the_same_receipt_is_one_report(self, market: World) -> None:
        receipt, desk = Receipt.drawn(b"a" * 16), market.report_desk()
        for _ in range(3):
            desk.file(label(), Sender("d"), Statement("copied", LONG), receipt)
        assert market.one("SELECT reports FROM case_file") == {"reports": 1}

    def test_the_same_words_are_one_report_whoever_sends_them(self, market: World) -> None:
        market.report(content=LONG, sender=Sender("a", "n"))
        with pytest.raises(AlreadyReported):
            market.report(label(1, 7), Sender("b", "m"), content=f" {LONG} ", reason="quality")
        market.report(label(2, 0), Sender("b", "m"), content=LONG)  # of another batch
        market.report(content="假货", sender=Sender("c"))
        market.report(content="假货", sender=Sender("d"))  # many say so in a word
        assert [row["reports"] for row in market.rows("SELECT reports FROM case_file ORDER BY batch")] == [3, 1]


class TestPersons:
    @ON_A_FILE
    def test_a_contact_is_unreadable_in_the_file(self, market: World) -> None:
        market.report(contact="王五 13800000000", content=LONG)
        files = [path.read_bytes() for path in market.root.glob("traceqr.db*")]
        assert any(LONG.encode() in content for content in files), "the test looks where texts are"
        assert not any(b"13800000000" in content or "王五".encode() in content for content in files)

    def test_a_contact_is_opened_with_the_key(self, market: World) -> None:
        case_id = market.case(contact="王五 13800000000")
        with market.database.snapshot() as reader:
            ((report_id, sealed),) = reports.contacts_of(reader, case_id, 9).items()
        assert CONTACTS.open(report_id, sealed) == "王五 13800000000"

    def test_positions_are_kept_on_consent_alone(self, market: World) -> None:
        market.report(photos=(PHOTO, Photo(b"b", None)))
        market.report(label(1, 1), photos=(PHOTO, Photo(b"b", None)), with_position=True)
        rows = market.rows(
            "SELECT p.latitude, p.longitude FROM report_photo p JOIN report r ON r.id = p.report_id"
            " ORDER BY r.label_index, p.ordinal"
        )
        assert [(row["latitude"], row["longitude"]) for row in rows] == [
            (None, None),
            (None, None),
            (3_024, 12_016),
            (None, None),
        ]

    def test_contents_of_photos_stand_beside_the_registry(self, market: World) -> None:
        market.report(photos=(PHOTO,))
        digest = market.one("SELECT digest FROM report_photo")["digest"]
        attachments = market.report_desk().attachments
        assert attachments is not None
        assert attachments.get(digest) == b"a photo"

    def test_without_a_place_for_them_photos_are_refused(self, market: World) -> None:
        desk = reporting.ReportDesk(market.database, market.clock, market.desk.new_id, CONTACTS)
        with pytest.raises(ActRefused, match="no place for them"):
            desk.file(label(), Sender(), Statement("copied", photos=(PHOTO,)), Receipt.drawn(b"a" * 16))

    def test_no_device_and_no_network_is_kept_with_a_report(self, market: World) -> None:
        market.report(sender=Sender("the-device", "the-network"))
        row = market.one("SELECT * FROM report")
        assert "the-device" not in repr(row)
        assert "the-network" not in repr(row)


class TestPaces:
    def flood(self, world: World, senders: Any, labels: Any) -> int:
        """How many reports are taken until one is too fast."""
        for taken in range(200):
            try:
                world.report(labels(taken), senders(taken))
            except TooFast:
                return taken
        return 200

    def test_one_device(self, market: World) -> None:
        taken = self.flood(market, lambda at: Sender("d", f"n{at}"), lambda at: label(1, at % 10))
        assert taken == DEVICE.burst
        market.clock.pass_ms(DEVICE.every_ms)
        market.report(label(2, 5), Sender("d", "n"))

    def test_one_network(self, market: World) -> None:
        taken = self.flood(market, lambda at: Sender(f"d{at}", "n"), lambda at: label(1 + at % 2, at // 2 % 10))
        assert taken == NETWORK.burst

    def test_one_label(self, market: World) -> None:
        taken = self.flood(market, lambda at: Sender(f"d{at}", f"n{at}"), lambda _: label())
        assert taken == LABEL.burst

    def test_all_together(self, market: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(reporting, "TOGETHER", reporting.Pace(7, 1_000))
        assert self.flood(market, lambda at: Sender(f"d{at}", f"n{at}"), lambda _: FORGED) == 7

    def test_what_is_refused_is_not_counted(self, market: World) -> None:
        for at in range(LABEL.burst):
            market.report(sender=Sender(f"d{at}"))
        for _ in range(20):
            with pytest.raises(TooFast) as caught:
                market.report(sender=Sender("x"))
            assert 0 < caught.value.wait_ms <= LABEL.every_ms
        market.report(label(1, 1), Sender("x"))

    def test_attempts(self, market: World) -> None:
        desk, sender = market.report_desk(), Sender("d", "n")
        for _ in range(reporting.ATTEMPT.burst):
            desk.attempt(sender)
        with pytest.raises(TooFast):
            desk.attempt(sender)
        desk.attempt(Sender("e", "m"))

    def test_attempts_from_networks_that_are_not_known_have_one_pace(
        self, market: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A browser that is new each time would have none."""
        monkeypatch.setattr(reporting, "NOWHERE", reporting.Pace(3, 1_000))
        desk = market.report_desk()
        for at in range(3):
            desk.attempt(Sender(f"d{at}"))
        for sender in (Sender("d3"), Sender()):
            with pytest.raises(TooFast):
                desk.attempt(sender)
        desk.attempt(Sender("d4", "n"))

    def photos_kept(self, market: World) -> list[str]:
        attachments = market.report_desk().attachments
        assert attachments is not None
        return list(attachments.digests(1 << 60))

    def test_photos_of_what_is_too_fast_are_not_kept(self, market: World) -> None:
        for at in range(LABEL.burst):
            market.report(sender=Sender(f"d{at}"))
        with pytest.raises(TooFast):
            market.report(sender=Sender("x"), photos=(PHOTO,))
        assert self.photos_kept(market) == []

    def test_photos_beside_words_that_are_known_are_not_kept(self, market: World) -> None:
        market.report(content="All of these are copied.")
        with pytest.raises(AlreadyReported):
            market.report(sender=Sender("x"), content="All of these are copied.", photos=(PHOTO,))
        assert self.photos_kept(market) == []


class TestReceipts:
    def test_what_a_receipt_leads_to(self, market: World) -> None:
        receipt = market.report()
        desk = market.report_desk()
        told = desk.told(receipt)
        assert told is not None
        assert (told[0].state, told[0].finding, told[1]) == ("open", None, [])
        handling.answer(market.desk, told[0].case_id, "We looked into it.")
        handling.close(market.desk, told[0].case_id, "genuine", "A look at the label.")
        told = desk.told(receipt)
        assert told is not None
        assert (told[0].state, told[0].finding) == ("closed", "genuine")
        assert [(row["kind"], row["content"]) for row in told[1]] == [
            ("answer", "We looked into it."),
            ("closing", "A look at the label."),
        ]

    def test_another_receipt_leads_nowhere(self, market: World) -> None:
        market.report()
        assert market.report_desk().told(Receipt.drawn(b"z" * 16)) is None

    def test_the_receipt_itself_is_nowhere(self, market: World) -> None:
        receipt = market.report()
        assert receipt.plain not in repr(market.dump())
        assert str(receipt) not in repr(market.dump())
