"""What is written of a bundle is read as the same, and whatever comes instead is refused by name, and nothing else."""

from __future__ import annotations

import hashlib
from itertools import accumulate, pairwise
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from traceqr import canonical
from traceqr.bundle import bits
from traceqr.bundle.bits import LIVES, MOST_RUNS, Bits, OneBit, Ranges, Runs
from traceqr.bundle.described import Enterprise, Mark, Pledge, Product
from traceqr.bundle.envelope import Envelope
from traceqr.bundle.manifest import Manifest, PartEntry, Recall, Words
from traceqr.bundle.part import Batch, Part
from traceqr.bundle.reading import Malformed
from traceqr.bundle.refusal import BundleRefused
from traceqr.bundle.scope import ALL
from traceqr.bundle.taking import take_manifest, take_part
from traceqr.canonical import NotCanonical
from traceqr.instant import DAY_MS
from traceqr.label.jwk import to_jwk
from traceqr.label.keyring import Keyring, PublicKey, Role, Window

START_MS = 1_788_000_000_000
PRIVATE = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"only for tests").digest())
WINDOW = Window(START_MS - DAY_MS, START_MS + 100 * DAY_MS)
KEY = PublicKey(3, Role.BUNDLE, PRIVATE.public_key().public_bytes_raw(), WINDOW, WINDOW)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
INSTANTS = st.integers(0, 4_000_000_000_000)
WHOLE_NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1)
LIFE_STRINGS = st.one_of(
    st.lists(st.integers(0, 2), min_size=1, max_size=300),
    st.builds(
        lambda some, times: some * times, st.lists(st.integers(0, 2), min_size=2, max_size=9), st.integers(1, 60)
    ),
    st.builds(
        lambda runs: [life for life, length in runs for _ in range(length)],
        st.lists(st.tuples(st.integers(0, 2), st.integers(1, 40)), min_size=1, max_size=120),
    ),
)


@given(LIFE_STRINGS)
@example([1])
@example([2] * 5)
@example([0, 1, 2] * 100)
def test_lives_are_told_as_they_were_given(told: list[int]) -> None:
    """One label at a time, whichever way they are kept; few runs are runs, many are bits."""
    kept = bits.lives(enumerate(told))
    assert [kept.at(index) for index in range(len(told))] == [LIVES[life] for life in told]
    runs = 1 + sum(before != after for before, after in pairwise(told))
    assert isinstance(kept, Runs if runs <= MOST_RUNS else Bits)
    if isinstance(kept, Bits):
        kept.check()


@given(st.sets(st.integers(0, 599), max_size=400), st.integers(600, 610))
def test_sets_hold_what_was_given(labels: set[int], count: int) -> None:
    kept = bits.label_set(((label, label) for label in sorted(labels)), count)
    assert {index for index in range(count) if kept.holds(index)} == labels
    if isinstance(kept, OneBit):
        kept.check()


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9)), max_size=20))
def test_ranges_become_disjoint_and_hold_the_same(some: list[tuple[int, int]]) -> None:
    ranges = [(first, first + length) for first, length in some]
    joined = bits.disjoint(ranges)
    assert all(after[0] > before[1] + 1 for before, after in pairwise(joined))
    held = {index for first, last in ranges for index in range(first, last + 1)}
    assert {index for index in range(100) if Ranges(joined).holds(index)} == held


@given(st.binary(max_size=200), st.integers(1, 300))
def test_inflating_gives_what_was_deflated_or_refuses(octets: bytes, size: int) -> None:
    blob = bits.deflate(octets)
    if len(octets) == size:
        assert bits.inflate(blob, size) == octets
    else:
        assert _refused(lambda: bits.inflate(blob, size))


@given(st.binary(max_size=80), st.integers(1, 50))
def test_no_octets_make_inflating_fail_otherwise(octets: bytes, size: int) -> None:
    _refused(lambda: bits.inflate(octets, size))


JSON = st.recursive(
    st.none() | st.booleans() | WHOLE_NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_canonical_json_is_read_as_it_was_written(value: Any) -> None:
    assert canonical.decode(canonical.encode(value)) == value


@given(st.binary(max_size=60) | TEXT.map(str.encode))
def test_what_is_read_is_canonical(octets: bytes) -> None:
    try:
        value = canonical.decode(octets)
    except NotCanonical:
        return
    assert canonical.encode(value) == octets


@st.composite
def batches(draw: st.DrawFn, number: int) -> Batch:
    """A batch of up to 400 labels in any state, under any pledge from 0 to 2, with marks A and B."""
    told = draw(LIFE_STRINGS)
    count = len(told)
    spans = st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).map(sorted), max_size=4)
    seen = sorted(draw(st.sets(st.integers(0, count - 1), max_size=count)))
    recalls = {(low, high, draw(st.sampled_from(["1", "2"]))) for low, high in draw(spans)}
    return Batch(
        number,
        count,
        draw(st.integers(1, 65_535)),
        draw(st.integers(0, 2)),
        tuple(sorted(draw(st.sets(st.sampled_from("AB"))))),
        draw(st.none() | TEXT),
        draw(st.none() | st.dates().map(str)),
        None,
        "HTTPS://QR.EXAMPLE.ORG",
        bits.lives(enumerate(told)),
        bits.disjoint((low, high) for low, high in draw(spans)),
        tuple(sorted(recalls)),
        draw(st.sampled_from([None, bits.label_set(((index, index) for index in seen), count)])),
    )


