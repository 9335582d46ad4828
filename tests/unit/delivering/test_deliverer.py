"""The deliverer, over a real registry, real receivers, and a clock that the test owns."""

from __future__ import annotations

import email
import email.policy
import json
import threading
from collections import Counter as Counted
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from support.chain import Chain, item, labels
from support.inspections import ADDITION, inspectors
from support.receivers import HOST, MailHost, Receiver, mail_host, papers, receiver, trusting
from support.scenarios import announcement
from support.staff import enterprise_id, organisation_id
from support.world import ON_A_FILE, ZONE, World, gtin, viewer

from tests.unit.test_webhook import documented
from traceqr import handling, notifying, recalling
from traceqr.acting import ActRefused
from traceqr.delivering import gathering
from traceqr.delivering.courier import Courier
from traceqr.delivering.deliverer import Deliverer, Round
from traceqr.delivering.gathering import Gatherer
from traceqr.delivering.outcome import Outcome
from traceqr.delivering.postman import Postman
from traceqr.delivering.schedule import ATTEMPTS, LONGEST_MS, wait_ms
from traceqr.instant import DAY_MS, HOUR_MS, day_number, from_iso
from traceqr.notifying import GATHER_MS, Body, Counter, Event, NotNow, Wish
from traceqr.recalling import Lot
from traceqr.registry import leases, opening
from traceqr.registry.batches import Batch
from traceqr.registry.tallies import added
from traceqr.reporting import Scanned
from traceqr.settings import MailServer
from traceqr.tracing.event import Action, Declaration, EventKind, Part
from traceqr.tracing.thing import Thing
from traceqr.web.letters import Letters
from traceqr.webhook import WebhookSeal

SEAL = WebhookSeal.of("only-for-tests-" * 4)
ORIGIN = "https://qr.example.org"
NAMED = papers(HOST, "localhost")
MINUTE_MS = 60_000


@dataclass
class Street:
    """A world whose enterprise and association are told things, and the receivers that they name."""

    world: World
    hook: Receiver
    mail: MailHost
    secrets: dict[str, str] = field(default_factory=dict)
    holders: int = 0

    def deliverer(self, **changes: Any) -> Deliverer:
        self.holders += 1
        letters = Letters(ORIGIN, ZONE)
        made = Deliverer(
            Gatherer(self.world.database, self.world.clock, ZONE, ORIGIN),
            Courier(lambda *_: ["127.0.0.1"], trusting(NAMED), loopback=True, patience_s=5),
            Postman(MailServer("localhost", self.mail.port, False), "traceqr@association.example", trusting(NAMED)),
            SEAL,
            letters.write,
            lambda: 0.0,
            f"holder-{self.holders}",
        )
        return replace(made, **changes)

    def round(self) -> Round:
        """A round of a process that ends after it."""
        deliverer = self.deliverer()
        try:
            return deliverer.round()
        finally:
            deliverer.stop()

    def body(self) -> Body:
        return Body(enterprise_id(self.world))

    def subscribe(self, *events: str, kind: str = "webhook", body: Body | None = None, **more: Any) -> str:
        address = f"https://{HOST}:{self.hook.port}/in" if kind == "webhook" else "quality@firm.example"
        wish = Wish(kind, **{"address": address, "events": events or ("recall.issued",), "language": "en", **more})
        made = notifying.add(self.world.desk, SEAL, body or self.body(), wish)
        self.secrets[made.subscription.id] = made.secret
        self.round()  # what was before is behind
        return made.subscription.id

    def recall(self) -> str:
        return recalling.open_on_product(self.world.desk, "recall", gtin(), "a reason").id

    def suspect(self, batch: int = 1, index: int = 0) -> None:
        """A label that goes around."""
        text = self.world.text(batch, index)
        verifier = self.world.verifier()
        for number in range(11):
            self.world.clock.pass_days(1)
            verifier.scan(text, viewer(f"stranger-{number}", network=f"network {number}"))

    def deliveries(self) -> list[tuple[str, int, str, int | None]]:
        rows = self.world.rows("SELECT state, attempts, fault, status FROM delivery ORDER BY notification_id")
        return [(row["state"], row["attempts"], row["fault"], row["status"]) for row in rows]

    def told(self) -> list[Any]:
        return [json.loads(request.body) for request in self.hook.requests]

    def mails(self) -> list[Any]:
        return [email.message_from_string(one, policy=email.policy.default) for one in self.mail.taken]


