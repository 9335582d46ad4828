"""What programs of enterprises call: by each scope, by another enterprise, wrongly, twice and too often."""

from __future__ import annotations

import base64
import io
import itertools
import re
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from PIL import Image
from support.chain import Chain
from support.chain_scenarios import LEAVES
from support.scenarios import announcement
from support.staff import enterprise_id
from support.world import CAMPAIGN, gtin, uscc

from tests.unit.web.office.conftest import Offices
from tests.unit.web.world import GREEN_TEA, browser
from traceqr import entrusting, exporting, handling, pledging, recalling, upholding
from traceqr.access import Role, Scope
from traceqr.acting import Desk
from traceqr.activating import Range
from traceqr.office.handing_out import MASK
from traceqr.reporting import Scanned
from traceqr.signer.granting import grant
from traceqr.tracing.run import Run
from traceqr.tracing.thing import label_line
from traceqr.web import openapi
from traceqr.web.api_routes import ROUTES
from traceqr.web.api_schemas import PROBLEM
from traceqr.web.door import EXTENSION
from traceqr.web.enterprise_api import PREFIX
from traceqr.web.links import Links
from traceqr.web.route import MAX_BODY, MAX_BODY_WITH_FILES, Route
from traceqr.web.schema import faults

BY_NAME = {route.name: route for route in ROUTES}
_keys = itertools.count(1)


@dataclass
class Program:
    """A program of an enterprise, with its token."""

    client: Any
    secret: str | None
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> Any:
        return self.send("GET", path, None, **headers)

    def post(self, path: str, body: Any, key: str | None = None, **headers: str) -> Any:
        return self.send("POST", path, body, **{"Idempotency-Key": key or f"k{next(_keys)}", **headers})

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        own = {"Authorization": f"Bearer {self.secret}"} if self.secret else {}
        more = {} if body is None else {"json": body}
        return self.client.open(PREFIX + path, method=method, headers={**own, **headers}, **more)


def program(offices: Offices, *scopes: Scope, enterprise: int = 1) -> Program:
    base = offices.world.base
    owner = enterprise_id(base, enterprise)
    known = base.rows("SELECT id FROM account WHERE enterprise_id = :id", id=owner)
    account = known[0]["id"] if known else offices.person(Role.MANAGER, owner).account.id
    made = entrusting.issue_token(base.desk, owner, account, "MES", scopes or tuple(Scope), 30)
    return Program(browser(offices.app), made.secret)


BODIES: dict[str, dict[str, Any]] = {
    "create_product": {**BY_NAME["create_product"].example, "gtin": str(gtin(77))},
    "issue_batch": {"gtin": str(GREEN_TEA), "count": 5, "pledge": 1},
    "apply": {"campaign": "quality-month-ahead"},
    "issue_recall": {**BY_NAME["issue_recall"].example, "gtin": str(GREEN_TEA)},
}
AHEAD = "quality-month-ahead"


def prepare(offices: Offices, name: str) -> str:
    """Bring about what a call is about; returns its path."""
    world = offices.world
    batch = world.issue(active=False)
    path = BY_NAME[name].path.replace("{gtin}", str(GREEN_TEA))
    if name in ("licence", "licences"):
        world.base.mark()
        world.base.licence(gtins=(GREEN_TEA,))
        batch = 1
    if "case" in name:
        case_id = reported(offices, batch, answered=name == "close_case")
        return path.replace("{id}", case_id)
    if name in ("editions", "apply"):
        world.base.campaign(AHEAD, code="QA2026")
    if name in ("recall", "recall_product", "issue_recall"):
        alone(offices)
    if name in ("recalls", "recall_file", "state_progress", "lift_recall"):
        return path.replace("{id}", _recalled(offices, batch))
    if name == "lift":
        notice = program(offices).post(f"/batches/{batch}/hold", {"reason": "r"}).json
        return path.replace("{id}", notice["id"])
    return path.replace("{number}", str(_pledge(offices, name) or batch))


def reported(offices: Offices, batch: int, *, answered: bool = False) -> str:
    """The id of a case about a batch."""
    base = offices.world.base
    scanned = Scanned("seen", "seen-before", batch, 0)
    case_id = base.case(scanned=scanned, content=f"It was open, in {batch}.", contact="c")
    if answered:
        handling.answer(base.desk, case_id, "We looked into it.")
    return case_id


