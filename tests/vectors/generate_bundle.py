"""Regenerate tests/vectors/bundle-v1.json, byte for byte: `python tests/vectors/generate_bundle.py`.

As with generate.py beside it, whose labels and curve it takes: no code is shared with TraceQR, bundles are written by
docs/bundle-format.md alone, and what is expected is stated by hand. Streams are compressed here, so that they are
the same whichever zlib a machine has.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
import zlib
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import generate as labels  # noqa: E402
from generate import (  # noqa: E402
    CUT_OFF,
    HONEY,
    HOST,
    KEYS,
    OTHER_REFUSED,
    RICE,
    SMALL_ORDER,
    TEA,
    WEAK_NUMBERS,
    Draft,
    TestKey,
    encode_raw,
    jwk,
)

TARGET = HERE / "bundle-v1.json"
ABOUT = (
    "Golden vectors of TraceQR trust bundles, format 1; docs/bundle-format.md says how to run them. "
    "The keys are test keys, worth nothing."
)

DECIDES = {
    **labels.DECIDES,
    "data-missing": (2, "key", "unchecked"),
    "data-without-key": (2, "key", "unchecked"),
    "clock-back": (4, "window", "unchecked"),
    "data-expired": (4, "window", "unchecked"),
    "data-without-batch": (5, "batch", "unchecked"),
    "data-not-held": (5, "batch", "unchecked"),
}
"""Every reason: the step that decides, its name, and the verdict. Those of labels, and section 6, by hand."""

Json = dict[str, Any]

# --- Keys ----------------------------------------------------------------------------------------------------------

BUNDLE = {
    7: KEYS[7],
    9: TestKey.named("bundle, retired"),
    10: TestKey.named("bundle, destroyed"),
    11: TestKey.named("bundle, compromised"),
    12: TestKey.named("bundle, signed until June"),
    13: TestKey.named("bundle, made after the device was set up"),
    14: TestKey.named("bundle, of nobody"),
}
SIGNERS = {**KEYS, **BUNDLE}
SIGNED_UNTIL_JUNE = ("2026-03-01T00:00:00.000Z", "2026-06-01T00:00:00.000Z")
SMALL_ORDER_KEY = "order-8"
NEW_KEY = jwk(13, BUNDLE[13].public, role="bundle")

PUBLISHED = [
    *(record for record in labels.KEYRINGS["main"] if int(record["kid"]) < 9),
    jwk(9, BUNDLE[9].public, role="bundle", status="retired"),
    jwk(10, BUNDLE[10].public, role="bundle", status="destroyed"),
    jwk(11, BUNDLE[11].public, role="bundle", status="compromised", compromised=CUT_OFF),
    jwk(12, BUNDLE[12].public, role="bundle", signing=SIGNED_UNTIL_JUNE),
    jwk(WEAK_NUMBERS[SMALL_ORDER_KEY], encode_raw(*SMALL_ORDER[SMALL_ORDER_KEY]), role="bundle"),
    {**OTHER_REFUSED["key-off-the-curve"], "traceqr_role": "bundle"},
    jwk(65535, KEYS[65535].public),
]

# --- Writing, by docs/bundle-format.md -------------------------------------------------------------------------------

MADE, EXPIRES = "2026-09-15T03:00:00.000Z", "2026-09-18T03:00:00.000Z"
AT = "2026-09-15T04:00:00.000Z"


def canonical(value: Any) -> bytes:
    """RFC 8785 for what is written here: integers, text without control characters, and members named in ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(octets: bytes) -> str:
    return hashlib.sha256(octets).hexdigest()


LENGTH_BASES = (*range(3, 11), *range(11, 19, 2), *range(19, 35, 4), *range(35, 67, 8), *range(67, 131, 16))
LENGTH_BASES += (*range(131, 258, 32), 258)
"""RFC 1951, section 3.2.5: where the codes from 257 on begin."""


class Bits:
    """A string of bits, the first in the lowest place of its octet."""

    def __init__(self) -> None:
        self.value, self.length = [], 0
        self._octet = 0

    def put(self, value: int, width: int) -> None:
        """Lowest bit first."""
        for place in range(width):
            self._octet |= (value >> place & 1) << self.length % 8
            self.length += 1
            if self.length % 8 == 0:
                self.value.append(self._octet)
                self._octet = 0

    def put_code(self, code: int, width: int) -> None:
        """Highest bit first, as Huffman codes are."""
        for place in reversed(range(width)):
            self.put(code >> place & 1, 1)

    def octets(self) -> bytes:
        return bytes([*self.value, self._octet] if self.length % 8 else self.value)


def deflated(octets: bytes) -> bytes:
    """A zlib stream (RFC 1950) of one block with fixed codes; repetitions of an octet are copies of the one before."""
    bits = Bits()
    bits.put(0b011, 3)  # the last block, of fixed codes
    at = 0
    while at < len(octets):
        run = 0
        while at and run < 258 and at + run < len(octets) and octets[at + run] == octets[at - 1]:
            run += 1
        if run >= 3:
            place = max(number for number, base in enumerate(LENGTH_BASES) if base <= run)
            _put_symbol(bits, 257 + place)
            extra = 0 if place < 8 or place == 28 else place // 4 - 1
            bits.put(run - LENGTH_BASES[place], extra)
            bits.put_code(0, 5)  # distance 1
            at += run
        else:
            _put_symbol(bits, octets[at])
            at += 1
    _put_symbol(bits, 256)
    return b"\x78\x01" + bits.octets() + zlib.adler32(octets).to_bytes(4, "big")


def _put_symbol(bits: Bits, symbol: int) -> None:
    """Section 3.2.6."""
    if symbol < 144:
        bits.put_code(0b00110000 + symbol, 8)
    elif symbol < 256:
        bits.put_code(0b110010000 + symbol - 144, 9)
    elif symbol < 280:
        bits.put_code(symbol - 256, 7)
    else:
        bits.put_code(0b11000000 + symbol - 280, 8)


def packed(values: Sequence[int], width: int) -> bytes:
    """Values of `width` bits each."""
    bits = Bits()
    for value in values:
        bits.put(value, width)
    return bits.octets()


def part(description: Json, blobs: Iterable[bytes] = ()) -> bytes:
    return laid(deflated(canonical(description)), blobs)


def laid(described: bytes, blobs: Iterable[bytes] = ()) -> bytes:
    return len(described).to_bytes(4, "big") + described + b"".join(blobs)


def message(key: int, manifest: bytes) -> bytes:
    return b"traceqr.bundle.v1\0" + key.to_bytes(2, "big") + manifest


def file_of(manifest: bytes, key: int = 7, signature: bytes | None = None, magic: bytes = b"TQB1") -> bytes:
    if signature is None:
        signature = SIGNERS[key].sign(message(key, manifest))
    return magic + key.to_bytes(2, "big") + signature + manifest


