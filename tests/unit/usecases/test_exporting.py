"""Exporting: on the ledger first, never twice without a reason, and never with the wrong key."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from support.world import ORIGIN, World, gtin

from traceqr import activating, exporting, keying, recalling
from traceqr.acting import ActRefused
from traceqr.activating import Range
from traceqr.exporting import Asked, Export
from traceqr.label.keyfiles import KeyFileError
from traceqr.printing.format import Imprint
from traceqr.registry import exports
from traceqr.registry.batches import Batch
from traceqr.registry.exports import Content

DIGEST = "ab" * 32


@pytest.fixture
def batch(furnished: World) -> Batch:
    return furnished.issue(20)


def entries(world: World, act: str) -> list[dict[str, Any]]:
    rows = world.rows("SELECT subject, entry FROM ledger WHERE act = :act ORDER BY position", act=act)
    assert {row["subject"] for row in rows} <= {"batch:1"}
    return [json.loads(row["entry"])["payload"] for row in rows]


def texts(world: World, first: int | None = None, last: int | None = None) -> list[str]:
    plan = world.plan(1, first, last)
    return plan.series.strip(world.folder.private(plan.key), plan.first, plan.last).texts


def test_byte_identical_twice(furnished: World, batch: Batch) -> None:
    once = texts(furnished)
    furnished.clock.pass_days(100)
    recalling.open_on_batch(furnished.desk, "hold", Range(1), "r")
    assert once == texts(furnished)
    assert len(set(once)) == len(once) == 20


def test_the_bytes_are_a_function_of_batch_and_key(furnished: World, batch: Batch) -> None:
    """Ed25519 is deterministic: computed here from the private key, with no code of the label's."""
    number = (1).to_bytes(2, "big") + (1).to_bytes(4, "big")
    signed = b"traceqr.label.v1\x00" + number + str(gtin()).encode() + b"0000000100000007"
    key = furnished.folder.private(furnished.verifier().keyring().keys[1])
    seal = int.from_bytes(number + key.sign(signed), "big")
    assert texts(furnished, 7, 7) == [f"{ORIGIN}/01/{gtin()}/21/0000000100000007?s={seal:0169d}"]


def test_every_label_verifies(furnished: World, batch: Batch) -> None:
    verifier = furnished.verifier()
    assert {str(verifier.verify(text).code) for text in texts(furnished)} == {"genuine"}


def test_what_stands_beside_the_symbols(furnished: World) -> None:
    furnished.issue(3, lot="L-7")
    furnished.product(name_zh="改名")
    furnished.enterprise(name_zh="另一个名称")
    expected = Imprint("绿茶1", "L-7", "第1茶业有限公司", "250 g")
    assert furnished.plan().imprint == expected, "as product and enterprise were when the batch was issued"


def test_on_the_ledger_before_and_after(furnished: World, batch: Batch) -> None:
    made = furnished.export(1, 2, 5, options={"bom": True})
    begun = {"export": made.id, "first": 2, "last": 5, "content": "labels", "format": "csv", "options": {"bom": True}}
    assert entries(furnished, "labels.export") == [begun]
    assert (entries(furnished, "labels.exported"), len(made.plan)) == ([], 4)
    row = furnished.one("SELECT digest, bytes, finished_position FROM label_export")
    assert set(row.values()) == {None}, "as one that was broken off looks"
    exporting.finish(furnished.desk, made, DIGEST, 1234)
    assert entries(furnished, "labels.exported") == [{"export": made.id, "digest": DIGEST, "bytes": 1234, "labels": 4}]
    position = len(furnished.acts()) - 1
    row = furnished.one("SELECT digest, bytes, finished_position FROM label_export")
    assert row == {"digest": DIGEST, "bytes": 1234, "finished_position": position}


def test_an_export_ends_once(furnished: World, batch: Batch) -> None:
    made = furnished.export()
    exporting.finish(furnished.desk, made, DIGEST, 1)
    before = furnished.dump()
    for export in (made, Export("none", made.plan)):
        with pytest.raises(ActRefused, match=f"expected an export that goes on, {export.id} is none"):
            exporting.finish(furnished.desk, export, DIGEST, 1)
    assert furnished.dump() == before


