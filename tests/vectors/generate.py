"""Regenerate tests/vectors/label-v1.json and hidden-v1.json, byte for byte: `python tests/vectors/generate.py`.

The generator shares no code with TraceQR: it writes labels by docs/label-format.md alone, and every expected verdict
is stated here by hand. So the vectors are an oracle for any implementation, this project's own included.

The private keys and hidden roots are SHA-256 of public strings. They are test keys, worth nothing: never trust a label
under them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

HERE = Path(__file__).resolve().parent
TARGET = HERE / "label-v1.json"
HIDDEN_TARGET = HERE / "hidden-v1.json"

ABOUT = (
    "Golden vectors of TraceQR label format 1; docs/label-format.md says how to run them. "
    "The keys are test keys, worth nothing."
)

# Every reason: the step that decides, its name, and the verdict. The table of docs/label-format.md, by hand.
DECIDES = {
    "text-too-long": (1, "text", "forged"),
    "not-a-label": (1, "text", "forged"),
    "seal-missing": (1, "text", "forged"),
    "seal-repeated": (1, "text", "forged"),
    "parameter-numeric": (1, "text", "forged"),
    "parameter-malformed": (1, "text", "forged"),
    "host-case": (1, "text", "forged"),
    "host-malformed": (1, "text", "forged"),
    "http-on-public-host": (1, "text", "forged"),
    "gtin-malformed": (1, "text", "forged"),
    "gtin-check-digit": (1, "text", "forged"),
    "serial-malformed": (1, "text", "forged"),
    "seal-malformed": (1, "text", "forged"),
    "seal-overflow": (1, "text", "forged"),
    "key-unknown": (2, "key", "forged"),
    "key-role": (2, "key", "forged"),
    "key-refused": (2, "key", "unchecked"),
    "seal-broken": (3, "seal", "forged"),
    "key-window-ahead": (4, "window", "unchecked"),
    "key-window-passed": (4, "window", "unchecked"),
    "registry-unreachable": (5, "batch", "unchecked"),
    "batch-unknown": (5, "batch", "forged"),
    "key-mismatch": (5, "batch", "forged"),
    "gtin-mismatch": (5, "batch", "forged"),
    "pledge-mismatch": (5, "batch", "forged"),
    "index-past-count": (5, "batch", "forged"),
    "voided": (6, "state", "void"),
    "under-recall": (6, "state", "recalled"),
    "on-hold": (6, "state", "held"),
    "key-compromised": (7, "trust", "suspect"),
    "host-foreign": (7, "trust", "suspect"),
    "not-activated": (8, "activation", "inactive"),
    "history-not-checked": (9, "history", "genuine"),
    "first-sighting": (9, "history", "genuine"),
    "own-earlier-scan": (9, "history", "genuine"),
    "seen-before": (9, "history", "seen"),
    "purchase-confirmed": (9, "history", "genuine"),
    "going-around": (9, "history", "suspect"),
    "seen-before-sale": (9, "history", "suspect"),
    "seen-after-purchase": (9, "history", "suspect"),
}

# --- Curve arithmetic, for the attacks (RFC 8032, section 5.1; plain affine coordinates) --------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
SQRT_MINUS_ONE = pow(2, (P - 1) // 4, P)
Point = tuple[int, int]
IDENTITY: Point = (0, 1)


def point_add(a: Point, b: Point) -> Point:
    """The complete addition law of the curve -x^2 + y^2 = 1 + d x^2 y^2."""
    k = D * a[0] * b[0] * a[1] * b[1] % P
    x = (a[0] * b[1] + a[1] * b[0]) * pow(1 + k, -1, P)
    y = (a[1] * b[1] + a[0] * b[0]) * pow(1 - k, -1, P)
    return x % P, y % P


def point_multiply(scalar: int, point: Point) -> Point:
    """`scalar` times `point`, by doubling and adding."""
    total = IDENTITY
    while scalar:
        if scalar & 1:
            total = point_add(total, point)
        point = point_add(point, point)
        scalar >>= 1
    return total


def point_at(y: int, negative: bool) -> Point | None:
    """The point with this y and this sign of x, or None if there is none."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * SQRT_MINUS_ONE % P
    if x * x % P != square:
        return None
    return (P - x if x & 1 != negative else x) % P, y


def encode(point: Point) -> bytes:
    """The one canonical encoding."""
    return encode_raw(point[1], bool(point[0] & 1))


def encode_raw(y: int, negative: bool) -> bytes:
    """Any encoding, canonical or not."""
    return (y | negative << 255).to_bytes(32, "little")


def _base_point() -> Point:
    base = point_at(4 * pow(5, -1, P) % P, negative=False)
    assert base is not None
    return base


BASE = _base_point()


def _order_eight_y() -> int:
    """The greater y of the points of order 8. L times any point leaves its part of small order."""
    y = 2
    while True:
        point = point_at(y, negative=False)
        if point is not None:
            rest = point_multiply(L, point)
            if point_multiply(4, rest) != IDENTITY:
                return max(rest[1], P - rest[1])
        y += 1


ORDER_EIGHT_Y = _order_eight_y()

# All encodings of the eight points of small order that a lax decoder takes: 8 canonical ones and 6 others.
SMALL_ORDER = {
    "identity": (1, False),
    "order-2": (P - 1, False),
    "order-4": (0, False),
    "order-4-negative": (0, True),
    "order-8": (ORDER_EIGHT_Y, False),
    "order-8-negative": (ORDER_EIGHT_Y, True),
    "order-8-mirrored": (P - ORDER_EIGHT_Y, False),
    "order-8-mirrored-negative": (P - ORDER_EIGHT_Y, True),
    "identity-negative-zero": (1, True),
    "order-2-negative-zero": (P - 1, True),
    "identity-past-the-field": (P + 1, False),
    "identity-past-the-field-negative": (P + 1, True),
    "order-4-past-the-field": (P, False),
    "order-4-past-the-field-negative": (P, True),
}


@dataclass(frozen=True)
class TestKey:
    """A private key that anyone can compute."""

    __test__ = False
    seed: bytes

    @classmethod
    def named(cls, name: str) -> TestKey:
        """From SHA-256 of a public string."""
        return cls(hashlib.sha256(f"traceqr test key, worth nothing: {name}".encode()).digest())

    @property
    def public(self) -> bytes:
        return Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()

    @property
    def scalar(self) -> int:
        """The secret scalar of RFC 8032, section 5.1.5."""
        digest = bytearray(hashlib.sha512(self.seed).digest()[:32])
        digest[0] &= 248
        digest[31] = digest[31] & 127 | 64
        return int.from_bytes(digest, "little")

    def sign(self, message: bytes) -> bytes:
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)

    def sign_oddly(self, message: bytes, nonce: int, r: bytes) -> bytes:
        """A signature with a chosen encoding of R: S answers for it, so lax verifiers may take it."""
        return r + ((nonce + challenge(r, self.public, message) * self.scalar) % L).to_bytes(32, "little")


def challenge(r: bytes, public: bytes, message: bytes) -> int:
    """h of RFC 8032, section 5.1.7."""
    return int.from_bytes(hashlib.sha512(r + public + message).digest(), "little") % L


def sign_for_small_order(public: bytes, message: bytes) -> bytes:
    """A signature under a small-order key, made without any private key: it holds whenever 8 divides the challenge."""
    nonce = 1
    while True:
        r = encode(point_multiply(nonce, BASE))
        if challenge(r, public, message) % 8 == 0:
            return r + nonce.to_bytes(32, "little")
        nonce += 1


# --- Writing labels, by docs/label-format.md ---------------------------------------------------------------------

DOMAIN = b"traceqr.label.v1\0"
ORIGIN = "HTTPS://QR.EXAMPLE.ORG"
HOST = "qr.example.org"
AT = "2026-09-15T04:00:00.000Z"


