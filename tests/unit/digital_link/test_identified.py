"""What addresses name, and all that names nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from traceqr.digital_link.identified import Identified, InvalidDigitalLink, check_query

VECTORS = json.loads(
    (Path(__file__).resolve().parents[2] / "vectors" / "digital-link-v1.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("case", VECTORS["good"], ids=lambda case: case["path"])
def test_reads_what_the_vectors_have(case: dict[str, object]) -> None:
    found = Identified.parse(str(case["path"]))
    assert [[found.key, found.value], *map(list, found.qualifiers)] == case["elements"]
    assert found.path == case["spelled"]
    assert [one.path for one in found.levels()] == case["levels"]


@pytest.mark.parametrize("case", VECTORS["bad"], ids=lambda case: f"{case['reason']}:{case['path'][:40]}")
def test_refuses_what_the_vectors_have(case: dict[str, str]) -> None:
    with pytest.raises(InvalidDigitalLink, match="expected ") as refusal:
        Identified.parse(case["path"])
    assert refusal.value.reason == case["reason"]


def test_what_is_too_long_is_not_read() -> None:
    with pytest.raises(InvalidDigitalLink, match="at most 4096") as refusal:
        Identified.parse("/01/" + "9" * 5000)
    assert refusal.value.reason == "too-long"


@pytest.mark.parametrize(
    "query", ["", "s=1&x", "17=261231&10=A%2FB", "linkType=gs1:pip&11=260101", "7003=2612311200", "&&"]
)
def test_queries_that_are_in_order(query: str) -> None:
    check_query(query)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("17=261331", "attribute-malformed"),
        ("17=", "attribute-malformed"),
        ("17=%D9%A1", "characters"),
        ("99=%zz", "escape-malformed"),
        ("12345=1", "attribute-malformed"),
        ("37=" + "1" * 91, "attribute-malformed"),
        ("37=1&37=1", "attribute-repeated"),
        ("37=a+b", "attribute-malformed"),
        ("x&" * 70, "query-malformed"),
    ],
    ids=str,
)
def test_queries_that_are_not(query: str, reason: str) -> None:
    with pytest.raises(InvalidDigitalLink, match="expected ") as refusal:
        check_query(query)
    assert refusal.value.reason == reason
