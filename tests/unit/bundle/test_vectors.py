"""The golden vectors of trust bundles, format 1: taking manifests, taking parts, and judging by them."""

from __future__ import annotations

import base64
import json
import re
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from support import vectors

from traceqr.bundle.judging import Holder, judge_without_bundle
from traceqr.bundle.part import Part
from traceqr.bundle.refusal import BundleRefused
from traceqr.bundle.scope import Scope
from traceqr.bundle.taking import Taken, take_manifest, take_part
from traceqr.instant import from_iso
from traceqr.label.jwk import keyring_of
from traceqr.label.keyring import Keyring

ROOT = Path(__file__).resolve().parents[3]
VECTORS = ROOT / "tests" / "vectors" / "bundle-v1.json"
SPECIFICATION = ROOT / "docs" / "bundle-format.md"
FILE: dict[str, Any] = json.loads(VECTORS.read_text(encoding="ascii"))
KEYRINGS = {name: keyring_of(records) for name, records in FILE["keyrings"].items()}
FILES = {name: base64.b64decode(octets) for name, octets in FILE["files"].items()}
PARTS = {name: base64.b64decode(octets) for name, octets in FILE["parts"].items()}
NAMED = pytest.mark.parametrize


def _name(vector: dict[str, Any]) -> str:
    return str(vector["name"])


@cache
def taken(name: str) -> Taken:
    """A file as one has it who took it: by the vector that is named as the file."""
    vector = next(vector for vector in FILE["manifests"] if vector["name"] == name)
    return take(vector)


def take(vector: dict[str, Any]) -> Taken:
    return take_manifest(
        FILES[vector["file"]],
        trusted=KEYRINGS[vector["trusted"]],
        scope=Scope(vector["scope"]),
        held=taken(vector["held"]) if vector["held"] else None,
        at_ms=from_iso(vector["at"]),
    )


@NAMED("vector", FILE["manifests"], ids=_name)
def test_taking_a_manifest(vector: dict[str, Any]) -> None:
    refused = vector["expected"]["refused"]
    if refused is None:
        assert take(vector).octets == FILES[vector["file"]]
        return
    with pytest.raises(BundleRefused) as caught:
        take(vector)
    assert caught.value.reason == refused


@NAMED("vector", FILE["part_takings"], ids=_name)
def test_taking_a_part(vector: dict[str, Any]) -> None:
    manifest, octets = taken(vector["file"]).manifest, PARTS[vector["part"]]
    refused = vector["expected"]["refused"]
    if refused is None:
        assert take_part(manifest, vector["digest"], octets).encode()
        return
    with pytest.raises(BundleRefused) as caught:
        take_part(manifest, vector["digest"], octets)
    assert caught.value.reason == refused


@NAMED("vector", FILE["judgings"], ids=_name)
def test_judging(vector: dict[str, Any]) -> None:
    if vector["bundle"] is None:
        ruling = judge_without_bundle(vector["text"])
    else:
        held = holder(vector["bundle"])
        learnt_ms = from_iso(vector["learnt"]) if vector["learnt"] else 0
        ruling = Holder(held.manifest, held.part_of, learnt_ms).judge(vector["text"], from_iso(vector["at"]))
    assert {
        "step": int(ruling.step),
        "step_name": ruling.step.name.lower(),
        "verdict": str(ruling.code),
        "reason": ruling.reason,
    } == vector["expected"]


@cache
def holder(name: str) -> Holder:
    bundle = FILE["bundles"][name]
    manifest = taken(bundle["file"]).manifest
    digests = {entry.digest for entry in manifest.parts}
    parts: dict[str, Part] = {}
    for part in bundle["parts"]:
        digest = next(v["digest"] for v in FILE["part_takings"] if v["part"] == part and not v["expected"]["refused"])
        assert digest in digests
        parts[digest] = take_part(manifest, digest, PARTS[part])
    return Holder(manifest, parts.get)


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    return vectors.generator("generate_bundle")


def test_regenerating_leaves_no_diff(generator: ModuleType) -> None:
    assert generator.rendered() == VECTORS.read_bytes(), "run: python tests/vectors/generate_bundle.py"


@NAMED("kind", ["manifests", "part_takings", "judgings"])
def test_names_are_unique_and_readable(kind: str) -> None:
    names = [vector["name"] for vector in FILE[kind]]
    assert len(names) == len(set(names)) >= 90
    assert [name for name in names if not re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", name)] == []


def test_every_refusal_of_the_specification_has_a_vector() -> None:
    section = SPECIFICATION.read_text(encoding="utf-8").partition("## 4.")[2].partition("## 5.")[0]
    listed = set(re.findall("`((?:bundle|part)-[a-z-]+)`", section))
    refused = {vector["expected"]["refused"] for kind in ("manifests", "part_takings") for vector in FILE[kind]}
    assert len(listed) == 9
    assert refused - {None} == listed


def test_every_reason_of_offline_judging_has_a_vector(generator: ModuleType) -> None:
    """All but those of a registry that answers with a history, or that is not there."""
    online = {"key-unknown", "registry-unreachable", "first-sighting", "own-earlier-scan", "seen-before"}
    online |= {"purchase-confirmed", "going-around", "seen-before-sale", "seen-after-purchase"}
    of_texts = {reason for reason, (step, _, _) in generator.DECIDES.items() if step == 1}
    given = {vector["expected"]["reason"] for vector in FILE["judgings"]}
    assert given & online == set()
    assert given >= generator.DECIDES.keys() - online - of_texts - {"key-window-ahead"}


def test_parts_are_written_as_they_are_read() -> None:
    """What this program writes of a part, it reads as the same. Octets may differ: streams are packed otherwise."""
    for name, digest in {v["part"]: v["digest"] for v in FILE["part_takings"] if not v["expected"]["refused"]}.items():
        part = Part.parse(PARTS[name])
        again = Part.parse(part.encode())
        assert again == part
        assert digest


def test_trusted_keyring_refuses_the_weak_keys() -> None:
    assert isinstance(KEYRINGS["published"], Keyring)
    assert sorted(KEYRINGS["published"].refused) == [105, 202]