# --- What the bundle tells -------------------------------------------------------------------------------------------

FIRM = "91310000000000001N"
FAR_FIRM = "91330000000000002F"
RECALL, OTHER_RECALL = "0000000000000001", "0000000000000002"

RECALLS = [
    {
        "id": RECALL,
        "gtin": TEA,
        "since": "2026-09-10T00:00:00.000Z",
        "grade": 2,
        "ordered": {"zh": "示例市场监管局", "en": "Example market regulator"},
        "words": {
            "zh-Hans": {"hazard": "异物", "advice": "停止食用", "contact": "400-000-0000"},
            "en": {"hazard": "Foreign matter", "advice": "Do not eat it", "contact": ""},
        },
    },
    {
        "id": OTHER_RECALL,
        "gtin": TEA,
        "since": "2026-09-11T00:00:00.000Z",
        "grade": None,
        "ordered": None,
        "words": {},
    },
]

PLEDGE = {
    "number": 7,
    "state": "published",
    "campaign_zh": "质量月（示例）",
    "campaign_en": "Quality Month (example)",
    "year": 2026,
    "valid_from": "2026-01-01T00:00:00.000Z",
    "valid_to": "2027-01-01T00:00:00.000Z",
}
MARK = {
    "licence": "QM-2026-000001",
    "name_zh": "质量月标识（示例）",
    "name_en": "Quality mark (example)",
    "state": "granted",
    "valid_from": "2026-01-01T00:00:00.000Z",
    "valid_to": "2027-01-01T00:00:00.000Z",
    "reason": None,
}


def product(gtin: str, zh: str = "示例茶", en: str = "Example tea") -> Json:
    return {"gtin": gtin, "name_zh": zh, "name_en": en, "brand": "示例", "specification": "100 g", "standard": ""}


def enterprise(uscc: str = FIRM, region: str = "310101") -> Json:
    return {
        "uscc": uscc,
        "name_zh": "示例食品有限公司",
        "name_en": "Example Foods Ltd",
        "region": region,
        "service_phone": "400-000-0000",
    }


def batch(number: int, count: int, /, **given: Any) -> Json:
    """A batch whose labels are all active."""
    plain = {
        "number": number,
        "count": count,
        "key": 1,
        "pledge": 7,
        "marks": [],
        "lot": None,
        "produced": None,
        "expires": None,
        "origin": labels.ORIGIN,
        "life": {"runs": [[count - 1, 1]]},
        "holds": [],
        "recalls": [],
        "sighted": None,
    }
    return {**plain, **given}


def describe(of_product: Json, batches: list[Json], **given: Any) -> Json:
    plain = {"product": of_product, "enterprise": enterprise(), "pledges": [PLEDGE], "marks": [], "batches": batches}
    return {**plain, **given}


def life_of(index: int) -> int:
    """The lives of the batches that are written in bits: 0 issued, 1 active, 2 void."""
    return 2 if index % 7 == 3 else 0 if index % 11 == 5 else 1


BITS_7 = deflated(packed([life_of(index) for index in range(1001)], 2))
BITS_8 = deflated(packed([life_of(index) for index in range(1003)], 2))
SIGHTED_8 = deflated(packed([int(index % 5 == 0) for index in range(1003)], 1))
BITS_12 = deflated(packed([2, 1, 0, 1], 2))

PARTS = {
    "tea": part(
        describe(
            product(TEA),
            [
                batch(
                    1,
                    1000,
                    marks=["QM-2026-000001"],
                    lot="L-1",
                    produced="2026-08-01",
                    expires="2028-02-29",
                    life={"runs": [[9, 1], [12, 0], [20, 1], [21, 0], [24, 1], [29, 2], [999, 1]]},
                    holds=[[20, 21], [24, 24], [26, 26], [28, 28]],
                    recalls=[[22, 23, RECALL], [24, 24, RECALL], [24, 24, OTHER_RECALL], [27, 28, RECALL]],
                ),
                batch(3, 10, key=2),
                batch(
                    5,
                    100,
                    key=4,
                    life={"runs": [[5, 1], [7, 0], [8, 2], [99, 1]]},
                    holds=[[10, 10]],
                    recalls=[[9, 9, RECALL]],
                    sighted=[[0, 1], [7, 7], [99, 99]],
                ),
                batch(6, 10, key=8),
                batch(11, 10, key=3),
            ],
            marks=[MARK],
        )
    ),
    "rice": part(describe(product(RICE, "示例米", "Example rice"), [batch(2, 10, pledge=0)], pledges=[])),
    "tea-in-bits": part(
        describe(
            product(TEA),
            [
                batch(7, 1001, life={"bits": [0, len(BITS_7)]}),
                batch(
                    8,
                    1003,
                    key=4,
                    life={"bits": [len(BITS_7), len(BITS_8)]},
                    sighted={"bits1": [len(BITS_7) + len(BITS_8), len(SIGHTED_8)]},
                ),
                batch(12, 4, life={"bits": [len(BITS_7) + len(BITS_8) + len(SIGHTED_8), len(BITS_12)]}),
                batch(13, 1, key=4, life={"runs": [[0, 1]]}),
            ],
        ),
        [BITS_7, BITS_8, SIGHTED_8, BITS_12],
    ),
    "honey": part(
        describe(
            product(HONEY, "示例蜜", "Example honey"),
            [batch(9, 100_000_000, key=65535, pledge=2**32 - 1, life={"runs": [[99_999_998, 1], [99_999_999, 2]]})],
            pledges=[{**PLEDGE, "number": 2**32 - 1, "state": "withdrawn"}],
        )
    ),
    "far": part(
        describe(
            product(RICE, "示例米", "Example rice"),
            [batch(10, 10, pledge=0)],
            pledges=[],
            enterprise=enterprise(FAR_FIRM, "330106"),
        )
    ),
}


def named(octets: bytes, gtin: str, batches: list[int], uscc: str = FIRM, region: str = "310101") -> Json:
    """A part as the manifest names it."""
    return {
        "digest": digest(octets),
        "bytes": len(octets),
        "gtin": gtin,
        "enterprise": uscc,
        "region": region,
        "batches": batches,
    }


ENTRIES = {
    "tea": named(PARTS["tea"], TEA, [1, 3, 5, 6, 11]),
    "rice": named(PARTS["rice"], RICE, [2]),
    "tea-in-bits": named(PARTS["tea-in-bits"], TEA, [7, 8, 12, 13]),
    "honey": named(PARTS["honey"], HONEY, [9]),
    "far": named(PARTS["far"], RICE, [10], FAR_FIRM, "330106"),
}


def manifest(scope: str = "public", **given: Any) -> Json:
    """A small one: two keys, and nothing else that need not be there."""
    plain = {
        "format": "traceqr.bundle.v1",
        "scope": scope,
        "version": 12,
        "position": 345,
        "made": MADE,
        "expires": EXPIRES,
        "hosts": [HOST],
        "keys": [jwk(1, KEYS[1].public), jwk(7, KEYS[7].public, role="bundle")],
        "next_batch": 40,
        "recalls": [],
        "parts": [],
    }
    return {**plain, **given}