def _recalled(offices: Offices, batch: int) -> str:
    """The id of a recall by somebody of the enterprise."""
    desk = offices.world.desk
    person = offices.person(Role.MANAGER, enterprise_id(offices.world.base))
    own = replace(desk, actor=f"account:{person.account.id}")
    return recalling.recall(own, Range(batch), announcement()).id


def alone(offices: Offices) -> None:
    """As in a deployment where nobody needs a second person."""
    found = offices.app.extensions[EXTENSION]
    offices.app.extensions[EXTENSION] = replace(found, house=replace(found.house, second_person=False))


def _pledge(offices: Offices, name: str) -> int:
    """The number of the pledge that a call is about, brought to where it takes the call; 0 for other calls."""
    base = offices.world.base
    if name == "answer":
        base.campaign(AHEAD, code="QA2026")
        number = pledging.apply(base.desk, AHEAD, uscc()).number
        pledging.ask_back(base.desk, number, "Which standard?")
        return number
    if name == "reply":
        finding = upholding.declare_breach(base.desk, 1, "Underfilled").finding_id
        BODIES["reply"] = {**BY_NAME["reply"].example, "finding": finding}
    return 1 if name in ("pledge", "reply") else 0


def call(who: Program, route: Route, path: str) -> Any:
    if route.method == "GET":
        return who.get(path)
    body = BODIES.get(route.name, dict(route.example))
    if route.method == "PUT":
        return who.send("PUT", path, body, **{"If-Match": '"1"'})
    return who.post(path, body)


class TestEveryCall:
    def test_is_declared(self, offices: Offices) -> None:
        """What is served under the prefix is what the table has, and the few calls that need no token."""
        served = {
            (method, rule.rule.removeprefix(PREFIX))
            for rule in offices.app.url_map.iter_rules()
            if rule.rule.startswith(PREFIX)
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        }
        declared = {(route.method, route.path.replace("{", "<").replace("}", ">")) for route in ROUTES}
        assert served - declared == {("POST", "/verify"), ("GET", "/openapi.json")}
        assert declared <= served

    @pytest.mark.parametrize("name", BY_NAME)
    def test_answers_as_declared(self, offices: Offices, name: str) -> None:
        route, path = BY_NAME[name], prepare(offices, name)
        answer = call(program(offices, route.scope), route, path)
        assert answer.status_code == route.status, answer.text
        assert answer.mimetype == "application/json"
        assert faults(route.answer, answer.json) == []
        assert route.listed is None or answer.json["items"] or name in ("notices", "exports")
        assert "Set-Cookie" not in answer.headers
        assert "Access-Control-Allow-Origin" not in answer.headers

    def test_refuses_a_token_used_beyond_its_scope(self, offices: Offices) -> None:
        paths = {name: prepare(offices, name) for name in sorted(BY_NAME, key="reply".__eq__)}  # it ends a pledge
        programs = {scope: program(offices, *(set(Scope) - {scope})) for scope in Scope}
        before = offices.world.base.acts()
        for name, route in BY_NAME.items():
            answer = call(programs[route.scope], route, paths[name])
            assert (name, answer.status_code, answer.json["reason"]) == (name, 403, "scope-missing")
            assert answer.json["scope"] == route.scope
            assert faults(PROBLEM, answer.json) == []
        assert offices.world.base.acts() == before

    @pytest.mark.parametrize("name", BY_NAME)
    def test_shows_and_does_nothing_of_another_enterprise(self, offices: Offices, name: str) -> None:
        route, path = BY_NAME[name], prepare(offices, name)
        offices.world.base.enterprise(2)
        stranger = program(offices, enterprise=2)
        before = offices.world.base.acts()
        answer = call(stranger, route, path)
        if name == "editions":  # which are for everybody
            assert {one["id"] for one in answer.json["items"]} == {CAMPAIGN, AHEAD}
        elif route.listed and "{" not in route.path:
            assert answer.json == {"items": [], "next": None}
        elif name == "enterprise":
            assert answer.json["uscc"] == uscc(2)
        elif name in ("create_product", "file_claim", "apply"):
            assert answer.status_code == 201
        elif name in ("issue_batch", "issue_recall"):
            assert (answer.status_code, answer.json["reason"]) == (422, "refused")
        else:
            assert (answer.status_code, answer.json["reason"]) == (404, "not-found")
            missing = path.replace(str(GREEN_TEA), str(gtin(9))).replace("/1", "/99")
            assert call(stranger, route, missing).json == answer.json
        if answer.status_code != 201:
            assert offices.world.base.acts() == before

    def test_needs_a_token(self, offices: Offices) -> None:
        for route, secret in itertools.product(ROUTES, (None, "traceqr_guessed")):
            path = route.path.replace("{gtin}", str(GREEN_TEA)).replace("{number}", "1").replace("{id}", "x")
            answer = call(Program(browser(offices.app), secret), route, path)
            assert (route.name, answer.status_code) == (route.name, 401)
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            assert faults(PROBLEM, answer.json) == []

    @pytest.mark.parametrize("name", [route.name for route in ROUTES if route.body])
    def test_its_example_is_good(self, name: str) -> None:
        route = BY_NAME[name]
        assert route.body is not None
        assert faults(route.body, dict(route.example)) == []


