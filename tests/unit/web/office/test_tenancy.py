"""Every route of the consoles, tried by everybody whom it does not concern.

Whoever is not of the first enterprise asks for what is the first's, by every route there is: he reads, and sends forms.
He is shown nothing of it, and nothing of it changes. A new kind of thing in a path is not in the tables here, and the
test says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from support import staff
from support.chain import Chain, labels
from support.chain_scenarios import GLN, PREFIX, location
from support.inspections import ID, LABEL, Inspectors, Key, enrolled
from support.staff import Person, enterprise_id
from support.world import CAMPAIGN, MARK, certificate, gtin, uscc
from werkzeug.routing import Rule

from tests.unit.web.office.conftest import Offices, Visitor
from tests.unit.web.world import GREEN_TEA
from traceqr import admitting, enrolling, entrusting, notifying, recalling, seconding, upholding
from traceqr.access import Role, Scope
from traceqr.activating import Range
from traceqr.chain import allocating, arranging
from traceqr.digital_link.elements import check_digit
from traceqr.enrolling import OrganisationEntry
from traceqr.notifying import Body, Counter, Wish
from traceqr.photo import Photo
from traceqr.registry import suspects
from traceqr.registry.suspects import Suspect
from traceqr.reporting import Scanned
from traceqr.web.headers import OFFICES
from traceqr.webhook import WebhookSeal

OPEN = {
    *("signing_in.sign_in", "signing_in.code", "signing_in.second_factor", "signing_in.sign_out", "signing_in.go"),
    *(f"inspect_app.{part}" for part in ("page", "unfinished", "pack", "worker", "manifest", "icon")),
}
"""Endpoints for whoever is not in yet: they show nothing of anybody. The app that starts with no network is for all."""

SECRET = "机密-of-the-first-alone"
"""Stands in texts of the first enterprise that nobody else is to read."""


@dataclass
class Estate:
    """What the first enterprise has, by the names that paths use, and people who have nothing to do with it."""

    offices: Offices
    things: Mapping[str, str]
    owner: Visitor
    strangers: Mapping[str, Visitor]


def rules(offices: Offices) -> Iterator[Rule]:
    for rule in offices.app.url_map.iter_rules():
        if rule.rule.startswith(OFFICES) and rule.endpoint not in OPEN:
            yield rule


def furnish(offices: Offices) -> tuple[Mapping[str, str], Person]:
    """Everything that a path can name, as the first enterprise has it."""
    base = offices.world.base
    owner = offices.person(Role.MANAGER)
    other = offices.person(Role.CLERK)
    body = enterprise_id(base)
    made = admitting.invite(base.desk, Role.CLERK, enterprise=body)
    token = entrusting.issue_token(base.desk, body, owner.account.id, SECRET, [Scope.READ], 30)
    subject = f"product:{gtin(56_789)}"
    proposal = seconding.propose(base.desk, "product.recall", subject, {"reason": SECRET}, enterprise=body)
    visitor = offices.visitor().sign_in(other)
    session = base.one("SELECT id FROM session WHERE account_id = :id", id=other.account.id)["id"]
    assert visitor
    base.product(56_789, specification=SECRET)
    batch = base.issue(5, gtin=GREEN_TEA, lot=SECRET)
    arranging.set_locations(base.desk, [location(base, name_zh=SECRET)])
    Chain(base).seen(labels(batch, 0, 1), step=f"urn:x:{SECRET}".encode("ascii", "ignore").decode(), location=GLN)
    base.claim("prefix", PREFIX)
    allocation = allocating.allocate(base.desk, body, PREFIX, "0", 2)
    held = recalling.open_on_batch(base.desk, "hold", Range(batch.number), SECRET)
    recalled = recalling.open_on_batch(base.desk, "recall", Range(base.issue(1, gtin=GREEN_TEA).number), SECRET)
    export = base.export(batch.number)
    base.mark()
    base.licence(gtins=(GREEN_TEA,))
    claim = base.claim("gtin", str(gtin(56_790)), accepted=False, documents=(certificate(SECRET.encode()),))
    document = base.one("SELECT id FROM document")["id"]
    base.recognition()
    case_id = base.case(
        scanned=Scanned("genuine", "r", batch.number, 0), content=SECRET, photos=(Photo(SECRET.encode(), None),)
    )
    seal = WebhookSeal.of(offices.world.settings.secret_key)
    wish = Wish("webhook", "https://of-the-first-alone.example/x", ["recall.issued"])
    notified = notifying.add(base.desk, seal, Body(body), wish)
    Counter(base.database, base.clock, base.desk.new_id, "https://x.example").try_out(notified.subscription.id)
    breach = upholding.declare_breach(base.desk, 1, "抽检不合格")
    suspect = Suspect(batch.number, 0, body, str(GREEN_TEA), 1, 1, 120, "many-devices", "330100")
    with base.database.recording() as tx:
        tx.execute_each(suspects.changes([suspect]))
    base.claim()
    parcel = "36901234000000001" + check_digit("36901234000000001")
    link = base.link(f"/00/{parcel}", href="https://of-the-first-alone.example/parcel")
    field = inspected(offices, batch.number)
    return {
        "inspection_id": ID,
        "device_id": field.device,
        "deed": "pack",
        "allocation_id": allocation.id,
        "format_": "txt",
        "number": "1",  # of the batch, of the pledge, of the licence, and of the event
        "index": "0",  # of the label that is suspect
        "gtin": str(GREEN_TEA),
        "campaign_id": CAMPAIGN,
        "kind": "participants",
        "name": "zxing-reader.js",  # of the files that everybody's browser gets
        "scope": "all",  # of a trust bundle, which every inspector may have
        "uscc": uscc(1),
        "notice_id": held.id,
        "recall_id": recalled.id,
        "export_id": export.id,
        "mark_id": MARK,
        "claim_id": claim,
        "document_id": document,
        "finding_id": breach.finding_id,
        "case_id": case_id,
        "digest": base.one("SELECT digest FROM report_photo")["digest"],
        "link_id": link.id,
        "key": "00",
        "value": parcel,
        "subscription_id": notified.subscription.id,
        "notification_id": base.one("SELECT id FROM notification")["id"],
        "account_id": other.account.id,
        "invitation_id": made.invitation.id,
        "token_id": token.token.id,
        "proposal_id": proposal.id,
        "session_id": session,
        "invited": made.token,
        "decision": "second",
    }, owner


def inspected(offices: Offices, batch: int) -> Inspectors:
    """An inspection of the first enterprise's label, by inspectors of another region than all others here."""
    base, name = offices.world.base, "某地市场监督管理局（测试）"
    enrolling.enrol_organisations(base.desk, [OrganisationEntry("regulator", "city", "440100", name, "Elsewhere")])
    body = str(base.one("SELECT id FROM organisation WHERE name_zh = :name", name=name)["id"])
    first, second, key = offices.person(Role.INSPECTOR, body), offices.person(Role.INSPECTOR, body), Key()
    field = Inspectors(base, first, second, key, enrolled(base, first, key))
    field.take(field.entry(record=field.record(findings=SECRET, labels=[{**LABEL, "serial": f"{batch:08d}00000000"}])))
    return field


