"""Passports over HTTP: for programs with and without a seal, for people in three languages, and never a scan."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask.testing import FlaskClient
from support import untp
from support.chain import Chain, labels
from support.scenarios import announcement
from werkzeug.test import TestResponse

from tests.unit.web.world import ENGLISH, GREEN_TEA, NAVIGATION, World
from traceqr import activating, keying, passporting, recalling
from traceqr.activating import Range
from traceqr.label.format import Label
from traceqr.label.jwk import keyring_of
from traceqr.label.keyring import Role
from traceqr.passport.facts import Issuer
from traceqr.passport.proof import proven
from traceqr.recalling import Lot
from traceqr.registry import batches
from traceqr.tracing.event import Audience
from traceqr.tracing.thing import Thing

ORIGIN = "https://qr.example.org"
JWT, LD = "application/vc+jwt", "application/ld+json"
PRODUCT, LOT = f"/passport/01/{GREEN_TEA}", f"/passport/01/{GREEN_TEA}/10/20260915-A2"
EVENTS = f"/passport/events/01/{GREEN_TEA}/10/20260915-A2"
PUBLIC = {"audience": Audience.PUBLIC}


@pytest.fixture
def label(world: World) -> Label:
    """A label of a lot of which something is public, all of it signed."""
    number = world.issue()
    with world.database.snapshot() as reader:
        batch = batches.by_number(reader, number)
    assert batch is not None
    chain = Chain(world.base)
    chain.seen(Thing.lot(str(GREEN_TEA), "20260915-A2"), step="inspecting", **PUBLIC)
    chain.seen(labels(batch, 0, 0), step="storing", **PUBLIC)
    world.base.key(Role.PASSPORT)
    publish(world)
    return world.label(number)


def publish(world: World) -> None:
    passporting.publish(world.desk, world.database, world.base.folder, ORIGIN)


def get(client: FlaskClient, address: str, accept: str = LD, status: int = 200) -> TestResponse:
    answer = client.get(address, headers={"Accept": accept, **ENGLISH})
    assert answer.status_code == status, answer.text
    return answer


def told(client: FlaskClient, address: str) -> dict[str, Any]:
    """The credential without a seal."""
    found: dict[str, Any] = json.loads(get(client, address).text)
    return found


def links(client: FlaskClient, address: str) -> dict[str, list[dict[str, Any]]]:
    """The links of each type, of all levels."""
    found: dict[str, list[dict[str, Any]]] = {}
    for level in json.loads(get(client, address, "application/linkset+json").text)["linkset"]:
        for name, targets in level.items():
            if name.startswith("https://"):
                found.setdefault(name.rpartition("/")[2], []).extend(targets)
    return found


class TestForPrograms:
    @pytest.mark.parametrize("address", [PRODUCT, LOT, EVENTS, "/passport/pledges/1"])
    def test_sealed_it_says_the_same(self, client: FlaskClient, world: World, label: Label, address: str) -> None:
        assert label
        answer = get(client, address, JWT)
        assert answer.content_type == JWT
        records = json.loads(get(client, "/.well-known/traceqr-keys.json").text)["keys"]
        found = proven(answer.text, Issuer(ORIGIN), keyring_of(records), world.time())
        plain = told(client, address)
        assert {**plain, "validUntil": found["validUntil"], "validFrom": found["validFrom"]} == found
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Cache-Control"] == "no-cache"

    @pytest.mark.parametrize(
        ("accept", "content_type"),
        [
            ("*/*", JWT),
            ("", JWT),
            ("application/*", JWT),
            (LD, LD),
            ("application/vc", "application/vc"),
            ("application/json", "application/json"),
            ("text/html,*/*;q=0.8", "text/html; charset=utf-8"),
            (f"{JWT};q=0.1, {LD}", LD),
            ("image/png", "text/html; charset=utf-8"),
            ("\0;;q=x,,", "text/html; charset=utf-8"),
        ],
    )
    def test_what_is_liked_best(self, client: FlaskClient, label: Label, accept: str, content_type: str) -> None:
        assert label
        assert get(client, PRODUCT, accept).content_type == content_type

    def test_without_a_seal(self, client: FlaskClient, world: World) -> None:
        world.issue()
        assert get(client, PRODUCT, "*/*").content_type == LD
        assert json.loads(get(client, PRODUCT, JWT, 406).text)["reason"] == "passport-not-sealed"
        assert "It is not sealed at this address." in get(client, PRODUCT, "text/html").text

    def test_one_that_is_not_so_any_more_is_not_handed_out(
        self, client: FlaskClient, world: World, label: Label
    ) -> None:
        assert label
        recalling.recall(world.desk, Lot(GREEN_TEA), announcement())
        answer = get(client, PRODUCT, JWT, 503)
        assert answer.headers["Retry-After"] == "60"
        first = told(client, PRODUCT)["credentialSubject"]["conformityClaim"][0]
        assert (first["conformityTopic"], first["conformance"]) == ("social.safety", False)
        assert "Under recall since" in get(client, LOT, "text/html").text
        publish(world)
        assert get(client, PRODUCT, JWT).content_type == JWT

    def test_the_issuer(self, client: FlaskClient, world: World, label: Label) -> None:
        assert label
        answer = get(client, "/.well-known/did.json")
        found = json.loads(answer.text)
        assert (answer.content_type, found["id"]) == ("application/did+json", "did:web:qr.example.org")
        (method,) = found["verificationMethod"]
        assert found["assertionMethod"] == [method["id"]]
        assert method["publicKeyJwk"]["crv"] == "Ed25519"
        keying.compromise(world.desk, int(method["publicKeyJwk"]["kid"]), "stolen")
        assert json.loads(get(client, "/.well-known/did.json").text)["verificationMethod"] == []

    def test_another_library_finds_the_seal_good(self, client: FlaskClient, label: Label) -> None:
        from base64 import urlsafe_b64decode

        assert label
        method = json.loads(get(client, "/.well-known/did.json").text)["verificationMethod"][0]
        message, _, signature = get(client, LOT, JWT).text.rpartition(".")
        key = Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(method["publicKeyJwk"]["x"] + "="))
        key.verify(urlsafe_b64decode(signature + "=="), message.encode())
        header = json.loads(urlsafe_b64decode(message.partition(".")[0] + "=="))
        assert header == {"alg": "EdDSA", "cty": "vc", "kid": method["id"], "typ": "vc+jwt"}


class TestAPiece:
    def test_whoever_has_the_label_has_its_passport(self, client: FlaskClient, label: Label) -> None:
        answer = get(client, f"/passport{label.path}")
        document = json.loads(answer.text)
        assert untp.faults(untp.PASSPORT, document) == []
        subject = document["credentialSubject"]
        assert (subject["granularityLevel"], subject["product"]["serialNumber"]) == ("item", str(label.serial))
        assert subject["product"]["batchNumber"] == "20260915-A2"
        assert answer.headers["Cache-Control"] == "no-store"
        assert str(label.seal) not in answer.text
        assert label.path.partition("?")[2] not in answer.text

    def test_its_events(self, client: FlaskClient, label: Label) -> None:
        document = told(client, f"/passport/events{label.path}")
        assert untp.faults(untp.EVENTS, document) == []
        assert [one["bizStep"] for one in document["credentialSubject"]] == ["commissioning", "inspecting", "storing"]
        answer = get(client, f"/passport/events{label.path}", "text/html", 303)
        assert answer.headers["Location"] == f"/trace{label.path}"

    def test_it_has_no_seal_of_this_kind(self, client: FlaskClient, label: Label) -> None:
        get(client, f"/passport{label.path}", JWT, 406)

    def test_looking_is_no_scan(self, world: World, client: FlaskClient, label: Label) -> None:
        client.get(f"/passport{label.path}", headers=NAVIGATION)
        client.get(f"/passport{label.path}", headers={"Accept": LD})
        assert world.base.rows("SELECT * FROM scan") == []

    @pytest.mark.parametrize("front", ["/passport", "/passport/events"])
    def test_a_seal_that_does_not_hold_has_none(self, client: FlaskClient, label: Label, front: str) -> None:
        forged = label.path[:-1] + str((int(label.path[-1]) + 1) % 10)
        assert json.loads(get(client, front + forged, "application/json").text)["code"] == "forged"
        assert 'data-verdict="forged"' in get(client, front + forged, "text/html").text

    def test_without_a_seal_there_is_none(self, client: FlaskClient, label: Label) -> None:
        bare = label.path.partition("?")[0]
        assert "Digital product passport" not in get(client, f"/passport{bare}", "text/html").text

    def test_one_that_is_void_has_none(self, client: FlaskClient, world: World, label: Label) -> None:
        activating.void(world.desk, Range(label.serial.batch, 0, 0), "a reason")
        assert json.loads(get(client, f"/passport{label.path}", "application/json").text)["code"] == "void"

    def test_one_that_is_recalled_says_so(self, client: FlaskClient, world: World, label: Label) -> None:
        recalling.recall(world.desk, Lot(GREEN_TEA, "20260915-A2"), announcement())
        claims = told(client, f"/passport{label.path}")["credentialSubject"]["conformityClaim"]
        assert [one["conformance"] for one in claims] == [False, True]

    def test_the_page_of_its_way_leads_there(self, client: FlaskClient, label: Label) -> None:
        html = get(client, f"/trace{label.path}", "text/html").text
        found = re.search(r'href="(/passport/01/[^"]+)"', html)
        assert found
        assert "About this piece" in get(client, found[1].replace("&amp;", "&"), "text/html").text


class TestPages:
    @pytest.mark.parametrize(
        ("language", "words"),
        [("zh-Hans", "数字产品护照"), ("zh-Hant", "數位產品護照"), ("en", "Digital product passport")],
    )
    @pytest.mark.parametrize("address", [PRODUCT, LOT])
    def test_in_each_language(self, client: FlaskClient, label: Label, address: str, language: str, words: str) -> None:
        assert label
        assert f"<h1>{words}</h1>" in get(client, f"{address}?lang={language}", "text/html").text

    def test_what_enterprises_write_is_text(self, client: FlaskClient, world: World) -> None:
        batch = world.base.issue(5, gtin=GREEN_TEA, lot="<b>1")
        assert batch
        html = get(client, f"/passport/01/{GREEN_TEA}/10/%3Cb%3E1", "text/html").text
        assert "&lt;b&gt;1" in html
        assert "<b>1" not in html

    @pytest.mark.parametrize(
        ("address", "place"), [(EVENTS, LOT), ("/passport/pledges/1", "/certificates/QM"), ("/passport", "/")]
    )
    def test_pages_that_say_the_same(self, client: FlaskClient, label: Label, address: str, place: str) -> None:
        assert label
        assert get(client, address, "text/html", 303).headers["Location"].startswith(place)


class TestLinks:
    def test_the_linkset_leads_there(self, client: FlaskClient, label: Label) -> None:
        assert label
        found = links(client, f"/01/{GREEN_TEA}/10/20260915-A2")
        assert [(one["href"], one["type"]) for one in found["dpp"]] == [
            (ORIGIN + LOT, JWT),
            (ORIGIN + LOT, "text/html"),
            (ORIGIN + PRODUCT, JWT),
            (ORIGIN + PRODUCT, "text/html"),
        ]
        assert [(one["href"], one["type"]) for one in found["dte"]] == [(ORIGIN + EVENTS, JWT)]
        assert [one["href"] for one in found["dcc"]] == [f"{ORIGIN}/passport/pledges/1"]

    @pytest.mark.parametrize(
        "kind",
        [
            "untp:dpp",
            "gs1:dpp",
            "https%3A%2F%2Ftest.uncefact.org%2Fvocabulary%2FlinkTypes%2Fdpp",
            "https%3A%2F%2Fvocabulary.uncefact.org%2Funtp%2FlinkType%23dpp",
        ],
    )
    def test_asked_for_by_type(self, client: FlaskClient, label: Label, kind: str) -> None:
        assert label
        answer = get(client, f"/01/{GREEN_TEA}?linkType={kind}", "*/*", 307)
        assert answer.headers["Location"] == f"{ORIGIN}{PRODUCT}?linkType={kind}"

    def test_a_lot_without_labels_has_that_of_the_product(self, client: FlaskClient, label: Label) -> None:
        assert label
        found = links(client, f"/01/{GREEN_TEA}/10/B1")
        assert {one["href"] for one in found["dpp"]} == {ORIGIN + PRODUCT}
        assert "dte" not in found

    def test_the_page_of_the_product_names_the_page_alone(self, client: FlaskClient, label: Label) -> None:
        assert label
        html = get(client, f"/products/{GREEN_TEA}", "text/html").text
        assert html.count(f'href="{ORIGIN}{PRODUCT}"') == 1
        assert "/passport/pledges/" not in html


@pytest.mark.parametrize("accept", [LD, "text/html", JWT])
@pytest.mark.parametrize(
    "address",
    [
        "/passport/01/",
        "/passport/01/1",
        f"/passport/01/{GREEN_TEA}/10",
        f"/passport/01/{GREEN_TEA}/10/NONE",
        f"/passport/01/{GREEN_TEA}/22/x",
        f"/passport/01/{GREEN_TEA}/22/x/10/20260915-A2",
        f"/passport/01/{GREEN_TEA}/235/x",
        f"/passport/01/{GREEN_TEA}/10/%00",
        f"/passport/01/{GREEN_TEA}/10/%zz",
        f"/passport/01/{GREEN_TEA}/10/{'9' * 5_000}",
        f"/passport/01/{GREEN_TEA}//",
        "/passport/01/06901234567893",
        "/passport/00/369012340000000017",
        "/passport/414/6901234000009",
        f"/passport/events/01/{GREEN_TEA}",
        f"/passport/events/01/{GREEN_TEA}/10/NONE",
        "/passport/pledges/0",
        "/passport/pledges/99",
        "/passport/pledges/-1",
        "/passport/pledges/x",
        "/passport/licences/" + "9" * 30,
        "/passport/recognitions/1",
        "/passport/enterprises/1",
    ],
)
def test_what_there_is_not(client: FlaskClient, world: World, address: str, accept: str) -> None:
    world.issue()
    get(client, address, accept, 404)