class TestATokenThatHasEnded:
    def test_revoked(self, offices: Offices) -> None:
        who = program(offices)
        assert who.get("/enterprise").status_code == 200
        token = offices.world.base.one("SELECT id FROM api_token")["id"]
        entrusting.revoke_token(offices.world.desk, token)
        assert who.get("/enterprise").status_code == 401

    def test_out_of_date(self, offices: Offices) -> None:
        who = program(offices)
        offices.world.time.pass_ms(31 * 86_400_000)
        assert who.get("/enterprise").status_code == 401

    def test_a_session_is_no_token(self, offices: Offices) -> None:
        visitor = offices.as_(Role.MANAGER)
        assert visitor.get(PREFIX + "/enterprise").status_code == 401


class TestAKey:
    def test_the_same_request_again_does_nothing_again(self, offices: Offices) -> None:
        who = program(offices)
        first = who.post("/batches", BODIES["issue_batch"], "one")
        acts = offices.world.base.acts()
        again = who.post("/batches", BODIES["issue_batch"], "one")
        assert (first.status_code, first.data) == (again.status_code, again.data)
        assert offices.world.base.acts() == acts

    def test_another_request_is_refused(self, offices: Offices) -> None:
        who = program(offices)
        who.post("/batches", BODIES["issue_batch"], "one")
        acts = offices.world.base.acts()
        answer = who.post("/batches", {**BODIES["issue_batch"], "count": 6}, "one")
        assert (answer.status_code, answer.json["reason"]) == (422, "key-reused")
        assert offices.world.base.acts() == acts

    def test_what_was_refused_may_be_tried_again(self, offices: Offices) -> None:
        who = program(offices)
        batch = who.post("/batches", BODIES["issue_batch"]).json["number"]
        path = f"/batches/{batch}/activate"
        assert who.post(path, {"first": 9, "reason": "r"}, "one").status_code == 422
        assert who.post(path, {"first": 4, "reason": "r"}, "one").status_code == 200

    def test_is_forgotten_after_a_day(self, offices: Offices) -> None:
        who = program(offices)
        first = who.post("/batches", BODIES["issue_batch"], "one").json
        offices.world.time.pass_ms(86_400_000)
        assert who.post("/batches", BODIES["issue_batch"], "one").json["number"] == first["number"] + 1
        assert len(offices.world.base.rows("SELECT key FROM answered")) == 1

    def test_is_an_enterprise_s_own(self, offices: Offices) -> None:
        offices.world.base.enterprise(2)
        claim = dict(BY_NAME["file_claim"].example)
        first = program(offices).post("/claims", claim, "one").json
        other = program(offices, enterprise=2).post("/claims", claim, "one").json
        assert first["id"] != other["id"]

    def test_tells_nothing_to_a_token_beyond_its_scope(self, offices: Offices) -> None:
        program(offices).post("/batches", BODIES["issue_batch"], "one")
        answer = program(offices, Scope.READ).post("/batches", BODIES["issue_batch"], "one")
        assert answer.status_code == 403

    @pytest.mark.parametrize("key", ["", "x" * 65, "ü", "a b"])
    def test_of_another_form(self, offices: Offices, key: str) -> None:
        answer = program(offices).send("POST", "/batches", BODIES["issue_batch"], **{"Idempotency-Key": key})
        assert (answer.status_code, answer.json["reason"]) == (400, "key-malformed")

    def test_none(self, offices: Offices) -> None:
        answer = program(offices).send("POST", "/batches", BODIES["issue_batch"])
        assert (answer.status_code, answer.json["reason"]) == (400, "key-missing")