def elsewhere(offices: Offices) -> str:
    """The id of an association of a province that the first enterprise is not in."""
    desk, name = offices.world.desk, "浙江省质量检验协会（测试）"
    enrolling.enrol_organisations(desk, [OrganisationEntry("association", "province", "330000", name, "Zhejiang")])
    return str(offices.world.base.one("SELECT id FROM organisation WHERE name_zh = :name", name=name)["id"])


@pytest.fixture
def estate(offices: Offices) -> Estate:
    base = offices.world.base
    base.enterprise(2)
    things, owner = furnish(offices)
    strangers = {
        "nobody": offices.visitor(),
        "a manager of another enterprise": offices.as_(Role.MANAGER, enterprise_id(base, 2)),
        "a clerk of another enterprise": offices.as_(Role.CLERK, enterprise_id(base, 2)),
        "an inspector": offices.as_(Role.INSPECTOR),
        "an operator": offices.as_(Role.OPERATOR),
        "an officer": offices.as_(Role.OFFICER),
        "an officer of another region": offices.as_(Role.OFFICER, elsewhere(offices)),
    }
    return Estate(offices, things, offices.visitor().sign_in(owner), strangers)


def path_of(rule: Rule, things: Mapping[str, str]) -> str:
    missing = rule.arguments - set(things)
    assert not missing, f"{rule.rule}: say in furnish() what {missing} is of the first enterprise's"
    return re.sub(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", lambda match: things[match[1]], rule.rule)


def state(offices: Offices) -> dict[str, Any]:
    """All that acts change. Sessions and paces come and go with those who ask."""
    return offices.world.base.dump("session", "pace")


def test_nobody_reads_or_changes_what_is_not_his(estate: Estate) -> None:
    before = state(estate.offices)
    for who, visitor in estate.strangers.items():
        token = visitor.token("/account/" if who != "nobody" else "/account/sign-in")
        for rule in rules(estate.offices):
            if rule.endpoint == "signing_in.invitation":
                continue  # whoever has the link may open it: that is what it is for
            path = path_of(rule, estate.things)
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                answer = (
                    visitor.get(path)
                    if method == "GET"
                    else visitor.client.post(path, data={"csrf_token": token, **FORM})
                )
                what = f"{who}: {method} {path} gave {answer.status_code}"
                assert answer.status_code in (200, 302, 303, 400, 401, 403, 404, 405, 409, 415, 422), what
                if rule.endpoint not in OWN_REGION or who != "an officer":
                    assert SECRET not in answer.text, what
                assert "of-the-first-alone.example" not in answer.text, what
                for name, value in estate.things.items():
                    if name.endswith("_id") and name not in {"campaign_id", "mark_id", *SHOWN.get(who, ())}:
                        assert value not in answer.text, f"{what}, which names the {name}"
        assert ended(estate) == 0, who
        changed = {table for table, rows in state(estate.offices).items() if rows != before[table]}
        assert not changed - ALLOWED.get(who, set()), f"{who} changed {changed}"
        before = state(estate.offices)


OWN_REGION = {
    *("association_claims.document", "association_recalls.listed", "association_recalls.shown"),
    *("association_recalls.progress", "association_recalls.lift"),
    *("association_cases.shown", "association_cases.photo"),
    *("inspections.shown", "inspections.open_case", "inspections.refer"),
}
_ACTS = ("contacts", "note", "answer", "assign", "close", "reopen", "escalate")
OWN_REGION |= {f"association_cases.{name}" for name in _ACTS}
"""What the officer of the region is shown of the first enterprise's by right, with all that it holds."""

FORM = {
    "role": "clerk",
    "name": "x",
    "scopes": "read",
    "days": "1",
    "reason": "x",
    "login": "stranger@firm.example",
    "password": staff.PASSWORD,
    "again": staff.PASSWORD,
}
"""What a form may want: enough for many to be taken, if they were let."""

ALLOWED = {
    "a manager of another enterprise": {"invitation", "api_token", "step_audience", "ledger", "trail", "meta"},
    "an operator": {"invitation", "ledger", "trail", "meta"},
    "an officer": {"invitation", "recognition", "ledger", "trail", "meta"},
    "an officer of another region": {"invitation", "ledger", "trail", "meta"},
}
"""What a stranger may change by the same routes: things of his own, and what an officer decides in his region."""

SHOWN = {"an officer": {"finding_id", "claim_id", "document_id", "case_id", "recall_id", "inspection_id"}}
"""What somebody is shown of the first enterprise's by right: here the officer in whose region it is."""


def ended(estate: Estate) -> int:
    """How many of the first enterprise's things were taken from it."""
    rows = estate.offices.world.base.rows
    return (
        len(rows("SELECT id FROM account WHERE state = 'closed'"))
        + len(rows("SELECT id FROM invitation WHERE state <> 'open' AND id = :id", id=estate.things["invitation_id"]))
        + len(rows("SELECT id FROM api_token WHERE state <> 'active'"))
        + len(rows("SELECT id FROM proposal WHERE state <> 'open'"))
        + len(rows("SELECT id FROM notice WHERE closed_position IS NOT NULL"))
        + len(rows("SELECT id FROM notice"))
        - 2
        + len(rows("SELECT id FROM gtin_claim WHERE state <> 'filed' AND id = :id", id=estate.things["claim_id"]))
        + len(rows("SELECT number FROM mark_licence WHERE state <> 'granted' OR quota <> 100"))
        + len(rows("SELECT number FROM pledge WHERE state <> 'breached'"))
        + len(rows("SELECT id FROM pledge_finding WHERE reply_position IS NOT NULL"))
        + len(rows("SELECT id FROM link WHERE state <> 'set'"))
        + (not rows("SELECT id FROM session WHERE id = :id", id=estate.things["session_id"]))
    )


def test_the_owner_does(estate: Estate) -> None:
    """The same things, by whose they are: the test above would not notice routes that lead nowhere."""
    owner = estate.owner
    assert SECRET in owner.get("/console/tokens").text
    assert SECRET in owner.get("/console/suspects/1/0").text
    assert estate.things["account_id"] in owner.get("/console/team").text
    assert owner.post(f"/console/tokens/{estate.things['token_id']}/revoke", form="/console/team").status_code == 303
    assert owner.post(f"/console/team/{estate.things['account_id']}/close", form="/console/team").status_code == 303
    assert ended(estate) >= 2


def test_a_clerk_manages_nobody(estate: Estate) -> None:
    clerk = estate.offices.as_(Role.CLERK)
    before = state(estate.offices)
    token = clerk.token("/account/")
    for path in ("invite", f"{estate.things['account_id']}/close", f"{estate.things['account_id']}/anew"):
        answer = clerk.client.post(f"/console/team/{path}", data={"csrf_token": token, "role": "manager"})
        assert answer.status_code == 403, path
    for path in ("/console/tokens", f"/console/tokens/{estate.things['token_id']}/revoke"):
        answer = clerk.client.post(path, data={"csrf_token": token, **FORM})
        assert answer.status_code == 403, path
    assert clerk.get("/console/tokens").status_code == 403
    assert state(estate.offices) == before


def test_an_officer_elsewhere_sees_no_application(estate: Estate) -> None:
    assert estate.strangers["an officer of another region"].get("/association/applications/1").status_code == 404
    assert estate.strangers["an officer"].get("/association/applications/1").status_code == 200


def test_routes_there_are(offices: Offices) -> None:
    assert len(list(rules(offices))) >= 50


def test_scopes_are_no_rights_of_a_person(offices: Offices) -> None:
    """A token of an enterprise opens no page of a console."""
    base, manager = offices.world.base, offices.person(Role.MANAGER)
    made = entrusting.issue_token(base.desk, enterprise_id(base), manager.account.id, "x", [*Scope], 1)
    visitor = offices.visitor()
    for rule in rules(offices):
        if not rule.arguments and "GET" in (rule.methods or ()):
            answer = visitor.get(rule.rule, Authorization=f"Bearer {made.secret}")
            programs = rule.rule.startswith("/inspect/api/")
            assert answer.status_code == (401 if programs else 302), rule.rule