FULL = {"keys": PUBLISHED, "recalls": RECALLS, "hosts": ["qr.example.net:8443", HOST]}
WHOLE = manifest("all", **FULL, parts=list(ENTRIES.values()))
SHANGHAI = manifest("region:310000", **FULL, parts=[entry for name, entry in ENTRIES.items() if name != "far"])

# --- Taking manifests ------------------------------------------------------------------------------------------------


class Takings:
    """Collects files, and what a holder makes of them; every name is used once."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.vectors: list[Json] = []

    def add(
        self,
        name: str,
        file: bytes,
        refused: str | None,
        *,
        about: str = "",
        scope: str = "public",
        held: str | None = None,
        at: str = AT,
    ) -> None:
        """One vector: this file, asked for this scope, is taken, or refused for this reason."""
        assert name not in self.files, name
        self.files[name] = file
        self.vectors.append(
            {
                "name": name,
                **({"about": about} if about else {}),
                "file": name,
                "trusted": "published",
                "scope": scope,
                "held": held,
                "at": at,
                "expected": {"refused": refused},
            }
        )

    def again(self, name: str, of: str, refused: str | None, **given: Any) -> None:
        """A file that is there already, asked for in other ways."""
        self.add(name, b"", refused, **given)
        del self.files[name]
        self.vectors[-1]["file"] = of


def add_taken(cases: Takings) -> None:
    """Files that are taken."""
    cases.add("public", file_of(canonical(manifest())), None)
    cases.add("public-later", file_of(canonical(manifest(version=13, position=346))), None, held="public")
    cases.again("the-same-again", "public", None, held="public")
    cases.add("whole", file_of(canonical(WHOLE)), None, scope="all")
    cases.add("province", file_of(canonical(SHANGHAI)), None, scope="region:310000")
    cases.add("with-words-of-a-recall", file_of(canonical(manifest(recalls=RECALLS))), None)
    cases.add("key-retired", file_of(canonical(manifest()), 9), None)
    cases.add("made-as-the-window-begins", _dated("2026-01-01T00:00:00.000Z"), None)
    cases.add("expires-a-millisecond-later", _dated(MADE, "2026-09-15T04:00:00.001Z"), None)
    cases.add("made-ahead-of-the-clock", _dated("2026-09-16T00:00:00.000Z"), None, about="It teaches the instant.")
    cases.add("no-hosts-no-keys", file_of(canonical(manifest(hosts=[], keys=[]))), None)
    cases.add("greatest-batch-number", file_of(canonical(manifest(next_batch=100_000_000))), None)
    cases.add("greatest-version", file_of(canonical(manifest(version=2**53 - 1))), None)
    cases.add(
        "lists-a-new-key",
        file_of(canonical(manifest(keys=[*manifest()["keys"], NEW_KEY]))),
        None,
        about="Its keys are trusted from now on.",
    )
    cases.add(
        "key-of-the-one-held",
        file_of(canonical(manifest(version=13)), 13),
        None,
        about="Signed by a key that the manifest held lists.",
        held="lists-a-new-key",
    )
    cases.add("lists-a-weak-key", file_of(canonical(manifest(keys=PUBLISHED))), None, about="It is refused by number.")


def _dated(made: str, expires: str = EXPIRES) -> bytes:
    return file_of(canonical(manifest(made=made, expires=expires)))


def add_bad_files(cases: Takings) -> None:
    """Form: the file."""
    good = canonical(manifest())
    malformed(cases, "empty", b"")
    malformed(cases, "magic-alone", b"TQB1")
    malformed(cases, "without-manifest", file_of(b""))
    malformed(cases, "cut-in-the-signature", file_of(good)[:40])
    malformed(cases, "truncated", file_of(good)[:-1])
    malformed(cases, "magic-of-format-2", file_of(good, magic=b"TQB2"))
    malformed(cases, "magic-in-lower-case", file_of(good, magic=b"tqb1"))
    malformed(cases, "manifest-alone", good)
    malformed(cases, "a-page-of-a-portal", b"<!DOCTYPE html><title>Welcome to our network</title>")
    for name, octets in {
        "not-json": good[:-1],
        "not-utf-8": good.replace(b"public", b"publi\xff"),
        "byte-order-mark": b"\xef\xbb\xbf" + good,
        "line-at-the-end": good + b"\n",
        "space-within": good.replace(b",", b", ", 1),
        "other-order": b'{"version":12,' + good[1:].replace(b',"version":12', b""),
        "member-twice": good[:-1] + b',"version":12}',
        "other-escape": good.replace(b"public", b"\\u0070ublic"),
        "lone-surrogate": good.replace(HOST.encode(), b"\\ud800"),
        "integer-with-a-point": good.replace(b'"version":12', b'"version":12.0'),
        "integer-with-an-exponent": good.replace(b'"version":12', b'"version":1e1'),
        "integer-too-great": good.replace(b'"version":12', b'"version":9007199254740993'),
        "not-a-number": good.replace(b'"version":12', b'"version":NaN'),
        "deep": b"[" * 3000 + b"]" * 3000,
        "a-list": b"[]",
        "a-string": b'"traceqr.bundle.v1"',
        "null": b"null",
    }.items():
        malformed(cases, name, file_of(octets))


def malformed(cases: Takings, name: str, file: bytes) -> None:
    cases.add(f"malformed-{name}", file, "bundle-malformed")


def add_bad_members(cases: Takings) -> None:
    """Form: the members, each in a manifest that is signed as it is."""
    for name in manifest():
        bad(cases, f"without-{name.replace('_', '-')}", lambda m, name=name: m.pop(name))
    for name, member, values in (
        ("format", "format", ("traceqr.bundle.v2", None)),
        ("scope", "scope", ("", "country", "Public", "region:000000", "region:310100", "region:31", 1)),
        ("version", "version", (0, -1, True, "12", None, 1.5)),
        ("position", "position", (-1, False, None)),
        ("made", "made", ("2026-09-15T03:00:00Z", "2026-09-15T03:00:00.000+00:00", "2026-09-15 03:00:00.000Z", 0)),
        (
            "made-of-no-day",
            "made",
            ("2026-02-30T03:00:00.000Z", "2026-09-15T24:00:00.000Z", "2026-13-01T00:00:00.000Z"),
        ),
        ("expires", "expires", (MADE, "2026-09-14T03:00:00.000Z", None)),
        ("hosts", "hosts", (HOST, [HOST, HOST], ["b.example", "a.example"], ["QR.EXAMPLE.ORG"], [""], [1], None)),
        ("next-batch", "next_batch", (0, 100_000_001, "40")),
        ("recalls", "recalls", ({}, None)),
        ("parts", "parts", ({}, None)),
        ("keys", "keys", ({}, None, [None], ["key"])),
    ):
        for place, value in enumerate(values, 1):
            bad(cases, f"{name}-{place}", lambda m, member=member, value=value: m.update({member: value}))
    bad(cases, "member-too-many", lambda m: m.update(extra=1))


def bad(cases: Takings, name: str, change: Callable[[Json], object], scope: str = "public", **given: Any) -> None:
    changed = deepcopy(manifest(scope, **given))
    change(changed)
    cases.add(f"malformed-{name}", file_of(canonical(changed)), "bundle-malformed", scope=scope)


def add_bad_records(cases: Takings) -> None:
    """Form: what stands in lists."""
    keys = {
        "key-unsorted": lambda m: m["keys"].reverse(),
        "key-twice": lambda m: m["keys"].append(m["keys"][-1]),
        "key-number-with-zero": lambda m: m["keys"][0].update(kid="01"),
        "key-number-no-string": lambda m: m["keys"][0].update(kid=1),
        "key-number-of-letters": lambda m: m["keys"][0].update(kid="one"),
        "key-of-three-instants": lambda m: m["keys"][0].update(traceqr_signing_ms=[1, 2, 3]),
        "key-of-instants-as-text": lambda m: m["keys"][0].update(traceqr_verifying_ms=["1", "2"]),
        "key-without-window": lambda m: m["keys"][0].pop("traceqr_signing_ms"),
        "key-member-too-many": lambda m: m["keys"][0].update(d="secret"),
        "key-cut-off-as-text": lambda m: m["keys"][0].update(traceqr_compromised_ms="never"),
    }
    for name, change in keys.items():
        bad(cases, name, change)
    recalls = {
        "recall-unsorted": lambda m: m["recalls"].reverse(),
        "recall-twice": lambda m: m["recalls"].append(m["recalls"][-1]),
        "recall-grade-0": lambda m: m["recalls"][0].update(grade=0),
        "recall-grade-4": lambda m: m["recalls"][0].update(grade=4),
        "recall-gtin": lambda m: m["recalls"][0].update(gtin=TEA[1:]),
        "recall-since": lambda m: m["recalls"][0].update(since="2026-09-10"),
        "recall-id": lambda m: m["recalls"][0].update(id=""),
        "recall-ordered": lambda m: m["recalls"][0].update(ordered={"zh": "示例"}),
        "recall-ordered-as-text": lambda m: m["recalls"][0].update(ordered="示例"),
        "recall-language": lambda m: m["recalls"][0]["words"].update(fr=m["recalls"][0]["words"]["en"]),
        "recall-words": lambda m: m["recalls"][0].update(words=[]),
        "recall-without-advice": lambda m: m["recalls"][0]["words"]["en"].pop("advice"),
        "recall-member-too-many": lambda m: m["recalls"][0].update(extra=1),
    }
    for name, change in recalls.items():
        bad(cases, name, change, recalls=RECALLS)
    parts = {
        "part-unsorted": lambda m: m["parts"].reverse(),
        "part-twice": lambda m: m["parts"].append(m["parts"][-1]),
        "part-digest": lambda m: m["parts"][0].update(digest=m["parts"][0]["digest"].upper()),
        "part-digest-short": lambda m: m["parts"][0].update(digest=m["parts"][0]["digest"][1:]),
        "part-of-no-octets": lambda m: m["parts"][0].update(bytes=0),
        "part-gtin": lambda m: m["parts"][0].update(gtin="tea"),
        "part-enterprise": lambda m: m["parts"][0].update(enterprise=FIRM[1:]),
        "part-region": lambda m: m["parts"][0].update(region="31010"),
        "part-without-batches": lambda m: m["parts"][0].update(batches=[]),
        "part-batch-0": lambda m: m["parts"][0].update(batches=[0]),
        "part-batches-unsorted": lambda m: m["parts"][0].update(batches=[3, 1]),
        "part-batch-twice": lambda m: m["parts"][0].update(batches=[1, 1]),
        "part-of-65-batches": lambda m: (m["parts"][0].update(batches=[1, *range(3, 67)]), m.update(next_batch=100)),
        "part-batch-ahead": lambda m: m.update(next_batch=13),
        "part-batch-in-two": lambda m: m["parts"][1].update(batches=[2, 3]),
        "part-member-too-many": lambda m: m["parts"][0].update(extra=1),
    }
    for name, change in parts.items():
        bad(cases, name, change, "all", parts=WHOLE["parts"])
    bad(cases, "part-in-public", lambda m: None, parts=WHOLE["parts"][:1])
    bad(cases, "part-of-another-province", lambda m: None, "region:330000", parts=WHOLE["parts"][:1])


def add_keys(cases: Takings) -> None:
    """Key, signature, window."""
    good = canonical(manifest())

    def unknown(name: str, file: bytes, **given: Any) -> None:
        cases.add(f"key-unknown-{name}", file, "bundle-key-unknown", **given)

    unknown("never-listed", file_of(good, 14))
    unknown("zero", file_of(good, 0, BUNDLE[7].sign(message(0, good))))
    unknown("listed-by-itself-alone", file_of(canonical(manifest(keys=[NEW_KEY])), 13))
    unknown("of-labels", file_of(good, 1))
    unknown("of-the-ledger", file_of(good, 6))
    unknown("destroyed", file_of(good, 10))
    unknown("compromised", file_of(good, 11))
    weak, octets = WEAK_NUMBERS[SMALL_ORDER_KEY], encode_raw(*SMALL_ORDER[SMALL_ORDER_KEY])
    signature = labels.sign_for_small_order(octets, message(weak, good))
    unknown("of-small-order", file_of(good, weak, signature), about="Where such keys are let in, the signature holds.")
    unknown("off-the-curve", file_of(good, 202, BUNDLE[7].sign(message(202, good))))
    told = manifest(keys=[jwk(7, KEYS[7].public, role="bundle", status="compromised", compromised=CUT_OFF)])
    cases.add("tells-that-a-key-was-stolen", file_of(canonical(told), 9), None)
    unknown(
        "stolen-since",
        file_of(canonical(manifest(version=13))),
        about="The manifest held says so, and goes before what was published at first.",
        held="tells-that-a-key-was-stolen",
    )

    def broken(name: str, file: bytes, about: str = "") -> None:
        cases.add(f"seal-broken-{name}", file, "bundle-seal-broken", about=about)

    signature = BUNDLE[7].sign(message(7, good))
    s = int.from_bytes(signature[32:], "little")
    broken("bit-flipped", file_of(good, 7, bytes([signature[0] ^ 1]) + signature[1:]))
    broken("manifest-altered", file_of(canonical(manifest(version=13)), 7, signature))
    broken("key-exchanged", file_of(good, 9, signature))
    broken("key-number-not-signed", file_of(good, 7, BUNDLE[7].sign(message(9, good))))
    broken("domain-of-labels", file_of(good, 7, BUNDLE[7].sign(b"traceqr.label.v1\0\0\7" + good)))
    broken("without-domain", file_of(good, 7, BUNDLE[7].sign(good)))
    broken("of-zeros", file_of(good, 7, bytes(64)))
    broken("s-plus-l", file_of(good, 7, signature[:32] + (s + labels.L).to_bytes(32, "little")), "S is past L.")
    odd = BUNDLE[7].sign_oddly(message(7, good), 0, labels.encode_raw(1, False))
    broken("r-of-small-order", file_of(good, 7, odd), "The equation holds; R is the identity.")
    torsion = labels.point_at(labels.ORDER_EIGHT_Y, False)
    assert torsion is not None
    r = labels.encode(labels.point_add(labels.point_multiply(5, labels.BASE), torsion))
    broken("with-the-cofactor", file_of(good, 7, BUNDLE[7].sign_oddly(message(7, good), 5, r)), "8SB = 8R + 8hA alone.")

    def outside(name: str, file: bytes, at: str = AT) -> None:
        cases.add(f"key-window-{name}", file, "bundle-key-window", at=at)

    outside("passed", file_of(good, 12))
    outside("ends-as-it-is-made", file_of(canonical(manifest(made="2026-06-01T00:00:00.000Z")), 12))
    outside("ahead", _dated("2025-12-31T23:59:59.999Z"))


def add_order(cases: Takings) -> None:
    """Scope, version, expiry; and which step comes first."""
    cases.again("scope-public-for-all", "public", "bundle-scope", scope="all")
    cases.again("scope-all-for-public", "whole", "bundle-scope")
    cases.again("scope-of-another-province", "province", "bundle-scope", scope="region:330000")
    cases.again("older-by-one", "public", "bundle-older", held="public-later")
    cases.add("same-version-another-text", file_of(canonical(manifest(position=346))), "bundle-older", held="public")
    cases.again("same-version-another-key", "key-retired", "bundle-older", held="public")
    cases.again("held-of-another-scope", "public", None, held="greatest-version-of-all")
    cases.again("expired-now", "public", "bundle-expired", at=EXPIRES)
    cases.again("expired-long-ago", "public", "bundle-expired", at="2027-09-15T04:00:00.000Z")
    cases.again("a-millisecond-before-its-end", "public", None, at="2026-09-18T02:59:59.999Z")
    spaced = canonical(manifest()).replace(b",", b", ", 1)
    cases.add("form-before-key", file_of(spaced, 14), "bundle-malformed")
    cases.add("key-before-seal", file_of(canonical(manifest()), 14, bytes(64)), "bundle-key-unknown")
    cases.add("seal-before-window", file_of(canonical(manifest()), 12, bytes(64)), "bundle-seal-broken")
    cases.again("window-before-scope", "key-window-passed", "bundle-key-window", scope="all")
    cases.again("scope-before-expiry", "public", "bundle-scope", scope="all", at=EXPIRES)
    cases.again("version-before-expiry", "public", "bundle-older", held="public-later", at=EXPIRES)


# --- Taking parts ----------------------------------------------------------------------------------------------------


class PartTakings:
    """Collects parts that are named by one manifest, each with a batch of its own, and what a holder makes of them."""

    def __init__(self) -> None:
        self.parts = dict(PARTS)
        self.entries: list[Json] = []
        self.vectors: list[Json] = []

    def add(self, name: str, refused: str | None, *, file: str, digest: str, part: str | None = None) -> None:
        self.vectors.append(
            {"name": name, "file": file, "digest": digest, "part": part or name, "expected": {"refused": refused}}
        )

    def bad(self, name: str, make: Callable[[int], bytes], **named_as: Any) -> None:
        """One that its manifest names rightly, and that does not read as it must; made with its batch's number."""
        number = 101 + len(self.entries)
        octets = make(number)
        self.parts[name] = octets
        self.entries.append({**named(octets, TEA, [number]), **named_as})
        self.add(name, "part-malformed", file="bad-parts", digest=digest(octets))

    def changed(self, name: str, change: Callable[[Json], object], blobs: Iterable[bytes] = (), **given: Any) -> None:
        """A description of one batch, changed."""

        def make(number: int) -> bytes:
            description = deepcopy(describe(product(TEA), [batch(number, 100, **given)], marks=[MARK]))
            change(description)
            return part(description, blobs)

        self.bad(name, make)

    def of_batch(self, name: str, blobs: Iterable[bytes] = (), **given: Any) -> None:
        """A batch of a hundred labels that says what it must not."""
        self.changed(name, lambda description: None, blobs, **given)