@st.composite
def parts(draw: st.DrawFn) -> Part:
    """A part of up to five batches."""
    numbers = accumulate(draw(st.lists(st.integers(1, 9), min_size=1, max_size=5)))
    return Part(
        Product("06901234567892", *draw(st.tuples(TEXT, TEXT, TEXT, TEXT, TEXT))),
        Enterprise("91310000000000001N", draw(TEXT), draw(TEXT), "310101", draw(TEXT)),
        tuple(Pledge(number, "published", draw(TEXT), "", 2026, 0, draw(st.integers(1, 10**12))) for number in (1, 2)),
        tuple(Mark(licence, draw(TEXT), "", "suspended", 0, 10**12, draw(st.none() | TEXT)) for licence in "AB"),
        tuple(draw(batches(number)) for number in numbers),
    )


@settings(max_examples=50)
@given(parts())
def test_parts_are_read_as_they_were_written(part: Part) -> None:
    assert Part.parse(part.encode()) == part


@settings(max_examples=50)
@given(parts(), st.data())
def test_no_octets_make_reading_a_part_fail_otherwise(part: Part, data: st.DataObject) -> None:
    octets = bytearray(part.encode())
    for place in data.draw(st.lists(st.integers(0, len(octets) - 1), min_size=1, max_size=3)):
        octets[place] = data.draw(st.integers(0, 255))
    _refused(lambda: Part.parse(bytes(octets[: data.draw(st.integers(0, len(octets)))])))


RECALLS = st.builds(
    Recall,
    st.just("1"),
    st.just("06901234567892"),
    INSTANTS,
    st.none() | st.integers(1, 3),
    st.none() | st.tuples(TEXT, TEXT),
    st.dictionaries(st.sampled_from(["en", "zh-Hans", "zh-Hant"]), st.builds(Words, TEXT, TEXT, TEXT)),
)


@settings(max_examples=25)
@given(parts(), RECALLS, st.integers(1, 2**53 - 1), st.integers(1, 100))
def test_a_bundle_is_taken_as_it_was_made(part: Part, recall: Recall, version: int, days: int) -> None:
    octets = part.encode()
    numbers = tuple(batch.number for batch in part.batches)
    digest = hashlib.sha256(octets).hexdigest()
    entry = PartEntry(digest, len(octets), "06901234567892", "91310000000000001N", "310101", numbers)
    expires_ms = START_MS + days * DAY_MS
    told = (recall, Recall("2", "06901234567892", 0, None, None, {}))
    hosts, keys = ("a.example", "b.example:8000"), (to_jwk(KEY),)
    manifest = Manifest(ALL, version, 5, START_MS, expires_ms, hosts, keys, 1000, told, (entry,))
    file = bytes(Envelope.signed(3, manifest.canonical(), PRIVATE.sign))
    taken = take_manifest(file, trusted=Keyring.of([KEY]), scope=ALL, held=None, at_ms=START_MS)
    assert taken.manifest == manifest
    assert taken.manifest.keyring.find(3) == KEY
    assert take_part(taken.manifest, digest, octets) == part


@given(st.data())
def test_a_file_with_any_octet_changed_is_refused(data: st.DataObject) -> None:
    manifest = Manifest(ALL, 1, 0, START_MS, START_MS + DAY_MS, (), (), 1, (), ())
    file = bytearray(bytes(Envelope.signed(3, manifest.canonical(), PRIVATE.sign)))
    place, octet = data.draw(st.integers(0, len(file) - 1)), data.draw(st.integers(0, 255))
    assume(file[place] != octet)
    file[place] = octet
    with pytest.raises(BundleRefused) as caught:
        take_manifest(bytes(file), trusted=Keyring.of([KEY]), scope=ALL, held=None, at_ms=START_MS)
    assert caught.value.reason in ("bundle-malformed", "bundle-key-unknown", "bundle-seal-broken")


def _refused(read: Any) -> bool:
    try:
        read()
    except Malformed:
        return True
    return False
