"""JSON that is read strictly."""

from __future__ import annotations

import pytest

from traceqr.epcis.problem import ExceptionType, Refused
from traceqr.epcis.strict import MAX_DEPTH, parse

REFUSED = {
    "twice": ('{"a":1,"b":{"c":1,"c":2}}', "expected each member once, got 'c' twice"),
    "not-a-number": ('{"a":NaN}', "expected a number, got NaN"),
    "infinity": ('{"a":-Infinity}', "expected a number, got -Infinity"),
    "overflow": ('{"a":1e999}', "expected a number of 40 characters below 1e.100, got '1e999'"),
    "digits": ('{"a":' + "9" * 5000 + "}", "expected a number of at most 40 characters, got 5000"),
    "decimals": ('{"a":0.' + "9" * 60 + "}", "expected a number of 40 characters"),
    "surrogate": ('{"a":["x\\ud800"]}', "half of a surrogate pair"),
    "surrogate-in-a-name": ('{"\\uDFFF":1}', "half of a surrogate pair"),
    "comment": ("{} // no", "expected JSON"),
    "single-quotes": ("{'a':1}", "expected JSON"),
    "nothing": ("", "expected JSON"),
    "byte-order-mark": ("\ufeff{}", "expected JSON"),
    "control": ('{"a":"x\ny"}', "expected JSON"),
    "deep": ("[" * (MAX_DEPTH + 2) + "]" * (MAX_DEPTH + 2), "expected at most 24 levels"),
    "very-deep": ("[" * 200_000, "expected at most 24 levels, got many more"),
    "deep-objects": ('{"a":' * 100_000, "expected at most 24 levels, got many more"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    text, words = REFUSED[name]
    with pytest.raises(Refused, match=words) as refusal:
        parse(text.encode(), 1_000_000)
    assert refusal.value.problems[0].exception is ExceptionType.VALIDATION


def test_what_is_no_utf_8_is_refused() -> None:
    with pytest.raises(Refused, match="expected UTF-8, got octet 2 that is none"):
        parse(b'{"\xff":1}', 100)


def test_what_is_too_long_is_refused_before_it_is_looked_at() -> None:
    with pytest.raises(Refused, match="expected at most 10 bytes, got 11") as refusal:
        parse(b"\xff" * 11, 10)
    assert refusal.value.problems[0].exception is ExceptionType.CAPTURE_LIMIT


def test_whole_pairs_of_surrogates_are_text() -> None:
    assert parse(b'["\\ud83c\\udf75"]', 100) == ["🍵"]


def test_as_deep_as_allowed() -> None:
    assert parse(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, 100)
