"""Key records: roles, windows, status, and the public keys that are refused."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from traceqr.label import keyring as keyring_module
from traceqr.label.keyring import KeyRefused, Keyring, PublicKey, Role, Status, Window

PRIVATE = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"test key, worth nothing").digest())
OCTETS = PRIVATE.public_key().public_bytes_raw()

# The curve of RFC 8032, section 5.1, in plain arithmetic that shares nothing with the code under test.
P = 2**255 - 19
D = 37095705934669439343138083508754565189542113879843219016388785533085940283555


def on_curve(x: int, y: int) -> bool:
    return (-x * x + y * y - 1 - D * x * x * y * y) % P == 0


def add(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    k = D * a[0] * b[0] * a[1] * b[1]
    return (
        (a[0] * b[1] + a[1] * b[0]) * pow(1 + k, -1, P) % P,
        (a[1] * b[1] + a[0] * b[0]) * pow(1 - k, -1, P) % P,
    )


def order(point: tuple[int, int]) -> int:
    total, times = point, 1
    while total != (0, 1):
        total, times = add(total, point), times + 1
    return times


def roots(square: int) -> set[int]:
    """The square roots of a number modulo P."""
    root = pow(square, (P + 3) // 8, P)
    found = {root, root * pow(2, (P - 1) // 4, P) % P}
    return {x for candidate in found for x in (candidate, -candidate % P) if x * x % P == square % P}


def torsion() -> set[tuple[int, int]]:
    """The points that 8 takes to the identity, solved from the law of doubling:

    2 * (x, y) = (2xy / (1 + d x^2 y^2), (y^2 + x^2) / (1 - d x^2 y^2))

    The identity (0, 1) and (0, -1) have x = 0. Doubling gives (0, -1) where y = 0, so x^2 = -1: order 4. Doubling gives
    those where y^2 = -x^2, and the curve's equation becomes d y^4 + 2 y^2 - 1 = 0: order 8.
    """
    points = {(0, 1), (0, P - 1)} | {(x, 0) for x in roots(-1)}
    for root in roots(1 + D):
        for y in roots((-1 + root) * pow(D, -1, P)):
            points |= {(x, y) for x in roots(-y * y) if on_curve(x, y)}
    return points


def record(**changes: Any) -> PublicKey:
    values: dict[str, Any] = {
        "number": 1,
        "role": Role.LABEL,
        "octets": OCTETS,
        "signing": Window(100, 200),
        "verifying": Window(0, 1000),
    }
    return PublicKey(**(values | changes))


def test_the_small_order_set_is_the_torsion_of_order_eight() -> None:
    points = torsion()
    assert all(on_curve(x, y) for x, y in points)
    assert sorted(order(point) for point in points) == [1, 2, 4, 4, 8, 8, 8, 8]
    assert {y for _, y in points} == keyring_module._SMALL_ORDER_Y


ENCODINGS = sorted(
    (y | sign << 255).to_bytes(32, "little")
    for y in {y for _, y in torsion()} | {P, P + 1}  # those below 2^255 that a lax decoder reduces to 0 and 1
    for sign in (0, 1)
)


def test_there_are_fourteen_encodings_of_small_order() -> None:
    assert len(set(ENCODINGS)) == 14


@pytest.mark.parametrize("octets", ENCODINGS, ids=lambda octets: octets.hex()[-8:])
def test_small_order_keys_are_refused(octets: bytes) -> None:
    with pytest.raises(KeyRefused, match=r"key 1: expected a point of large order, got one of small|past the field"):
        record(octets=octets)


@pytest.mark.parametrize("excess", range(19))
@pytest.mark.parametrize("sign", [0, 1])
def test_keys_past_the_field_are_refused(excess: int, sign: int) -> None:
    octets = (P + excess | sign << 255).to_bytes(32, "little")
    with pytest.raises(KeyRefused, match="key 1: expected the canonical encoding of a point, got one past the field"):
        record(octets=octets)


@pytest.mark.parametrize("y", range(2, 60))
def test_keys_off_the_curve_are_refused(y: int) -> None:
    octets = y.to_bytes(32, "little")
    if roots((y * y - 1) * pow(D * y * y + 1, -1, P)):
        assert record(octets=octets).octets == octets
    else:
        with pytest.raises(KeyRefused, match=r"^key 1: expected a point on the curve, got none$"):
            record(octets=octets)


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_keys_of_another_size_are_refused(size: int) -> None:
    with pytest.raises(KeyRefused, match=f"key 1: expected a public key of 32 bytes, got {size}"):
        record(octets=bytes(range(1, size + 1)))


@pytest.mark.parametrize("seed", range(32))
def test_honest_keys_are_taken(seed: int) -> None:
    private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    key = record(octets=private.public_key().public_bytes_raw())
    key.verifier.verify(b"x", private.sign(b"x"))


@pytest.mark.parametrize("number", [-1, 0, 65_536])
def test_numbers_that_no_seal_can_hold(number: int) -> None:
    with pytest.raises(KeyRefused, match=f"expected a key number from 1 to 65535, got {number}"):
        record(number=number)


@pytest.mark.parametrize("algorithm", ["", "ed25519", "Ed448", "X25519", "ES256", "none"])
def test_other_algorithms_are_refused(algorithm: str) -> None:
    with pytest.raises(KeyRefused, match=f"key 1: expected algorithm 'Ed25519', got '{algorithm}'"):
        record(algorithm=algorithm)


@pytest.mark.parametrize(
    ("signing", "verifying"),
    [
        (Window(100, 100), Window(0, 1000)),
        (Window(200, 100), Window(0, 1000)),
        (Window(100, 1001), Window(0, 1000)),
        (Window(100, 200), Window(0, 199)),
    ],
    ids=["empty", "backwards", "signs-after-verifying", "verifying-ends-first"],
)
def test_windows_that_contradict_are_refused(signing: Window, verifying: Window) -> None:
    with pytest.raises(KeyRefused, match="key 1: expected a signing window that ends inside the verifying window"):
        record(signing=signing, verifying=verifying)


@pytest.mark.parametrize(
    ("status", "compromised_ms"),
    [(Status.COMPROMISED, None), (Status.ACTIVE, 5), (Status.RETIRED, 5), (Status.DESTROYED, 0)],
)
def test_a_cut_off_belongs_to_a_compromise(status: Status, compromised_ms: int | None) -> None:
    with pytest.raises(KeyRefused, match="key 1: expected a cut-off exactly when it is compromised"):
        record(status=status, compromised_ms=compromised_ms)


@pytest.mark.parametrize(("at_ms", "inside"), [(99, False), (100, True), (199, True), (200, False)])
def test_windows_are_half_open(at_ms: int, inside: bool) -> None:
    assert Window(100, 200).holds(at_ms) is inside


@pytest.mark.parametrize(
    ("status", "at_ms", "issues", "prints"),
    [
        (Status.ACTIVE, 99, False, True),
        (Status.ACTIVE, 100, True, True),
        (Status.ACTIVE, 199, True, True),
        (Status.ACTIVE, 200, False, True),
        (Status.ACTIVE, 999, False, True),
        (Status.ACTIVE, 1000, False, False),
        (Status.RETIRED, 150, False, True),
        (Status.RETIRED, 1000, False, False),
        (Status.DESTROYED, 150, False, False),
        (Status.COMPROMISED, 150, False, False),
    ],
)
def test_what_a_key_may_still_do(status: Status, at_ms: int, issues: bool, prints: bool) -> None:
    key = record(status=status, compromised_ms=120 if status is Status.COMPROMISED else None)
    assert (key.may_issue(at_ms), key.may_print(at_ms)) == (issues, prints)


def test_find() -> None:
    key = record()
    keyring = Keyring({1: key}, {2: "of small order"})
    assert keyring.find(1) is key
    assert keyring.find(3) is None
    with pytest.raises(KeyRefused, match="key 2 was refused: of small order"):
        keyring.find(2)


def test_of_takes_records_by_number() -> None:
    first, second = record(), record(number=2, role=Role.LEDGER)
    assert Keyring.of([second, first]) == Keyring({1: first, 2: second})


def test_a_record_shows_no_verifier() -> None:
    assert "verifier" not in repr(record())