class TestTwice:
    """What left the house leaves it again for a reason only, which the ledger keeps."""

    @pytest.mark.parametrize(("first", "last"), [(5, 9), (0, 19), (9, 9), (0, 5), (9, 12)])
    def test_refused(self, furnished: World, batch: Batch, first: int, last: int) -> None:
        earlier = furnished.export(1, 5, 9)
        before = furnished.dump()
        with pytest.raises(ActRefused) as caught:
            furnished.export(1, first, last, format="txt")
        assert str(caught.value).startswith(
            "batch 1: labels 5 to 9 were exported to csv already, by tester at 2026-09-01T00:00:00.000Z, and broken"
            f" off (export {earlier.id}); nothing was written."
        )
        assert "--again REASON" in str(caught.value)
        assert furnished.dump() == before

    @pytest.mark.parametrize("again", ["", "  ", "\t"])
    def test_blank_is_no_reason(self, furnished: World, batch: Batch, again: str) -> None:
        furnished.export()
        with pytest.raises(ActRefused, match="were exported to csv already"):
            furnished.export(again=again)

    def test_beside_each_other(self, furnished: World, batch: Batch) -> None:
        furnished.issue(20)
        furnished.export(1, 5, 9)
        for number, first, last in ((1, 0, 4), (1, 10, 19), (2, 5, 9)):
            furnished.export(number, first, last)
        assert furnished.acts().count("labels.export") == 4

    def test_for_a_reason(self, furnished: World, batch: Batch) -> None:
        earlier = furnished.export(1, 5, 9)
        exporting.finish(furnished.desk, earlier, DIGEST, 1)
        later = furnished.export(1, 9, 10, again=" a roll was damaged ")
        assert later.id != earlier.id
        payload = entries(furnished, "labels.export")[1]
        assert (payload["again"], payload["earlier"]) == ("a roll was damaged", earlier.id)
        with pytest.raises(ActRefused, match=f"labels 9 to 10 were .*export {later.id}"):
            furnished.export()

    def test_a_reason_for_the_first_one_is_not_kept(self, furnished: World, batch: Batch) -> None:
        furnished.export(again="no need")
        assert "again" not in entries(furnished, "labels.export")[0]

    @pytest.mark.parametrize("earlier", Content)
    @pytest.mark.parametrize("later", Content)
    def test_labels_and_hidden_codes(self, furnished: World, batch: Batch, earlier: Content, later: Content) -> None:
        """Each leaves the house once: labels alone, codes alone, or both together, which is each of them."""
        furnished.export(content=earlier)
        if {earlier, later} == {Content.LABELS, Content.HIDDEN}:
            furnished.export(content=later)
            return
        with pytest.raises(ActRefused, match="were exported to csv already"):
            furnished.export(content=later)

    def test_hidden_codes_have_acts_of_their_own(self, furnished: World, batch: Batch) -> None:
        made = furnished.export(content=Content.HIDDEN)
        exporting.finish(furnished.desk, made, DIGEST, 1)
        both = furnished.export(content=Content.BOTH, again="r")
        exporting.finish(furnished.desk, both, DIGEST, 1)
        assert furnished.acts()[-4:] == ["hidden.export", "hidden.exported", "labels.export", "labels.exported"]
        assert [entries(furnished, act)[0]["content"] for act in ("hidden.export", "labels.export")] == [
            "hidden",
            "both",
        ]

    def test_two_at_once(self, furnished: World, batch: Batch) -> None:
        """Both have planned before either is on the ledger: the second is refused under the lock."""
        plan = furnished.plan()
        with furnished.another(100) as desk:
            exporting.export(desk, plan, Asked("csv"))
        with pytest.raises(ActRefused, match="by another at"):
            exporting.export(furnished.desk, plan, Asked("csv"))