class TestAProduct:
    def test_is_amended_once_it_was_seen(self, offices: Offices) -> None:
        who = program(offices)
        path, text = f"/products/{GREEN_TEA}", dict(BY_NAME["amend_product"].example)
        seen = who.get(path).headers["ETag"]
        amended = who.send("PUT", path, text, **{"If-Match": seen})
        assert (amended.status_code, amended.headers["ETag"]) == (200, '"2"')
        stale = who.send("PUT", path, {**text, "brand": "x"}, **{"If-Match": seen})
        assert (stale.status_code, stale.json["version"]) == (412, 2)
        assert who.get(path).json["brand"] == text["brand"]

    @pytest.mark.parametrize(("header", "status"), [(None, 428), ("*", 400), ('W/"1"', 400), ('"0"', 400), ("1", 400)])
    def test_needs_the_version(self, offices: Offices, header: str | None, status: int) -> None:
        more = {} if header is None else {"If-Match": header}
        text = dict(BY_NAME["amend_product"].example)
        assert program(offices).send("PUT", f"/products/{GREEN_TEA}", text, **more).status_code == status

    def test_is_made_once(self, offices: Offices) -> None:
        answer = program(offices).post("/products", {**BODIES["create_product"], "gtin": str(GREEN_TEA)})
        assert (answer.status_code, answer.json["reason"]) == (409, "exists")


BAD: list[tuple[str, Any]] = [
    ("gtin", "06901234000017"),
    ("gtin", 6901234000016),
    ("count", 0),
    ("count", 100_000_001),
    ("count", "5"),
    ("count", 5.0),
    ("count", True),
    ("count", None),
    ("lot", ""),
    ("lot", "x" * 65),
    ("lot", "a\nb"),
    ("lot", "a\0b"),
    ("lot", "\ud800"),
    ("produced_on", "2026-02-30"),
    ("marks", [1, 1]),
    ("marks", list(range(1, 10))),
    ("marks/0", [0]),
    ("active", "yes"),
    ("origin", "https://evil.example"),
]
"""Members that are not as they must be: which, and what is sent."""


class TestABody:
    def test_with_a_bad_member_is_told_which(self, offices: Offices) -> None:
        who = program(offices)
        acts = offices.world.base.acts()
        for member, value in BAD:
            answer = who.post("/batches", {**BODIES["issue_batch"], member.partition("/")[0]: value})
            assert (answer.status_code, answer.json["reason"]) == (422, "invalid"), (member, value)
            assert [fault["member"] for fault in answer.json["faults"]] == [member]
            assert faults(PROBLEM, answer.json) == []
        assert offices.world.base.acts() == acts

    @pytest.mark.parametrize(
        "content", [b"", b"{", b'{"count": 1, "count": 2}', b'{"count": NaN}', b"\xff", b"[" * 60_000]
    )
    def test_that_is_no_json(self, offices: Offices, content: bytes) -> None:
        who = program(offices)
        answer = who.client.post(
            PREFIX + "/batches",
            data=content,
            headers={"Authorization": f"Bearer {who.secret}", "Idempotency-Key": "k"},
            content_type="application/json",
        )
        assert (answer.status_code, answer.json["reason"]) == (400, "bad-json")

    def test_too_large(self, offices: Offices) -> None:
        answer = program(offices).post("/batches", {"lot": "x" * MAX_BODY})
        assert (answer.status_code, answer.mimetype) == (413, "application/problem+json")

    @pytest.mark.parametrize("name", ["\ud800", "a\0b", "\u202e", "x" * 9_000])
    def test_with_a_member_of_an_odd_name(self, offices: Offices, name: str) -> None:
        answer = program(offices).post("/batches", {**BODIES["issue_batch"], name: 1})
        assert (answer.status_code, answer.json["reason"]) == (422, "invalid")
        assert [fault["expected"] for fault in answer.json["faults"]] == ["no such member"]

    def test_no_object(self, offices: Offices) -> None:
        assert program(offices).post("/batches", [1]).json["faults"][0]["expected"] == "object"


