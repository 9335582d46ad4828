"""Canonical JSON: what is written is read, and nothing else is."""

from __future__ import annotations

from typing import Any

import pytest

from traceqr import canonical
from traceqr.canonical import NotCanonical


@pytest.mark.parametrize("value", [{}, [], None, True, 2**53 - 1, "茶", {"b": [1, {"a": None}], "é": "\u2028"}])
def test_what_is_written_is_read(value: Any) -> None:
    assert canonical.decode(canonical.encode(value)) == value


def test_members_go_by_their_code_units() -> None:
    assert canonical.encode({"b": 1, "a": "茶\n"}) == '{"a":"茶\\n","b":1}'.encode()


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"tea",
        b"\xff",
        b"[" * 100_000,
        b"NaN",
        b"-Infinity",
        '"茶"'.encode("utf-16"),
    ],
)
def test_what_is_no_json_is_refused(octets: bytes) -> None:
    with pytest.raises(NotCanonical, match="expected JSON"):
        canonical.decode(octets)


@pytest.mark.parametrize(
    "octets",
    [
        b"{} ",
        b'{"a":1,"a":1}',
        b'{"b":1,"a":1}',
        b"1.0",
        b"-0",
        b'"\\u8336"',
        b'{"a": 1}',
    ],
)
def test_another_spelling_is_refused(octets: bytes) -> None:
    with pytest.raises(NotCanonical, match="another spelling"):
        canonical.decode(octets)


@pytest.mark.parametrize("octets", [b"1e999", b"9007199254740993", b'"\\ud800"'])
def test_what_it_cannot_say_is_refused(octets: bytes) -> None:
    with pytest.raises(NotCanonical, match="what canonical JSON can say"):
        canonical.decode(octets)


@pytest.mark.parametrize("value", [2**53, float("nan"), "\ud800", {"\ud800": 1}, {1: 2}])
def test_what_it_cannot_say_is_not_written(value: Any) -> None:
    with pytest.raises(NotCanonical):
        canonical.encode(value)
