"""The interface for programs: verdicts as JSON, problems, keys, health."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from tests.unit.web.world import NAVIGATION, NOW_MS, World, browser
from traceqr.errors import RegistryUnavailable, TraceqrError
from traceqr.label.jwk import to_jwk
from traceqr.registry.database import RegistryNewer
from traceqr.registry.opening import RegistryOlder
from traceqr.web.api import MAX_BODY
from traceqr.web.health import reason_of

VERIFY = "/api/v1/verify"


def test_verdict(world: World, client: FlaskClient) -> None:
    label = world.label(world.issue(), 3)
    answer = client.post(VERIFY, json={"text": str(label)})
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    body = answer.get_json()
    assert list(body) == [
        "code",
        "reason",
        "step",
        "at",
        "history_checked",
        "host_official",
        "label",
        "state",
        "history",
        "evidence",
    ]
    assert (body["code"], body["reason"], body["step"]) == (
        "genuine",
        "history-not-checked",
        {"number": 9, "name": "history"},
    )
    assert body["at"] == "2026-11-20T08:12:00.000Z"
    assert body["history"] is None
    assert body["label"] == {
        "text": str(label),
        "host": "qr.example.org",
        "gtin": "06901234567892",
        "serial": "0000000100000003",
        "key": 1,
        "pledge": 1,
    }
    assert body["state"] == {"life": "active", "held": False, "recalled": False}
    evidence = body["evidence"]
    shared = ["batch", "product", "enterprise", "pledge", "marks"]
    assert list(evidence) == [*shared, "notices", "activated", "hidden_codes", "purchase"]
    assert evidence["batch"]["expires_on"] == "2028-03-14"
    assert evidence["pledge"]["articles"] == [
        {"group": "signers", "zh": "不作虚假宣传。", "en": "We advertise nothing untrue."}
    ]
    assert evidence["pledge"]["valid_to"] == "2027-08-31T16:00:00.000Z"
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_records_nothing_and_is_told_no_history(world: World, client: FlaskClient) -> None:
    label = world.label(world.issue())
    visitor = browser(world.app())
    visitor.get(label.path, headers=NAVIGATION)
    visitor.get(label.path, headers=NAVIGATION)
    body = client.post(VERIFY, json={"text": str(label)}).get_json()
    assert (body["code"], body["history"]) == ("genuine", None)
    with world.database.snapshot() as reader:
        assert len(reader.rows("SELECT batch FROM scan")) == 1


@pytest.mark.parametrize("text", ["", "x", "x" * 5000, "x" * 1_000_000, "\u0000", "\ud800", " "])
def test_any_text_has_a_verdict(client: FlaskClient, text: str) -> None:
    answer = client.post(VERIFY, data=json.dumps({"text": text}), content_type="application/json")
    assert (answer.status_code, answer.get_json()["code"]) == (200, "forged")


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (b"", 400, "bad-json"),
        (b"{", 400, "bad-json"),
        (b"\xff\xfe", 400, "bad-json"),
        (b"[" * 8000, 400, "bad-json"),
        (b"[]", 400, "not-an-object"),
        (b"null", 400, "not-an-object"),
        (b"{}", 400, "text-missing"),
        (b'{"Text": "x"}', 400, "text-missing"),
        (b'{"text": 1}', 400, "text-not-a-string"),
        (b'{"text": null}', 400, "text-not-a-string"),
        (b'{"text": true}', 400, "text-not-a-string"),
        (b'{"text": ["x"]}', 400, "text-not-a-string"),
        (b'{"text": "' + b"x" * MAX_BODY + b'"}', 413, "http-413"),
    ],
)
def test_problems(client: FlaskClient, body: bytes, status: int, reason: str) -> None:
    answer = client.post(VERIFY, data=body, content_type="application/json")
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    problem = answer.get_json()
    assert (problem["status"], problem["reason"], problem["type"]) == (status, reason, "about:blank")
    assert {"title", "detail"} <= set(problem)


def test_other_content_types(client: FlaskClient) -> None:
    assert client.post(VERIFY, data={"text": "x"}).get_json()["reason"] == "not-json"


@pytest.mark.parametrize(("method", "path", "status"), [("GET", VERIFY, 405), ("POST", "/api/v1/none", 404)])
def test_problems_of_http(client: FlaskClient, method: str, path: str, status: int) -> None:
    answer = client.open(path, method=method)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


@pytest.mark.parametrize(
    ("accept", "mimetype"),
    [
        ("application/json", "application/json"),
        ("application/json, text/html;q=0.9", "application/json"),
        ("text/html, application/json;q=0.9", "text/html"),
        ("application/json, text/plain, */*", "application/json"),
        ("application/json, text/html", "application/json"),
        ("text/html, application/json", "text/html"),
        ("application/json;q=0, */*", "text/html"),
        ("text/html", "text/html"),
        ("*/*", "text/html"),
    ],
)
def test_label_address_speaks_json_to_those_who_prefer_it(client: FlaskClient, accept: str, mimetype: str) -> None:
    assert client.get("/01/x?s=1", headers={"Accept": accept}).mimetype == mimetype


def test_keys(world: World, client: FlaskClient) -> None:
    answer = client.get("/.well-known/traceqr-keys.json")
    assert (answer.status_code, answer.mimetype) == (200, "application/jwk-set+json")
    with world.database.snapshot():
        pass
    keyring = client.application.extensions["traceqr"].verifier.keyring()
    assert answer.get_json() == {"keys": [to_jwk(keyring.keys[1])]}
    assert answer.get_json()["keys"][0]["traceqr_role"] == "label"
    assert "d" not in answer.get_json()["keys"][0], "no private part"
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    again = client.get("/.well-known/traceqr-keys.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_health(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json() == {"status": "alive"}
    assert client.get("/readyz").get_json() == {"status": "ready"}


@pytest.fixture
def cut_off(world: World) -> FlaskClient:
    """The same deployment after its registry has gone."""
    for file in list(world.database.path.parent.glob("traceqr.db*")):
        file.unlink()
    return browser(world.app(replace(world.settings)))


def test_without_registry(world: World) -> None:
    label = world.label(world.issue())
    for file in list(world.database.path.parent.glob("traceqr.db*")):
        file.unlink()
    client = browser(world.app())
    page = client.get(label.path, headers=NAVIGATION)
    assert (page.status_code, page.headers["Retry-After"]) == (503, "30")
    assert "暂无法核验" in page.text
    assert "Set-Cookie" not in page.headers
    api = client.post(VERIFY, json={"text": str(label)})
    assert (api.status_code, api.get_json()["code"]) == (503, "unchecked")
    assert client.get("/healthz").status_code == 200


def test_without_registry_says_so_and_no_more(cut_off: FlaskClient, world: World) -> None:
    ready = cut_off.get("/readyz")
    assert (ready.status_code, ready.get_json()) == (503, {"status": "not-ready", "reason": "registry-unreachable"})
    assert str(world.database.path) not in ready.text
    assert cut_off.get("/.well-known/traceqr-keys.json").status_code == 503
    assert cut_off.get("/pictures/" + "0" * 64).status_code == 503
    assert cut_off.get("/").status_code == 200


def test_instants_are_the_clocks(world: World, client: FlaskClient) -> None:
    world.time.at_ms = NOW_MS + 1234
    assert client.post(VERIFY, json={"text": "x"}).get_json()["at"] == "2026-11-20T08:12:01.234Z"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RegistryNewer("secret"), "registry-newer"),
        (RegistryOlder("secret"), "registry-older"),
        (RegistryUnavailable("secret"), "registry-unreachable"),
        (TraceqrError("secret"), "not-ready"),
    ],
)
def test_reasons_are_stable(error: TraceqrError, reason: str) -> None:
    assert reason_of(error) == reason