class TestAList:
    def test_goes_on_where_it_ended(self, offices: Offices) -> None:
        who = program(offices)
        for _ in range(5):
            offices.world.issue()
        found, cursor = [], ""
        while True:
            answer = who.get("/batches?limit=2" + cursor).json
            found += [batch["number"] for batch in answer["items"]]
            if answer["next"] is None:
                break
            cursor = "&cursor=" + answer["next"]
        assert found == [5, 4, 3, 2, 1]

    @pytest.mark.parametrize(
        "query", ["limit=0", "limit=101", "limit=x", "cursor=x", "cursor=InRlYSI=", "page=2", "limit=1&limit=2"]
    )
    def test_asked_wrongly(self, offices: Offices, query: str) -> None:
        answer = program(offices).get("/batches?" + query)
        assert (answer.status_code, answer.json["reason"]) == (422, "invalid")


def spelled(content: bytes) -> str:
    return base64.b64encode(content).decode()


def drawn(kind: str = "PNG") -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(kept, kind)
    return kept.getvalue()


class TestFiles:
    """Pictures of products and documents beside claims, in base64."""

    def test_a_picture_is_kept_and_stays(self, offices: Offices) -> None:
        who, example = program(offices), dict(BY_NAME["amend_product"].example)
        path = f"/products/{GREEN_TEA}"
        first = who.send("PUT", path, {**example, "picture": spelled(drawn())}, **{"If-Match": '"1"'})
        assert first.status_code == 200, first.text
        assert re.fullmatch("[0-9a-f]{64}", first.json["picture"])
        second = who.send("PUT", path, {**example, "brand": "x"}, **{"If-Match": '"2"'})
        assert second.json["picture"] == first.json["picture"]

    def test_a_new_product_with_its_picture(self, offices: Offices) -> None:
        body = {**BODIES["create_product"], "picture": spelled(drawn("JPEG"))}
        assert program(offices).post("/products", body).json["picture"]

    @pytest.mark.parametrize(
        ("content", "status", "reason"),
        [
            (spelled(b"<svg onload=alert(1)>"), 422, "refused"),
            ("not base64!", 422, "invalid"),
            (spelled(drawn()[:60]), 422, "refused"),
        ],
        ids=["svg", "no base64", "cut off"],
    )
    def test_what_is_no_picture(self, offices: Offices, content: str, status: int, reason: str) -> None:
        who = program(offices)
        before = offices.world.base.acts()
        answer = who.post("/products", {**BODIES["create_product"], "picture": content})
        assert (answer.status_code, answer.json["reason"]) == (status, reason)
        assert offices.world.base.acts() == before

    def test_documents_come_with_a_claim(self, offices: Offices) -> None:
        body = {
            **BY_NAME["file_claim"].example,
            "documents": [{"name": "证书.png", "content": spelled(drawn())}],
        }
        claim = program(offices).post("/claims", body).json["id"]
        row = offices.world.base.one("SELECT claim_id FROM claim_document WHERE claim_id = :id", id=claim)
        assert row["claim_id"] == claim

    def test_a_document_of_another_kind(self, offices: Offices) -> None:
        body = {**BY_NAME["file_claim"].example, "documents": [{"name": "a.zip", "content": spelled(b"PK\x03\x04")}]}
        answer = program(offices).post("/claims", body)
        assert (answer.status_code, answer.json["reason"], answer.json["member"]) == (422, "refused", "documents")

    def test_too_large(self, offices: Offices) -> None:
        body = {**BODIES["create_product"], "picture": "A" * MAX_BODY_WITH_FILES}
        assert program(offices).post("/products", body).status_code == 413


