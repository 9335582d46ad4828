"""`traceqr bundle`, as operators and those without network run it."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support.program import Program
from support.world import World

from traceqr import activating
from traceqr.activating import Range
from traceqr.label.jwk import to_jwk
from traceqr.label.keyring import Role
from traceqr.registry import batches, keys


@pytest.fixture
def published(program: Program, shop: World) -> Program:
    """A batch of ten, one of them void, published and saved in a folder with the public keys."""
    shop.key(Role.BUNDLE)
    shop.issue(10, lot="L-1")
    activating.void(shop.desk, Range(1, 9, 9), "a reason")
    program.good("bundle", "publish")
    program.good("bundle", "save", program.root / "bundle")
    with shop.database.snapshot() as reader:
        records = [to_jwk(key) for key in keys.keyring(reader).keys.values()]
    program.file("keys.json", json.dumps({"keys": records}))
    return program


def manifest(program: Program) -> Path:
    return program.root / "bundle" / "all.tqb"


def judged(program: Program, text: str, *args: object, code: int = 0) -> dict[str, Any]:
    """What is said to programs, without a registry."""
    keys_file = program.root / "keys.json"
    nowhere = f"sqlite:///{program.root / 'nowhere.db'}"
    ran = program.run(
        "bundle", "judge", manifest(program), text, "--keys", keys_file, "--json", TRACEQR_DATABASE=nowhere
    )
    assert ran.exit_code == code, ran.output
    return dict(json.loads(ran.stdout))


def test_publishing(program: Program, shop: World) -> None:
    assert "run: traceqr keys new --role bundle" in program.refused("bundle", "publish")
    program.good("keys", "new", "--role", "bundle")
    shop.issue(10)
    assert program.good("bundle", "list") == "nothing was published; run: traceqr bundle publish\n"
    said = program.good("bundle", "publish")
    assert said.startswith("published: version 1, good until ")
    assert "3 manifests, the largest of " in said
    assert "1 parts of " in said
    assert program.good("bundle", "publish").startswith("nothing has changed since version 1, ")
    told = program.json("bundle", "publish")
    assert (told["version"], told["published"], told["changed_parts"], told["too_large"]) == (1, False, 0, [])
    (row,) = program.json("bundle", "list")
    assert (row["number"], row["manifests"], row["ledger_size"]) == (1, 3, told["position"])
    assert "manifests kept" in program.good("bundle", "list")


def test_publishing_needs_the_origin(program: Program, shop: World) -> None:
    shop.key(Role.BUNDLE)
    assert "TRACEQR_ORIGIN is missing" in program.refused("bundle", "publish", TRACEQR_ORIGIN=None)


@pytest.mark.parametrize("every", ["0m", "10", "10d", "25h", "-1m", "ten minutes", "1.5h"])
def test_times_that_are_none(program: Program, every: str) -> None:
    assert "expected a time such as 90s, 10m or 1h" in program.refused("bundle", "publish", "--every", every, code=2)


def test_publishing_goes_on_until_it_is_told_to_stop(program: Program, shop: World) -> None:
    """A round that fails is told, and the next one makes it good."""
    with program.start("bundle", "publish", "--every", "1s", stderr=subprocess.PIPE) as child:
        assert child.stderr is not None
        try:
            events = [json.loads(child.stderr.readline()) for _ in range(2)]
            shop.key(Role.BUNDLE)
            while events[-1]["event"] == "bundle-not-published":
                events.append(json.loads(child.stderr.readline()))
        finally:
            child.send_signal(signal.SIGTERM)
        rest = [json.loads(line) for line in child.stderr]
    assert child.returncode == 0
    assert events[0]["event"] == "bundle-publisher-started"
    assert "there is none: make one" in events[1]["error"]
    assert (events[-1]["event"], events[-1]["version"]) == ("bundle-published", 1)
    assert [event["event"] for event in rest] == ["bundle-publisher-stopped"]


def test_saving(published: Program) -> None:
    folder = published.root / "bundle"
    assert sorted(path.suffix for path in folder.iterdir()) == [".part", ".tqb"]
    again = published.good("bundle", "save", folder)
    assert again == f"{folder / 'all.tqb'}: version 1, and 0 of 1 parts\n"
    published.good("bundle", "save", folder, "--scope", "region:310000")
    assert (folder / "region-310000.tqb").exists()
    none = published.refused("bundle", "save", folder, "--scope", "region:650000")
    assert "expected a bundle of scope region:650000, none was published" in none
    assert "expected the scope public, all or" in published.refused("bundle", "save", folder, "--scope", "x", code=2)


def test_verifying(published: Program) -> None:
    told = published.json("bundle", "verify", manifest(published))
    assert {name: told[name] for name in ("scope", "version", "parts", "parts_here", "refused", "keys", "recalls")} == {
        "scope": "all",
        "version": 1,
        "parts": 1,
        "parts_here": 1,
        "refused": [],
        "keys": 2,
        "recalls": 0,
    }
    assert "scope       all\n" in published.good("bundle", "verify", manifest(published), "--scope", "all")
    said = published.refused("bundle", "verify", manifest(published), "--scope", "public")
    assert said == "traceqr: bundle-scope: expected scope public, got all\n"


def test_verifying_what_was_altered(published: Program) -> None:
    (part,) = manifest(published).parent.glob("*.part")
    octets = part.read_bytes()
    part.write_bytes(octets[:-1] + b"!")
    ran = published.run("bundle", "verify", manifest(published))
    assert (ran.exit_code, "part-altered: expected a part of digest" in ran.stdout) == (1, True)
    part.unlink()
    assert published.json("bundle", "verify", manifest(published))["parts_here"] == 0
    file = manifest(published).read_bytes()
    for content, reason in ((file[:50], "bundle-malformed"), (file[:60] + b"!" + file[61:], "bundle-seal-broken")):
        manifest(published).write_bytes(content)
        assert published.refused("bundle", "verify", manifest(published)).startswith(f"traceqr: {reason}: ")


def test_keys_that_are_none(published: Program) -> None:
    for text in ("", "{}", "[]", '{"keys": [1]}', '{"keys": [{"kid": "1"}]}', "[" * 100_000):
        file = published.file("odd.json", text)
        said = published.refused("bundle", "verify", manifest(published), "--keys", file)
        assert "expected public keys in" in said
    stranger = published.file("none.json", '{"keys": []}')
    said = published.refused("bundle", "verify", manifest(published), "--keys", stranger)
    assert said.startswith("traceqr: bundle-key-unknown: ")


def test_judging_with_no_registry(published: Program, shop: World) -> None:
    with shop.database.snapshot() as reader:
        batch = batches.by_number(reader, 1)
    assert batch is not None
    texts = [shop.label(batch, index) for index in (0, 9)]
    good = judged(published, texts[0])
    assert {name: good[name] for name in ("verdict", "reason", "step", "version", "scope", "serial")} == {
        "verdict": "genuine",
        "reason": "history-not-checked",
        "step": 9,
        "version": 1,
        "scope": "all",
        "serial": "0000000100000000",
    }
    assert judged(published, texts[1], code=1)["reason"] == "voided"
    assert judged(published, "hello", code=1)["reason"] == "not-a-label"
    (part,) = manifest(published).parent.glob("*.part")
    content = part.read_bytes()
    part.write_bytes(b"!" + content[1:])
    assert judged(published, texts[0], code=1)["reason"] == "data-not-held"
    part.unlink()
    assert judged(published, texts[0], code=1)["reason"] == "data-not-held"


def test_judging_for_people(published: Program, shop: World) -> None:
    said = published.good("bundle", "judge", manifest(published), shop.text(1))
    assert said.startswith("GENUINE  码真\nThe code is valid. Its history was not checked.\n")
    assert "  data        version 1 of scope all, made " in said
    assert "  lot         L-1\n" in said
    assert "绿茶1 / Green Tea 1 / 250 g" in said
    assert "in 质量月, in-force" in said
