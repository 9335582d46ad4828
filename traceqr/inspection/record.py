"""The record of an inspection, and what is added to it later: of what shape they are, and what must agree in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from traceqr.inspection.shapes import (
    Fault,
    day,
    instant,
    listed,
    members,
    nullable,
    number,
    one_of,
    pattern,
    raw,
    shown,
    text,
    whole,
)

KINDS = ("routine", "random", "complaint", "special", "recall", "follow-up")
FINDINGS = ("conforming", "problem", "unclear")
MEASURES = ("sealed", "seized", "sampled", "ordered", "other")
ADDITIONS = ("correction", "supplement", "followed-up", "withdrawn")
VERDICTS = ("genuine", "seen", "suspect", "inactive", "held", "recalled", "void", "forged", "unchecked")
"""What a verdict may say, on the device or at the server."""

MAX_OFFICERS, MAX_LABELS, MAX_GOODS, MAX_PHOTOS, MAX_MEASURES = 20, 500, 200, 200, 50
MAX_TEXT, MAX_LABEL = 5_000, 8_192
MAX_POINTS, MAX_STROKES = 20_000, 2_000
MAX_QUANTITY = 10**12
MAX_PHOTO_BYTES = 5_000_000

_DIGEST = pattern("[0-9a-f]{64}", "a SHA-256 of 64 lower-case hex digits")
_ACCOUNT = pattern("[0-9a-f]{16}", "the id of an account, 16 lower-case hex digits")
INSPECTION = pattern("[0-9a-f]{32}", "the id of an inspection, 32 lower-case hex digits")
_REASON = pattern("[a-z][a-z0-9-]{0,59}", "a reason such as history-not-checked")
_QUANTITY = nullable(whole(0, MAX_QUANTITY))

_POSITION = nullable(
    members(
        {
            "latitude": number(-90, 90),
            "longitude": number(-180, 180),
            "accuracy_m": number(0, 10_000_000),
            "at": instant,
        }
    )
)
_PREMISES = members(
    {
        "name": text(200, 1),
        "uscc": pattern("|[0-9A-Z]{18}", "a USCC of 18 characters, or nothing"),
        "address": text(300),
        "person": text(100),
        "phone": text(40),
        "position": _POSITION,
    }
)
_OFFICER = members({"account": _ACCOUNT, "name": text(80, 1), "number": text(40)})
_OFFLINE = members(
    {
        "verdict": one_of(*VERDICTS),
        "reason": _REASON,
        "step": whole(1, 9),
        "scope": text(40, 1),
        "version": whole(1, 2**53 - 1),
        "made": instant,
    }
)
_ONLINE = members({"verdict": one_of(*VERDICTS), "reason": _REASON, "at": instant})
_LABEL = members(
    {
        "text": nullable(raw(MAX_LABEL, 1)),
        "serial": nullable(pattern("[0-9]{16}", "a serial of 16 digits")),
        "how": one_of("camera", "photo", "typed"),
        "at": instant,
        "offline": nullable(_OFFLINE),
        "online": nullable(_ONLINE),
    }
)
_GOODS = members(
    {
        "gtin": pattern("|[0-9]{14}", "a GTIN of 14 digits, or nothing"),
        "name": text(200),
        "lot": text(60),
        "quantity": _QUANTITY,
        "unit": text(20),
        "storage": text(200),
    }
)
_PHOTO = members(
    {
        "digest": _DIGEST,
        "bytes": whole(1, MAX_PHOTO_BYTES),
        "at": instant,
        "position": _POSITION,
        "caption": text(200),
    }
)
_PHOTOS = listed(_PHOTO, MAX_PHOTOS)
_MEASURE = members(
    {
        "kind": one_of(*MEASURES),
        "what": text(1_000, 1, lines=True),
        "quantity": _QUANTITY,
        "numbers": listed(text(60, 1), 50),
        "until": nullable(day),
    }
)
_COORDINATE = number(-1_000, 3_000)


def _point(value: Any, where: str) -> Iterator[Fault]:
    if not isinstance(value, list) or len(value) != 2 or any(True for each in value for _ in _COORDINATE(each, where)):
        yield Fault(where, "a point of two numbers from -1,000 to 3,000", shown(value))


_SIGNATURE = members(
    {
        "role": one_of("officer", "party", "witness"),
        "name": text(100, 1),
        "account": nullable(_ACCOUNT),
        "strokes": listed(listed(_point, MAX_POINTS, 1), MAX_STROKES, 1),
        "at": instant,
    }
)
_REFUSED = members({"reason": text(500, 1, lines=True), "witness": text(100)})

_RECORD = members(
    {
        "started": instant,
        "ended": instant,
        "kind": one_of(*KINDS),
        "basis": text(500, 1, lines=True),
        "case": nullable(text(60, 1)),
        "follows": nullable(INSPECTION),
        "officers": listed(_OFFICER, MAX_OFFICERS, 1),
        "alone": nullable(text(500, 1, lines=True)),
        "premises": _PREMISES,
        "labels": listed(_LABEL, MAX_LABELS),
        "goods": listed(_GOODS, MAX_GOODS),
        "photos": _PHOTOS,
        "finding": one_of(*FINDINGS),
        "findings": text(MAX_TEXT, 1, lines=True),
        "measures": listed(_MEASURE, MAX_MEASURES),
        "statement": text(MAX_TEXT, lines=True),
        "signatures": listed(_SIGNATURE, MAX_OFFICERS + 10),
        "refused": nullable(_REFUSED),
    }
)
_ADDITION = members(
    {
        "kind": one_of(*ADDITIONS),
        "text": text(MAX_TEXT, 1, lines=True),
        "measure": nullable(whole(0, MAX_MEASURES - 1)),
        "photos": _PHOTOS,
    }
)


def record(value: Any, where: str) -> Iterator[Fault]:
    """What is wrong with a record: first with its members, and where those are right, with how they agree."""
    found = list(_RECORD(value, where))
    yield from found or _agreeing(value, where)


def addition(value: Any, where: str) -> Iterator[Fault]:
    """What is wrong with an addition."""
    found = list(_ADDITION(value, where))
    if found:
        yield from found
    elif (value["kind"] == "followed-up") != (value["measure"] is not None):
        yield Fault(f"{where}/measure", "the place of a measure where it was followed up, else null", value["kind"])
    else:
        yield from _each_once([photo["digest"] for photo in value["photos"]], f"{where}/photos", "each photo")


def _agreeing(value: Mapping[str, Any], where: str) -> Iterator[Fault]:
    accounts = [officer["account"] for officer in value["officers"]]
    yield from _each_once(accounts, f"{where}/officers", "each officer")
    if (len(accounts) == 1) != (value["alone"] is not None):
        yield Fault(f"{where}/alone", "why there was one officer alone, else null", shown(value["alone"]))
    yield from _each_once([photo["digest"] for photo in value["photos"]], f"{where}/photos", "each photo")
    for place, label in enumerate(value["labels"]):
        yield from _label(label, f"{where}/labels/{place}")
    for place, measure in enumerate(value["measures"]):
        if measure["kind"] == "ordered" and measure["until"] is None:
            yield Fault(f"{where}/measures/{place}/until", "a date, since a correction is ordered", "null")
    yield from _signed(value, accounts, where)


def _label(label: Mapping[str, Any], where: str) -> Iterator[Fault]:
    if (label["how"] == "typed") != (label["text"] is None):
        yield Fault(f"{where}/text", "null where the serial was typed, else what was read", shown(label["text"]))
    if label["text"] is None and label["serial"] is None:
        yield Fault(f"{where}/serial", "the serial that was typed", "null")


def _signed(value: Mapping[str, Any], accounts: list[str], where: str) -> Iterator[Fault]:
    """Every officer signs, and so does the party unless it refused."""
    given = value["signatures"]
    points = sum(len(stroke) for each in given for stroke in each["strokes"])
    if points > MAX_POINTS:
        yield Fault(f"{where}/signatures", f"at most {MAX_POINTS:,} points in all", f"{points:,}")
    for place, each in enumerate(given):
        if (each["role"] == "officer") != (each["account"] is not None):
            yield Fault(f"{where}/signatures/{place}/account", "an account for officers alone", shown(each["account"]))
    signed = [each["account"] for each in given if each["role"] == "officer"]
    if sorted(map(str, signed)) != sorted(accounts):
        yield Fault(f"{where}/signatures", "one signature of each officer", f"{len(signed)} of {len(accounts)}")
    parties = sum(each["role"] == "party" for each in given)
    if parties != (0 if value["refused"] else 1):
        yield Fault(f"{where}/signatures", "one signature of the party, or that it refused", f"{parties}")


def _each_once(values: list[str], where: str, what: str) -> Iterator[Fault]:
    if len(set(values)) < len(values):
        yield Fault(where, f"{what} once", "one twice")