def gtin_of(payload: str) -> str:
    """Thirteen digits and their check digit."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(payload))
    return payload + str(-total % 10)


TEA = gtin_of("0690123456789")
RICE = gtin_of("0694444444444")
HONEY = gtin_of("0699999999999")


def serial_of(batch: int, index: int) -> str:
    return f"{batch:08d}{index:08d}"


def message_of(key: int, pledge: int, gtin: str, serial: str) -> bytes:
    """The signed bytes."""
    return DOMAIN + key.to_bytes(2, "big") + pledge.to_bytes(4, "big") + gtin.encode() + serial.encode()


def seal_of(key: int, pledge: int, signature: bytes) -> str:
    """The 169 digits."""
    octets = key.to_bytes(2, "big") + pledge.to_bytes(4, "big") + signature
    return f"{int.from_bytes(octets, 'big'):0169d}"


KEYS = {
    number: TestKey.named(name)
    for number, name in {
        1: "label, active",
        2: "label, retired",
        3: "label, destroyed",
        4: "label, compromised",
        5: "hidden",
        6: "ledger",
        7: "bundle",
        8: "label, short window",
        65535: "label, highest number",
    }.items()
}


@dataclass(frozen=True)
class Draft:
    """A label before it is written down; the parts can be altered one by one."""

    batch: int = 1
    index: int = 0
    gtin: str = TEA
    key: int = 1
    pledge: int = 7

    @property
    def serial(self) -> str:
        return serial_of(self.batch, self.index)

    @property
    def message(self) -> bytes:
        return message_of(self.key, self.pledge, self.gtin, self.serial)

    @property
    def signature(self) -> bytes:
        return KEYS[self.key].sign(self.message)

    @property
    def seal(self) -> str:
        return seal_of(self.key, self.pledge, self.signature)

    def text(
        self,
        *,
        origin: str = ORIGIN,
        gtin: str | None = None,
        serial: str | None = None,
        seal: str | None = None,
        query: str | None = None,
    ) -> str:
        """The label's text, with any part replaced after sealing. In `query`, `{s}` stands for the seal."""
        seal = self.seal if seal is None else seal
        query = f"?s={seal}" if query is None else query.replace("{s}", seal)
        return f"{origin}/01/{gtin or self.gtin}/21/{serial or self.serial}{query}"

    def sealed_with(self, signature: bytes) -> str:
        """The label's text with another signature."""
        return self.text(seal=seal_of(self.key, self.pledge, signature))


GOOD = Draft()

# --- What the verifier knows -------------------------------------------------------------------------------------

ALWAYS = ("2020-01-01T00:00:00.000Z", "2040-01-01T00:00:00.000Z")
SIGNING = ("2026-01-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z")
SHORT = ("2026-03-01T00:00:00.000Z", "2026-06-01T00:00:00.000Z")
CUT_OFF = "2026-08-01T00:00:00.000Z"


def milliseconds(iso: str) -> int:
    return round(datetime.fromisoformat(iso).timestamp() * 1000)


def jwk(
    number: int,
    octets: bytes,
    *,
    role: str = "label",
    status: str = "active",
    curve: str = "Ed25519",
    signing: tuple[str, str] = SIGNING,
    verifying: tuple[str, str] = ALWAYS,
    compromised: str | None = None,
) -> dict[str, Any]:
    """A key record as docs/label-format.md publishes it."""
    return {
        "kty": "OKP",
        "crv": curve,
        "x": base64.urlsafe_b64encode(octets).rstrip(b"=").decode(),
        "kid": str(number),
        "use": "sig",
        "alg": "EdDSA",
        "traceqr_role": role,
        "traceqr_status": status,
        "traceqr_signing_ms": [milliseconds(instant) for instant in signing],
        "traceqr_verifying_ms": [milliseconds(instant) for instant in verifying],
        "traceqr_compromised_ms": None if compromised is None else milliseconds(compromised),
    }


def _off_curve() -> bytes:
    y = 2
    while point_at(y, negative=False) is not None:
        y += 1
    return encode_raw(y, negative=False)


def _past_the_field() -> bytes:
    """A point of large order whose y has a second encoding, p + y."""
    y = 2
    while (point := point_at(y, negative=False)) is None or point_multiply(8, point) == IDENTITY:
        y += 1
    return encode_raw(P + y, negative=False)


FIRST_WEAK = 101
WEAK_NUMBERS = {name: FIRST_WEAK + place for place, name in enumerate(SMALL_ORDER)}
OTHER_REFUSED = {
    "key-past-the-field": jwk(201, _past_the_field()),
    "key-off-the-curve": jwk(202, _off_curve()),
    "key-of-31-bytes": jwk(203, KEYS[1].public[:31]),
    "key-of-33-bytes": jwk(204, KEYS[1].public + b"\0"),
    "key-of-another-algorithm": jwk(205, KEYS[1].public, curve="X25519"),
    "key-windows-contradict": jwk(206, KEYS[1].public, verifying=("2026-01-01T00:00:00.000Z", CUT_OFF)),
    "key-compromised-without-cut-off": jwk(207, KEYS[1].public, status="compromised"),
    "key-cut-off-without-compromise": jwk(208, KEYS[1].public, compromised=CUT_OFF),
}

KEYRINGS = {
    "main": [
        jwk(1, KEYS[1].public),
        jwk(2, KEYS[2].public, status="retired"),
        jwk(3, KEYS[3].public, status="destroyed"),
        jwk(4, KEYS[4].public, status="compromised", compromised=CUT_OFF),
        jwk(5, KEYS[5].public, role="hidden"),
        jwk(6, KEYS[6].public, role="ledger"),
        jwk(7, KEYS[7].public, role="bundle"),
        jwk(8, KEYS[8].public, signing=SHORT, verifying=SHORT),
        jwk(65535, KEYS[65535].public),
    ],
    "weak": [
        jwk(1, KEYS[1].public),
        *(jwk(WEAK_NUMBERS[name], encode_raw(*parts)) for name, parts in SMALL_ORDER.items()),
        *OTHER_REFUSED.values(),
    ],
    "empty": [],
}


def seen(
    first: str | None = None,
    times: int = 0,
    others: int = 0,
    *,
    own: bool = False,
    signs: Sequence[str] = (),
    bought: bool = False,
) -> dict[str, Any]:
    """A label's history: confirmed devices only, the asking one told apart."""
    counted = {"first_seen": first, "times_seen": times, "other_devices": others, "own_before": own}
    return {**counted, "signs": [*signs], "confirmed_here": bought}


UNSEEN = seen()


def known(
    life: str = "active",
    *,
    held: bool = False,
    recalled: bool = False,
    history: dict[str, Any] | None = UNSEEN,
) -> dict[str, Any]:
    """What the registry knows of one label; `history=None` where it may not be told."""
    return {"state": {"life": life, "held": held, "recalled": recalled}, "history": history}


@dataclass
class Batch:
    """A batch, and the labels in it that differ from the default, by index."""

    gtin: str
    pledge: int
    key: int
    count: int
    labels: dict[int, dict[str, Any]] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        return {
            "gtin": self.gtin,
            "pledge": self.pledge,
            "key": self.key,
            "count": self.count,
            "default": known(),
            "labels": {str(index): label for index, label in sorted(self.labels.items())},
        }


EARLIER = "2026-09-01T10:00:00.000Z"
SIGHTED = "2026-07-01T10:00:00.000Z"

