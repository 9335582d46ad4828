"""The golden vectors of label format 1, run through `traceqr.verdict.judge`, one test a vector."""

from __future__ import annotations

import ast
import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from support import vectors

from traceqr import verdict as verdict_module
from traceqr.errors import RegistryUnavailable
from traceqr.instant import from_iso
from traceqr.label import format as label_format
from traceqr.label import host
from traceqr.label.format import Label
from traceqr.label.keyring import KeyRefused, Keyring, PublicKey, Role, Status, Window
from traceqr.verdict import Facts, History, Life, State, judge

ROOT = Path(__file__).resolve().parents[3]
VECTORS = ROOT / "tests" / "vectors" / "label-v1.json"
SPECIFICATION = ROOT / "docs" / "label-format.md"
FILE: dict[str, Any] = json.loads(VECTORS.read_text(encoding="ascii"))


def _record(jwk: dict[str, Any]) -> PublicKey:
    return PublicKey(
        number=int(jwk["kid"]),
        role=Role(jwk["traceqr_role"]),
        octets=base64.urlsafe_b64decode(jwk["x"] + "=" * (-len(jwk["x"]) % 4)),
        signing=Window(*jwk["traceqr_signing_ms"]),
        verifying=Window(*jwk["traceqr_verifying_ms"]),
        status=Status(jwk["traceqr_status"]),
        compromised_ms=jwk["traceqr_compromised_ms"],
        algorithm=jwk["crv"],
    )


def _keyring(name: str) -> Keyring:
    keys: dict[int, PublicKey] = {}
    refused: dict[int, str] = {}
    for jwk in FILE["keyrings"][name]:
        try:
            key = _record(jwk)
        except KeyRefused as error:
            refused[int(jwk["kid"])] = str(error)
        else:
            keys[key.number] = key
    return Keyring(keys, refused)


def _history(record: dict[str, Any] | None) -> History | None:
    if record is None:
        return None
    first = record["first_seen"]
    return History(
        None if first is None else from_iso(first),
        record["times_seen"],
        record["other_devices"],
        record["own_before"],
        tuple(record["signs"]),
        record["confirmed_here"],
    )


def _facts_of(name: str) -> Callable[[Label], Facts | None]:
    registry = FILE["registries"][name]

    def facts_of(label: Label) -> Facts | None:
        if not registry["reachable"]:
            raise RegistryUnavailable("the vector's registry cannot be reached")
        batch = registry["batches"].get(str(label.serial.batch))
        if batch is None:
            return None
        known = batch["labels"].get(str(label.serial.index), batch["default"])
        state = State(Life(known["state"]["life"]), known["state"]["held"], known["state"]["recalled"])
        return Facts(batch["gtin"], batch["pledge"], batch["key"], batch["count"], state, _history(known["history"]))

    return facts_of


KEYRINGS = {name: _keyring(name) for name in FILE["keyrings"]}


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    return vectors.generator("generate")


@pytest.mark.parametrize("vector", FILE["vectors"], ids=lambda vector: vector["name"])
def test_vector(vector: dict[str, Any]) -> None:
    ruling = judge(
        vector["text"],
        KEYRINGS[vector["keyring"]],
        _facts_of(vector["registry"]),
        vector["official_hosts"],
        from_iso(vector["at"]),
    )
    assert {
        "step": int(ruling.step),
        "step_name": ruling.step.name.lower(),
        "verdict": str(ruling.code),
        "reason": ruling.reason,
    } == vector["expected"]


def test_names_are_unique_and_readable() -> None:
    names = [vector["name"] for vector in FILE["vectors"]]
    assert len(names) == len(set(names)) >= 70
    assert [name for name in names if not re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", name)] == []


def test_regenerating_leaves_no_diff(generator: ModuleType) -> None:
    assert generator.rendered() == VECTORS.read_bytes(), "run: python tests/vectors/generate.py"


def test_weak_keys_are_refused_and_the_others_are_not() -> None:
    assert (KEYRINGS["main"].refused, sorted(KEYRINGS["weak"].keys)) == ({}, [1])


def test_small_order_vectors_have_teeth(generator: ModuleType) -> None:
    """Each would verify where such keys are let in: h * A vanishes, so S * B = R holds without a private key."""
    vectors = [vector for vector in FILE["vectors"] if vector["name"].startswith("small-order-key-")]
    assert len(vectors) == len(generator.SMALL_ORDER) == 14
    for vector in vectors:
        label = Label.parse(vector["text"])
        y, negative = generator.SMALL_ORDER[vector["name"].removeprefix("small-order-key-")]
        octets = generator.encode_raw(y, negative)
        message = generator.message_of(label.seal.key, label.seal.pledge, label.gtin.digits, str(label.serial))
        r, s = label.seal.signature[:32], int.from_bytes(label.seal.signature[32:], "little")
        point = generator.point_at(y % generator.P, negative)
        assert generator.point_multiply(8, point) == generator.IDENTITY
        # No encoding, canonical or not, may leave h * A standing: every point here has an order that divides 8.
        assert generator.challenge(r, octets, message) % 8 == 0
        assert generator.encode(generator.point_multiply(s, generator.BASE)) == r


def test_malleable_signature_vectors_have_teeth(generator: ModuleType) -> None:
    """S + n * L solves the verification equation, so only the bound on S refuses it."""
    texts = {vector["name"]: vector["text"] for vector in FILE["vectors"]}
    good = Label.parse(texts["first-sighting"]).seal.signature
    for name, times in (("signature-s-plus-l", 1), ("signature-s-plus-8-l", 8)):
        odd = Label.parse(texts[name]).seal.signature
        assert odd[:32] == good[:32]
        assert int.from_bytes(odd[32:], "little") - int.from_bytes(good[32:], "little") == times * generator.L


def _reasons_in(module: ModuleType) -> set[str]:
    """The stable identifiers in a module's source: hyphenated string constants, and the one without a hyphen."""
    assert module.__file__ is not None
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    strings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {text for text in strings if re.fullmatch("[a-z]+(-[a-z]+)+|voided", text)}


REASONS = sorted(_reasons_in(verdict_module) | _reasons_in(label_format) | _reasons_in(host))


def test_reasons_were_found_in_the_source() -> None:
    assert len(REASONS) == 40


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_has_a_vector(reason: str) -> None:
    assert reason in {vector["expected"]["reason"] for vector in FILE["vectors"]}


def test_vectors_expect_no_other_reasons() -> None:
    assert {vector["expected"]["reason"] for vector in FILE["vectors"]} == set(REASONS)


def test_specification_lists_every_reason_with_its_step_and_verdict(generator: ModuleType) -> None:
    rows = re.findall(
        r"^\| ([1-9]) \| ([a-z]+) \| `([a-z-]+)` \| `([a-z]+)` \|",
        SPECIFICATION.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    listed = [(reason, (int(step), name, verdict)) for step, name, reason, verdict in rows]
    assert len(listed) == len(dict(listed)) == len(REASONS)
    assert dict(listed) == generator.DECIDES


def test_specification_shows_a_vector_in_full() -> None:
    text = SPECIFICATION.read_text(encoding="utf-8")
    assert FILE["vectors"][0]["text"] in text
    assert Label.parse(FILE["vectors"][0]["text"]).seal.signature.hex() in text
