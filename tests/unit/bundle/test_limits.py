"""What is too large is refused before it costs anything, by those who read and those who write."""

from __future__ import annotations

import zlib

import pytest

from traceqr.bundle import bits
from traceqr.bundle.described import Enterprise, Product
from traceqr.bundle.envelope import Envelope
from traceqr.bundle.manifest import MAX_BYTES, Manifest
from traceqr.bundle.part import MAX_DESCRIPTION, Batch, Part
from traceqr.bundle.reading import Malformed
from traceqr.bundle.scope import ALL, PUBLIC, Scope

PRODUCT = Product("06901234567892", "示例茶", "Example tea", "", "", "")
FIRM = Enterprise("91310000000000001N", "示例", "Example", "310101", "")


def test_a_manifest_past_eight_megabytes_is_not_written() -> None:
    manifest = Manifest(ALL, 1, 0, 0, 1, ("x" * MAX_BYTES,), (), 1, (), ())
    with pytest.raises(Malformed, match=r"at most 8,388,608 octets, got 8,388,[0-9]+ for scope all"):
        manifest.canonical()


def test_a_manifest_past_eight_megabytes_is_not_read() -> None:
    with pytest.raises(Malformed, match="at most 8,388,608 octets"):
        Manifest.parse(b" " * (MAX_BYTES + 1))
    with pytest.raises(Malformed, match="expected 71 to 8,388,678 octets"):
        Envelope.split(b"TQB1" + b" " * (MAX_BYTES + 67))


def test_a_description_past_sixteen_megabytes_is_not_inflated() -> None:
    bomb = zlib.compress(bytes(MAX_DESCRIPTION + 1), 9)
    with pytest.raises(Malformed, match="16,777,216 octets, got more"):
        Part.parse(len(bomb).to_bytes(4, "big") + bomb)


def test_a_description_past_sixteen_megabytes_is_not_written() -> None:
    batch = Batch(1, 1, 1, 0, (), "x" * MAX_DESCRIPTION, None, None, "", bits.lives([(0, 1)]), (), ())
    with pytest.raises(Malformed, match="at most 16,777,216 octets"):
        Part(PRODUCT, FIRM, (), (), (batch,)).encode()


def test_the_largest_batch_is_read_a_label_at_a_time() -> None:
    """A hundred million labels in runs, and in bits where every second one is void."""
    last = 99_999_999
    runs = bits.lives([(last - 1, 1), (last, 2)])
    assert (runs.at(0), runs.at(last - 1), runs.at(last)) == ("active", "active", "void")
    count = 100_000
    alternating = bits.lives((index, 1 + index % 2) for index in range(count))
    assert (alternating.at(0), alternating.at(count - 1)) == ("active", "void")


@pytest.mark.parametrize(("region", "scope"), [("310101", "region:310000"), ("330000", "region:330000")])
def test_the_scope_of_a_region_is_its_province(region: str, scope: str) -> None:
    assert str(Scope.of_province(region)) == scope
    assert Scope.of_province(region).holds(region)


def test_scopes_hold_what_is_theirs() -> None:
    assert ALL.holds("310101")
    assert not PUBLIC.holds("310101")
    assert not Scope("region:330000").holds("310101")


@pytest.mark.parametrize(
    "text", ["", "ALL", "region:", "region:000000", "region:310100", "region:3100000", "region:३१0000"]
)
def test_other_scopes_are_none(text: str) -> None:
    with pytest.raises(Malformed, match="expected the scope public, all or region:RR0000"):
        Scope(text)


def test_the_country_is_no_province() -> None:
    with pytest.raises(Malformed):
        Scope.of_province("000000")