class TestRecalls:
    @pytest.mark.parametrize(
        ("path", "body"),
        [
            (f"/products/{GREEN_TEA}/recall", {"reason": "A part may break"}),
            ("/batches/1/recall", {"reason": "A part may break"}),
            ("/recalls", BODIES["issue_recall"]),
        ],
    )
    def test_need_two_people(self, offices: Offices, path: str, body: dict[str, Any]) -> None:
        offices.world.issue()
        answer = program(offices).post(path, body)
        assert (answer.status_code, answer.json["reason"]) == (403, "not-allowed")
        assert "propose it in the console" in answer.json["detail"]
        assert offices.world.base.rows("SELECT id FROM notice") == []

    def test_from_the_first_word_to_the_last(self, offices: Offices) -> None:
        alone(offices)
        offices.world.issue()
        who = program(offices)
        made = who.post("/recalls", BODIES["issue_recall"])
        assert (made.status_code, made.json["lot"], made.json["class"]) == (201, "20260915-A2", 2)
        path = f"/recalls/{made.json['id']}"
        who.post(f"{path}/progress", {"recovered": 5, "destroyed": 4, "tell_reach": True, "remark": "all"})
        found = who.get(path).json
        assert (found["labels"], found["seen_since"], found["progress"][0]["reached"]) == (5, 0, 0)
        lifted = who.post(f"{path}/lift", {"reason": "all is back", "outcome": "completed"}).json
        assert (lifted["state"], lifted["outcome"], lifted["closing"]) == ("lifted", "completed", "all is back")
        assert who.get(path).json.items() >= lifted.items()
        assert [one["id"] for one in who.get("/recalls").json["items"]] == [lifted["id"]]
        again = who.post(f"{path}/lift", {"reason": "again", "outcome": "other"})
        assert (again.status_code, again.json["reason"]) == (422, "refused")

    def test_of_what_was_made_of_a_material(self, offices: Offices) -> None:
        alone(offices)
        base, who = offices.world.base, program(offices)
        made_of_it = Run(label_line(str(GREEN_TEA), batch := offices.world.issue()), 0, 2)
        body = {**BODIES["issue_recall"], "gtin": LEAVES.gtin, "lot": LEAVES.qualifier, "material": "鲜叶"}
        refused = who.post("/recalls", body)
        assert (refused.status_code, refused.json["member"]) == (422, "gtin"), "no event names the lot"
        Chain(base).made([made_of_it], [LEAVES])
        made = who.post("/recalls", body)
        assert (made.status_code, made.json["lot"], made.json["material"]) == (201, LEAVES.qualifier, "鲜叶")
        assert base.rows("SELECT batch, first, last FROM recall_reach") == [
            {"batch": batch, "first": 0, "last": 2}
        ]
        assert who.post(f"/recalls/{made.json['id']}/lift", {"reason": "x", "outcome": "unfounded"}).status_code == 200

    @pytest.mark.parametrize(
        ("change", "member"),
        [
            ({"gtin": None}, "gtin"),
            ({"material": "leaves", "lot": None}, "lot"),
            ({"material": "leaves"}, "gtin"),
            ({"batch": 1}, "batch"),
            ({"lot": "L9"}, "lot"),
            ({"gtin": str(gtin(9)), "lot": None}, "gtin"),
            ({"gtin": None, "lot": None, "batch": 9}, "batch"),
            ({"first": 1}, "gtin"),
        ],
    )
    def test_of_what_is_not_there(self, offices: Offices, change: dict[str, Any], member: str) -> None:
        alone(offices)
        offices.world.issue()
        body = {name: value for name, value in {**BODIES["issue_recall"], **change}.items() if value is not None}
        answer = program(offices).post("/recalls", body)
        assert (answer.status_code, answer.json["reason"], answer.json["member"]) == (422, "refused", member)

    @pytest.mark.parametrize(
        "texts",
        [{}, {"en": {"hazard": "x"}}, {"zh-Hans": {"hazard": "x", "advice": "", "contact": "x"}}, {"fr": {}}, "glass"],
    )
    def test_without_their_words(self, offices: Offices, texts: Any) -> None:
        alone(offices)
        offices.world.issue()
        answer = program(offices).post("/recalls", {**BODIES["issue_recall"], "texts": texts})
        assert (answer.status_code, answer.json["reason"]) == (422, "invalid")

    def test_more_than_there_are(self, offices: Offices) -> None:
        batch = offices.world.issue()
        path = f"/recalls/{_recalled(offices, batch)}/progress"
        answer = program(offices).post(path, {"recovered": 6, "destroyed": 0})
        assert (answer.status_code, answer.json["member"]) == (422, "recovered")

    def test_of_another_enterprise(self, offices: Offices) -> None:
        offices.world.base.enterprise(2)
        one = _recalled(offices, offices.world.issue())
        stranger = program(offices, enterprise=2)
        assert stranger.get(f"/recalls/{one}").status_code == 404
        assert stranger.get("/recalls").json["items"] == []
        assert stranger.post(f"/recalls/{one}/lift", {"reason": "x", "outcome": "other"}).status_code == 404
        assert stranger.post(f"/recalls/{one}/progress", {"recovered": 1, "destroyed": 1}).status_code == 404