BATCHES = {
    1: Batch(
        TEA,
        7,
        1,
        1000,
        {
            1: known(history=seen(EARLIER, 1, own=True)),
            2: known(history=seen(EARLIER, 3, 2)),
            3: known(history=seen(EARLIER, 2, 1, own=True)),
            4: known(history=None),
            10: known("issued"),
            11: known("issued", history=seen(EARLIER, 1, 1)),
            12: known("issued", history=None),
            20: known(held=True),
            21: known("issued", held=True),
            22: known(recalled=True),
            23: known("issued", recalled=True),
            24: known(held=True, recalled=True),
            25: known("void"),
            26: known("void", held=True),
            27: known("void", recalled=True),
            28: known("void", held=True, recalled=True),
            29: known("void", history=seen(EARLIER, 5, 4)),
            30: known(recalled=True, history=None),
            40: known(history=seen(EARLIER, 14, 14, signs=("many-devices", "many-regions"))),
            41: known(history=seen(EARLIER, 14, 13, own=True, signs=("many-regions", "before-sale"))),
            42: known(history=seen(signs=("before-sale", "many-devices"))),
            43: known(history=seen(EARLIER, 9, 9, signs=("after-purchase", "many-devices"))),
            44: known("issued", history=seen(signs=("before-sale",))),
            46: known(history=seen(EARLIER, 2, 1, own=True, bought=True)),
            47: known(history=seen(EARLIER, 14, 13, own=True, signs=("after-purchase",), bought=True)),
            48: known("void", history=seen(EARLIER, 2, 1, own=True, bought=True)),
            45: known(held=True, history=seen(EARLIER, 14, 14, signs=("many-devices",))),
        },
    ),
    2: Batch(RICE, 0, 1, 10),
    3: Batch(TEA, 7, 2, 10),
    4: Batch(TEA, 7, 3, 10),
    5: Batch(
        TEA,
        7,
        4,
        100,
        {
            0: known(history=seen(SIGHTED, 1, own=True)),
            1: known(history=seen("2026-07-31T23:59:59.999Z", 2, 1)),
            2: known(history=seen(CUT_OFF, 1, 1)),
            3: known(history=seen(EARLIER, 1, own=True)),
            5: known(history=None),
            6: known("issued"),
            7: known("issued", history=seen(SIGHTED, 1, 1)),
            8: known("void"),
            9: known(recalled=True),
            10: known(held=True),
        },
    ),
    6: Batch(TEA, 7, 8, 10),
    99_999_999: Batch(HONEY, 2**32 - 1, 65535, 100_000_000),
}

REGISTRIES: dict[str, dict[str, Any]] = {
    "main": {"reachable": True, "batches": {str(number): batch.record() for number, batch in BATCHES.items()}},
    "empty": {"reachable": True, "batches": {}},
    "unreachable": {"reachable": False, "batches": {}},
}

# --- The cases ---------------------------------------------------------------------------------------------------


class Cases:
    """Collects the vectors in order; every name is used once."""

    def __init__(self) -> None:
        self.vectors: list[dict[str, Any]] = []

    def add(
        self,
        name: str,
        text: str,
        reason: str,
        *,
        about: str = "",
        keyring: str = "main",
        registry: str = "main",
        hosts: tuple[str, ...] = (HOST,),
        at: str = AT,
    ) -> None:
        """One vector: this text, in this context, is decided for this reason."""
        assert name not in {vector["name"] for vector in self.vectors}, name
        step, step_name, verdict = DECIDES[reason]
        self.vectors.append(
            {
                "name": name,
                **({"about": about} if about else {}),
                "text": text,
                "keyring": keyring,
                "registry": registry,
                "official_hosts": list(hosts),
                "at": at,
                "expected": {"step": step, "step_name": step_name, "verdict": verdict, "reason": reason},
            }
        )


def add_good(cases: Cases) -> None:
    """Labels that are what they say."""
    add = cases.add
    add("first-sighting", GOOD.text(), "first-sighting")
    add("own-earlier-scan", Draft(index=1).text(), "own-earlier-scan")
    add("seen-by-others", Draft(index=2).text(), "seen-before")
    add("seen-by-another-and-by-oneself", Draft(index=3).text(), "seen-before")
    add("history-not-checked", Draft(index=4).text(), "history-not-checked")
    add("pledge-none", Draft(batch=2, gtin=RICE, pledge=0).text(), "first-sighting")
    add("last-index-of-the-batch", Draft(index=999).text(), "first-sighting")
    highest = Draft(batch=99_999_999, index=99_999_999, gtin=HONEY, key=65535, pledge=2**32 - 1)
    add("highest-batch-index-key-and-pledge", highest.text(), "first-sighting")
    short = Draft(batch=6, key=8)
    add("first-millisecond-of-the-window", short.text(), "first-sighting", at=SHORT[0])
    add("last-millisecond-of-the-window", short.text(), "first-sighting", at="2026-05-31T23:59:59.999Z")
    for name, origin, host in (
        ("http-on-loopback-with-port", "http://127.0.0.1:8000", "127.0.0.1:8000"),
        ("http-on-localhost", "HTTP://LOCALHOST:8000", "localhost:8000"),
        ("http-on-10-net", "http://10.255.0.1", "10.255.0.1"),
        ("http-on-172-16-net-last", "http://172.31.255.255", "172.31.255.255"),
        ("http-on-192-168-net", "HTTP://192.168.1.20:8080", "192.168.1.20:8080"),
        ("http-with-port-443", "http://127.0.0.1:443", "127.0.0.1:443"),
        ("https-with-port", "HTTPS://QR.EXAMPLE.ORG:8443", "qr.example.org:8443"),
        ("https-with-port-80", "https://qr.example.org:80", "qr.example.org:80"),
        ("https-with-highest-port", "https://qr.example.org:65535", "qr.example.org:65535"),
        ("https-on-a-public-address", "https://203.0.113.5", "203.0.113.5"),
        ("host-of-one-label", "https://labels", "labels"),
        ("host-in-punycode", "HTTPS://XN--FIQS8S.EXAMPLE", "xn--fiqs8s.example"),
        ("host-label-of-63", f"https://{'a' * 63}.example", f"{'a' * 63}.example"),
        ("host-of-253", f"https://{'a.' * 126}a", f"{'a.' * 126}a"),
        ("host-label-starts-with-digit", "https://4you.example", "4you.example"),
    ):
        add(name, GOOD.text(origin=origin), "first-sighting", hosts=(host,))


def add_tolerated(cases: Cases) -> None:
    """Spellings that readers accept, and keys that are no longer active but still vouch for their labels."""
    add = cases.add
    add("origin-in-lower-case", GOOD.text(origin=ORIGIN.lower()), "first-sighting")
    add(
        "one-of-several-official-hosts",
        GOOD.text(origin="HTTPS://OLD.EXAMPLE.ORG"),
        "first-sighting",
        hosts=(HOST, "old.example.org"),
        about="a domain moved; labels printed before name the old one",
    )
    for name, query in (
        ("tracker-from-wechat", "?s={s}&from=singlemessage&isappinstalled=0"),
        ("tracker-utm-source", "?s={s}&utm_source="),
        ("tracker-utm-source-with-value", "?s={s}&utm_source=news-letter_4.2~x"),
        ("tracker-percent-encoded-value", "?s={s}&title=%E8%8C%B6%3B17%3D251231"),
        ("tracker-before-the-seal", "?from=timeline&s={s}"),
        ("tracker-on-both-sides", "?a=1&s={s}&b=2"),
        ("tracker-without-a-value", "?s={s}&fbclid"),
        ("tracker-twice", "?s={s}&a=1&a=2"),
        ("tracker-that-holds-an-equals-sign", "?s={s}&t=YWJj=="),
        ("tracker-that-holds-slash-and-question-mark", "?s={s}&u=https://example.net/?x"),
        ("tracker-named-upper-case-s", "?s={s}&S=1"),
        ("tracker-name-with-digits", "?s={s}&x17=251231&17x=1&1.7=2"),
        ("parameters-64", "?s={s}" + "&a=1" * 63),
    ):
        add(name, GOOD.text(query=query), "first-sighting")
    padding = 4096 - len(GOOD.text(query="?s={s}&a="))
    add("text-of-4096", GOOD.text(query="?s={s}&a=" + "x" * padding), "first-sighting")
    add("retired-key-inside-its-window", Draft(batch=3, key=2).text(), "first-sighting")
    add("destroyed-key-inside-its-window", Draft(batch=4, key=3).text(), "first-sighting")
    add("compromised-key-sighted-before-the-cut-off", Draft(batch=5, key=4).text(), "own-earlier-scan")
    add("compromised-key-sighted-just-before-the-cut-off", Draft(batch=5, index=1, key=4).text(), "seen-before")
    add("good-key-in-a-keyring-with-refused-ones", GOOD.text(), "first-sighting", keyring="weak")