@pytest.fixture
def street(furnished: World, tmp_path: Path) -> Iterator[Street]:
    with ExitStack() as held:
        hook = held.enter_context(receiver(NAMED, tmp_path))
        mail = held.enter_context(mail_host(NAMED, tmp_path))
        furnished.issue()
        yield Street(furnished, hook, mail)


class TestWhatIsTold:
    def test_a_recall_and_its_end(self, street: Street) -> None:
        street.subscribe("recall.issued", "recall.lifted")
        notice = street.recall()
        assert street.round() == Round(True, announced=1, delivered=1)
        recalling.lift(street.world.desk, notice, "found")
        assert street.round() == Round(True, announced=1, delivered=1)
        issued, lifted = street.told()
        assert (issued["type"], lifted["type"]) == ("recall.issued", "recall.lifted")
        assert issued["data"]["recall"] == lifted["data"]["recall"] == notice
        assert issued["data"]["gtin"] == str(gtin())
        assert issued["data"]["link"].startswith(ORIGIN)

    def test_a_label_that_looks_copied_once_however_often_it_is_seen(self, street: Street) -> None:
        street.subscribe("label.suspect")
        street.suspect()
        street.round()
        street.suspect()
        assert street.round() == Round(True)
        (told,) = street.told()
        assert told["data"] == {
            "subject": "label:1.0",
            "enterprise": enterprise_id(street.world),
            "batch": 1,
            "label": 0,
            "gtin": str(gtin()),
            "link": f"{ORIGIN}/console/suspects/1/0",
        }

    def test_a_burst_of_scans_once_a_day(self, street: Street) -> None:
        street.subscribe("batch.burst")
        today = day_number(street.world.clock(), ZONE)
        with street.world.database.recording() as tx:
            tx.execute(*added("scan_batch", ("batch", "day"), [(1, today, 0, 500)]))
        street.world.clock.pass_ms(HOUR_MS)
        assert street.round() == Round(True, announced=1, delivered=1)
        street.world.clock.pass_ms(HOUR_MS)
        assert street.round() == Round(True)
        assert street.told()[0]["data"]["day"] == "2026-09-01"

    def test_a_case_from_its_first_report_to_its_end(self, street: Street) -> None:
        world = street.world
        street.subscribe(*notifying.OF_CASES)
        street.subscribe(*notifying.OF_CASES, kind="mail", body=Body(organisation=organisation_id(world)))
        case = world.case(content="它的封口不一样，而且颜色也不对，请查一查")
        street.round()
        world.report(content="another thing")
        world.clock.pass_ms(MINUTE_MS)
        street.round()
        world.clock.pass_days(8)
        street.round()
        handling.answer(world.desk, case, "我们会查", None)
        handling.close(world.desk, case, "genuine", "没有问题", None)
        street.round()
        told = street.told()
        assert Counted(one["type"] for one in told) == {
            "report.filed": 2,
            "case.opened": 1,
            "case.late": 1,
            "case.answered": 1,
            "case.closed": 1,
        }
        assert {one["data"]["case"] for one in told} == {case}
        assert {one["data"]["link"] for one in told} == {f"{ORIGIN}/console/cases/{case}"}
        assert len(world.rows("SELECT id FROM notification")) == 12
        for request in street.hook.requests:
            assert not any(word in request.body.decode() for word in ("封口", "another", "我们", "没有"))

    def test_what_no_enterprise_answers_goes_to_the_region_alone(self, street: Street) -> None:
        street.subscribe(*notifying.OF_CASES)
        street.subscribe(*notifying.OF_CASES, kind="mail", body=Body(organisation=organisation_id(street.world)))
        street.world.report(Scanned("forged", "seal-broken"))
        street.round()
        rows = street.world.rows("SELECT event, enterprise_id FROM notification")
        assert sorted(tuple(row.values()) for row in rows) == [("case.opened", None), ("report.filed", None)]

    def test_an_answer_in_time_is_not_late(self, street: Street) -> None:
        street.subscribe("case.late")
        case = street.world.case()
        street.round()
        handling.answer(street.world.desk, case, "ok", None)
        street.world.clock.pass_days(8)
        assert street.round() == Round(True)

    def test_a_correction_that_nobody_has_looked_at_when_its_day_is_over(self, street: Street) -> None:
        """Told to the regulator whose inspectors ordered it, once, and to nobody elsewhere."""
        world = street.world
        field = inspectors(world)
        regulator = Body(organisation=field.sender.organisation)
        street.subscribe("correction.late", body=regulator)
        street.subscribe("correction.late", kind="mail", body=regulator)
        texts = [field.entry(inspection=f"{at:032x}") for at in range(3)]
        for text in texts:
            field.take(text)
        addition = {**ADDITION, "kind": "followed-up", "measure": 1}
        field.take(field.later(texts[1], inspection=f"{1:032x}", addition=addition))
        assert street.round() == Round(True)
        world.clock.at_ms = from_iso("2026-09-17T00:00:00+08:00")
        assert street.round() == Round(True), "it is due when its day is over, and late after that"
        world.clock.pass_ms(1)
        street.round()
        assert street.round() == Round(True)
        assert sorted((one["type"], one["data"]["subject"], one["data"]["link"]) for one in street.told()) == [
            ("correction.late", f"inspection:{at:032x}", f"{ORIGIN}/inspections/{at:032x}") for at in (0, 2)
        ]
        assert "enterprise" not in street.told()[0]["data"]
        world.clock.pass_ms(notifying.GATHER_MS)
        street.round()
        (mail,) = street.mails()
        assert "An ordered correction is overdue: 2" in mail.get_content()
        assert f"{ORIGIN}/inspections/notifications" in mail.get_content()

    def test_many_corrections_that_are_due_at_once(self, street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(gathering, "CASES", 2)
        field = inspectors(street.world)
        street.subscribe("correction.late", body=Body(organisation=field.sender.organisation))
        for at in range(5):
            field.take(field.entry(inspection=f"{at:032x}"))
        street.round()
        street.world.clock.pass_days(30)
        street.round()
        assert len({one["data"]["inspection"] for one in street.told()}) == len(street.told()) == 5

    def test_an_association_is_told_what_is_in_its_region(self, street: Street) -> None:
        body = Body(organisation=organisation_id(street.world))
        street.subscribe("recall.issued", body=body)
        street.recall()
        street.round()
        (told,) = street.told()
        assert told["data"]["enterprise"] == enterprise_id(street.world)

    def test_nobody_is_told_what_concerns_another(self, street: Street) -> None:
        world = street.world
        world.enterprise(2)
        street.subscribe("recall.issued", "label.suspect", body=Body(enterprise_id(world, 2)))
        world.regulator()  # of Shanghai, where the enterprise was
        world.enterprise(region="330000")
        body = Body(organisation=organisation_id(world, "regulator"))
        street.subscribe("recall.issued", "label.suspect", kind="mail", body=body)
        street.recall()
        street.suspect()
        assert street.round() == Round(True)
        assert (street.told(), street.mail.taken) == ([], [])

    def test_nor_what_he_did_not_ask_for_or_what_was_before(self, street: Street) -> None:
        street.recall()
        street.world.clock.pass_ms(1_000)
        street.subscribe("recall.lifted")
        street.recall()
        assert street.round() == Round(True)

    def test_who_subscribes_while_nobody_delivers_is_told_from_then_on(self, street: Street) -> None:
        street.recall()
        street.world.clock.pass_ms(1_000)
        wish = Wish("webhook", f"https://{HOST}:{street.hook.port}/in", ["recall.issued"])
        notifying.add(street.world.desk, SEAL, street.body(), wish)
        later = street.recall()
        assert street.round().delivered == 1
        assert street.told()[0]["data"]["recall"] == later

    def test_no_person_and_no_word_of_anybody(self, street: Street) -> None:
        street.subscribe("recall.issued")
        street.recall()
        street.round()
        for word in ("a reason", "质量部", "Tea", "茶", "@"):
            assert word not in street.hook.requests[0].body.decode()

    def test_an_event_that_is_announced_again_is_told_once(self, street: Street) -> None:
        """The clock of a node was set back, or a process was killed between announcing and noting how far it came."""
        street.subscribe("recall.issued")
        with street.world.database.snapshot() as reader:
            listeners = notifying.subscriptions.listeners(reader)
        event = Event("recall.issued", "recall:x", street.world.clock(), street.body().enterprise, "", ("/a", "/b"))
        made = []
        for _ in range(2):
            with street.world.database.recording() as tx:
                made.append(notifying.announce(tx, listeners, event, ORIGIN))
        assert made == [1, 0]


class TestReached:
    """Enterprises whose labels contain what another recalls."""

    LOT = "LEAVES-1"

    @pytest.fixture
    def theirs(self, street: Street) -> Batch:
        """Ten labels of a second enterprise, five of them made of a lot of the first."""
        world = street.world
        world.enterprise(2)
        world.claim("prefix", "6907777", enterprise=2)
        world.product(1, enterprise=2, prefix="6907777")
        made = world.issue(10, gtin=gtin(1, "6907777"), pledge=0)
        Chain(world).made([labels(made, 0, 4)], [Thing.lot(str(gtin()), self.LOT)], by=2)
        return made

    def recall(self, street: Street, **more: Any) -> str:
        return recalling.recall(street.world.desk, Lot(gtin(), self.LOT), announcement(), **more).id

    def test_are_told_what_was_reached_and_by_what(self, street: Street, theirs: Batch) -> None:
        world = street.world
        other = Body(enterprise_id(world, 2))
        street.subscribe("recall.reached", "recall.lifted", body=other)
        street.subscribe("recall.reached", kind="mail")  # the first enterprise, who recalls
        notice = self.recall(street)
        assert street.round() == Round(True, announced=1, delivered=1)
        assert street.round() == Round(True), "told once"
        (told,) = street.told()
        assert told["type"] == "recall.reached"
        assert told["data"] == {
            "subject": f"recall:{notice}",
            "enterprise": enterprise_id(world, 2),
            "recall": notice,
            "labels": 5,
            "batches": 1,
            "gtin": str(gtin()),
            "lot": self.LOT,
            "recalled_by": enterprise_id(world),
            "link": f"{ORIGIN}/recalls/{notice}",
        }
        recalling.lift(world.desk, notice, "found")
        street.round()
        assert [(one["type"], one["data"]["enterprise"]) for one in street.told()[1:]] == [
            ("recall.lifted", enterprise_id(world, 2))
        ]

    def test_are_told_again_when_it_is_more(self, street: Street, theirs: Batch) -> None:
        street.subscribe("recall.reached", body=Body(enterprise_id(street.world, 2)))
        self.recall(street)
        street.round()
        chain = Chain(street.world)
        chain.numbers = iter(range(100, 200))  # type: ignore[assignment]
        chain.made([labels(theirs, 5, 6)], [Thing.lot(str(gtin()), self.LOT)], by=2)
        chain.seen(labels(theirs, 5, 6), by=2)
        street.round()
        assert [one["data"]["labels"] for one in street.told()] == [5, 7]
        later = street.world.issue(3, gtin=gtin(1, "6907777"), pledge=0, lot="MIX")
        chain.made([Thing.lot(str(gtin(1, "6907777")), "MIX")], [labels(theirs, 0, 0)], by=2)
        street.round()
        assert street.told()[-1]["data"]["labels"] == 10
        assert street.told()[-1]["data"]["batches"] == 2
        assert later.label_count == 3

    def test_not_what_was_lifted_or_declared_an_error_before(self, street: Street, theirs: Batch) -> None:
        street.subscribe("recall.reached", "recall.lifted", body=Body(enterprise_id(street.world, 2)))
        notice = self.recall(street)
        recalling.lift(street.world.desk, notice, "found")
        assert street.round() == Round(True)
        self.recall(street)
        event = street.world.one("SELECT event_id FROM trace_event")["event_id"]
        chain = Chain(street.world)
        items = [item(Part.INPUT, Thing.lot(str(gtin()), self.LOT)), item(Part.OUTPUT, labels(theirs, 0, 4))]
        wrong = Declaration(street.world.clock(), "incorrect_data")
        chain.state(chain.event(EventKind.TRANSFORMATION, Action.NONE, *items, id=event, declaration=wrong), by=2)
        assert street.world.rows("SELECT batch FROM recall_reach WHERE notice_id <> :id", id=notice) == []
        assert street.round() == Round(True)

    def test_an_association_is_told_of_those_in_its_region(self, street: Street, theirs: Batch) -> None:
        street.subscribe("recall.reached", body=Body(organisation=organisation_id(street.world)))
        self.recall(street)
        assert street.round() == Round(True, announced=1, delivered=1)
        assert street.told()[0]["data"]["enterprise"] == enterprise_id(street.world, 2)

    @pytest.mark.parametrize(
        ("language", "words"),
        [
            ("en", f"5 labels of 1 batches contain lot {LOT} of GTIN {gtin()}."),
            ("zh-Hans", f"1 个批次的 5 枚标签所标识的产品含有商品条码 {gtin()}、批号 {LOT} 的原料或产品。"),
            ("zh-Hant", f"1 個批次的 5 枚標籤所標識的產品含有商品條碼 {gtin()}、批號 {LOT} 的原料或產品。"),
        ],
    )
    def test_mails_say_so(self, street: Street, theirs: Batch, language: str, words: str) -> None:
        street.subscribe("recall.reached", kind="mail", body=Body(enterprise_id(street.world, 2)), language=language)
        self.recall(street)
        street.round()
        street.world.clock.pass_ms(notifying.GATHER_MS)
        street.round()
        (mail,) = street.mails()
        assert words in mail.get_content()


class TestWebhooks:
    def test_are_signed_so_that_receivers_can_verify_them(self, street: Street) -> None:
        name = street.subscribe()
        street.recall()
        street.round()
        (request,) = street.hook.requests
        assert documented()(street.secrets[name], request.headers, request.body, street.world.clock() // 1000)
        assert request.headers["webhook-id"] == json.loads(request.body)["id"]

    def test_under_a_new_secret_once_it_is_renewed(self, street: Street) -> None:
        name = street.subscribe()
        street.recall()
        made = notifying.renew_secret(street.world.desk, SEAL, name)
        street.round()
        (request,) = street.hook.requests
        now_s = street.world.clock() // 1000
        assert documented()(made.secret, request.headers, request.body, now_s)
        assert not documented()(street.secrets[name], request.headers, request.body, now_s)

    def test_what_fails_is_tried_again_under_the_same_id_and_a_new_second(self, street: Street) -> None:
        street.subscribe()
        street.hook.status("500 No")
        street.recall()
        assert street.round() == Round(True, announced=1, failed=1)
        assert street.deliveries() == [("waiting", 1, "status", 500)]
        assert street.round() == Round(True)  # not yet
        street.world.clock.pass_ms(MINUTE_MS)
        street.hook.status("200 Yes")
        assert street.round() == Round(True, delivered=1)
        first, second = street.hook.requests
        assert first.body == second.body
        assert first.headers["webhook-id"] == second.headers["webhook-id"]
        assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
        assert street.deliveries() == [("delivered", 2, "", 200)]

    def test_after_ten_attempts_in_three_days_it_is_given_up(self, street: Street) -> None:
        street.subscribe()
        street.hook.status("500 No")
        street.recall()
        began_ms = street.world.clock()
        for attempt in range(1, ATTEMPTS + 1):
            street.round()
            assert len(street.hook.requests) == attempt
            ended_ms = street.world.clock()
            street.world.clock.pass_ms(wait_ms(attempt, lambda: 0.0))
        street.world.clock.pass_days(1)
        street.round()
        assert len(street.hook.requests) == ATTEMPTS
        assert street.deliveries() == [("given_up", ATTEMPTS, "status", 500)]
        assert 2 * DAY_MS < ended_ms - began_ms < 4 * DAY_MS

    def test_waits_grow_and_have_some_chance_in_them(self) -> None:
        least = [wait_ms(attempt, lambda: 0.0) for attempt in range(1, ATTEMPTS)]
        most = [wait_ms(attempt, lambda: 1.0) for attempt in range(1, ATTEMPTS)]
        assert least[:5] == [60_000, 360_000, 2_160_000, 12_960_000, 12 * HOUR_MS]
        assert least == sorted(least)
        assert all(some < more <= LONGEST_MS for some, more in zip(least, most, strict=True))

    def test_one_that_is_dead_holds_up_no_other(self, street: Street, tmp_path: Path) -> None:
        with receiver() as gone:
            port = gone.port
        street.subscribe(address=f"https://{HOST}:{port}/dead")
        street.subscribe()
        for _ in range(3):
            street.recall()
        assert street.round() == Round(True, announced=3, delivered=3, failed=1)

    @pytest.mark.parametrize(
        ("address", "fault"), [("10.0.0.5", "address"), ("::ffff:127.0.0.1", "address"), (None, "name")]
    )
    def test_names_that_lead_inside(self, street: Street, address: str | None, fault: str) -> None:
        street.subscribe()
        street.recall()

        def asked(_host: str, _port: int) -> Sequence[str]:
            if address is None:
                raise OSError
            return [address]

        deliverer = street.deliverer(courier=Courier(asked, trusting(NAMED)))
        assert deliverer.round().failed == 1
        assert street.deliveries() == [("waiting", 1, fault, None)]
        assert street.hook.requests == []

    def test_a_secret_that_does_not_open(self, street: Street) -> None:
        """TRACEQR_SECRET_KEY was changed."""
        street.subscribe()
        street.recall()
        assert street.deliverer(seal=WebhookSeal.of("another secret " * 4)).round().failed == 1
        assert street.deliveries() == [("waiting", 1, "secret", None)]
        assert street.hook.requests == []

    @ON_A_FILE
    def test_no_secret_lies_in_the_registry(self, street: Street) -> None:
        name = street.subscribe()
        street.recall()
        street.round()
        made = notifying.renew_secret(street.world.desk, SEAL, name)
        street.world.close()
        kept = b"".join(path.read_bytes() for path in street.world.root.glob("traceqr.db*"))
        for secret in (street.secrets[name], made.secret):
            assert secret.removeprefix("whsec_").encode() not in kept

    def test_what_is_removed_is_not_called(self, street: Street) -> None:
        name = street.subscribe()
        street.recall()
        street.hook.status("500 No")
        street.round()
        notifying.remove(street.world.desk, name)
        street.world.clock.pass_days(1)
        assert street.round() == Round(True)
        assert street.deliveries() == [("given_up", 1, "removed", 500)]
        row = street.world.one("SELECT address, salt, secret FROM subscription")
        assert tuple(row.values()) == ("", "", None)


class TestMail:
    def test_what_happens_within_minutes_is_one_mail(self, street: Street) -> None:
        street.subscribe("label.suspect", kind="mail")
        for index in (0, 1, 2):
            street.suspect(index=index)
        assert street.round().announced == 3
        street.world.clock.pass_ms(GATHER_MS)
        street.round()
        (mail,) = street.mails()
        assert mail["To"] == "quality@firm.example"
        assert mail["Subject"] == "A label looks copied (3) · TraceQR"
        text = mail.get_content()
        for index in (0, 1, 2):
            assert f"Label 1.{index}" in text
        assert f"{ORIGIN}/console/suspects/1/0" in text
        assert f"{ORIGIN}/console/notifications" in text
        assert [state for state, *_ in street.deliveries()] == ["delivered"] * 3

    def test_and_of_another_kind_another(self, street: Street) -> None:
        street.subscribe("label.suspect", "recall.issued", kind="mail")
        street.suspect()
        street.recall()
        street.round()
        street.world.clock.pass_ms(GATHER_MS)
        assert street.round().delivered == 2
        assert len(street.mail.taken) == 2

    def test_a_flood_is_one_mail_an_hour(self, street: Street) -> None:
        street.subscribe("recall.issued", kind="mail")
        for _ in range(30):
            street.recall()
            street.round()
            street.world.clock.pass_ms(GATHER_MS)
        street.round()
        assert len(street.mail.taken) <= 5
        street.world.clock.pass_ms(HOUR_MS)
        street.round()
        assert {state for state, *_ in street.deliveries()} == {"delivered"}

    @pytest.mark.parametrize(
        ("language", "word"), [("zh-Hans", "商品被召回"), ("zh-Hant", "商品被召回"), ("en", "Goods are recalled")]
    )
    def test_in_the_readers_language(self, street: Street, language: str, word: str) -> None:
        street.subscribe("recall.issued", kind="mail", language=language)
        street.recall()
        street.round()
        street.world.clock.pass_ms(GATHER_MS)
        street.round()
        (mail,) = street.mails()
        assert mail["Subject"] == f"{word} · TraceQR"
        assert mail["Content-Language"] == language
        assert word in mail.get_content()

    def test_a_server_that_is_away_is_tried_again(self, street: Street) -> None:
        street.subscribe("recall.issued", kind="mail")
        street.recall()
        street.round()
        street.world.clock.pass_ms(GATHER_MS)
        street.mail.says = {"MAIL": "421 later"}
        assert street.round().failed == 1
        street.mail.says = {}
        street.world.clock.pass_ms(MINUTE_MS)
        assert street.round().delivered == 1
        assert street.deliveries() == [("delivered", 2, "", None)]

    def test_a_deployment_that_sends_none_says_so(self, street: Street) -> None:
        street.subscribe("recall.issued", kind="mail")
        street.recall()
        street.world.clock.pass_ms(GATHER_MS)
        assert street.deliverer(postman=Postman(None, "")).round().failed == 1
        assert street.deliveries() == [("waiting", 1, "mail-off", None)]


class TestTwoAtOnce:
    def test_one_waits_for_the_other(self, street: Street) -> None:
        street.subscribe()
        street.recall()
        first, second = street.deliverer(), street.deliverer()
        assert first.round().had
        assert second.round() == Round(had=False)
        first.stop()
        assert second.round().had

    def test_one_that_has_died_is_waited_for_five_minutes(self, street: Street) -> None:
        assert street.deliverer().round().had
        street.world.clock.pass_ms(leases.LEASE_MS - 1)
        other = street.deliverer()
        assert not other.round().had
        street.world.clock.pass_ms(1)
        assert other.round().had

    def test_one_that_lost_its_lease_in_the_midst_sends_nothing_more(self, street: Street) -> None:
        """It stood still for longer than its lease, as a machine may that is suspended; another has gone on."""
        street.subscribe()
        for _ in range(3):
            street.recall()
        calls: list[str] = []
        other = street.deliverer()

        def stands_still(_out: Any) -> None:
            calls.append("one")
            if len(calls) == 1:
                street.world.clock.pass_ms(leases.LEASE_MS)
                assert other.round().delivered == 3
                raise ConnectionError

        street.hook.answer = lambda out: (stands_still(out), out.sendall(b"HTTP/1.1 204 Yes\r\n\r\n"))
        first = street.deliverer()
        first.round()
        ids = [request.headers["webhook-id"] for request in street.hook.requests]
        assert len(ids) == 4
        assert len(set(ids)) == 3, "the attempt under way was due again; whoever had begun it made no other"

    def test_at_the_same_moment_each_attempt_is_made_once(self, street: Street) -> None:
        street.subscribe()
        for _ in range(6):
            street.recall()
        with ExitStack() as held:
            databases = [opening.open_database(street.world.url) for _ in range(3)]
            for database in databases:
                held.callback(database.close)
            many = [
                street.deliverer(gatherer=Gatherer(each, street.world.clock, ZONE, ORIGIN), holder="the same")
                for each in databases
            ]
            threads = [threading.Thread(target=each.round) for each in many]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        ids = [request.headers["webhook-id"] for request in street.hook.requests]
        assert sorted(ids) == sorted(set(ids))
        street.round()
        assert len(street.hook.requests) == 6


class Killed(BaseException):
    """The process ends here."""


class TestKills:
    def test_between_sending_and_writing_it_down_the_same_is_sent_again(self, street: Street) -> None:
        street.subscribe()
        street.recall()
        courier = street.deliverer().courier

        class Dying(Courier):
            def send(self, *given: Any) -> Outcome:
                courier.send(*given)
                raise Killed

        with pytest.raises(Killed):
            street.deliverer(courier=Dying()).round()
        assert street.deliveries() == [("waiting", 1, "", None)]
        street.world.clock.pass_ms(max(MINUTE_MS, leases.LEASE_MS))
        assert street.round().delivered == 1
        first, second = street.hook.requests
        assert first.headers["webhook-id"] == second.headers["webhook-id"]

    def test_in_the_last_attempt_it_is_given_up(self, street: Street) -> None:
        street.subscribe()
        street.recall()
        street.hook.status("500 No")
        street.round()
        with street.world.database.recording() as tx:
            tx.execute("UPDATE delivery SET attempts = 10, next_ms = 0")
        street.round()
        assert street.deliveries() == [("given_up", 10, "interrupted", None)]


class TestClocks:
    def test_set_back_nothing_is_sent_twice_or_forgotten(self, street: Street) -> None:
        street.subscribe("recall.issued", "label.suspect")
        street.recall()
        street.hook.status("500 No")
        street.round()
        street.world.clock.pass_ms(-30 * DAY_MS)
        street.hook.status("200 Yes")
        assert street.round().delivered == 1, "it was to wait for a minute, and not for a month"
        street.recall()
        assert street.round().delivered == 1
        assert street.round() == Round(True)

    def test_a_lease_from_before_holds_nobody_up(self, street: Street) -> None:
        street.deliverer().round()
        street.world.clock.pass_ms(-DAY_MS)
        assert street.deliverer().round().had


class TestByHand:
    def counter(self, street: Street) -> Counter:
        return Counter(street.world.database, street.world.clock, street.world.desk.new_id, ORIGIN)

    def test_a_test_goes_to_that_one_alone_at_once(self, street: Street) -> None:
        street.subscribe()
        mail = street.subscribe(kind="mail")
        self.counter(street).try_out(mail)
        assert street.round().delivered == 1
        assert street.hook.requests == []
        assert street.mails()[0]["Subject"] == "This is a test · TraceQR"

    def test_but_not_without_end(self, street: Street) -> None:
        name = street.subscribe()
        for _ in range(5):
            self.counter(street).try_out(name)
        with pytest.raises(NotNow) as caught:
            self.counter(street).try_out(name)
        assert 0 < caught.value.wait_ms <= 60_000

    def test_what_was_given_up_is_sent_again(self, street: Street) -> None:
        name = street.subscribe()
        street.recall()
        street.hook.status("500 No")
        for attempt in range(1, ATTEMPTS + 1):
            street.round()
            street.world.clock.pass_ms(wait_ms(attempt, lambda: 0.0))
        street.hook.status("200 Yes")
        notification = street.world.one("SELECT id FROM notification")["id"]
        self.counter(street).again(name, notification)
        assert street.round().delivered == 1
        assert street.deliveries() == [("delivered", 1, "", 200)]

    @pytest.mark.parametrize("do", [lambda c: c.try_out("none"), lambda c: c.again("none", "none")])
    def test_not_for_what_is_not_there(self, street: Street, do: Callable[[Counter], None]) -> None:
        with pytest.raises(ActRefused, match="a subscription that was not removed"):
            do(self.counter(street))

    def test_nor_once_it_is_removed(self, street: Street) -> None:
        name = street.subscribe()
        street.recall()
        street.round()
        notifying.remove(street.world.desk, name)
        notification = street.world.one("SELECT id FROM notification")["id"]
        for do in (lambda: self.counter(street).try_out(name), lambda: self.counter(street).again(name, notification)):
            with pytest.raises(ActRefused, match="not removed"):
                do()


def test_after_ninety_days_nothing_is_left(street: Street) -> None:
    street.subscribe()
    street.recall()
    street.round()
    street.world.clock.pass_days(89)
    assert street.round().forgotten == 0
    street.world.clock.pass_days(1.1)
    assert street.round().forgotten == 1
    assert street.deliveries() == []
    assert street.round() == Round(True)