def test_a_pledge_from_its_application_to_a_reply(offices: Offices) -> None:
    base, who = offices.world.base, program(offices, Scope.PLEDGES, Scope.READ)
    base.campaign(AHEAD, code="QA2026")
    number = who.post("/pledges", {"campaign": AHEAD}).json["number"]
    assert who.post("/pledges", {"campaign": AHEAD}).status_code == 404  # it is applied for
    pledging.ask_back(base.desk, number, "Which standard?")
    assert who.get(f"/pledges/{number}").json["notes"][0]["content"] == "Which standard?"
    assert who.post(f"/pledges/{number}/answer", {"content": "GB/T 14456"}).status_code == 200
    found = who.get(f"/pledges/{number}").json
    assert (found["state"], [one["kind"] for one in found["notes"]]) == ("applied", ["question", "answer"])
    breach = upholding.declare_breach(base.desk, 1, "Underfilled").finding_id
    replied = who.post("/pledges/1/reply", {"finding": breach, "content": "The lot was withdrawn"})
    assert (replied.status_code, replied.json) == (200, {"number": 1, "state": "breached"})
    assert who.get("/pledges/1").json["findings"][0]["reply"] == "The lot was withdrawn"


class TestLabels:
    def test_change_their_state(self, offices: Offices) -> None:
        who = program(offices)
        batch = who.post("/batches", BODIES["issue_batch"]).json["number"]
        who.post(f"/batches/{batch}/activate", {"first": 0, "last": 2, "reason": "packed"})
        who.post(f"/batches/{batch}/void", {"first": 4, "reason": "torn"})
        notice = who.post(f"/batches/{batch}/hold", {"first": 0, "last": 0, "reason": "check"}).json
        assert [notice["id"]] == [one["id"] for one in who.get("/notices").json["items"]]
        spans = who.get(f"/batches/{batch}/spans").json["items"]
        assert [(span["first"], span["life"], span["holds"]) for span in spans] == [
            (0, "active", 1),
            (1, "active", 0),
            (3, "issued", 0),
            (4, "void", 0),
        ]
        assert who.post(f"/notices/{notice['id']}/lift", {"reason": "well"}).status_code == 200
        assert who.get("/notices").json["items"] == []

    def test_a_recall_of_the_operator_stays(self, offices: Offices) -> None:
        base = offices.world.base
        desk: Desk = base.desk
        notice = recalling.open_on_product(desk, "recall", GREEN_TEA, "unsafe")
        answer = program(offices).post(f"/notices/{notice.id}/lift", {"reason": "well"})
        assert (answer.status_code, answer.json["reason"]) == (422, "refused")
        assert base.rows("SELECT id FROM notice WHERE closed_position IS NULL") == [{"id": notice.id}]

    def test_are_handed_out_by_a_link(self, offices: Offices) -> None:
        who, world = program(offices), offices.world
        batch = world.issue()
        body = {"format": "txt"}
        made = who.post(f"/batches/{batch}/exports", body, "one").json
        token = made["address"].split("/print/")[1].split("/")[0]
        link = Links(world.settings.require_secret_key()).read(token, world.time())
        with world.database.snapshot() as reader:
            granted = grant(reader, link.export, world.time())
        assert (granted.export.id, granted.mask) == (made["export"], MASK)
        assert [one["state"] for one in who.get(f"/batches/{batch}/exports").json["items"]] == ["begun"]
        exporting.finish(world.desk, granted.export, "a" * 64, 9)
        assert [one["state"] for one in who.get(f"/batches/{batch}/exports").json["items"]] == ["whole"]
        assert who.post(f"/batches/{batch}/exports", body, "one").json == made
        assert token not in world.base.one("SELECT body FROM answered WHERE key = 'one'")["body"]
        again = who.post(f"/batches/{batch}/exports", body)
        assert again.status_code == 422
        assert again.json["member"] == "again"

    @pytest.mark.parametrize(
        "options", [{"design": "/etc/passwd"}, {"sheet": "/etc/passwd.toml"}, {"columns": "nonsense"}]
    )
    def test_are_handed_out_in_no_other_form(self, offices: Offices, options: dict[str, str]) -> None:
        batch = offices.world.issue()
        name = "csv" if "columns" in options else "pdf"
        answer = program(offices).post(f"/batches/{batch}/exports", {"format": name, "options": options})
        assert answer.status_code == 422
        assert "labels.export" not in offices.world.base.acts()


