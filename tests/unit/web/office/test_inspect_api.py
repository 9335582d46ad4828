"""What the app of inspectors asks and is answered: docs/inspection-format.md, section 2, and every bad input."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from support.inspections import ID, LABEL, MADE, Key, addition, by, canonical, digest, envelope, jpeg, later, record
from support.staff import Person

from tests.unit.web.office.conftest import Offices, Visitor
from tests.unit.web.world import GREEN_TEA, build
from traceqr import enrolling, equipping
from traceqr.access import Role
from traceqr.enrolling import OrganisationEntry
from traceqr.instant import to_iso
from traceqr.registry.pacing import Pace
from traceqr.web import consoles
from traceqr.web.app import create_app

API = "/inspect/api"
PHOTO = jpeg()
NAME = hashlib.sha256(PHOTO).hexdigest()


@dataclass
class Phone:
    """A signed-in inspector with a device, and a colleague."""

    offices: Offices
    person: Person
    second: Person
    visitor: Visitor
    key: Key = field(default_factory=Key)
    device: str = ""

    @property
    def token(self) -> str:
        return str(self.get("/me").json["csrf"])

    def get(self, path: str) -> Any:
        return self.visitor.get(API + path)

    def send(self, path: str, body: Any, method: str = "POST", **headers: str) -> Any:
        given = {"X-CSRF-Token": self.token, **headers}
        return self.visitor.client.open(API + path, method=method, json=body, headers=given)

    def put(self, name: str, content: bytes, **headers: str) -> Any:
        given = {"X-CSRF-Token": self.token, "Content-Type": "image/jpeg", **headers}
        return self.visitor.client.put(f"{API}/photos/{name}", data=content, headers=given)

    def enrol(self, **changes: Any) -> Any:
        account = self.person.account.id
        body = {"name": "手机", "key": self.key.jwk, "code": self.person.code(), "proof": self.key.prove(account)}
        answer = self.send("/devices", {**body, **changes})
        self.person.world.clock.pass_ms(30_000)
        return answer

    def record(self, **changes: Any) -> dict[str, Any]:
        return by(record(**changes), self.person.account.id, self.second.account.id)

    def entry(self, **changes: Any) -> str:
        given = {"device": self.device, "account": self.person.account.id, "record": self.record()}
        return canonical(envelope(**{**given, **changes}))

    def later(self, previous: str, **changes: Any) -> str:
        given = {"device": self.device, "account": self.person.account.id}
        return canonical(later(digest(previous), **{**given, **changes}))

    def take(self, text: str, **changes: Any) -> Any:
        return self.send("/entries", {"entry": text, "signature": self.key.sign_entry(text), **changes})


@pytest.fixture
def phone(offices: Offices) -> Phone:
    person, second = offices.person(Role.INSPECTOR), offices.person(Role.INSPECTOR)
    found = Phone(offices, person, second, offices.visitor().sign_in(person))
    answer = found.enrol()
    assert answer.status_code == 201, answer.text
    found.device = answer.json["device"]
    return found


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), answer.text
    assert answer.json["code"] == code
    return dict(answer.json)


class TestMyself:
    def test_who_one_is_and_with_whom(self, phone: Phone) -> None:
        base = phone.offices.world.base
        equipping.state_badge(base.desk, phone.second.account.id, "沪-002")
        answer = phone.get(f"/me?device={phone.device}")
        said = answer.json
        organisation = base.one("SELECT id, name_zh, name_en, region FROM organisation WHERE kind = 'regulator'")
        assert answer.headers["Cache-Control"] == "no-store"
        assert said.pop("csrf")
        assert said == {
            "account": phone.person.account.id,
            "name": phone.person.account.name,
            "number": "",
            "organisation": organisation,
            "colleagues": [{"account": phone.second.account.id, "name": phone.second.account.name, "number": "沪-002"}],
            "device": {"id": phone.device, "name": "手机", "state": "enrolled"},
            "now": to_iso(base.clock()),
        }

    @pytest.mark.parametrize("device", ["", "00000000000000ff", "%00", "x" * 500])
    def test_a_device_that_is_not_one_s_own_is_null(self, phone: Phone, device: str) -> None:
        answer = phone.get(f"/me?device={device}")
        if device == "%00":
            problem(answer, 404, "http-404")
        else:
            assert answer.json["device"] is None


class TestSessions:
    PATHS = (("GET", "/me"), ("POST", "/entries"), ("PUT", f"/photos/{NAME}"), ("POST", "/scans"), ("GET", "/photos"))

    @pytest.mark.parametrize(("method", "path"), PATHS)
    def test_without_one_nothing_is_lost(self, offices: Offices, method: str, path: str) -> None:
        problem(offices.visitor().client.open(API + path, method=method), 401, "signed-out")

    def test_one_that_has_ended_in_the_field(self, phone: Phone) -> None:
        text, token = phone.entry(), phone.token
        phone.person.world.clock.pass_ms(3_600_000)
        body = {"entry": text, "signature": phone.key.sign_entry(text)}
        answer = phone.visitor.client.post(API + "/entries", json=body, headers={"X-CSRF-Token": token})
        problem(answer, 401, "signed-out")
        phone.visitor = phone.offices.visitor().sign_in(phone.person)
        assert phone.take(text).status_code == 201

    def test_one_that_awaits_its_second_factor(self, offices: Offices) -> None:
        person, visitor = offices.person(Role.INSPECTOR), offices.visitor()
        visitor.post("/account/sign-in", login=person.login, password=person.password)
        problem(visitor.get(API + "/me"), 401, "signed-out")

    @pytest.mark.parametrize("role", [Role.OFFICER, Role.MANAGER, Role.OPERATOR])
    def test_one_of_somebody_else(self, offices: Offices, role: Role) -> None:
        problem(offices.as_(role).get(API + "/me"), 403, "role-other")

    @pytest.mark.parametrize("token", ["", "x", "IjEi.x.y"])
    def test_without_its_token(self, phone: Phone, token: str) -> None:
        text = phone.entry()
        body = {"entry": text, "signature": phone.key.sign_entry(text)}
        problem(phone.send("/entries", body, **{"X-CSRF-Token": token}), 403, "token-refused")
        problem(phone.put(NAME, PHOTO, **{"X-CSRF-Token": token}), 403, "token-refused")

    def test_from_another_site(self, phone: Phone) -> None:
        headers = {"Sec-Fetch-Site": "cross-site"}
        problem(phone.send("/scans", {"text": "x"}, **headers), 403, "token-refused")


class TestDevices:
    def test_the_same_key_again_is_the_same_device(self, phone: Phone) -> None:
        answer = phone.enrol(code="000000")
        assert (answer.status_code, answer.json) == (200, {"device": phone.device})

    def test_another_key_is_another_device(self, phone: Phone) -> None:
        phone.key = Key()
        answer = phone.enrol()
        assert answer.status_code == 201
        assert answer.json["device"] != phone.device

    def test_a_wrong_code(self, phone: Phone) -> None:
        phone.key = Key()
        problem(phone.enrol(code="000000"), 403, "code-refused")

    def test_a_code_that_was_used(self, phone: Phone) -> None:
        phone.key = Key()
        code = phone.person.code()
        assert phone.enrol(code=code).status_code == 201
        phone.key = Key()
        problem(phone.enrol(code=code), 403, "code-refused")

    def test_many_wrong_codes(self, phone: Phone) -> None:
        phone.key = Key()
        token, account = phone.token, phone.person.account.id
        body = {"name": "手机", "key": phone.key.jwk, "code": "000000", "proof": phone.key.prove(account)}
        for _ in range(5):
            answer = phone.visitor.client.post(API + "/devices", json=body, headers={"X-CSRF-Token": token})
            problem(answer, 403, "code-refused")
        answer = phone.visitor.client.post(API + "/devices", json=body, headers={"X-CSRF-Token": token})
        assert problem(answer, 429, "slow-down")["wait_ms"] > 0
        assert int(answer.headers["Retry-After"]) > 0

    def test_too_many(self, phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(equipping, "MAX_DEVICES", 1)
        phone.key = Key()
        problem(phone.enrol(), 409, "devices-too-many")

    @pytest.mark.parametrize(
        ("changes", "where"),
        [
            ({"name": ""}, "name"),
            ({"name": "a\nb"}, "name"),
            ({"key": {}}, "key"),
            ({"key": {"kty": "RSA"}}, "key"),
            ({"proof": ""}, "proof"),
            ({"proof": "A" * 86}, "proof"),
        ],
    )
    def test_what_is_malformed_is_named(self, phone: Phone, changes: dict[str, Any], where: str) -> None:
        phone.key = Key()
        said = problem(phone.enrol(**changes), 422, "device-malformed")
        assert [fault["where"] for fault in said["faults"]] == [where]

    def test_a_proof_for_another_account(self, phone: Phone) -> None:
        phone.key = Key()
        said = problem(phone.enrol(proof=phone.key.prove(phone.second.account.id)), 422, "device-malformed")
        assert said["faults"][0]["where"] == "proof"

    def test_a_key_with_its_private_part(self, phone: Phone) -> None:
        problem(phone.enrol(key={**phone.key.jwk, "d": "AA"}), 422, "device-malformed")

    def test_a_key_of_a_device_that_was_revoked(self, phone: Phone) -> None:
        equipping.revoke(phone.offices.world.base.desk, phone.device)
        problem(phone.enrol(), 422, "device-malformed")
        assert phone.get(f"/me?device={phone.device}").json["device"]["state"] == "revoked"


class TestPhotos:
    def test_one_is_kept_as_the_device_has_it(self, phone: Phone) -> None:
        assert phone.get(f"/photos?d={NAME},{'cd' * 32}").json == {"missing": [NAME, "cd" * 32]}
        assert phone.put(NAME, PHOTO).status_code == 201
        assert phone.put(NAME, PHOTO).status_code == 200
        assert phone.get(f"/photos?d={NAME},{'cd' * 32}").json == {"missing": ["cd" * 32]}
        folder = phone.offices.world.settings.attachments
        assert folder is not None
        assert (folder / NAME[:2] / NAME).read_bytes() == PHOTO

    def test_one_that_is_not_kept_any_more_is_missing_again(self, phone: Phone) -> None:
        phone.put(NAME, PHOTO)
        folder = phone.offices.world.settings.attachments
        assert folder is not None
        (folder / NAME[:2] / NAME).unlink()
        assert phone.get(f"/photos?d={NAME}").json == {"missing": [NAME]}

    @pytest.mark.parametrize(
        ("name", "content", "code"),
        [
            ("ab" * 32, PHOTO, "photo-altered"),
            (NAME, PHOTO[:-1], "photo-altered"),
            (NAME, b"", "photo-altered"),
            ("x", PHOTO, "photo-altered"),
            (NAME.upper(), PHOTO, "photo-altered"),
            (hashlib.sha256(b"text").hexdigest(), b"text", "photo-malformed"),
            (hashlib.sha256(PHOTO[:200]).hexdigest(), PHOTO[:200], "photo-malformed"),
            (hashlib.sha256(b"\x89PNG\r\n\x1a\n").hexdigest(), b"\x89PNG\r\n\x1a\n", "photo-malformed"),
            ("ab" * 32, b"\xff" * 5_000_001, "photo-too-large"),
        ],
        ids=["other", "cut", "empty", "no-digest", "upper", "text", "truncated", "png", "large"],
    )
    def test_what_is_refused(self, phone: Phone, name: str, content: bytes, code: str) -> None:
        problem(phone.put(name, content), 422, code)
        assert phone.offices.world.base.rows("SELECT digest FROM field_photo") == []

    def test_one_that_is_an_archive_too(self, phone: Phone) -> None:
        content = PHOTO + b"<script>" + b"PK\x05\x06" + bytes(18)
        problem(phone.put(hashlib.sha256(content).hexdigest(), content), 422, "photo-malformed")

    @pytest.mark.parametrize("tail", [b"\0", bytes(2_000) + b"<html><script>", PHOTO], ids=["NUL", "page", "two"])
    def test_one_with_something_behind_it(self, phone: Phone, tail: bytes) -> None:
        content = PHOTO + tail
        problem(phone.put(hashlib.sha256(content).hexdigest(), content), 422, "photo-malformed")

    @pytest.mark.parametrize("how", [{}, {"progressive": True}, {"restart_marker_blocks": 1}, {"comment": b"\xff\xd9"}])
    def test_every_way_to_write_one_is_taken(self, phone: Phone, how: dict[str, Any]) -> None:
        out = io.BytesIO()
        Image.effect_noise((90, 70), 80).convert("RGB").save(out, "JPEG", **how)
        content = out.getvalue()
        assert phone.put(hashlib.sha256(content).hexdigest(), content).status_code == 201

    def test_too_many_wait(self, phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("traceqr.office.field.PHOTOS", Pace(2, 15_000))
        assert [phone.put(NAME, PHOTO).status_code for _ in range(2)] == [201, 200]
        other = jpeg(7)
        answer = phone.put(hashlib.sha256(other).hexdigest(), other)
        assert problem(answer, 429, "slow-down")["wait_ms"] == 15_000
        assert answer.headers["Retry-After"] == "15"
        assert len(phone.offices.world.base.rows("SELECT digest FROM field_photo")) == 1
        phone.person.world.clock.pass_ms(15_000)
        assert phone.put(hashlib.sha256(other).hexdigest(), other).status_code == 201

    def test_another_media_type(self, phone: Phone) -> None:
        problem(phone.put(NAME, PHOTO, **{"Content-Type": "image/png"}), 415, "not-jpeg")

    def test_far_too_large(self, phone: Phone) -> None:
        problem(phone.put(NAME, bytes(13 << 20)), 413, "http-413")

    @pytest.mark.parametrize("asked", ["", "?d=", "?d=x", "?d=" + ",".join(["ab" * 32] * 51), "?d=" + "AB" * 32])
    def test_digests_that_are_none(self, phone: Phone, asked: str) -> None:
        problem(phone.get("/photos" + asked), 422, "request-malformed")


class TestEntries:
    def test_one_is_taken_once(self, phone: Phone) -> None:
        text = phone.entry()
        answer = phone.take(text)
        base = phone.offices.world.base
        assert answer.status_code == 201, answer.text
        assert answer.json == {
            "inspection": ID,
            "entry": 0,
            "digest": digest(text),
            "received": to_iso(base.clock()),
            "position": base.one("SELECT MAX(position) AS at FROM ledger")["at"],
        }
        base.clock.pass_ms(60_000)
        again = phone.take(text)
        assert (again.status_code, again.json) == (200, answer.json)

    def test_with_a_photo(self, phone: Phone) -> None:
        named = {"digest": NAME, "bytes": len(PHOTO), "at": "2026-09-01T00:00:00.000Z", "position": None, "caption": ""}
        text = phone.entry(record=phone.record(photos=[named]))
        assert problem(phone.take(text), 409, "photos-missing")["missing"] == [NAME]
        phone.put(NAME, PHOTO)
        assert phone.take(text).status_code == 201

    def test_an_addition(self, phone: Phone) -> None:
        text = phone.entry()
        phone.take(text)
        assert phone.take(phone.later(text)).json["entry"] == 1

    def test_a_conflict_is_told_with_what_is_there(self, phone: Phone) -> None:
        text = phone.entry()
        phone.take(text)
        other = phone.entry(record=phone.record(finding="unclear"))
        assert problem(phone.take(other), 409, "entry-conflict")["digest"] == digest(text)

    def test_one_that_is_ahead(self, phone: Phone) -> None:
        assert problem(phone.take(phone.later(phone.entry())), 409, "entry-ahead")["entries"] == 0

    def test_one_that_follows_another(self, phone: Phone) -> None:
        text = phone.entry()
        phone.take(text)
        assert problem(phone.take(phone.later("{}")), 409, "entry-forked")["digest"] == digest(text)

    def test_an_inspection_that_was_withdrawn(self, phone: Phone) -> None:
        text = phone.entry()
        phone.take(text)
        withdrawn = phone.later(text, addition=addition(kind="withdrawn"))
        assert phone.take(withdrawn).status_code == 201
        problem(phone.take(phone.later(withdrawn, entry=2)), 409, "inspection-withdrawn")

    def test_a_revoked_device(self, phone: Phone) -> None:
        equipping.revoke(phone.offices.world.base.desk, phone.device)
        problem(phone.take(phone.entry()), 403, "device-revoked")

    def test_an_unknown_device(self, phone: Phone) -> None:
        problem(phone.take(phone.entry(device="00000000000000ff")), 403, "device-unknown")

    def test_another_account(self, phone: Phone) -> None:
        problem(phone.take(phone.entry(account=phone.second.account.id)), 403, "account-other")

    def test_a_record_altered_on_the_device(self, phone: Phone) -> None:
        signature = phone.key.sign_entry(phone.entry())
        altered = phone.entry(record=phone.record(finding="conforming"))
        problem(phone.take(altered, signature=signature), 422, "signature-broken")
        assert phone.offices.world.base.rows("SELECT id FROM inspection") == []

    @pytest.mark.parametrize("text", ["", "{}", "[]", "null", "x" * 2_000_000, "\x00", "😀"])
    def test_a_text_that_is_none(self, phone: Phone, text: str) -> None:
        said = problem(phone.take(text), 422, "entry-malformed")
        assert said["faults"]
        assert set(said["faults"][0]) == {"where", "expected", "got"}

    def test_every_fault_is_told(self, phone: Phone) -> None:
        said = problem(phone.take(phone.entry(record=phone.record(kind="raid", basis=""))), 422, "entry-malformed")
        assert [fault["where"] for fault in said["faults"]] == ["record/basis", "record/kind"]

    @pytest.mark.parametrize(
        ("body", "where"),
        [
            ({}, ["entry", "signature"]),
            ({"entry": "x"}, ["signature"]),
            ({"entry": {}, "signature": "x"}, ["entry"]),
            ({"entry": "x", "signature": None}, ["signature"]),
            ({"entry": "x", "signature": "x", "more": 1}, [""]),
        ],
    )
    def test_a_body_of_another_shape(self, phone: Phone, body: Any, where: list[str]) -> None:
        said = problem(phone.send("/entries", body), 422, "request-malformed")
        assert [fault["where"] for fault in said["faults"]] == where

    @pytest.mark.parametrize("content", [b"", b"{", b"\xff", b'{"entry":"x","entry":"y"}', b'{"entry":"\\ud800"'])
    def test_a_body_that_is_no_json(self, phone: Phone, content: bytes) -> None:
        headers = {"X-CSRF-Token": phone.token, "Content-Type": "application/json"}
        problem(phone.visitor.client.post(API + "/entries", data=content, headers=headers), 400, "bad-json")

    def test_half_a_character(self, phone: Phone) -> None:
        content = b'{"entry":"\\ud800","signature":"x"}'
        headers = {"X-CSRF-Token": phone.token, "Content-Type": "application/json"}
        answer = phone.visitor.client.post(API + "/entries", data=content, headers=headers)
        problem(answer, 422, "entry-malformed")

    def test_another_media_type(self, phone: Phone) -> None:
        headers = {"X-CSRF-Token": phone.token, "Content-Type": "text/plain"}
        problem(phone.visitor.client.post(API + "/entries", data=b"{}", headers=headers), 415, "not-json")

    def test_a_body_past_all_bounds(self, phone: Phone) -> None:
        problem(phone.send("/entries", {"entry": "x" * (13 << 20), "signature": ""}), 413, "http-413")

    def test_a_registry_that_is_gone(self, phone: Phone) -> None:
        text, token = phone.entry(), phone.token
        body = {"entry": text, "signature": phone.key.sign_entry(text)}
        phone.offices.world.base.take_away()
        answer = phone.visitor.client.post(API + "/entries", json=body, headers={"X-CSRF-Token": token})
        assert answer.status_code == 503
        assert answer.mimetype == "application/problem+json"
        phone.offices.world.base.bring_back()


class TestInspections:
    def test_one_s_own_and_those_one_has_signed(self, phone: Phone) -> None:
        text = phone.entry()
        phone.take(text)
        (item,) = phone.get("/inspections").json["items"]
        assert item == {
            "inspection": ID,
            "entries": 1,
            "digest": digest(text),
            "received": to_iso(phone.offices.world.base.clock()),
            "finding": "problem",
            "premises": "示例茶行",
            "state": "recorded",
        }
        assert phone.offices.visitor().sign_in(phone.second).get(API + "/inspections").json["items"] == [item]
        assert phone.offices.as_(Role.INSPECTOR).get(API + "/inspections").json == {"items": [], "next": None}

    def test_page_by_page(self, phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("traceqr.office.field.FieldOffice.own.__defaults__", ("", 2))
        for number in range(5):
            assert phone.take(phone.entry(inspection=f"{number:032x}")).status_code == 201
        found, after = [], ""
        for _ in range(3):
            said = phone.get(f"/inspections?after={after}").json
            found += [item["inspection"] for item in said["items"]]
            after = said["next"]
        assert found == [f"{number:032x}" for number in (4, 3, 2, 1, 0)]
        assert after is None

    @pytest.mark.parametrize("after", ["x", "1", "1-x", "9" * 30])
    def test_a_page_that_there_is_not(self, phone: Phone, after: str) -> None:
        problem(phone.get(f"/inspections?after={after}"), 422, "request-malformed")


class TestFollowingUp:
    """What was ordered is looked at by whoever has the time: a colleague, by a phone that has nothing of it."""

    def test_what_is_to_be_looked_at(self, phone: Phone) -> None:
        first, later = f"{1:032x}", f"{2:032x}"
        measures = record()["measures"]
        sooner = [measures[0], {**measures[1], "until": "2026-09-03"}]
        phone.take(phone.entry(inspection=first))
        phone.take(phone.entry(inspection=later, record=phone.record(measures=sooner)))
        phone.take(phone.entry(record=phone.record(measures=measures[:1])))
        colleague = phone.offices.visitor().sign_in(phone.second)
        items = colleague.get(API + "/inspections/due").json["items"]
        assert [(item["inspection"], item["due"][:10]) for item in items] == [
            (later, "2026-09-03"),
            (first, "2026-09-16"),
        ]
        text = phone.later(
            phone.entry(inspection=first), inspection=first, addition=addition(kind="followed-up", measure=1)
        )
        assert phone.take(text).status_code == 201
        assert [item["inspection"] for item in phone.get("/inspections/due").json["items"]] == [later]

    def test_the_whole_of_it(self, phone: Phone) -> None:
        text = phone.entry()
        phone.take(text)
        added = phone.later(text, addition=addition(kind="followed-up", measure=1))
        phone.take(added)
        said = phone.offices.visitor().sign_in(phone.second).get(f"{API}/inspections/{ID}").json
        assert [each["entry"] for each in said["entries"]] == [text, added]
        assert [each["digest"] for each in said["entries"]] == [digest(text), digest(added)]
        assert (said["inspection"], said["state"]) == (ID, "recorded")
        (correction,) = said["corrections"]
        assert correction["measure"] == 1
        assert correction["due"] > MADE
        assert correction["followed"] == said["entries"][1]["received"]

    def test_another_s_is_not_there(self, phone: Phone) -> None:
        phone.take(phone.entry())
        base = phone.offices.world.base
        enrolling.enrol_organisations(
            base.desk, [OrganisationEntry("regulator", "city", "310100", "同一地区的另一机关", "Another")]
        )
        body = base.one("SELECT id FROM organisation WHERE name_zh = :name", name="同一地区的另一机关")["id"]
        stranger = phone.offices.as_(Role.INSPECTOR, str(body))
        assert stranger.get(API + "/inspections/due").json == {"items": []}
        for name in (ID, "f" * 32, "x"):
            problem(stranger.get(f"{API}/inspections/{name}"), 404, "inspection-none")


class TestScans:
    def test_a_label_is_judged_with_its_history(self, phone: Phone) -> None:
        base = phone.offices.world.base
        base.issue(gtin=GREEN_TEA)
        text = base.text(1)
        answer = phone.send("/scans", {"text": text})
        assert answer.status_code == 200, answer.text
        assert (answer.json["code"], answer.json["history_checked"]) == ("genuine", True)
        assert "Set-Cookie" not in answer.headers or "traceqr=" not in answer.headers["Set-Cookie"]

    @pytest.mark.parametrize("text", ["", "x", "\0", LABEL["text"], "x" * 5_000])
    def test_what_is_no_label_of_ours(self, phone: Phone, text: str) -> None:
        assert phone.send("/scans", {"text": text}).json["code"] == "forged"

    def test_a_body_without_a_text(self, phone: Phone) -> None:
        problem(phone.send("/scans", {"text": 5}), 422, "request-malformed")


class TestTheRest:
    def test_an_address_that_there_is_not(self, phone: Phone) -> None:
        problem(phone.get("/nothing"), 404, "http-404")

    def test_a_method_that_there_is_not(self, phone: Phone) -> None:
        problem(phone.send("/me", {}), 405, "http-405")


@pytest.mark.parametrize(
    ("roles", "served", "absent"),
    [
        ({"inspect"}, {"/account/sign-in", "/account/devices", "/inspections/", "/inspect/api/me"}, {"/console/"}),
        ({"console"}, {"/account/sign-in", "/account/devices", "/inspections/", "/console/"}, {"/inspect/api/me"}),
        ({"console", "inspect"}, {"/console/", "/inspections/", "/inspect/api/me"}, {"/rosters"}),
    ],
)
def test_what_a_node_serves(tmp_path: Path, roles: set[str], served: set[str], absent: set[str]) -> None:
    world = build(tmp_path)
    settings = replace(world.settings, roles=frozenset(roles), high_water=tmp_path / "high-water.json")
    app = create_app(settings, world.base.verifier(), lambda _digest: None, world.time)
    consoles.install(app, settings, world.database)
    found = {rule.rule for rule in app.url_map.iter_rules()}
    world.base.close()
    assert served <= found
    assert not absent & found
