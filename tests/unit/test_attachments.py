"""A folder of attachments: named by content, written whole, for the owner alone."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

import pytest

from traceqr import attachments
from traceqr.attachments import MAX_BYTES, AttachmentFolder, AttachmentUnavailable

CONTENT = b"a picture"
DIGEST = hashlib.sha256(CONTENT).hexdigest()
LATER_MS = 2**44


@pytest.fixture
def folder(tmp_path: Path) -> AttachmentFolder:
    return AttachmentFolder(tmp_path / "attachments")


def test_put_get_and_remove(folder: AttachmentFolder) -> None:
    assert not folder.exists(DIGEST)
    assert folder.get(DIGEST) is None
    assert folder.put(CONTENT) == DIGEST
    assert folder.get(DIGEST) == CONTENT
    assert list(folder.digests(LATER_MS)) == [DIGEST]
    folder.remove(DIGEST)
    folder.remove(DIGEST)
    assert not folder.exists(DIGEST)


def test_the_same_content_is_kept_once(folder: AttachmentFolder) -> None:
    assert folder.put(CONTENT) == folder.put(CONTENT)
    assert len([path for path in folder.root.rglob("*") if path.is_file()]) == 1


def test_only_the_owner_reads_it(folder: AttachmentFolder) -> None:
    folder.put(CONTENT)
    (path,) = (path for path in folder.root.rglob("*") if path.is_file())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "a" * 63, "A" * 64, "a" * 64 + "/", "\0" * 64])
def test_what_is_no_digest_names_no_file(folder: AttachmentFolder, digest: str) -> None:
    for ask in (folder.get, folder.exists, folder.remove):
        with pytest.raises(AttachmentUnavailable, match="expected a digest"):
            ask(digest)


def test_too_large(folder: AttachmentFolder) -> None:
    with pytest.raises(AttachmentUnavailable, match="at most 5,000,000 bytes"):
        folder.put(bytes(MAX_BYTES + 1))


def test_one_that_was_changed_is_not_handed_out(folder: AttachmentFolder) -> None:
    folder.put(CONTENT)
    (folder.root / DIGEST[:2] / DIGEST).write_bytes(b"another")
    with pytest.raises(AttachmentUnavailable, match="found another"):
        folder.get(DIGEST)


def test_a_place_that_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(AttachmentUnavailable, match="cannot be used"):
        AttachmentFolder(tmp_path / "file").put(CONTENT)


def test_what_fails_half_way_leaves_nothing(folder: AttachmentFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(attachments.os, "fsync", full)
    with pytest.raises(AttachmentUnavailable, match="No space left"):
        folder.put(CONTENT)
    assert [path for path in folder.root.rglob("*") if path.is_file()] == []


def test_those_that_were_put_before_an_instant(folder: AttachmentFolder) -> None:
    folder.put(CONTENT)
    path = folder.root / DIGEST[:2] / DIGEST
    os.utime(path, (1_000, 1_000))
    assert list(folder.digests(1_000_000)) == []
    assert list(folder.digests(1_000_001)) == [DIGEST]
    folder.put(CONTENT)
    assert list(folder.digests(1_000_001)) == [], "it was put again since"


def test_what_was_broken_off_goes(folder: AttachmentFolder) -> None:
    folder.put(CONTENT)
    rest = folder.root / DIGEST[:2] / ".new-0123"
    rest.write_bytes(b"half")
    assert list(folder.digests(LATER_MS)) == [DIGEST]
    assert not rest.exists()


def test_a_folder_that_is_not_there_yet_is_empty(folder: AttachmentFolder) -> None:
    assert list(folder.digests(LATER_MS)) == []