def add_shape(cases: Cases) -> None:
    """Step 1: the text as a whole."""
    add = cases.add
    good = GOOD.text()
    padding = 4097 - len(GOOD.text(query="?s={s}&a="))
    add("text-of-4097", GOOD.text(query="?s={s}&a=" + "x" * padding), "text-too-long")
    add("text-of-10000-digits", "0" * 10_000, "text-too-long")
    for name, text in (
        ("text-empty", ""),
        ("text-only-scheme", "https://"),
        ("text-only-digits", TEA),
        ("text-other-scheme", good.replace("HTTPS", "FTP")),
        ("text-script-scheme", "javascript:alert(1)//" + good),
        ("text-without-scheme", good.removeprefix("HTTPS://")),
        ("text-scheme-relative", good.removeprefix("HTTPS:")),
        ("text-one-slash-after-the-scheme", good.replace("://", ":/")),
        ("text-with-backslashes", good.replace("/", "\\")),
        ("text-leading-space", " " + good),
        ("text-leading-newline", "\n" + good),
        ("text-byte-order-mark", "\ufeff" + good),
        ("text-in-quotes", f'"{good}"'),
        ("text-with-a-fragment", good + "#top"),
        ("text-with-an-empty-fragment", good + "#"),
        ("text-fragment-before-the-query", good.replace("?", "#?")),
        ("path-prefix", good.replace("/01/", "/p/01/")),
        ("path-trailing-slash", good.replace("?", "/?")),
        ("path-doubled-slash-at-the-start", good.replace("/01/", "//01/")),
        ("path-doubled-slash-inside", good.replace("/01/", "/01//")),
        ("path-with-a-lot", good.replace("/21/", "/10/LOT/21/")),
        ("path-without-a-serial", good.replace(f"/21/{GOOD.serial}", "")),
        ("path-order-swapped", f"{ORIGIN}/21/{GOOD.serial}/01/{TEA}?s={GOOD.seal}"),
        ("path-alias-for-gtin", good.replace("/01/", "/gtin/")),
        ("path-percent-encoded-slash", good.replace("/21/", "%2F21/")),
        ("path-percent-encoded-identifier", good.replace("/01/", "/%30%31/")),
        ("path-full-width-identifier", good.replace("/01/", "/０１/")),
        ("path-dot-segments", good.replace("/01/", "/./01/")),
    ):
        add(name, text, "not-a-label")


def add_parameters(cases: Cases) -> None:
    """Step 1: the query."""
    for name, query, reason in (
        ("seal-missing-no-query", "", "seal-missing"),
        ("seal-missing-ampersand-for-question-mark", "&s={s}", "seal-missing"),
        ("seal-missing-other-parameter", "?from=timeline", "seal-missing"),
        ("seal-named-in-upper-case", "?S={s}", "seal-missing"),
        ("query-empty", "?", "parameter-malformed"),
        ("seal-name-percent-encoded", "?%73={s}", "parameter-malformed"),
        ("seal-name-full-width", "?ｓ={s}", "parameter-malformed"),
        ("seal-twice-the-same", "?s={s}&s={s}", "seal-repeated"),
        ("seal-twice-the-second-empty", "?s={s}&s=", "seal-repeated"),
        ("seal-twice-the-second-bare", "?s={s}&s", "seal-repeated"),
        ("seal-twice-apart", "?s={s}&a=1&s=" + Draft(index=5).seal, "seal-repeated"),
        ("second-seal-percent-encoded-name", "?s={s}&%73=1", "parameter-malformed"),
        ("expiry-date-after", "?s={s}&17=251231", "parameter-numeric"),
        ("expiry-date-before", "?17=251231&s={s}", "parameter-numeric"),
        ("lot-after", "?s={s}&10=LOT1", "parameter-numeric"),
        ("lot-before", "?10=LOT1&s={s}", "parameter-numeric"),
        ("numeric-parameter-without-a-value", "?s={s}&17", "parameter-numeric"),
        ("numeric-parameter-with-an-empty-value", "?s={s}&17=", "parameter-numeric"),
        ("numeric-parameter-of-one-digit", "?s={s}&0=1", "parameter-numeric"),
        ("numeric-parameter-of-four-digits", "?s={s}&3103=000195", "parameter-numeric"),
        ("numeric-parameter-without-a-seal", "?17=251231", "parameter-numeric"),
        ("numeric-parameter-percent-encoded", "?s={s}&%31%37=251231", "parameter-malformed"),
        ("numeric-parameter-partly-percent-encoded", "?s={s}&1%37=251231", "parameter-malformed"),
        ("numeric-parameter-full-width", "?s={s}&１７=251231", "parameter-malformed"),
        ("numeric-parameter-arabic-indic", "?s={s}&١٧=251231", "parameter-malformed"),
        ("numeric-parameter-after-a-semicolon", "?s={s}&a=1;17=251231", "parameter-malformed"),
        ("numeric-parameter-after-the-seal-and-a-semicolon", "?s={s};17=251231", "seal-malformed"),
        ("numeric-parameter-with-a-space", "?s={s}& 17=251231", "parameter-malformed"),
        ("numeric-parameter-with-a-plus", "?s={s}&+17=251231", "parameter-malformed"),
        ("parameter-empty-at-the-end", "?s={s}&", "parameter-malformed"),
        ("parameter-empty-at-the-start", "?&s={s}", "parameter-malformed"),
        ("parameter-without-a-name", "?s={s}&=1", "parameter-malformed"),
        ("parameter-name-in-brackets", "?s={s}&a[]=1", "parameter-malformed"),
        ("parameter-value-with-a-space", "?s={s}&a=b c", "parameter-malformed"),
        ("parameter-value-with-a-newline", "?s={s}&a=b\n", "parameter-malformed"),
        ("parameter-value-with-markup", "?s={s}&a=<b>", "parameter-malformed"),
        ("parameter-value-in-chinese", "?s={s}&a=茶", "parameter-malformed"),
        ("parameters-65", "?s={s}" + "&a=1" * 64, "parameter-malformed"),
    ):
        cases.add(name, GOOD.text(query=query), reason)


