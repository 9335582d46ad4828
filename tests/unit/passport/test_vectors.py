"""The golden vectors of passports: what credentials say, how they are sealed, and which envelopes count."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from support import untp, vectors

from traceqr.instant import from_iso
from traceqr.label.jwk import keyring_of
from traceqr.passport.conformity import LICENCE, PLEDGE, conformity
from traceqr.passport.events import traceability
from traceqr.passport.facts import (
    Attestation,
    Document,
    Goods,
    Happening,
    Issuer,
    Level,
    OpenRecall,
    Party,
    Term,
    Things,
    Way,
)
from traceqr.passport.identity import key_id
from traceqr.passport.product import passport
from traceqr.passport.proof import Enveloped, NotProven, proven
from traceqr.tracing.event import Action, EventKind
from traceqr.tracing.thing import Thing

PATH = Path(__file__).resolve().parents[2] / "vectors" / "passport-v1.json"
FILE: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
CREDENTIALS = {vector["name"]: vector for vector in FILE["credentials"]}
AT_MS = from_iso(FILE["at"])
KEYRING = keyring_of(FILE["keys"])
ISSUER = Issuer(FILE["origin"])
TERM = Term(from_iso("2026-09-14T00:00:00Z"), from_iso("2026-09-21T00:00:00Z"))

TEA = CREDENTIALS["passport"]["credential"]["credentialSubject"]["product"]["registeredId"].partition(".")[0]
FIRM = Party("示例茶业", "Example Tea", "91310000MA1FL0BJ3X", "/enterprises/91310000MA1FL0BJ3X")
BODY = Party("示例协会", "Example Association")
LOT = Thing.lot(TEA, "A7")
CASE = Things("SSCC 369012340000000017", Thing.unit("369012340000000017"))
LEAVES = Thing.lot("06905555000014", "L 1")
WAY = Way(
    f"/passport/events/01/{TEA}/10/A7",
    "Longjing tea, lot A7",
    (
        Happening(
            "https://events.example/1",
            EventKind.TRANSFORMATION,
            Action.NONE,
            from_iso("2026-09-01T08:00:00Z"),
            "commissioning",
            "",
            "414/6901234000009/3",
            Things("Longjing tea", LOT),
            inputs=(Things("Tea leaves", LEAVES, LEAVES.gtin or "", quantity="12.50", unit="KGM"),),
            outputs=(Things("Longjing tea", LOT),),
        ),
        Happening(
            "https://events.example/2",
            EventKind.AGGREGATION,
            Action.ADD,
            from_iso("2026-09-01T09:00:00Z"),
            "packing",
            "",
            "",
            CASE,
            children=(Things("Longjing tea", None, TEA, 24), Things("Logistic units", None, "", 2)),
        ),
        Happening(
            "urn:uuid:404d95fc-9457-4a51-bd6a-0bba133845a8",
            EventKind.TRANSACTION,
            Action.OBSERVE,
            from_iso("2026-09-01T10:00:00Z"),
            "staging_outbound",
            "in_progress",
            "uri/https://places.example/9",
            CASE,
        ),
    ),
    complete=False,
)
PLEDGED = Attestation(
    "/passport/pledges/12",
    "/certificates/QM2026-00000012-3",
    PLEDGE,
    "质量月2026",
    "Quality Month 2026",
    "QM2026-00000012-3",
    "Pledge of quality and integrity by the enterprise itself in Quality Month 2026 (2026), in force until 2027-09-14.",
    "governance.ethics",
    "/rosters/quality-month-2026",
    BODY,
    FIRM,
    conforms=True,
    on="2026-09-02",
)
LICENSED = Attestation(
    "/passport/licences/3",
    "/licences/SQ-0003",
    LICENCE,
    "质检稳定合格",
    "Stable Quality",
    "SQ-0003",
    "Licence to carry the mark Stable Quality, suspended.",
    "governance.compliance",
    "/marks/stable-quality/licences",
    BODY,
    FIRM,
    conforms=False,
    on="2026-09-03",
    products=((TEA, "Longjing tea"),),
)
GOODS = Goods(
    Level.BATCH,
    f"/01/{TEA}/10/A7",
    TEA,
    "龙井茶",
    "Longjing tea",
    "示例",
    "250 g",
    "GB/T 18650",
    None,
    FIRM,
    lot="A7",
    produced_on="2026-09-01",
)
RECALL = OpenRecall("r1", "/recalls/r1", "2026-09-12", "Metal parts Do not drink")

WRITTEN: dict[str, Callable[[], Document]] = {
    "passport": lambda: passport(ISSUER, GOODS, [PLEDGED, LICENSED], [RECALL], WAY, TERM),
    "conformity": lambda: conformity(ISSUER, LICENSED, TERM),
    "events": lambda: traceability(ISSUER, WAY, TERM),
}
SCHEMAS = {"passport": untp.PASSPORT, "conformity": untp.CONFORMITY, "events": untp.EVENTS}


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    return vectors.generator("generate_passport")


def test_regenerating_leaves_no_diff(generator: ModuleType) -> None:
    assert generator.rendered() == PATH.read_bytes(), "run: python tests/vectors/generate_passport.py"


@pytest.mark.parametrize("name", CREDENTIALS)
class TestEachKind:
    def test_says_what_the_vector_says(self, name: str) -> None:
        assert WRITTEN[name]() == CREDENTIALS[name]["credential"]

    def test_is_sealed_as_the_vector_is(self, name: str) -> None:
        private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(FILE["private_seed_hex"]))
        sealed = Enveloped.signed(WRITTEN[name](), key_id(ISSUER, 9), private.sign)
        assert str(sealed) == CREDENTIALS[name]["envelope"]

    def test_counts(self, name: str) -> None:
        vector = CREDENTIALS[name]
        assert proven(vector["envelope"], ISSUER, KEYRING, AT_MS) == vector["credential"]

    def test_has_the_shape_of_the_protocol(self, name: str) -> None:
        assert untp.faults(SCHEMAS[name], CREDENTIALS[name]["credential"]) == []

    def test_each_octet_counts(self, name: str) -> None:
        """Another character anywhere in it is another envelope."""
        text = CREDENTIALS[name]["envelope"]
        for place in range(0, len(text), 97):
            other = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
            with pytest.raises(NotProven):
                proven(other, ISSUER, KEYRING, AT_MS)


@pytest.mark.parametrize("vector", FILE["refused"], ids=lambda vector: vector["name"])
def test_what_does_not_count(vector: dict[str, str]) -> None:
    with pytest.raises(NotProven) as caught:
        proven(vector["envelope"], ISSUER, KEYRING, AT_MS)
    assert caught.value.reason == vector["reason"], caught.value


def test_an_envelope_that_is_too_long_is_not_looked_into() -> None:
    with pytest.raises(NotProven, match="at most 2,097,152 characters"):
        Enveloped.parse("." * 2_100_000)