def add_parts(cases: PartTakings) -> None:
    """Parts as they were made, and what happens to them on the way."""
    for name, entry in ENTRIES.items():
        cases.add(f"part-{name}", None, file="whole", digest=entry["digest"], part=name)
    tea = PARTS["tea"]
    cases.parts["truncated"] = tea[:-1]
    cases.parts["longer"] = tea + b"\0"
    cases.parts["bit-flipped"] = tea[:100] + bytes([tea[100] ^ 1]) + tea[101:]
    cases.parts["nothing"] = b""
    for name in ("truncated", "longer", "bit-flipped", "nothing"):
        cases.add(f"part-{name}", "part-altered", file="whole", digest=ENTRIES["tea"]["digest"], part=name)
    cases.add("part-exchanged", "part-altered", file="whole", digest=ENTRIES["tea"]["digest"], part="rice")
    cases.add("part-not-named", "part-altered", file="public", digest=ENTRIES["tea"]["digest"], part="tea")


def add_bad_streams(cases: PartTakings) -> None:
    """The stream of the description."""

    def plain(number: int) -> bytes:
        return canonical(describe(product(TEA), [batch(number, 100)]))

    def stream(number: int) -> bytes:
        return deflated(plain(number))

    cases.bad("part-of-three-octets", lambda number: b"\0\0\1")
    cases.bad("part-of-no-description", lambda number: laid(b""))
    cases.bad("description-past-the-end", lambda number: part(describe(product(TEA), [batch(number, 9)]))[:-1])
    cases.bad("description-not-packed", lambda number: laid(plain(number)))
    cases.bad("description-truncated", lambda number: laid(stream(number)[:-1]))
    cases.bad("description-with-a-wrong-sum", lambda number: laid(stream(number)[:-1] + b"\xff"))
    cases.bad("description-and-more-in-it", lambda number: laid(stream(number) + b"\0"))
    cases.bad("description-and-octets-behind", lambda number: laid(stream(number), [b"\0"]))
    cases.bad("description-raw-deflate", lambda number: laid(stream(number)[2:-4]))
    cases.bad("description-spaced", lambda number: laid(deflated(plain(number).replace(b",", b", ", 1))))
    cases.bad("description-not-json", lambda number: laid(deflated(b"tea")))
    cases.bad("description-a-list", lambda number: laid(deflated(b"[]")))