class TestResuming:
    def test_it_is_the_same_export(self, furnished: World, batch: Batch) -> None:
        broken = furnished.export(1, 2, 9, options={"bom": True})
        again = exporting.resume(furnished.desk, furnished.plan(1, 2, 9), Asked("csv", {"bom": True}), 5)
        assert again.id == broken.id
        assert entries(furnished, "labels.resume") == [{"export": broken.id, "from": 5}]
        exporting.finish(furnished.desk, again, DIGEST, 1)
        assert furnished.acts().count("labels.export") == 1

    @pytest.mark.parametrize(
        ("first", "last", "asked"),
        [
            (2, 8, Asked("csv", {"bom": True})),
            (1, 9, Asked("csv", {"bom": True})),
            (2, 9, Asked("txt", {"bom": True})),
            (2, 9, Asked("csv", {})),
            (2, 9, Asked("csv", {"bom": True}, Content.BOTH)),
        ],
    )
    def test_only_what_was_begun(self, furnished: World, batch: Batch, first: int, last: int, asked: Asked) -> None:
        furnished.export(1, 2, 9, options={"bom": True})
        before = furnished.dump()
        with pytest.raises(ActRefused, match="with these options, that was broken off; found none to go on with"):
            exporting.resume(furnished.desk, furnished.plan(1, first, last), asked, first)
        assert furnished.dump() == before

    def test_not_what_is_whole(self, furnished: World, batch: Batch) -> None:
        exporting.finish(furnished.desk, furnished.export(), DIGEST, 1)
        with pytest.raises(ActRefused, match="found none to go on with"):
            exporting.resume(furnished.desk, furnished.plan(), Asked("csv"), 0)

    @pytest.mark.parametrize("start", [1, 11, -1])
    def test_from_a_label_outside(self, furnished: World, batch: Batch, start: int) -> None:
        furnished.export(1, 2, 9)
        with pytest.raises(ActRefused, match=f"expected a label of 2 to 9 to go on from, got {start}"):
            exporting.resume(furnished.desk, furnished.plan(1, 2, 9), Asked("csv"), start)

    def test_a_key_that_was_stolen_meanwhile(self, furnished: World, batch: Batch) -> None:
        furnished.export()
        plan = furnished.plan()
        keying.compromise(furnished.desk, 1, "stolen")
        with pytest.raises(ActRefused, match="key 1 is compromised"):
            exporting.resume(furnished.desk, plan, Asked("csv"), 3)


def test_a_proof_is_on_the_ledger_and_no_export(furnished: World, batch: Batch) -> None:
    exporting.prove(furnished.desk, furnished.plan(), Asked("pdf", {"dpi": 300}), [0, 7])
    assert entries(furnished, "labels.proof") == [{"format": "pdf", "options": {"dpi": 300}, "labels": [0, 7]}]
    furnished.export()
    exporting.prove(furnished.desk, furnished.plan(), Asked("pdf"), [0])


def test_exports_of_a_batch(furnished: World, batch: Batch) -> None:
    exporting.finish(furnished.desk, furnished.export(1, 0, 4), DIGEST, 1)
    furnished.clock.pass_days(1)
    furnished.export(1, 5, 9)
    with furnished.database.snapshot() as reader:
        found = exports.of_batch(reader, 1)
        assert exports.of_batch(reader, 2) == []
    assert [(each.row.first, each.digest, each.actor) for each in found] == [(5, None, "tester"), (0, DIGEST, "tester")]


class TestVoid:
    def test_a_range_that_is_void_is_refused(self, furnished: World, batch: Batch) -> None:
        activating.void(furnished.desk, Range(1, 5, 9), "lost")
        before = furnished.dump()
        for first, last in ((5, 9), (6, 6)):
            with pytest.raises(ActRefused, match=f"expected labels to print in {first} to {last}, all are void"):
                furnished.plan(1, first, last)
        assert furnished.dump() == before
        assert len(furnished.plan(1, 4, 9)) == 6

    def test_void_by_several_acts(self, furnished: World, batch: Batch) -> None:
        for at in range(20):
            activating.void(furnished.desk, Range(1, at, at), "lost")
        with pytest.raises(ActRefused, match="all are void"):
            furnished.plan()

    def test_void_after_the_plan(self, furnished: World, batch: Batch) -> None:
        plan = furnished.plan(1, 5, 9)
        activating.void(furnished.desk, Range(1, 5, 9), "lost")
        with pytest.raises(ActRefused, match="all are void"):
            exporting.export(furnished.desk, plan, Asked("csv"))


