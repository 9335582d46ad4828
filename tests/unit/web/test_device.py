"""The device cookie: only what this deployment issued counts."""

from __future__ import annotations

import re
import secrets

import pytest
from werkzeug.wrappers import Response

from traceqr.web.device import Devices
from traceqr.web.passes import MAX_AGE_MS, Pass, Passes

SECRET = "first deployment's secret, long enough"
OTHER = "second deployment's secret, long enough"


def devices(secret: str = SECRET, secure: bool = True) -> Devices:
    return Devices(secret, secure, secrets.token_bytes)


def test_round_trip() -> None:
    made = devices().new()
    assert devices().read({"__Host-traceqr": made.cookie}) == made
    assert re.fullmatch("[0-9a-f]{64}", made.stored)
    assert made.stored not in made.cookie


def test_two_devices_differ() -> None:
    jar = devices()
    assert jar.new() != jar.new()


def test_stored_form_is_the_deployments_own() -> None:
    octets = bytes(16)
    one, other = Devices(SECRET, True, lambda _: octets).new(), Devices(OTHER, True, lambda _: octets).new()
    assert one.stored != other.stored
    assert one.cookie != other.cookie


COOKIE = Devices(SECRET, True, lambda size: bytes(range(size))).new().cookie


@pytest.mark.parametrize(
    "cookie",
    [
        "",
        COOKIE[:-1],
        COOKIE + "A",
        COOKIE + "=",
        ("B" if COOKIE[0] != "B" else "C") + COOKIE[1:],
        COOKIE[:-2] + ("A" if COOKIE[-2] != "A" else "B") + COOKIE[-1],
        COOKIE[:-1] + chr(ord(COOKIE[-1]) + 1),
        " " * 43,
        "ｷ" * 43,
        "A" * 43,
        "A" * 100_000,
        Devices(OTHER, True, lambda size: bytes(range(size))).new().cookie,
    ],
)
def test_forged_truncated_foreign(cookie: str) -> None:
    assert devices().read({"__Host-traceqr": COOKIE}) is not None
    assert devices().read({"__Host-traceqr": cookie}) is None


def test_other_name_does_not_count() -> None:
    assert devices().read({"traceqr": COOKIE}) is None
    assert devices(secure=False).read({"traceqr": COOKIE}) is not None


@pytest.mark.parametrize(("secure", "name"), [(True, "__Host-traceqr"), (False, "traceqr")])
def test_attributes(secure: bool, name: str) -> None:
    response = Response()
    jar = devices(secure=secure)
    jar.set(response, jar.new())
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith(f"{name}=")
    assert ("; Secure" in cookie) is secure
    for part in ("HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=34560000"):
        assert part in cookie
    assert "Domain" not in cookie


PASS = Pass(17, 4, "d" * 64, 1_000_000)


def test_pass_round_trip() -> None:
    token = Passes(SECRET).issue(PASS)
    assert re.fullmatch("[A-Za-z0-9_.-]+", token)
    assert Passes(SECRET).read(token, PASS.at_ms + MAX_AGE_MS) == PASS


@pytest.mark.parametrize("behind_ms", [1, 5 * 60_000])
def test_pass_of_a_node_whose_clock_is_ahead(behind_ms: int) -> None:
    assert Passes(SECRET).read(Passes(SECRET).issue(PASS), PASS.at_ms - behind_ms) == PASS


@pytest.mark.parametrize("after_ms", [MAX_AGE_MS + 1, -MAX_AGE_MS - 1])
def test_pass_expires(after_ms: int) -> None:
    assert Passes(SECRET).read(Passes(SECRET).issue(PASS), PASS.at_ms + after_ms) is None


@pytest.mark.parametrize("token", ["", "x", "x.y", Passes(OTHER).issue(PASS), Passes(SECRET).issue(PASS)[:-1]])
def test_pass_forged(token: str) -> None:
    assert Passes(SECRET).read(token, PASS.at_ms) is None
