"""Exporting: the same bytes each time, on the ledger first, and never with the wrong key."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from support.world import ORIGIN, World, gtin

from traceqr import activating, exporting, keying, recalling
from traceqr.acting import ActRefused
from traceqr.activating import Range
from traceqr.exporting import Export
from traceqr.keying import KeyFolder
from traceqr.label.keyfiles import KeyFileError
from traceqr.registry.batches import Batch


@pytest.fixture
def batch(furnished: World) -> Batch:
    return furnished.issue(20)


def export(world: World, first: int | None = None, last: int | None = None, number: int = 1) -> Export:
    return exporting.export(world.desk, world.folder, Range(number, first, last), "csv")


def texts(made: Export) -> list[str]:
    return [str(label) for label in made.labels()]


def test_byte_identical_twice(furnished: World, batch: Batch) -> None:
    once = texts(export(furnished))
    furnished.clock.pass_days(100)
    recalling.open_on_batch(furnished.desk, "hold", Range(1), "r")
    with furnished.another() as desk:
        again = texts(exporting.export(desk, furnished.folder, Range(1), "txt"))
    assert once == again
    assert len(set(once)) == len(once) == 20


def test_the_bytes_are_a_function_of_batch_and_key(furnished: World, batch: Batch) -> None:
    """Ed25519 is deterministic: computed here from the private key, with no code of the label's."""
    label = next(iter(export(furnished, 7).labels()))
    number = (1).to_bytes(2, "big") + (1).to_bytes(4, "big")
    signed = b"traceqr.label.v1\x00" + number + str(gtin()).encode() + b"0000000100000007"
    key = furnished.folder.private(furnished.verifier().keyring().keys[1])
    seal = int.from_bytes(number + key.sign(signed), "big")
    assert str(label) == f"{ORIGIN}/01/{gtin()}/21/0000000100000007?s={seal:0169d}"


def test_parts_are_the_whole(furnished: World, batch: Batch) -> None:
    whole = texts(export(furnished))
    assert texts(export(furnished, None, 6)) + texts(export(furnished, 7, 7)) + texts(export(furnished, 8)) == whole
    assert [len(export(furnished, 3, last)) for last in (3, 4, 19)] == [1, 2, 17]


def test_every_label_verifies(furnished: World, batch: Batch) -> None:
    verifier = furnished.verifier()
    assert {str(verifier.verify(text).code) for text in texts(export(furnished))} == {"genuine"}


def test_on_the_ledger_before_the_first_byte(furnished: World, batch: Batch) -> None:
    made = export(furnished, 2, 5)
    row = furnished.one("SELECT subject, entry FROM ledger WHERE act = 'labels.export'")
    assert row["subject"] == "batch:1"
    assert json.loads(row["entry"])["payload"] == {"first": 2, "last": 5, "format": "csv"}
    assert made.product_name == "绿茶1"
    texts(made)
    texts(made)
    assert furnished.acts().count("labels.export") == 1


def test_labels_are_made_as_they_are_asked_for(furnished: World) -> None:
    """A hundred million labels: the first comes at once, and nothing is held."""
    furnished.issue(100_000_000)
    labels = export(furnished).labels()
    assert str(next(labels).serial) == "0000000100000000"
    assert str(next(labels).serial) == "0000000100000001"
    last = list(export(furnished, 99_999_999).labels())
    assert [str(label.serial) for label in last] == ["0000000199999999"]


def test_a_later_product_version_changes_no_label(furnished: World, batch: Batch) -> None:
    before = texts(export(furnished))
    furnished.product(name_zh="改名")
    made = export(furnished)
    assert (texts(made), made.product_name) == (before, "绿茶1")


class TestVoid:
    def test_a_range_that_is_void_is_refused(self, furnished: World, batch: Batch) -> None:
        activating.void(furnished.desk, Range(1, 5, 9), "lost")
        before = furnished.dump()
        for first, last in ((5, 9), (6, 6)):
            with pytest.raises(ActRefused, match=f"expected labels to print in {first} to {last}, all are void"):
                export(furnished, first, last)
        assert furnished.dump() == before
        assert len(export(furnished, 4, 9)) == 6

    def test_void_by_several_acts(self, furnished: World, batch: Batch) -> None:
        for at in range(20):
            activating.void(furnished.desk, Range(1, at, at), "lost")
        with pytest.raises(ActRefused, match="all are void"):
            export(furnished)


@pytest.mark.parametrize(("first", "last"), [(-1, 3), (0, 20), (5, 4), (20, None)])
def test_outside(furnished: World, batch: Batch, first: int, last: int | None) -> None:
    with pytest.raises(ActRefused, match="expected labels within 0 to 19"):
        export(furnished, first, last)


def test_no_such_batch(furnished: World) -> None:
    with pytest.raises(ActRefused, match="expected the number of a batch, 5 is none"):
        export(furnished, number=5)


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
    before = furnished.dump()
    with pytest.raises(KeyFileError, match=message):
        export(furnished)
    assert furnished.dump() == before, "what was not printed is not on the ledger"


def test_a_key_that_is_stolen_while_its_file_is_opened(
    furnished: World, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is opened outside the lock; what decides is asked again inside it."""
    original = KeyFolder.private

    def slowly(folder: KeyFolder, key: object) -> object:
        private = original(folder, key)  # type: ignore[arg-type]
        keying.compromise(furnished.desk, 1, "stolen")
        return private

    monkeypatch.setattr(KeyFolder, "private", slowly)
    with pytest.raises(ActRefused, match="key 1 is compromised"):
        export(furnished)
    assert "labels.export" not in furnished.acts()


def test_scans_go_on_while_a_key_file_is_opened(
    furnished: World, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An encrypted key takes a second: the write lock is free meanwhile."""
    original = KeyFolder.private
    locked: list[bool] = []

    def slowly(folder: KeyFolder, key: object) -> object:
        locked.append(furnished.act_under_way())
        return original(folder, key)  # type: ignore[arg-type]

    monkeypatch.setattr(KeyFolder, "private", slowly)
    assert len(export(furnished)) == 20
    assert locked == [False]