def add_bad_descriptions(cases: PartTakings) -> None:
    """What stands in the description beside batches."""
    for name in ("product", "enterprise", "pledges", "marks", "batches"):
        cases.changed(f"part-without-{name}", lambda d, name=name: d.pop(name))
    cases.changed("part-with-more", lambda d: d.update(extra=1))
    cases.changed("part-of-another-product", lambda d: d["product"].update(gtin=RICE))
    cases.changed("part-of-another-enterprise", lambda d: d["enterprise"].update(uscc=FAR_FIRM))
    cases.changed("part-of-another-region", lambda d: d["enterprise"].update(region="310102"))
    cases.changed("part-of-another-batch", lambda d: d["batches"][0].update(number=90))
    cases.changed("part-of-two-batches", lambda d: d["batches"].append(batch(999, 10)))
    cases.changed("part-of-no-batch", lambda d: d["batches"].clear())
    cases.changed("part-with-a-batch-twice", lambda d: d["batches"].append(d["batches"][0]))
    cases.changed("product-without-brand", lambda d: d["product"].pop("brand"))
    cases.changed("product-name-null", lambda d: d["product"].update(name_zh=None))
    cases.changed("enterprise-with-more", lambda d: d["enterprise"].update(contact="somebody"))
    cases.changed("pledge-unsorted", lambda d: d["pledges"].append({**PLEDGE, "number": 3}))
    cases.changed("pledge-twice", lambda d: d["pledges"].append(PLEDGE))
    cases.changed("pledge-0", lambda d: d["pledges"].insert(0, {**PLEDGE, "number": 0}))
    cases.changed("pledge-not-told", lambda d: d["pledges"].clear())
    cases.changed("pledge-state", lambda d: d["pledges"][0].update(state="in-force"))
    cases.changed("pledge-of-no-days", lambda d: d["pledges"][0].update(valid_to=PLEDGE["valid_from"]))
    cases.changed("mark-state", lambda d: d["marks"][0].update(state="active"))
    cases.changed("mark-twice", lambda d: d["marks"].append(MARK))
    cases.changed("mark-of-no-days", lambda d: d["marks"][0].update(valid_to=MARK["valid_from"]))
    cases.of_batch("mark-not-told", marks=["QM-2026-000002"])
    cases.of_batch("mark-named-twice", marks=[MARK["licence"], MARK["licence"]])


