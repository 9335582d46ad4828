"""Entries: the links of an inspection's chain. Whoever holds an `Entry` holds one that is canonical and complete."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from traceqr import canonical
from traceqr.canonical import NotCanonical
from traceqr.errors import TraceqrError
from traceqr.inspection.record import INSPECTION, addition, record
from traceqr.inspection.shapes import Fault, instant, members, nullable, one_of, pattern, whole
from traceqr.instant import from_iso

FORMAT = "traceqr.inspection.v1"
MAX_BYTES = 1 << 20
MAX_ENTRIES = 1_000
MAX_FAULTS = 20

_ID = pattern("[0-9a-f]{16}", "an id of 16 lower-case hex digits")
_ENVELOPE = {
    "format": one_of(FORMAT),
    "inspection": INSPECTION,
    "entry": whole(0, MAX_ENTRIES - 1),
    "previous": nullable(pattern("[0-9a-f]{64}", "a SHA-256 of 64 lower-case hex digits")),
    "device": _ID,
    "account": _ID,
    "made": instant,
    "server_time": nullable(instant),
}
_FIRST = members({**_ENVELOPE, "record": record})
_LATER = members({**_ENVELOPE, "addition": addition})


class InvalidEntry(TraceqrError):
    """A text that is no entry. `faults` say why, at most twenty."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `content` is the record of entry 0, else the addition; `text` is canonical."""

    text: str
    inspection: str
    number: int
    previous: str | None
    device: str
    account: str
    made_ms: int
    server_ms: int | None
    content: Mapping[str, Any]

    @classmethod
    def parse(cls, text: str) -> Entry:
        """From its text, strictly. Raises `InvalidEntry`."""
        value = _object(text)
        first = value.get("entry") == 0 and type(value["entry"]) is int
        faults = list((_FIRST if first else _LATER)(value, "")) or list(_chained(value))
        if faults:
            raise InvalidEntry(faults[:MAX_FAULTS])
        return cls(
            text,
            value["inspection"],
            value["entry"],
            value["previous"],
            value["device"],
            value["account"],
            from_iso(value["made"]),
            None if value["server_time"] is None else from_iso(value["server_time"]),
            value["record" if first else "addition"],
        )

    @property
    def octets(self) -> bytes:
        """What digest and signature are over."""
        return self.text.encode()

    @property
    def digest(self) -> str:
        """SHA-256 of the octets, in hex."""
        return hashlib.sha256(self.octets).hexdigest()

    @property
    def kind(self) -> str:
        """`record`, or the kind of the addition."""
        return "record" if self.number == 0 else str(self.content["kind"])

    @property
    def photos(self) -> Sequence[Mapping[str, Any]]:
        """The photos that it names, in their order."""
        found: Sequence[Mapping[str, Any]] = self.content["photos"]
        return found


def _chained(value: Mapping[str, Any]) -> Iterator[Fault]:
    """How the envelope and what is in it agree."""
    if (value["entry"] == 0) != (value["previous"] is None):
        yield Fault("previous", "the digest of the entry before, null in entry 0", "the other")
    if value["entry"] == 0:
        if value["account"] not in {each["account"] for each in value["record"]["officers"]}:
            yield Fault("record/officers", "whoever makes the entry among them", "others alone")
        if value["record"]["follows"] == value["inspection"]:
            yield Fault("record/follows", "another inspection", "this one")


def _object(text: str) -> dict[str, Any]:
    """The members of a text that is the canonical JSON of an object."""
    try:
        octets = text.encode()
    except UnicodeEncodeError as error:
        raise InvalidEntry([Fault("", "Unicode", "half a character")]) from error
    if len(octets) > MAX_BYTES:
        raise InvalidEntry([Fault("", f"at most {MAX_BYTES:,} octets", f"{len(octets):,}")])
    try:
        value = canonical.decode(octets)
    except NotCanonical as error:
        raise InvalidEntry([Fault("", "canonical JSON (RFC 8785)", "text that is none")]) from error
    if not isinstance(value, dict):
        raise InvalidEntry([Fault("", "an object", "another value")])
    return value