def add_hosts(cases: Cases) -> None:
    """Step 1: the origin. All but the last group would otherwise be good labels of the official host."""
    for name, origin, reason in (
        ("scheme-mixed-case", "Https://qr.example.org", "host-case"),
        ("scheme-upper-host-lower", "HTTPS://qr.example.org", "host-case"),
        ("scheme-lower-host-upper", "https://QR.EXAMPLE.ORG", "host-case"),
        ("host-mixed-case", "https://Qr.example.org", "host-case"),
        ("host-mixed-case-last-letter", "HTTPS://QR.EXAMPLE.ORg", "host-case"),
        ("http-on-public-host", "http://qr.example.org", "http-on-public-host"),
        ("http-on-public-host-upper-case", "HTTP://QR.EXAMPLE.ORG", "http-on-public-host"),
        ("http-on-public-host-with-port", "http://qr.example.org:8000", "http-on-public-host"),
        ("http-on-public-address", "http://203.0.113.5", "http-on-public-host"),
        ("http-below-172-16-net", "http://172.15.255.255", "http-on-public-host"),
        ("http-above-172-16-net", "http://172.32.0.0", "http-on-public-host"),
        ("http-on-link-local-address", "http://169.254.1.1", "http-on-public-host"),
        ("http-on-a-name-under-localhost", "http://qr.localhost", "http-on-public-host"),
        ("http-on-a-name-that-starts-like-loopback", "http://127.0.0.1.example.org", "http-on-public-host"),
        ("port-default-of-https", "https://qr.example.org:443", "host-malformed"),
        ("port-default-of-http", "http://127.0.0.1:80", "host-malformed"),
        ("port-0", "https://qr.example.org:0", "host-malformed"),
        ("port-65536", "https://qr.example.org:65536", "host-malformed"),
        ("port-of-six-digits", "https://qr.example.org:100000", "host-malformed"),
        ("port-leading-zero", "https://qr.example.org:08443", "host-malformed"),
        ("port-empty", "https://qr.example.org:", "host-malformed"),
        ("port-signed", "https://qr.example.org:+8443", "host-malformed"),
        ("port-full-width", "https://qr.example.org:８４４３", "host-malformed"),
        ("port-twice", "https://qr.example.org:8443:8443", "host-malformed"),
        ("userinfo", "https://qr.example.org@evil.example", "host-malformed"),
        ("userinfo-with-password", "https://qr.example.org:pw@evil.example", "host-malformed"),
        ("userinfo-empty", "https://@qr.example.org", "host-malformed"),
        ("ipv6", "https://[2001:db8::1]", "host-malformed"),
        ("ipv6-loopback-over-http", "http://[::1]:8000", "host-malformed"),
        ("ipv4-leading-zero", "http://127.0.0.01", "host-malformed"),
        ("ipv4-octal", "http://0177.0.0.1", "host-malformed"),
        ("ipv4-hexadecimal", "http://0x7f.0x0.0x0.0x1", "host-malformed"),
        ("ipv4-hexadecimal-whole", "http://0x7f000001", "host-malformed"),
        ("ipv4-one-number", "http://2130706433", "host-malformed"),
        ("ipv4-two-numbers", "http://127.1", "host-malformed"),
        ("ipv4-five-numbers", "http://127.0.0.0.1", "host-malformed"),
        ("ipv4-number-past-255", "http://127.0.0.256", "host-malformed"),
        ("host-ends-in-a-number", "https://qr.example.7", "host-malformed"),
        ("host-ends-in-a-hexadecimal-number", "https://qr.example.0x7", "host-malformed"),
        ("host-ends-in-an-empty-hexadecimal-number", "https://qr.example.0x", "host-malformed"),
        ("host-empty", "https://", "host-malformed"),
        ("host-only-port", "https://:8443", "host-malformed"),
        ("host-trailing-dot", "https://qr.example.org.", "host-malformed"),
        ("host-leading-dot", "https://.qr.example.org", "host-malformed"),
        ("host-empty-label", "https://qr..example.org", "host-malformed"),
        ("host-underscore", "https://qr_1.example.org", "host-malformed"),
        ("host-label-starts-with-hyphen", "https://-qr.example.org", "host-malformed"),
        ("host-label-ends-with-hyphen", "https://qr-.example.org", "host-malformed"),
        ("host-label-of-64", f"https://{'a' * 64}.example", "host-malformed"),
        ("host-of-255", f"https://{'a.' * 127}a", "host-malformed"),
        ("host-percent-encoded", "https://%71r.example.org", "host-malformed"),
        ("host-in-chinese", "https://二维码.example.org", "host-malformed"),
        ("host-cyrillic-letter", "https://qr.ex\u0430mple.org", "host-malformed"),
        ("host-kelvin-sign", "HTTPS://\u212aR.EXAMPLE.ORG", "host-malformed"),
        ("host-ideographic-full-stop", "https://qr\u3002example\u3002org", "host-malformed"),
        ("host-zero-width-space", "https://qr.example.org\u200b", "host-malformed"),
        ("host-with-a-space", "https://qr.example.org ", "host-malformed"),
        ("host-with-a-newline", "https://qr.example.org\n", "host-malformed"),
        ("host-with-nul", "https://qr.example.org\0", "host-malformed"),
        ("host-with-a-backslash", "https://evil.example\\@qr.example.org", "host-malformed"),
    ):
        cases.add(name, GOOD.text(origin=origin), reason)


def add_numbers(cases: Cases) -> None:
    """Step 1: GTIN, serial, and the digits of the seal."""
    add = cases.add
    wrong = TEA[:-1] + str((int(TEA[-1]) + 1) % 10)
    swapped = TEA[:3] + TEA[4] + TEA[3] + TEA[5:]
    add("gtin-check-digit-wrong", GOOD.text(gtin=wrong), "gtin-check-digit")
    add("gtin-two-digits-swapped", GOOD.text(gtin=swapped), "gtin-check-digit")
    for name, gtin in (
        ("gtin-of-13", TEA[1:]),
        ("gtin-of-15", "0" + TEA),
        ("gtin-of-8", "69012341"),
        ("gtin-with-a-letter", TEA[:5] + "O" + TEA[6:]),
        ("gtin-with-a-hyphen", TEA[:13] + "-" + TEA[13:]),
        ("gtin-percent-encoded-digit", "%30" + TEA[1:]),
        ("gtin-full-width-digit", "０" + TEA[1:]),
        ("gtin-arabic-indic-digit", "٠" + TEA[1:]),
        ("gtin-trailing-space", TEA + " "),
    ):
        add(name, GOOD.text(gtin=gtin), "gtin-malformed")
    serial = GOOD.serial
    for name, text in (
        ("serial-of-15", serial[1:]),
        ("serial-of-17", "0" + serial),
        ("serial-with-a-letter", serial[:15] + "O"),
        ("serial-percent-encoded-digit", "%30" + serial[1:]),
        ("serial-full-width-digit", serial[:15] + "０"),
        ("serial-arabic-indic-digit", serial[:15] + "٠"),
        ("serial-superscript-digit", serial[:15] + "²"),
        ("serial-underscore", serial[:8] + "_" + serial[9:]),
        ("serial-leading-plus", "+" + serial[1:]),
        ("serial-leading-space", " " + serial[1:]),
        ("serial-trailing-newline", serial + "\n"),
        ("serial-batch-zero", "0" * 16),
    ):
        add(name, GOOD.text(serial=text), "serial-malformed")
    seal = GOOD.seal
    for name, digits in (
        ("seal-empty", ""),
        ("seal-of-168", seal[:-1]),
        ("seal-of-168-leading-zero-dropped", seal.removeprefix("0")),
        ("seal-of-170", seal + "0"),
        ("seal-of-170-leading-zero", "0" + seal),
        ("seal-with-a-letter", seal[:-1] + "O"),
        ("seal-in-hexadecimal", f"{int(seal):0140x}"),
        ("seal-percent-encoded-digit", f"%3{seal[0]}" + seal[1:]),
        ("seal-full-width-digit", seal[:-1] + chr(0xFF10 + int(seal[-1]))),
        ("seal-arabic-indic-digit", seal[:-1] + chr(0x0660 + int(seal[-1]))),
        ("seal-superscript-digit", seal[:-1] + "²"),
        ("seal-underscore", seal[:80] + "_" + seal[81:]),
        ("seal-leading-plus", "+" + seal[1:]),
        ("seal-leading-minus", "-" + seal[1:]),
        ("seal-leading-space", " " + seal[1:]),
        ("seal-trailing-space", seal + " "),
        ("seal-trailing-plus", seal + "+"),
        ("seal-trailing-newline", seal + "\n"),
        ("seal-trailing-carriage-return-and-newline", seal + "\r\n"),
        ("seal-trailing-tab", seal + "\t"),
        ("seal-trailing-nul", seal + "\0"),
        ("seal-trailing-zero-width-space", seal + "\u200b"),
        ("seal-trailing-equals-sign", seal + "="),
    ):
        add(name, GOOD.text(seal=digits), "seal-malformed")
    add("seal-value-at-2-560", GOOD.text(seal=str(2**560)), "seal-overflow")
    add("seal-value-of-nines", GOOD.text(seal="9" * 169), "seal-overflow")
    add("seal-same-value-modulo-2-560", GOOD.text(seal=str(int(seal) + 2**560)), "seal-overflow")
    add(
        "seal-value-just-below-2-560",
        GOOD.text(seal=str(2**560 - 1)),
        "seal-broken",
        about="key 65535 is allotted here, so the digits are in order and the signature is not",
    )


