"""The manifest: what a bundle says of keys, hosts and recalls, and the parts that it names. Section 2 of the format."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from traceqr.bundle import reading
from traceqr.bundle.reading import DIGEST, GTIN, REGION, USCC, Malformed
from traceqr.bundle.scope import Scope
from traceqr.instant import to_iso
from traceqr.label.jwk import keyring_of
from traceqr.label.keyring import Keyring
from traceqr.label.serial import MAX_BATCH

FORMAT = "traceqr.bundle.v1"
MAX_BYTES = 8 * 2**20
"""Of a manifest."""

MAX_BATCHES = 64
"""In one part."""

LANGUAGES = ("en", "zh-Hans", "zh-Hant")

_MEMBERS = (
    "format",
    "scope",
    "version",
    "position",
    "made",
    "expires",
    "hosts",
    "keys",
    "next_batch",
    "recalls",
    "parts",
)
_HOST = re.compile("[a-z0-9.-]{1,253}(:[0-9]{1,5})?")
_ID = re.compile("[0-9a-z-]{1,64}")
_KID = re.compile("0|[1-9][0-9]{0,4}")
_STRINGS = ("kty", "crv", "x", "kid", "use", "alg", "traceqr_role", "traceqr_status")
_WINDOWS = ("traceqr_signing_ms", "traceqr_verifying_ms")
_CUT_OFF = "traceqr_compromised_ms"


@dataclass(frozen=True, slots=True)
class Words:
    """What people are told of a recall in one language; empty where it is not told in that language."""

    hazard: str
    advice: str
    contact: str

    @classmethod
    def read(cls, value: Any, where: str) -> Words:
        """From its record. Raises `Malformed`, as all that read do."""
        given = reading.record(value, where, *cls.__dataclass_fields__)
        return cls(*(reading.text(given[name], f"{where}.{name}") for name in cls.__dataclass_fields__))

    def members(self) -> dict[str, str]:
        """As a record."""
        return {"hazard": self.hazard, "advice": self.advice, "contact": self.contact}


@dataclass(frozen=True, slots=True)
class Recall:
    """An open recall. `ordered` are the Chinese and the English name of who ordered it; None if the enterprise did."""

    id: str
    gtin: str
    since_ms: int
    grade: int | None
    ordered: tuple[str, str] | None
    words: Mapping[str, Words]

    @classmethod
    def read(cls, value: Any, where: str) -> Recall:
        """From its record."""
        given = reading.record(value, where, "id", "gtin", "since", "grade", "ordered", "words")
        told = given["words"]
        if not isinstance(told, dict) or not told.keys() <= set(LANGUAGES):
            raise Malformed(f"{where}.words: expected an object by {', '.join(LANGUAGES)}")
        return cls(
            reading.text(given["id"], f"{where}.id", _ID),
            reading.text(given["gtin"], f"{where}.gtin", GTIN),
            reading.instant(given["since"], f"{where}.since"),
            reading.optional(given["grade"], f"{where}.grade", partial(reading.integer, least=1, most=3)),
            reading.optional(given["ordered"], f"{where}.ordered", _names),
            {tag: Words.read(words, f"{where}.words.{tag}") for tag, words in told.items()},
        )

    def members(self) -> dict[str, Any]:
        """As a record."""
        return {
            "id": self.id,
            "gtin": self.gtin,
            "since": to_iso(self.since_ms),
            "grade": self.grade,
            "ordered": {"zh": self.ordered[0], "en": self.ordered[1]} if self.ordered else None,
            "words": {tag: words.members() for tag, words in self.words.items()},
        }


@dataclass(frozen=True, slots=True)
class PartEntry:
    """A part as the manifest names it; `size` is in octets, `enterprise` a USCC."""

    digest: str
    size: int
    gtin: str
    enterprise: str
    region: str
    batches: tuple[int, ...]

    @classmethod
    def read(cls, value: Any, where: str) -> PartEntry:
        """From its record."""
        given = reading.record(value, where, "digest", "bytes", "gtin", "enterprise", "region", "batches")
        batches = reading.listed(given["batches"], f"{where}.batches", _batch, MAX_BATCHES)
        reading.ascending(batches, f"{where}.batches", _itself)
        if not batches:
            raise Malformed(f"{where}.batches: expected the number of a batch, got none")
        return cls(
            reading.text(given["digest"], f"{where}.digest", DIGEST),
            reading.integer(given["bytes"], f"{where}.bytes", 1),
            reading.text(given["gtin"], f"{where}.gtin", GTIN),
            reading.text(given["enterprise"], f"{where}.enterprise", USCC),
            reading.text(given["region"], f"{where}.region", REGION),
            batches,
        )

    def members(self) -> dict[str, Any]:
        """As a record."""
        return {
            "digest": self.digest,
            "bytes": self.size,
            "gtin": self.gtin,
            "enterprise": self.enterprise,
            "region": self.region,
            "batches": list(self.batches),
        }


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was signed. `records` are the public keys as they are published, by their numbers."""

    scope: Scope
    version: int
    position: int
    made_ms: int
    expires_ms: int
    hosts: tuple[str, ...]
    records: tuple[Mapping[str, Any], ...]
    next_batch: int
    recalls: tuple[Recall, ...]
    parts: tuple[PartEntry, ...]
    keyring: Keyring = field(init=False, repr=False, compare=False)
    _by_batch: Mapping[int, PartEntry] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "keyring", keyring_of(self.records))
        object.__setattr__(self, "_by_batch", _by_batch(self.parts, self.next_batch))

    @classmethod
    def parse(cls, octets: bytes) -> Manifest:
        """Strict: canonical JSON with exactly the members of the format, each of its kind. Raises `Malformed`."""
        if len(octets) > MAX_BYTES:
            raise Malformed(f"expected a manifest of at most {MAX_BYTES:,} octets, got {len(octets):,}")
        given = reading.record(reading.decode(octets), "manifest", *_MEMBERS)
        reading.choice(given["format"], "format", (FORMAT,))
        manifest = cls(
            Scope(reading.text(given["scope"], "scope")),
            reading.integer(given["version"], "version", 1),
            reading.integer(given["position"], "position", 0),
            reading.instant(given["made"], "made"),
            reading.instant(given["expires"], "expires"),
            reading.listed(given["hosts"], "hosts", partial(reading.text, pattern=_HOST)),
            reading.listed(given["keys"], "keys", _key),
            reading.integer(given["next_batch"], "next_batch", 1, MAX_BATCH + 1),
            reading.listed(given["recalls"], "recalls", Recall.read),
            reading.listed(given["parts"], "parts", PartEntry.read),
        )
        manifest._require_order()
        return manifest

    def _require_order(self) -> None:
        if not self.made_ms < self.expires_ms:
            raise Malformed("expires: expected an instant after made")
        reading.ascending(self.hosts, "hosts", _itself)
        reading.ascending(self.records, "keys", lambda record: int(record["kid"]))
        reading.ascending(self.recalls, "recalls", lambda recall: recall.id)
        reading.ascending(self.parts, "parts", lambda part: (part.batches[0], part.digest))
        if not all(self.scope.holds(part.region) for part in self.parts):
            raise Malformed(f"parts: expected those of scope {self.scope}, got another's")

    def canonical(self) -> bytes:
        """What is signed. Raises `Malformed` past `MAX_BYTES`, which nobody would take."""
        members = {
            "format": FORMAT,
            "scope": str(self.scope),
            "version": self.version,
            "position": self.position,
            "made": to_iso(self.made_ms),
            "expires": to_iso(self.expires_ms),
            "hosts": list(self.hosts),
            "keys": [dict(record) for record in self.records],
            "next_batch": self.next_batch,
            "recalls": [recall.members() for recall in self.recalls],
            "parts": [part.members() for part in self.parts],
        }
        octets = reading.encode(members)
        if len(octets) > MAX_BYTES:
            raise Malformed(
                f"expected a manifest of at most {MAX_BYTES:,} octets, got {len(octets):,} for scope {self.scope}"
            )
        return octets

    def part_of(self, batch: int) -> PartEntry | None:
        """The part that a batch is in."""
        return self._by_batch.get(batch)

    def recall(self, recall_id: str) -> Recall | None:
        """The recall of that id."""
        return next((recall for recall in self.recalls if recall.id == recall_id), None)


