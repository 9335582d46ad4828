"""What devices of inspectors fetch to judge by with no network."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from support.scenarios import REASON

from tests.unit.web.office.conftest import Offices, Visitor
from traceqr import activating, bundling
from traceqr.access import Role
from traceqr.activating import Range
from traceqr.bundle.judging import Holder
from traceqr.bundle.scope import ALL
from traceqr.bundle.taking import Taken, take_manifest, take_part
from traceqr.label.jwk import keyring_of
from traceqr.label.keyring import Role as KeyRole
from traceqr.registry.bundles import MOST_PARTS

API = "/inspect/api"
NONE = "0" * 64


@pytest.fixture
def shelf(offices: Offices) -> Offices:
    """A batch of ten labels, published."""
    base = offices.world.base
    base.key(KeyRole.BUNDLE)
    offices.world.issue()
    publish(offices)
    return offices


def publish(offices: Offices) -> None:
    base = offices.world.base
    bundling.publish(base.desk, base.database, base.folder, {"qr.example.org"})


@pytest.fixture
def inspector(shelf: Offices) -> Visitor:
    return shelf.as_(Role.INSPECTOR)


def problem(answer: Any, status: int, code: str) -> None:
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), answer.text
    assert answer.json["code"] == code


def taken(visitor: Visitor, held: Taken | None = None, at_ms: int = 0) -> Taken:
    answer = visitor.get(f"{API}/bundles/all")
    assert (answer.status_code, answer.mimetype) == (200, "application/octet-stream")
    trusted = keyring_of(visitor.get("/.well-known/traceqr-keys.json").json["keys"])
    return take_manifest(answer.data, trusted=trusted, scope=ALL, held=held, at_ms=at_ms)


def framed(octets: bytes) -> list[bytes]:
    """The parts of an answer, each behind its length."""
    found = []
    while octets:
        size = int.from_bytes(octets[:4], "big")
        found.append(octets[4 : 4 + size])
        octets = octets[4 + size :]
    return found


def test_a_label_is_judged_by_what_was_fetched(shelf: Offices, inspector: Visitor) -> None:
    base = shelf.world.base
    manifest = taken(inspector).manifest
    digests = [part.digest for part in manifest.parts]
    answer = inspector.get(f"{API}/parts?d={','.join(digests)}")
    assert (answer.status_code, answer.mimetype) == (200, "application/octet-stream")
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    octets = framed(answer.data)
    assert [hashlib.sha256(part).hexdigest() for part in octets] == digests
    parts = {digest: take_part(manifest, digest, part) for digest, part in zip(digests, octets, strict=True)}
    ruling = Holder(manifest, parts.get).judge(base.text(1), base.clock())
    assert (ruling.code, ruling.reason) == ("genuine", "history-not-checked")


def test_the_same_part_may_be_asked_for_twice(inspector: Visitor) -> None:
    (part,) = taken(inspector).manifest.parts
    answer = inspector.get(f"{API}/parts?d={part.digest},{part.digest}")
    assert len(set(framed(answer.data))) == 1
    assert len(framed(answer.data)) == 2


def test_a_change_sends_one_part(shelf: Offices, inspector: Visitor) -> None:
    held = taken(inspector)
    activating.void(shelf.world.desk, Range(1, 0, 0), REASON)
    publish(shelf)
    later = taken(inspector, held).manifest
    assert later.version == held.manifest.version + 1
    assert {part.digest for part in later.parts} & {part.digest for part in held.manifest.parts} == set()


def test_who_has_the_manifest_is_told_so(shelf: Offices, inspector: Visitor) -> None:
    answer = inspector.get(f"{API}/bundles/all")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    again = inspector.get(f"{API}/bundles/all", **{"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("scope", ["public", "region:310000"])
def test_other_scopes(inspector: Visitor, scope: str) -> None:
    assert inspector.get(f"{API}/bundles/{scope}").status_code == 200


@pytest.mark.parametrize("scope", ["region:650000", "region:000000", "ALL", "country", "x" * 500, "%F0%9F%8D%B5"])
def test_scopes_of_which_there_is_none(inspector: Visitor, scope: str) -> None:
    problem(inspector.get(f"{API}/bundles/{scope}"), 404, "bundle-none")


def test_before_one_was_published(offices: Offices) -> None:
    problem(offices.as_(Role.INSPECTOR).get(f"{API}/bundles/all"), 404, "bundle-none")


@pytest.mark.parametrize(
    "query",
    [
        *("", "?d=", "?d=,", "?d=x", f"?d={NONE[1:]}", f"?d={NONE.replace('0', 'A')}", f"?d={NONE},", f"?d=%20{NONE}"),
        f"?d={','.join([NONE] * (MOST_PARTS + 1))}",
    ],
)
def test_what_are_no_digests(inspector: Visitor, query: str) -> None:
    problem(inspector.get(f"{API}/parts{query}"), 422, "request-malformed")


def test_parts_that_are_no_longer_kept(inspector: Visitor) -> None:
    (part,) = taken(inspector).manifest.parts
    problem(inspector.get(f"{API}/parts?d={NONE}"), 404, "part-gone")
    problem(inspector.get(f"{API}/parts?d={part.digest},{NONE}"), 404, "part-gone")


@pytest.mark.parametrize("path", ["/bundles/all", f"/parts?d={NONE}"])
def test_nobody_else_is_told(shelf: Offices, path: str) -> None:
    problem(shelf.visitor().get(API + path), 401, "signed-out")
    for role in (Role.OFFICER, Role.MANAGER, Role.OPERATOR):
        problem(shelf.as_(role).get(API + path), 403, "role-other")