def add_keys(cases: Cases) -> None:
    """Step 2: the key."""
    add = cases.add
    add("key-never-allotted", GOOD.text(seal=seal_of(77, 7, GOOD.signature)), "key-unknown")
    add("key-zero", GOOD.text(seal=seal_of(0, 7, GOOD.signature)), "key-unknown")
    add("key-zero-signature-zero", GOOD.text(seal="0" * 169), "key-unknown")
    add("keyring-empty", GOOD.text(), "key-unknown", keyring="empty")
    for key, role in ((5, "hidden"), (6, "ledger"), (7, "bundle")):
        add(
            f"key-of-role-{role}",
            Draft(key=key).text(),
            "key-role",
            about="the signature holds, but the key is none for labels",
        )
    for name, number in WEAK_NUMBERS.items():
        public = encode_raw(*SMALL_ORDER[name])
        message = message_of(number, 7, TEA, GOOD.serial)
        forged = seal_of(number, 7, sign_for_small_order(public, message))
        about = "signed without any private key; a verifier that takes such keys finds that it holds"
        add(f"small-order-key-{name}", GOOD.text(seal=forged), "key-refused", keyring="weak", about=about)
    for name, record in OTHER_REFUSED.items():
        number = int(record["kid"])
        signature = KEYS[1].sign(message_of(number, 7, TEA, GOOD.serial))
        add(name, GOOD.text(seal=seal_of(number, 7, signature)), "key-refused", keyring="weak")


def add_seals(cases: Cases) -> None:
    """Step 3: the signature."""
    add = cases.add
    signature, message, key = GOOD.signature, GOOD.message, KEYS[1]
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    add("altered-serial-index", GOOD.text(serial=serial_of(1, 5)), "seal-broken")
    add("altered-serial-batch", GOOD.text(serial=serial_of(3, 0)), "seal-broken")
    add("altered-gtin", GOOD.text(gtin=RICE), "seal-broken")
    add("altered-pledge", GOOD.text(seal=seal_of(1, 8, signature)), "seal-broken")
    add("altered-pledge-to-none", GOOD.text(seal=seal_of(1, 0, signature)), "seal-broken")
    add("altered-key-number", GOOD.text(seal=seal_of(2, 7, signature)), "seal-broken")
    add("altered-last-digit-of-the-seal", GOOD.text(seal=f"{int(GOOD.seal) ^ 1:0169d}"), "seal-broken")
    add("altered-r", GOOD.sealed_with(bytes([r[0] ^ 1]) + signature[1:]), "seal-broken")
    add("seal-of-another-label", GOOD.text(seal=Draft(index=5).seal), "seal-broken")
    add("signed-by-another-key", GOOD.sealed_with(KEYS[2].sign(message)), "seal-broken")
    add("signed-without-the-domain", GOOD.sealed_with(key.sign(message.removeprefix(DOMAIN))), "seal-broken")
    add("signed-with-another-domain", GOOD.sealed_with(key.sign(message.replace(b".v1", b".v2"))), "seal-broken")
    add("signed-with-the-host", GOOD.sealed_with(key.sign(message + HOST.encode())), "seal-broken")
    add("signature-zero", GOOD.sealed_with(bytes(64)), "seal-broken")
    add("signature-identity-and-zero", GOOD.sealed_with(encode(IDENTITY) + bytes(32)), "seal-broken")
    add("signature-r-and-s-swapped", GOOD.sealed_with(signature[32:] + signature[:32]), "seal-broken")
    add(
        "signature-s-plus-l",
        GOOD.sealed_with(r + (s + L).to_bytes(32, "little")),
        "seal-broken",
        about="S + L solves the same equation; RFC 8032, section 5.1.7, refuses it",
    )
    add(
        "signature-s-plus-8-l",
        GOOD.sealed_with(r + (s + 8 * L).to_bytes(32, "little")),
        "seal-broken",
        about="as S + L, with the high bits set that some verifiers look at",
    )
    add("signature-s-negated", GOOD.sealed_with(r + (L - s).to_bytes(32, "little")), "seal-broken")
    tilted = point_at(ORDER_EIGHT_Y, negative=False)
    assert tilted is not None
    for name, nonce, odd in (
        ("signature-r-past-the-field", 0, encode_raw(P + 1, negative=False)),
        ("signature-r-negative-zero", 0, encode_raw(1, negative=True)),
        ("signature-r-of-small-order", 0, encode(tilted)),
        ("signature-r-of-mixed-order", 5, encode(point_add(tilted, point_multiply(5, BASE)))),
    ):
        about = "made with the private key; it holds only where R is decoded or the cofactor is multiplied in"
        add(name, GOOD.sealed_with(key.sign_oddly(message, nonce, odd)), "seal-broken", about=about)
    add(
        "signature-r-identity",
        GOOD.sealed_with(key.sign_oddly(message, 0, encode_raw(1, negative=False))),
        "seal-broken",
        about="made with the private key, which it gives away; it solves the equation, and R is of small order",
    )


def add_windows(cases: Cases) -> None:
    """Step 4: the key's verifying window."""
    add = cases.add
    short = Draft(batch=6, key=8)
    add("window-passed-by-a-millisecond", short.text(), "key-window-passed", at=SHORT[1])
    add("window-passed-long-ago", short.text(), "key-window-passed")
    add("window-ahead-by-a-millisecond", short.text(), "key-window-ahead", at="2026-02-28T23:59:59.999Z")
    add("window-ahead-with-a-clock-set-back", GOOD.text(), "key-window-ahead", at="2019-12-31T23:59:59.999Z")
    add("window-passed-but-forged", short.text(serial=serial_of(6, 1)), "seal-broken")
    add("window-passed-and-batch-unknown", short.text(), "key-window-passed", registry="empty")
    add("window-passed-and-registry-unreachable", short.text(), "key-window-passed", registry="unreachable")


def add_batches(cases: Cases) -> None:
    """Step 5: the registry. Every seal here holds: insiders, stolen keys and copies of the registry."""
    add = cases.add
    add("registry-unreachable", GOOD.text(), "registry-unreachable", registry="unreachable")
    add("registry-unreachable-foreign-host", GOOD.text(), "registry-unreachable", registry="unreachable", hosts=())
    add("registry-unreachable-index-past-the-count", Draft(index=1000).text(), "registry-unreachable",
        registry="unreachable")  # fmt: skip
    add("registry-unreachable-but-forged", GOOD.text(gtin=RICE), "seal-broken", registry="unreachable")
    add("registry-unreachable-but-not-a-label", "hello", "not-a-label", registry="unreachable")
    add("batch-unknown", Draft(batch=424_242).text(), "batch-unknown")
    add("batch-unknown-in-an-empty-registry", GOOD.text(), "batch-unknown", registry="empty")
    add("index-at-the-count", Draft(index=1000).text(), "index-past-count")
    add("index-past-the-count", Draft(index=1001).text(), "index-past-count")
    add("index-far-past-the-count", Draft(index=99_999_999).text(), "index-past-count")
    add("batch-of-another-gtin", Draft(gtin=RICE).text(), "gtin-mismatch")
    add("pledge-of-another-batch", Draft(pledge=8).text(), "pledge-mismatch")
    add("pledge-none-but-the-batch-has-one", Draft(pledge=0).text(), "pledge-mismatch")
    add("pledge-but-the-batch-has-none", Draft(batch=2, gtin=RICE).text(), "pledge-mismatch")
    add("key-of-another-batch", Draft(key=2).text(), "key-mismatch")
    add("key-before-gtin-pledge-and-index", Draft(1, 5000, RICE, 2, 8).text(), "key-mismatch")
    add("gtin-before-pledge-and-index", Draft(1, 5000, RICE, 1, 8).text(), "gtin-mismatch")
    add("pledge-before-index", Draft(1, 5000, TEA, 1, 8).text(), "pledge-mismatch")
    add("batch-before-host", Draft(index=1000).text(), "index-past-count", hosts=())
    add("batch-before-compromise", Draft(batch=5, index=100, key=4).text(), "index-past-count")