def test_too_much_is_slowed_for_all_tokens_of_an_enterprise(offices: Offices) -> None:
    one, other = program(offices, Scope.READ), program(offices, Scope.READ)
    for _ in range(60):
        assert (one.get("/enterprise").status_code, other.get("/enterprise").status_code) == (200, 200)
    answer = other.get("/enterprise")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    assert answer.headers["RateLimit-Policy"] == '"get";q=120;w=60'
    offices.world.time.pass_ms(1_000)
    assert one.get("/enterprise").status_code == 200


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Interface for programs"), ("zh-Hans", "程序接口"), ("zh-Hant", "程式介面")]
)
def test_the_page_has_every_call(offices: Offices, language: str, words: str) -> None:
    answer = browser(offices.app).get("/api/", headers={"Accept-Language": language})
    assert answer.status_code == 200
    assert words in answer.text
    assert all(f'id="{route.name}"' in answer.text for route in ROUTES)
    assert "<script" not in answer.text


class TestTheDocument:
    def test_has_every_call(self, offices: Offices) -> None:
        answer = browser(offices.app).get(PREFIX + "/openapi.json")
        assert answer.json["openapi"] == "3.1.0"
        found = {(method.upper(), path) for path, calls in answer.json["paths"].items() for method in calls}
        ours = {(method, path) for method, path in found if not path.startswith("/epcis/v2/")}
        assert ours == {(route.method, PREFIX + route.path) for route in ROUTES} | {("POST", PREFIX + "/verify")}
        told = {path.split("/")[3] for _, path in found - ours}
        assert told == {
            *("capture", "events", "eventTypes", "epcs", "bizSteps", "bizLocations", "readPoints", "dispositions"),
            "queries",
        }

    def test_is_valid(self) -> None:
        from openapi_spec_validator import validate

        validate(openapi.document("https://qr.example.org"))  # type: ignore[arg-type]


class TestCases:
    def test_reports_are_read_and_answered(self, offices: Offices) -> None:
        who, batch = program(offices, Scope.CASES), offices.world.issue()
        case_id = reported(offices, batch)
        (listed,) = who.get("/cases").json["items"]
        assert (listed["id"], listed["batch"], listed["reports"], listed["late"]) == (case_id, batch, 1, False)
        (report,) = who.get(f"/cases/{case_id}/reports").json["items"]
        assert (report["content"], report["serial"], report["photos"]) == (
            f"It was open, in {batch}.",
            f"{batch:08}00000000",
            0,
        )
        refused = who.post(f"/cases/{case_id}/close", {"finding": "genuine"})
        assert (refused.status_code, refused.json["member"]) == (422, "finding")
        answered = who.post(f"/cases/{case_id}/answer", {"content": "We looked into it."})
        assert (answered.status_code, answered.json["state"]) == (200, "open")
        closed = who.post(f"/cases/{case_id}/close", {"finding": "genuine", "content": "All is well."})
        assert (closed.json["state"], closed.json["finding"]) == ("closed", "genuine")
        told = who.get(f"/cases/{case_id}").json["answers"]
        assert [(one["kind"], one["content"]) for one in told] == [
            ("answer", "We looked into it."),
            ("closing", "All is well."),
        ]

    def test_the_same_answer_under_the_same_key_is_one(self, offices: Offices) -> None:
        who, case_id = program(offices, Scope.CASES), reported(offices, offices.world.issue())
        first = who.post(f"/cases/{case_id}/answer", {"content": "x"}, "one")
        assert who.post(f"/cases/{case_id}/answer", {"content": "x"}, "one").json == first.json
        assert offices.world.base.acts().count("case.answer") == 1

    def test_no_contact_and_no_note_is_told(self, offices: Offices) -> None:
        who, case_id = program(offices, Scope.CASES), reported(offices, offices.world.issue())
        handling.note(offices.world.desk, case_id, "a note of ours")
        for path in ("/cases", f"/cases/{case_id}", f"/cases/{case_id}/reports"):
            text = who.get(path).text
            assert "contact" not in text
            assert "a note of ours" not in text

    def test_pages(self, offices: Offices) -> None:
        who = program(offices, Scope.CASES)
        made = [reported(offices, offices.world.issue()) for _ in range(3)]
        first = who.get("/cases?limit=2").json
        second = who.get(f"/cases?limit=2&cursor={first['next']}").json
        assert {one["id"] for one in [*first["items"], *second["items"]]} == set(made)
        assert second["next"] is None