def add_bad_batches(cases: PartTakings) -> None:
    """What a batch says."""
    one = [[99, 1]]
    for name, given in {
        "count-0": {"count": 0, "life": {"runs": []}},
        "count-past-the-greatest": {"count": 100_000_001, "life": {"runs": [[100_000_000, 1]]}},
        "count-true": {"count": True, "life": {"runs": [[0, 1]]}},
        "key-0": {"key": 0},
        "key-past-the-greatest": {"key": 65536},
        "pledge-below-0": {"pledge": -1},
        "lot-a-number": {"lot": 1},
        "produced-short": {"produced": "2026-9-1"},
        "produced-on-no-day": {"produced": "2026-02-30"},
        "expires-with-time": {"expires": "2026-09-01T00:00:00.000Z"},
        "origin-null": {"origin": None},
        "life-null": {"life": None},
        "life-unknown": {"life": {"list": one}},
        "life-both": {"life": {"runs": one, "bits": [0, 0]}},
        "runs-none": {"life": {"runs": []}},
        "runs-short": {"life": {"runs": [[98, 1]]}},
        "runs-past-the-end": {"life": {"runs": [[100, 1]]}},
        "runs-unsorted": {"life": {"runs": [[9, 1], [5, 0], [99, 1]]}},
        "runs-twice": {"life": {"runs": [[9, 1], [9, 0], [99, 1]]}},
        "runs-alike": {"life": {"runs": [[9, 1], [99, 1]]}},
        "runs-life-3": {"life": {"runs": [[9, 3], [99, 1]]}},
        "runs-of-three": {"life": {"runs": [[99, 1, 0]]}},
        "holds-null": {"holds": None},
        "holds-unsorted": {"holds": [[9, 9], [1, 1]]},
        "holds-overlapping": {"holds": [[1, 5], [5, 9]]},
        "holds-adjacent": {"holds": [[1, 5], [6, 9]]},
        "holds-backwards": {"holds": [[5, 1]]},
        "holds-past-the-end": {"holds": [[5, 100]]},
        "holds-below-0": {"holds": [[-1, 5]]},
        "recalls-unsorted": {"recalls": [[9, 9, RECALL], [1, 1, RECALL]]},
        "recalls-twice": {"recalls": [[1, 1, RECALL], [1, 1, RECALL]]},
        "recalls-past-the-end": {"recalls": [[1, 100, RECALL]]},
        "recalls-of-another": {"recalls": [[1, 9, "0000000000000003"]]},
        "recalls-without-id": {"recalls": [[1, 9]]},
        "sighted-true": {"key": 4, "sighted": True},
        "sighted-unsorted": {"key": 4, "sighted": [[9, 9], [1, 1]]},
        "sighted-past-the-end": {"key": 4, "sighted": [[9, 100]]},
    }.items():
        cases.of_batch(f"batch-{name}", **given)
    cases.changed("batch-without-holds", lambda d: d["batches"][0].pop("holds"))
    cases.changed("batch-with-more", lambda d: d["batches"][0].update(extra=1))


def add_bad_bits(cases: PartTakings) -> None:
    """Blobs, of a batch of a hundred labels: 25 octets, or 13 of one bit a label."""
    good = deflated(packed([1] * 100, 2))

    def blob(name: str, octets: bytes, offset: int = 0, length: int | None = None, more: bytes = b"") -> None:
        place = [offset, len(octets) if length is None else length]
        cases.of_batch(f"bits-{name}", [octets, more], life={"bits": place})

    blob("beginning-late", b"\0" + good, 1, len(good))
    blob("ending-early", good, 0, len(good) - 1)
    blob("past-the-end", good, 0, len(good) + 1)
    blob("and-octets-behind", good, more=b"\0")
    blob("not-packed", packed([1] * 100, 2))
    blob("truncated", good[:-1])
    blob("with-a-wrong-sum", good[:-1] + bytes([good[-1] ^ 1]))
    blob("and-more-in-it", good + b"\0")
    blob("of-24-octets", deflated(bytes(24)))
    blob("of-26-octets", deflated(bytes(26)))
    blob("of-a-million-octets", deflated(bytes(1_000_000)))
    blob("of-life-3", deflated(packed([1] * 50 + [3] + [1] * 49, 2)))
    cases.of_batch("bits-as-text", life={"bits": "0"})
    cases.of_batch("bits-of-one-number", [good], life={"bits": [0]})
    cases.changed(
        "bits-behind-the-last-label",
        lambda d: d["batches"][0].update(count=98),
        [deflated(packed([1] * 99 + [0], 2))],
        life={"bits": [0, len(deflated(packed([1] * 99 + [0], 2)))]},
    )
    seen = deflated(packed([1] * 100 + [0] * 4, 1))
    ahead = deflated(packed([1] * 101 + [0] * 3, 1))
    twice = {"key": 4, "life": {"bits": [0, len(good)]}}
    cases.of_batch("sighted-behind-the-last-label", [ahead], key=4, sighted={"bits1": [0, len(ahead)]})
    cases.of_batch("sighted-before-its-place", [good, seen], **twice, sighted={"bits1": [0, len(good)]})
    cases.of_batch("sighted-by-another-name", [seen], key=4, sighted={"bits": [0, len(seen)]})