@pytest.mark.parametrize(("first", "last"), [(-1, 3), (0, 20), (5, 4), (20, None)])
def test_outside(furnished: World, batch: Batch, first: int, last: int | None) -> None:
    with pytest.raises(ActRefused, match="expected labels within 0 to 19"):
        furnished.plan(1, first, last)


def test_no_such_batch(furnished: World) -> None:
    with pytest.raises(ActRefused, match="expected the number of a batch, 5 is none"):
        furnished.plan(5)


def _swap(world: World) -> None:
    """Another key's private part under the name of key 1."""
    world.key()
    (world.folder.path / "0002-label.key").rename(world.folder.path / "0001-label.key")


def _another_role(world: World) -> None:
    (world.folder.path / "0001-label.key").rename(world.folder.path / "0001-ledger.key")


BAD_KEYS: dict[str, tuple[Callable[[World], object], str]] = {
    "missing": (lambda w: (w.folder.path / "0001-label.key").unlink(), "expected a private key at .*, found no file"),
    "of another role": (_another_role, "expected a private key at .*0001-label.key, found no file"),
    "no folder": (lambda w: w.folder.path.rename(w.root / "away"), "expected a private key at .*, found no file"),
    "garbled": (lambda w: (w.folder.path / "0001-label.key").write_bytes(b"\xff" * 400), "it is garbled"),
    "empty": (lambda w: (w.folder.path / "0001-label.key").write_bytes(b""), "it is garbled"),
    "world-readable": (lambda w: (w.folder.path / "0001-label.key").chmod(0o644), "expected mode 0600 .* chmod 600"),
    "group-readable": (lambda w: (w.folder.path / "0001-label.key").chmod(0o640), "expected mode 0600 .*, got 0640"),
    "of another key": (_swap, "expected the private part of key 1 .*, got that of another key"),
    "a link": (
        lambda w: (
            (w.folder.path / "0001-label.key").rename(w.root / "real"),
            (w.folder.path / "0001-label.key").symlink_to(w.root / "real"),
        ),
        "cannot read",
    ),
    "a folder": (
        lambda w: ((w.folder.path / "0001-label.key").unlink(), (w.folder.path / "0001-label.key").mkdir()),
        "cannot read|expected mode",
    ),
}


@pytest.mark.parametrize("kind", BAD_KEYS)
def test_a_bad_key_file(furnished: World, batch: Batch, kind: str) -> None:
    spoil, message = BAD_KEYS[kind]
    spoil(furnished)
    with pytest.raises(KeyFileError, match=message):
        furnished.folder.private(furnished.plan().key)


def test_a_key_that_is_stolen_after_the_plan(furnished: World, batch: Batch) -> None:
    """The file is opened outside the lock; what decides is asked again inside it."""
    plan = furnished.plan()
    keying.compromise(furnished.desk, 1, "stolen")
    with pytest.raises(ActRefused, match="key 1 is compromised"):
        exporting.export(furnished.desk, plan, Asked("csv"))
    assert "labels.export" not in furnished.acts()


def test_a_key_that_is_destroyed_or_out_of_its_window(furnished: World, batch: Batch) -> None:
    furnished.clock.pass_days(keying.VERIFYING_DAYS + 1)
    with pytest.raises(ActRefused, match="key 1 is outside its verifying window"):
        furnished.plan()
    furnished.clock.pass_days(-keying.VERIFYING_DAYS)
    keying.destroy(furnished.desk, furnished.folder, 1, "r")
    with pytest.raises(ActRefused, match="key 1 is destroyed"):
        furnished.plan()