def add_states(cases: Cases) -> None:
    """Step 6: void, then recalled, then held; all of them before everything that follows."""
    add = cases.add
    for name, index, reason in (
        ("held", 20, "on-hold"),
        ("held-and-not-activated", 21, "on-hold"),
        ("recalled", 22, "under-recall"),
        ("recalled-and-not-activated", 23, "under-recall"),
        ("recalled-and-held", 24, "under-recall"),
        ("void", 25, "voided"),
        ("void-and-held", 26, "voided"),
        ("void-and-recalled", 27, "voided"),
        ("void-and-recalled-and-held", 28, "voided"),
        ("void-and-seen-before", 29, "voided"),
        ("recalled-and-history-not-checked", 30, "under-recall"),
    ):
        add(name, Draft(index=index).text(), reason)
    foreign = "HTTPS://QR.EXAMPLE.NET"
    add("recalled-before-foreign-host", Draft(index=22).text(origin=foreign), "under-recall")
    add("held-before-foreign-host", Draft(index=20).text(origin=foreign), "on-hold")
    add("void-before-foreign-host", Draft(index=25).text(origin=foreign), "voided")
    add("void-before-compromised-key", Draft(batch=5, index=8, key=4).text(), "voided")
    add("recalled-before-compromised-key", Draft(batch=5, index=9, key=4).text(), "under-recall")
    add("held-before-compromised-key", Draft(batch=5, index=10, key=4).text(), "on-hold")


def add_trust(cases: Cases) -> None:
    """Steps 7 and 8: compromised keys, foreign hosts, labels not yet activated."""
    add = cases.add
    foreign = "HTTPS://QR.EXAMPLE.NET"
    add("compromised-key-sighted-at-the-cut-off", Draft(batch=5, index=2, key=4).text(), "key-compromised")
    add("compromised-key-sighted-after-the-cut-off", Draft(batch=5, index=3, key=4).text(), "key-compromised")
    add("compromised-key-never-sighted", Draft(batch=5, index=4, key=4).text(), "key-compromised")
    add("compromised-key-history-not-checked", Draft(batch=5, index=5, key=4).text(), "key-compromised")
    add("compromised-key-before-not-activated", Draft(batch=5, index=6, key=4).text(), "key-compromised")
    add("compromised-key-before-foreign-host", Draft(batch=5, index=4, key=4).text(origin=foreign), "key-compromised")
    add("compromised-key-sighted-but-foreign-host", Draft(batch=5, key=4).text(origin=foreign), "host-foreign")
    for name, origin, hosts in (
        ("foreign-host", foreign, (HOST,)),
        ("foreign-host-lower-case", foreign.lower(), (HOST,)),
        ("foreign-host-with-a-port", "https://qr.example.org:8443", (HOST,)),
        ("foreign-host-without-the-port", "https://qr.example.org", ("qr.example.org:8443",)),
        ("foreign-host-below-the-official-one", "https://x.qr.example.org", (HOST,)),
        ("foreign-host-above-the-official-one", "https://example.org", (HOST,)),
        ("foreign-host-that-starts-like-the-official-one", "https://qr.example.org.evil.example", (HOST,)),
        ("foreign-host-by-one-letter", "HTTPS://QR.EXAMP1E.ORG", (HOST,)),
        ("foreign-host-where-none-is-official", ORIGIN, ()),
        ("foreign-host-private", "http://127.0.0.1:8000", (HOST,)),
    ):
        add(name, GOOD.text(origin=origin), "host-foreign", hosts=hosts)
    add("foreign-host-before-not-activated", Draft(index=10).text(origin=foreign), "host-foreign")
    add("foreign-host-before-history", Draft(index=2).text(origin=foreign), "host-foreign")
    add("not-activated", Draft(index=10).text(), "not-activated")
    add("not-activated-and-seen-before", Draft(index=11).text(), "not-activated")
    add("not-activated-and-history-not-checked", Draft(index=12).text(), "not-activated")
    add("not-activated-under-a-compromised-key", Draft(batch=5, index=7, key=4).text(), "not-activated")


def add_suspect(cases: Cases) -> None:
    """Labels whose sightings speak for copies."""
    add = cases.add
    add("going-around", Draft(index=40).text(), "going-around")
    add("going-around-and-own-earlier-scan", Draft(index=41).text(), "going-around")
    add("seen-before-sale", Draft(index=42).text(), "seen-before-sale")
    add("seen-after-purchase", Draft(index=43).text(), "seen-after-purchase")
    add("not-activated-and-seen-before-sale", Draft(index=44).text(), "not-activated")
    add("on-hold-and-going-around", Draft(index=45).text(), "on-hold")
    add("purchase-confirmed", Draft(index=46).text(), "purchase-confirmed")
    add("purchase-confirmed-and-going-around", Draft(index=47).text(), "purchase-confirmed")
    add("voided-and-purchase-confirmed", Draft(index=48).text(), "voided")
    add("foreign-host-and-going-around", Draft(index=40).text(origin="https://x.example"), "host-foreign")


def document() -> dict[str, Any]:
    """The whole file."""
    cases = Cases()
    for add in (
        add_good,
        add_tolerated,
        add_shape,
        add_parameters,
        add_hosts,
        add_numbers,
        add_keys,
        add_seals,
        add_windows,
        add_batches,
        add_states,
        add_trust,
        add_suspect,
    ):
        add(cases)
    return {
        "format": "traceqr-label-vectors-1",
        "about": ABOUT,
        "keyrings": KEYRINGS,
        "registries": REGISTRIES,
        "vectors": cases.vectors,
    }


def rendered() -> bytes:
    """The file's bytes: JSON in ASCII, so that no editor changes what cannot be seen."""
    return _bytes(document())


def _bytes(content: dict[str, Any]) -> bytes:
    return json.dumps(content, indent=1, ensure_ascii=True).encode("ascii") + b"\n"


# --- Hidden codes (section 13) -----------------------------------------------------------------------------------

HIDDEN_ABOUT = (
    "Golden vectors of TraceQR hidden codes; docs/label-format.md, section 13, says how to run them. "
    "The roots are test secrets, worth nothing."
)
WORD_LIMIT = 18_446_744_070_000_000_000
"""The greatest multiple of 10^10 below 2^64."""


def sha256_mac(key: bytes, message: bytes) -> bytes:
    """HMAC of RFC 2104 with SHA-256."""
    return hmac.new(key, message, hashlib.sha256).digest()


def hidden_root(name: str) -> bytes:
    """A test root."""
    return hashlib.sha256(b"traceqr test hidden root, worth nothing: " + name.encode()).digest()