# --- Judging ---------------------------------------------------------------------------------------------------------

EVERYTHING = list(PARTS)
BUNDLES = {
    "whole": {"file": "whole", "parts": EVERYTHING},
    "whole-of-some": {"file": "whole", "parts": ["tea", "tea-in-bits"]},
    "whole-of-none": {"file": "whole", "parts": []},
    "province": {"file": "province", "parts": [name for name in EVERYTHING if name != "far"]},
    "public": {"file": "with-words-of-a-recall", "parts": []},
    "without-keys": {"file": "no-hosts-no-keys", "parts": []},
}


class Judgings:
    """Collects texts, and what a holder says of them; every name is used once."""

    def __init__(self) -> None:
        self.vectors: list[Json] = []

    def add(
        self,
        name: str,
        text: str,
        reason: str,
        *,
        about: str = "",
        bundle: str | None = "whole",
        at: str = AT,
        learnt: str | None = None,
    ) -> None:
        assert name not in {vector["name"] for vector in self.vectors}, name
        step, step_name, verdict = DECIDES[reason]
        self.vectors.append(
            {
                "name": name,
                **({"about": about} if about else {}),
                "bundle": bundle,
                "learnt": learnt,
                "text": text,
                "at": at,
                "expected": {"step": step, "step_name": step_name, "verdict": verdict, "reason": reason},
            }
        )


def add_states(cases: Judgings) -> None:
    """Labels of the batches that are held."""
    good, void, held, recalled = "history-not-checked", "voided", "on-hold", "under-recall"
    for index, reason in {
        0: good, 9: good, 10: "not-activated", 12: "not-activated", 13: good, 19: good, 20: held, 21: held,
        22: recalled, 23: recalled, 24: recalled, 25: void, 26: void, 27: void, 28: void, 29: void, 30: good, 999: good,
    }.items():  # fmt: skip
        cases.add(f"runs-label-{index}", Draft(1, index).text(), reason)
    cases.add("runs-over-issue", Draft(1, 1000).text(), "index-past-count")
    cases.add("runs-over-issue-by-far", Draft(1, 99_999_999).text(), "index-past-count")
    for index in (0, 1, 2, 3, 4, 5, 10, 16, 17, 27, 998, 999, 1000):
        reason = (("not-activated"), good, void)[life_of(index)]
        cases.add(f"bits-label-{index}", Draft(7, index).text(), reason)
    cases.add("bits-over-issue", Draft(7, 1001).text(), "index-past-count")
    for index, reason in enumerate((void, good, "not-activated", good, "index-past-count")):
        cases.add(f"four-bits-label-{index}", Draft(12, index).text(), reason)
    rice = Draft(2, 9, RICE, pledge=0)
    cases.add("no-pledge", rice.text(), good)
    cases.add("greatest-index-but-one", Draft(9, 99_999_998, HONEY, 65535, 2**32 - 1).text(), good)
    cases.add("greatest-index", Draft(9, 99_999_999, HONEY, 65535, 2**32 - 1).text(), void)
    cases.add("key-retired", Draft(3, 0, key=2).text(), good)
    cases.add("key-destroyed", Draft(11, 0, key=3).text(), good)
    cases.add("lower-case", Draft().text(origin="https://qr.example.org"), good)
    cases.add("earlier-host", Draft().text(origin="https://qr.example.net:8443"), good)
    cases.add("host-foreign", Draft().text(origin="https://qr.example.com"), "host-foreign")
    cases.add("host-foreign-and-inactive", Draft(1, 10).text(origin="https://qr.example.com"), "host-foreign")
    cases.add("host-foreign-and-void", Draft(1, 25).text(origin="https://qr.example.com"), void)


def add_stolen(cases: Judgings) -> None:
    """Labels under a compromised key: sighted before the cut-off, or not."""
    good, stolen = "history-not-checked", "key-compromised"
    for index, reason in {
        0: good, 1: good, 2: stolen, 6: stolen, 7: "not-activated", 8: "voided", 9: "under-recall", 10: "on-hold",
        98: stolen, 99: good, 100: "index-past-count",
    }.items():  # fmt: skip
        cases.add(f"stolen-key-label-{index}", Draft(5, index, key=4).text(), reason)
    for index, reason in {
        0: good, 1: stolen, 3: "voided", 5: "not-activated", 10: "voided", 15: good, 16: stolen, 1000: good,
        1002: stolen, 1003: "index-past-count",
    }.items():  # fmt: skip
        cases.add(f"stolen-key-bits-label-{index}", Draft(8, index, key=4).text(), reason)
    cases.add("stolen-key-nothing-told", Draft(13, 0, key=4).text(), stolen)


def add_forged(cases: Judgings) -> None:
    """What is forged is so without network too, and whatever the data's age."""
    good = Draft()
    broken = good.sealed_with(bytes([good.signature[0] ^ 1]) + good.signature[1:])
    cases.add("no-label", "https://qr.example.org/", "not-a-label")
    cases.add("no-label-without-bundle", "https://qr.example.org/", "not-a-label", bundle=None)
    cases.add("no-label-with-old-data", "hello", "not-a-label", at="2030-01-01T00:00:00.000Z")
    cases.add("gtin-check-digit", good.text(gtin=TEA[:-1] + str((int(TEA[-1]) + 1) % 10)), "gtin-check-digit")
    cases.add("unsigned-date", good.text(query="?17=290101&s={s}"), "parameter-numeric")
    cases.add("seal-missing", good.text(query=""), "seal-missing")
    cases.add("seal-broken", broken, "seal-broken")
    cases.add("seal-broken-with-old-data", broken, "seal-broken", at="2030-01-01T00:00:00.000Z")
    cases.add("seal-broken-clock-back", broken, "seal-broken", at="2025-09-15T04:00:00.000Z")
    cases.add("seal-broken-none-held", broken, "seal-broken", bundle="whole-of-none")
    cases.add("seal-broken-public", broken, "seal-broken", bundle="public")
    cases.add("seal-broken-batch-ahead", Draft(40).sealed_with(good.signature), "seal-broken")
    cases.add("serial-exchanged", good.text(serial=labels.serial_of(1, 1)), "seal-broken")
    cases.add("gtin-exchanged", good.text(gtin=RICE), "seal-broken")
    cases.add("key-of-bundles", Draft(key=7).text(), "key-role")
    cases.add("key-of-the-ledger", Draft(key=6).text(), "key-role")
    cases.add("key-of-bundles-with-old-data", Draft(key=7).text(), "key-role", at="2030-01-01T00:00:00.000Z")
    cases.add("batch-never-issued", Draft(20).text(), "batch-unknown")
    cases.add("batch-never-issued-last", Draft(39).text(), "batch-unknown")
    cases.add("batch-of-another-key", Draft(3, 0, key=1).text(), "key-mismatch")
    cases.add("batch-of-another-product", Draft(1, 0, RICE).text(), "gtin-mismatch")
    cases.add("batch-of-another-pledge", Draft(1, 0, pledge=8).text(), "pledge-mismatch")
    cases.add("batch-of-no-pledge", Draft(2, 0, RICE, pledge=7).text(), "pledge-mismatch")
    cases.add("batch-of-a-pledge", Draft(1, 0, pledge=0).text(), "pledge-mismatch")