def _by_batch(parts: tuple[PartEntry, ...], next_batch: int) -> Mapping[int, PartEntry]:
    found: dict[int, PartEntry] = {}
    for part in parts:
        for batch in part.batches:
            if batch in found or batch >= next_batch:
                raise Malformed(f"parts: expected batch {batch} in one part, and below {next_batch}")
            found[batch] = part
    return found


def _key(value: Any, where: str) -> Mapping[str, Any]:
    """A record of a key. What it says may be refused on loading, by its number alone; its form may not."""
    given = reading.record(value, where, *_STRINGS, *_WINDOWS, _CUT_OFF)
    for name in _STRINGS:
        reading.text(given[name], f"{where}.{name}", _KID if name == "kid" else None)
    for name in _WINDOWS:
        if len(reading.listed(given[name], f"{where}.{name}", _milliseconds)) != len(("from", "to")):
            raise Malformed(f"{where}.{name}: expected two instants")
    reading.optional(given[_CUT_OFF], f"{where}.{_CUT_OFF}", _milliseconds)
    return given


def _names(value: Any, where: str) -> tuple[str, str]:
    given = reading.record(value, where, "zh", "en")
    return reading.text(given["zh"], f"{where}.zh"), reading.text(given["en"], f"{where}.en")


def _batch(value: Any, where: str) -> int:
    return reading.integer(value, where, 1, MAX_BATCH)


def _milliseconds(value: Any, where: str) -> int:
    return reading.integer(value, where, -reading.MOST)


def _itself(value: Any) -> Any:
    return value
