"""The pages of notifications: each body its own, by the forms."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import pytest
from support.staff import enterprise_id, organisation_id

from tests.unit.web.office.conftest import Offices, Visitor
from traceqr import enrolling, notifying
from traceqr.access import Identity, Role
from traceqr.enrolling import OrganisationEntry
from traceqr.notifying import MAX_SUBSCRIPTIONS, Body, Wish
from traceqr.office.house import Absent, Denied
from traceqr.office.notifications import NotificationOffice
from traceqr.registry import notifications
from traceqr.registry.notifications import Notification
from traceqr.web.door import EXTENSION
from traceqr.webhook import WebhookSeal

PAGES = {
    Role.MANAGER: "/console/notifications",
    Role.OFFICER: "/association/notifications",
    Role.INSPECTOR: "/inspections/notifications",
}
EVENTS = {"/inspections/notifications": ["recall.issued", "correction.late"]}
"""By page, where they are not the usual: a regulator has no pages of cases."""
HOOK = "https://hooks.firm.example/in"


def subscribe(visitor: Visitor, path: str = PAGES[Role.MANAGER], **changes: Any) -> Any:
    events = EVENTS.get(path, ["recall.issued", "case.late"])
    return visitor.post(path, **{"kind": "webhook", "address": HOOK, "events": events, "spoken": "en", **changes})


def the_one(offices: Offices) -> str:
    return str(offices.world.base.one("SELECT id FROM subscription WHERE state = 'active'")["id"])


def sent(offices: Offices, name: str, subscription: str, number: int = 0, **changes: Any) -> str:
    """A notification that was sent to a subscription, and how it ended."""
    base = offices.world.base
    notification = f"{number:032x}"
    body = base.one("SELECT enterprise_id, organisation_id FROM subscription WHERE id = :id", id=subscription)
    made = Notification(notification, name, f"label:1.{number}", *body.values(), "{}", base.clock() + number)
    ended = {"state": "given_up", "fault": "status", "status": 500, "attempts": 10, **changes}
    with base.database.recording() as tx:
        notifications.insert(tx, made, [(subscription, base.clock())])
        tx.execute(
            f"UPDATE delivery SET {', '.join(f'{name} = :{name}' for name in ended)} WHERE notification_id = :id",
            {**ended, "id": notification},
        )
    return notification


@pytest.mark.parametrize("role", PAGES)
class TestSubscriptions:
    def test_a_webhook_shows_its_secret_once(self, offices: Offices, role: Role) -> None:
        visitor = offices.as_(role)
        page = subscribe(visitor, PAGES[role])
        (secret,) = re.findall(r"whsec_[A-Za-z0-9+/]{43}=", page.text)
        assert page.status_code == 200
        again = visitor.get(PAGES[role])
        assert HOOK in again.text
        assert "whsec_" not in again.text
        row = offices.world.base.one("SELECT secret, events, kind FROM subscription")
        assert secret not in row["secret"]
        assert set(row["events"].split()) == set(EVENTS.get(PAGES[role], ["recall.issued", "case.late"]))

    def test_mail(self, offices: Offices, role: Role) -> None:
        visitor = offices.as_(role)
        answer = subscribe(visitor, PAGES[role], kind="mail", address="quality@firm.example", spoken="zh-Hant")
        assert answer.status_code == 303
        page = visitor.get(PAGES[role]).text
        assert "quality@firm.example" in page
        assert "繁體" in page

    def test_a_new_secret_and_an_end(self, offices: Offices, role: Role) -> None:
        visitor = offices.as_(role)
        first = subscribe(visitor, PAGES[role]).text
        name = the_one(offices)
        second = visitor.post(f"{PAGES[role]}/{name}/renew", form=PAGES[role])
        (was,), (now,) = (re.findall(r"whsec_[\w+/]+=", page) for page in (first, second.text))
        assert was != now
        assert visitor.post(f"{PAGES[role]}/{name}/remove", form=PAGES[role]).status_code == 303
        assert HOOK not in visitor.get(PAGES[role]).text
        assert offices.world.base.acts()[-3:] == [
            "subscription.add",
            "subscription.renew_secret",
            "subscription.remove",
        ]

    def test_a_test_is_put_out(self, offices: Offices, role: Role) -> None:
        visitor = offices.as_(role)
        subscribe(visitor, PAGES[role])
        assert visitor.post(f"{PAGES[role]}/{the_one(offices)}/try", form=PAGES[role]).status_code == 303
        page = visitor.get(PAGES[role]).text
        assert "A test is on its way" in page
        assert "This is a test" in page
        payload = offices.world.base.one("SELECT payload FROM notification")["payload"]
        assert PAGES[role] in payload


class TestWrongInput:
    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"address": "http://hooks.firm.example/"}, "begins with https://"),
            ({"address": "https://127.0.0.1/"}, "its name on the public internet"),
            ({"address": "https://localhost/"}, "its name on the public internet"),
            ({"address": "https://hooks.firm.example:22/"}, "Only port 443"),
            ({"address": ""}, "must be filled in"),
            ({"address": "https://a.example/" + "x" * 600}, "too long"),
            ({"kind": "mail", "address": "nobody"}, "Enter one mail address"),
            ({"kind": "mail", "address": "a@firm.example\nBcc: b@firm.example"}, "Enter one mail address"),
            ({"kind": "pigeon"}, "Not a valid choice"),
            ({"events": []}, "must be filled in"),
            ({"events": ["everything"]}, "valid choice"),
            ({"spoken": "fr"}, "Not a valid choice"),
        ],
    )
    def test_is_named_at_its_field(self, offices: Offices, changes: dict[str, Any], words: str) -> None:
        visitor = offices.as_(Role.MANAGER)
        answer = subscribe(visitor, **changes)
        assert answer.status_code == 422
        assert words in answer.text
        assert offices.world.base.rows("SELECT id FROM subscription") == []

    def test_what_was_typed_stays(self, offices: Offices) -> None:
        answer = subscribe(offices.as_(Role.MANAGER), address='https://127.0.0.1/"><script>alert(1)</script>')
        assert answer.status_code == 422
        assert "<script>alert(1)" not in answer.text
        assert "&lt;script&gt;" in answer.text

    def test_the_same_address_twice(self, offices: Offices) -> None:
        """As when a page is loaded again that has shown a secret."""
        visitor = offices.as_(Role.MANAGER)
        subscribe(visitor)
        answer = subscribe(visitor)
        assert answer.status_code == 422
        assert "told already" in answer.text

    def test_too_many(self, offices: Offices) -> None:
        visitor, base = offices.as_(Role.MANAGER), offices.world.base
        seal = WebhookSeal.of(offices.world.settings.secret_key)
        for number in range(MAX_SUBSCRIPTIONS):
            wish = Wish("mail", f"a{number}@firm.example", ["recall.issued"])
            notifying.add(base.desk, seal, Body(enterprise_id(base)), wish)
        answer = subscribe(visitor)
        assert answer.status_code == 422
        assert "At most 20 addresses" in answer.text

    def test_an_association_is_not_offered_bursts(self, offices: Offices) -> None:
        visitor = offices.as_(Role.OFFICER)
        assert "batch.burst" not in visitor.get(PAGES[Role.OFFICER]).text
        assert subscribe(visitor, PAGES[Role.OFFICER], events=["batch.burst"]).status_code == 422

    def test_a_regulator_is_offered_what_it_has_pages_for(self, offices: Offices) -> None:
        visitor, path = offices.as_(Role.INSPECTOR), PAGES[Role.INSPECTOR]
        page = visitor.get(path).text
        assert "An ordered correction is overdue" in page
        assert "A case is overdue" not in page
        assert subscribe(visitor, path, events=["case.late"]).status_code == 422
        assert "An ordered correction is overdue" not in offices.as_(Role.MANAGER).get(PAGES[Role.MANAGER]).text

    def test_tests_are_few(self, offices: Offices) -> None:
        visitor = offices.as_(Role.MANAGER)
        subscribe(visitor)
        path = f"{PAGES[Role.MANAGER]}/{the_one(offices)}/try"
        for _ in range(6):
            answer = visitor.post(path, form=PAGES[Role.MANAGER])
            assert answer.status_code == 303
        assert "Wait a minute" in visitor.get(PAGES[Role.MANAGER]).text
        assert len(offices.world.base.rows("SELECT id FROM notification")) == 5


class TestDeliveries:
    def test_tell_how_they_ended_in_the_readers_words(self, offices: Offices) -> None:
        visitor = offices.as_(Role.MANAGER)
        subscribe(visitor)
        name = the_one(offices)
        sent(offices, "label.suspect", name, 1)
        sent(offices, "label.suspect", name, 2, state="waiting", fault="address", status=None, attempts=1)
        sent(offices, "recall.issued", name, 3, state="delivered", fault="", status=204, attempts=1)
        page = visitor.get(PAGES[Role.MANAGER]).text
        for words in ("given up", "The receiver did not take it. (500)", "inside a network", "next attempt"):
            assert words in page
        visitor.language = "zh-Hant"
        assert "已放棄" in visitor.get(PAGES[Role.MANAGER]).text

    def test_tell_what_another_has_recalled_and_how_many_labels_contain_it(self, offices: Offices) -> None:
        visitor = offices.as_(Role.MANAGER)
        subscribe(visitor, events=["recall.reached"])
        base = offices.world.base
        told = {"labels": 5, "batches": 2, "gtin": "06901234000016", "lot": "<b>L</b>"}
        sent(offices, "recall.reached", the_one(offices))
        with base.database.recording() as tx:
            tx.execute("UPDATE notification SET payload = :payload", {"payload": json.dumps({"data": told})})
        page = visitor.get(PAGES[Role.MANAGER]).text
        assert "Labels contain what another has recalled" in page
        assert "5 labels of 2 batches contain lot &lt;b&gt;L&lt;/b&gt; of GTIN 06901234000016." in page

    def test_are_sent_again_by_hand(self, offices: Offices) -> None:
        visitor = offices.as_(Role.MANAGER)
        subscribe(visitor)
        name = the_one(offices)
        notification = sent(offices, "label.suspect", name)
        path = f"{PAGES[Role.MANAGER]}/{name}/{notification}/again"
        assert visitor.post(path, form=PAGES[Role.MANAGER]).status_code == 303
        row = offices.world.base.one("SELECT state, attempts, fault FROM delivery")
        assert tuple(row.values()) == ("waiting", 0, "")

    def test_not_what_was_never_sent(self, offices: Offices) -> None:
        visitor = offices.as_(Role.MANAGER)
        subscribe(visitor)
        visitor.post(f"{PAGES[Role.MANAGER]}/{the_one(offices)}/{'0' * 32}/again", form=PAGES[Role.MANAGER])
        assert "not there any more" in visitor.get(PAGES[Role.MANAGER]).text

    def test_fifty_a_page(self, offices: Offices) -> None:
        visitor = offices.as_(Role.MANAGER)
        subscribe(visitor)
        name = the_one(offices)
        for number in range(60):
            sent(offices, "label.suspect", name, number)
        page = visitor.get(PAGES[Role.MANAGER]).text
        (after,) = re.findall(r'href="\?(after=[^"]+)"', page)
        rest = visitor.get(f"{PAGES[Role.MANAGER]}?{after}").text
        seen = [re.findall(r"Label 1\.(\d+)", each) for each in (page, rest)]
        assert [len(each) for each in seen] == [50, 10]
        assert sorted(map(int, seen[0] + seen[1])) == list(range(60))

    @pytest.mark.parametrize("after", ["x", "1-2-3", "9" * 40, "1-" + "0" * 32 + "-'; DROP TABLE delivery"])
    def test_a_place_that_is_none_is_the_beginning(self, offices: Offices, after: str) -> None:
        visitor = offices.as_(Role.MANAGER)
        subscribe(visitor)
        sent(offices, "label.suspect", the_one(offices))
        page = visitor.client.get(PAGES[Role.MANAGER], query_string={"after": after, "lang": "en"})
        assert "Label 1.0" in page.text

    def test_after_thirty_days_they_are_not_shown(self, offices: Offices) -> None:
        visitor = offices.as_(Role.MANAGER)
        subscribe(visitor)
        sent(offices, "label.suspect", the_one(offices))
        offices.world.base.clock.pass_days(31)
        assert "Label 1.0" not in offices.as_(Role.MANAGER).get(PAGES[Role.MANAGER]).text


class TestTenancy:
    """Each body sees and changes its own, however it asks."""

    def strangers(self, offices: Offices) -> Sequence[tuple[Role, str | None]]:
        base = offices.world.base
        base.enterprise(2)
        entry = OrganisationEntry("association", "province", "330000", "浙江省质量协会（测试）", "Zhejiang")
        enrolling.enrol_organisations(base.desk, [entry])
        other = base.one("SELECT id FROM organisation WHERE region = '330000'")["id"]
        return [
            (Role.MANAGER, enterprise_id(base, 2)),
            (Role.OFFICER, other),
            (Role.OFFICER, organisation_id(base)),
        ]

    def rows(self, offices: Offices) -> list[Any]:
        return [offices.world.base.rows(f"SELECT * FROM {table}") for table in ("subscription", "delivery")]

    def test_by_the_forms(self, offices: Offices) -> None:
        owner = offices.as_(Role.MANAGER)
        subscribe(owner)
        name = the_one(offices)
        notification = sent(offices, "label.suspect", name)
        before = self.rows(offices)
        for role, body in self.strangers(offices):
            visitor = offices.as_(role, body)
            assert HOOK not in visitor.get(PAGES[role]).text
            for path in ("remove", "renew", "try", f"{notification}/again"):
                assert visitor.post(f"{PAGES[role]}/{name}/{path}", form=PAGES[role]).status_code == 404, path
        assert self.rows(offices) == before

    @pytest.mark.parametrize("role", [Role.CLERK, Role.OPERATOR])
    def test_others_have_no_such_page(self, offices: Offices, role: Role) -> None:
        visitor = offices.as_(role)
        for path in PAGES.values():
            form = {"csrf_token": visitor.token("/account/"), "kind": "mail", "address": "a@firm.example"}
            for answer in (visitor.get(path), visitor.send(path, {**form, "events": "recall.issued", "spoken": "en"})):
                assert answer.status_code == 302
                assert path not in answer.headers["Location"]
        assert offices.world.base.rows("SELECT id FROM subscription") == []

    def test_at_the_desk(self, offices: Offices) -> None:
        owner = offices.as_(Role.MANAGER)
        subscribe(owner)
        name = the_one(offices)
        with offices.app.test_request_context():
            house = offices.app.extensions[EXTENSION].house
            other = NotificationOffice(house, Identity("x", Role.MANAGER, enterprise="another"))
            for do in (other.remove, other.renew_secret, other.try_out, lambda one: other.again(one, "n")):
                with pytest.raises(Absent):
                    do(name)
            assert other.subscriptions() == []
            nobody = NotificationOffice(house, Identity("x", Role.OPERATOR))
            for ask in (nobody.subscriptions, nobody.deliveries, lambda: nobody.remove(name)):
                with pytest.raises(Denied):
                    ask()