def add_not_told(cases: Judgings) -> None:
    """What the data cannot tell."""
    good = Draft().text()
    cases.add("without-bundle", good, "data-missing", bundle=None)
    cases.add("key-not-listed", good, "data-without-key", bundle="without-keys")
    cases.add("key-not-listed-seal-broken", Draft().sealed_with(bytes(64)), "data-without-key", bundle="without-keys")
    cases.add("key-0", Draft().text(seal=labels.seal_of(0, 7, bytes(64))), "data-without-key")
    weak = WEAK_NUMBERS[SMALL_ORDER_KEY]
    cases.add("key-refused", Draft().text(seal=labels.seal_of(weak, 7, bytes(64))), "key-refused")
    cases.add("batch-ahead", Draft(40).text(), "data-without-batch")
    cases.add("batch-far-ahead", Draft(99_999_999).text(), "data-without-batch")
    cases.add("batch-ahead-public", Draft(40).text(), "data-without-batch", bundle="public")
    cases.add("part-not-held", Draft(2, 0, RICE, pledge=0).text(), "data-not-held", bundle="whole-of-some")
    cases.add("part-held", good, "history-not-checked", bundle="whole-of-some")
    cases.add("no-part-held", good, "data-not-held", bundle="whole-of-none")
    cases.add("never-issued-no-part-held", Draft(20).text(), "batch-unknown", bundle="whole-of-none")
    cases.add("in-the-province", good, "history-not-checked", bundle="province")
    cases.add("not-in-the-province", Draft(10, 0, RICE, pledge=0).text(), "data-not-held", bundle="province")
    cases.add("never-issued-in-the-province", Draft(20).text(), "data-not-held", bundle="province")
    cases.add("public", good, "data-not-held", bundle="public")
    cases.add("public-host-foreign", Draft().text(origin="https://qr.example.com"), "data-not-held", bundle="public")


def add_times(cases: Judgings) -> None:
    """Section 5."""
    good, void = Draft().text(), Draft(1, 25).text()
    cases.add("as-it-is-made", good, "history-not-checked", at=MADE)
    cases.add("a-millisecond-before-the-end", good, "history-not-checked", at="2026-09-18T02:59:59.999Z")
    cases.add("expired", good, "data-expired", at=EXPIRES)
    cases.add("expired-void", void, "data-expired", at=EXPIRES, about="Nothing is told from old data, good or bad.")
    cases.add("expired-over-issue", Draft(1, 1000).text(), "data-expired", at=EXPIRES)
    cases.add("expired-batch-ahead", Draft(40).text(), "data-expired", at=EXPIRES)
    cases.add("expired-public", good, "data-expired", bundle="public", at=EXPIRES)
    cases.add("ten-minutes-before-it-was-made", good, "history-not-checked", at="2026-09-15T02:50:00.000Z")
    cases.add("more-than-ten-minutes-before", good, "clock-back", at="2026-09-15T02:49:59.999Z")
    cases.add("clock-back-a-year", good, "clock-back", at="2025-09-15T04:00:00.000Z")
    cases.add("clock-back-a-year-void", void, "clock-back", at="2025-09-15T04:00:00.000Z")
    later = "2026-09-16T00:00:00.000Z"
    cases.add("learnt-later", good, "clock-back", learnt=later, about="A server's answer was later than the clock.")
    cases.add("learnt-ten-minutes-later", good, "history-not-checked", at="2026-09-15T23:50:00.000Z", learnt=later)
    cases.add("learnt-earlier", good, "history-not-checked", learnt="2026-09-01T00:00:00.000Z")
    cases.add(
        "learnt-past-the-end", good, "clock-back", learnt="2026-09-20T00:00:00.000Z", about="Before data-expired."
    )
    short = Draft(6, 0, key=8).text()
    cases.add("key-window-passed", short, "key-window-passed")
    cases.add("key-window-passed-expired", short, "data-expired", at=EXPIRES)
    cases.add("key-window-ahead-clock-back", short, "clock-back", at="2026-01-01T00:00:00.000Z")


# --- The file --------------------------------------------------------------------------------------------------------


def document() -> Json:
    """The whole file, as JSON."""
    takings, parts, judgings = Takings(), PartTakings(), Judgings()
    add_taken(takings)
    cases = takings
    cases.add("greatest-version-of-all", file_of(canonical(manifest("all", version=2**53 - 1))), None, scope="all")
    for add in (add_bad_files, add_bad_members, add_bad_records, add_keys, add_order):
        add(takings)
    for add_to_parts in (add_parts, add_bad_streams, add_bad_descriptions, add_bad_batches, add_bad_bits):
        add_to_parts(parts)
    named_bad = manifest("all", **FULL, next_batch=2000, parts=parts.entries)
    takings.add("bad-parts", file_of(canonical(named_bad)), None, scope="all")
    for add_to_judgings in (add_states, add_stolen, add_forged, add_not_told, add_times):
        add_to_judgings(judgings)
    return {
        "format": "traceqr-bundle-vectors-1",
        "about": ABOUT,
        "keyrings": {"published": PUBLISHED},
        "files": {name: base64.b64encode(octets).decode() for name, octets in takings.files.items()},
        "parts": {name: base64.b64encode(octets).decode() for name, octets in parts.parts.items()},
        "bundles": BUNDLES,
        "manifests": takings.vectors,
        "part_takings": parts.vectors,
        "judgings": judgings.vectors,
    }


def rendered() -> bytes:
    """The file's bytes: JSON in ASCII, so that no editor changes what cannot be seen."""
    return json.dumps(document(), indent=1, ensure_ascii=True).encode("ascii") + b"\n"


def main() -> None:
    """Write the file."""
    TARGET.write_bytes(rendered())


if __name__ == "__main__":
    main()