def batch_key(root: bytes, batch: int) -> bytes:
    """HKDF of RFC 5869 without salt, one block of output: extract, then expand."""
    extracted = sha256_mac(bytes(32), root)
    return sha256_mac(extracted, b"traceqr.hidden.batch.v1\0" + f"{batch:08d}".encode() + b"\x01")


def stream_block(key: bytes, serial: str, number: int) -> bytes:
    """Block `number` of the stream, from 0."""
    counter = number.to_bytes(4, "big") if number else b""
    return sha256_mac(key, b"traceqr.hidden.v1\0" + serial.encode() + counter)


def code_of(stream: bytes) -> str:
    """The twelve digits that a stream gives."""
    words = [int.from_bytes(stream[at : at + 8], "big") for at in range(0, len(stream), 8)]
    ten = f"{next(word for word in words if word < WORD_LIMIT) % 10**10:010d}"
    return ten + check_of(ten)


def check_of(ten: str) -> str:
    """ISO 7064, MOD 97-10, by its recursive method: add a digit, times ten, modulo 97; twice nothing; 98 minus that."""
    rest = 0
    for digit in ten:
        rest = (rest + int(digit)) * 10 % 97
    return f"{98 - rest * 10 % 97:02d}"


ROOTS = {name: hidden_root(name) for name in ("first", "second")}


def hidden_codes() -> list[dict[str, Any]]:
    """Codes of some labels, with all that leads there."""
    return [
        hidden_code(root, batch, index)
        for root, batch, index in (
            ("first", 1, 0),
            ("first", 1, 1),
            ("first", 1, 99_999_999),
            ("first", 2, 0),
            ("first", 10, 1),
            ("first", 99_999_999, 0),
            ("first", 99_999_999, 99_999_999),
            ("second", 1, 0),
            ("second", 12_345_678, 87_654_321),
        )
    ]


def hidden_code(root: str, batch: int, index: int) -> dict[str, Any]:
    """One of them. `blocks` are the first three of the stream; nobody will ever need the second."""
    serial, key = f"{batch:08d}{index:08d}", batch_key(ROOTS[root], batch)
    blocks = [stream_block(key, serial, number) for number in range(3)]
    digits = code_of(b"".join(blocks))
    return {
        "name": f"root-{root}-batch-{batch}-label-{index}",
        "root": root,
        "batch": batch,
        "index": index,
        "batch_key": key.hex(),
        "blocks": [block.hex() for block in blocks],
        "digits": digits,
        "printed": "-".join((digits[:4], digits[4:8], digits[8:])),
    }


def hidden_streams() -> list[dict[str, Any]]:
    """Streams that no secret gives in practice: words at and around the limit."""
    limit, most = WORD_LIMIT, 2**64 - 1
    return [
        stream("zeros", [0, 0, 0, 0], "0000000000"),
        stream("first-word-counts", [10**10 + 7, 1, 2, 3], "0000000007"),
        stream("just-below-the-limit", [limit - 1, 1, 2, 3], "9999999999"),
        stream("at-the-limit", [limit, 1, 2, 3], "0000000001"),
        stream("greatest-word", [most, 2, 3, 4], "0000000002"),
        stream("two-words-refused", [most, limit + 5, 10**10 - 1, 4], "9999999999"),
        stream("last-word-of-a-block", [most, limit, limit + 1, 3 * 10**10 + 42], "0000000042"),
        stream("second-block", [most, most, limit, limit, 1_234_567_890, 1, 1, 1], "1234567890"),
        stream("third-block", [limit] * 8 + [most, 5, 6, 7], "0000000005"),
        stream("big-endian", [0x0000000200000001, 1, 1, 1], f"{0x200000001:010d}"),
    ]


def stream(name: str, words: list[int], ten: str) -> dict[str, Any]:
    """A stream of whole blocks of four words; `ten` is stated by hand."""
    octets = b"".join(word.to_bytes(8, "big") for word in words)
    blocks = [octets[at : at + 32].hex() for at in range(0, len(octets), 32)]
    return {"name": name, "blocks": blocks, "digits": ten + check_of(ten)}


def value_with(check: str) -> str:
    """The smallest ten digits with these check digits."""
    return next(ten for ten in (f"{value:010d}" for value in range(200)) if check_of(ten) == check)


def hidden_typed() -> list[dict[str, Any]]:
    """What people type, and what a reader makes of it."""
    code = hidden_code("first", 1, 0)["digits"]
    a, b, c = code[:4], code[4:8], code[8:]
    good = {
        "plain": code,
        "hyphens": f"{a}-{b}-{c}",
        "spaces": f"{a} {b} {c}",
        "mixed": f"{a}-{b} {c}",
        "one-separator": f"{a}{b}-{c}",
    }
    malformed = {
        "empty": "",
        "eleven-digits": code[:11],
        "thirteen-digits": code + "0",
        "two-spaces": f"{a}  {b} {c}",
        "hyphen-and-space": f"{a}- {b} {c}",
        "separator-elsewhere": f"{code[:3]}-{code[3:6]}-{code[6:9]}-{code[9:]}",
        "space-before": " " + code,
        "space-behind": code + " ",
        "newline-behind": code + "\n",
        "hyphen-behind": f"{a}-{b}-{c}-",
        "tab": f"{a}\t{b}\t{c}",
        "underscores": f"{a}_{b}_{c}",
        "dots": f"{a}.{b}.{c}",
        "en-dash": f"{a}\u2013{b}\u2013{c}",
        "ideographic-space": f"{a}\u3000{b}\u3000{c}",
        "sign": "+" + code[1:],
        "letter-for-a-digit": "O" + code[1:],
        "full-width-digits": "".join(chr(0xFF10 + int(digit)) for digit in code),
        "one-arabic-indic-digit": chr(0x0660 + int(code[0])) + code[1:],
        "superscript": code[:-1] + "\u00b2",
        "nul-behind": code + "\0",
    }
    swapped = next(at for at in range(11) if code[at] != code[at + 1])
    mistyped = {
        "one-digit-wrong": str((int(code[0]) + 1) % 10) + code[1:],
        "last-digit-wrong": code[:-1] + str((int(code[-1]) + 1) % 10),
        "two-neighbours-swapped": code[:swapped] + code[swapped + 1] + code[swapped] + code[swapped + 2 :],
        "all-zeros": "0" * 12,
        "all-nines": "9" * 12,
        "check-00-for-97": value_with("97") + "00",
        "check-01-for-98": value_with("98") + "01",
        "check-99-for-02": value_with("02") + "99",
    }
    edges = {f"check-{check}": value_with(check) + check for check in ("02", "97", "98")}
    return [
        *({"name": f"good-{name}", "typed": text, "expected": {"digits": code}} for name, text in good.items()),
        *({"name": f"good-{name}", "typed": text, "expected": {"digits": text}} for name, text in edges.items()),
        *(
            {"name": f"malformed-{n}", "typed": text, "expected": {"error": "malformed"}}
            for n, text in malformed.items()
        ),
        *({"name": f"mistyped-{n}", "typed": text, "expected": {"error": "mistyped"}} for n, text in mistyped.items()),
    ]


def hidden_document() -> dict[str, Any]:
    """The whole file of hidden codes."""
    return {
        "format": "traceqr-hidden-vectors-1",
        "about": HIDDEN_ABOUT,
        "roots": {
            name: {"secret": root.hex(), "commitment": hashlib.sha256(b"traceqr.hidden.root.v1\0" + root).hexdigest()}
            for name, root in ROOTS.items()
        },
        "codes": hidden_codes(),
        "streams": hidden_streams(),
        "typed": hidden_typed(),
    }


def rendered_hidden() -> bytes:
    """The bytes of the file of hidden codes."""
    return _bytes(hidden_document())


if __name__ == "__main__":
    TARGET.write_bytes(rendered())
    HIDDEN_TARGET.write_bytes(rendered_hidden())
