"""Attachments: files that stand beside the registry, each named by the SHA-256 of what is in it.

`Attachments` is all that is asked of a place for them; a folder is one, an object store can be another.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from traceqr.errors import TraceqrError

MAX_BYTES = 5_000_000
"""Of one attachment: twice the largest picture that is made here."""

_DIGEST = re.compile("[0-9a-f]{64}")
_NEW = ".new-"


class AttachmentUnavailable(TraceqrError):
    """The place of attachments cannot be reached, is full, or holds something else than was put there."""


class Attachments(Protocol):
    """A place for attachments. Each method raises `AttachmentUnavailable` where the place does not answer."""

    def put(self, content: bytes) -> str:
        """Keep content, durably when this returns; returns its digest. The same content is kept once."""

    def get(self, digest: str) -> bytes | None:
        """The content of that digest, or None."""

    def exists(self, digest: str) -> bool:
        """Whether there is one of that digest."""

    def remove(self, digest: str) -> None:
        """Remove it, if it is there."""

    def digests(self, before_ms: int) -> Iterator[str]:
        """All that were put there before an instant, and not since, in no order."""


@dataclass(frozen=True, slots=True)
class AttachmentFolder:
    """Attachments in a folder: `ab/abcd...`, readable for the owner alone. It is made when the first one comes."""

    root: Path

    def put(self, content: bytes) -> str:
        """See `Attachments.put`. Written aside, and renamed once it is on the disk: a crash leaves all or nothing."""
        if len(content) > MAX_BYTES:
            raise AttachmentUnavailable(f"expected an attachment of at most {MAX_BYTES:,} bytes, got {len(content):,}")
        digest = hashlib.sha256(content).hexdigest()
        path = self._path(digest)
        with _told():
            try:
                os.utime(path)  # so that it is not taken for one that nobody names
            except FileNotFoundError:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                _write(path, content)
                _sync_folder(path.parent)
        return digest

    def get(self, digest: str) -> bytes | None:
        """See `Attachments.get`."""
        with _told():
            try:
                content = self._path(digest).read_bytes()
            except FileNotFoundError:
                return None
        if hashlib.sha256(content).hexdigest() != digest:
            raise AttachmentUnavailable(f"expected the attachment {digest[:12]} as it was put there, found another")
        return content

    def exists(self, digest: str) -> bool:
        """See `Attachments.exists`."""
        with _told():
            return self._path(digest).exists()

    def remove(self, digest: str) -> None:
        """See `Attachments.remove`."""
        with _told():
            self._path(digest).unlink(missing_ok=True)

    def digests(self, before_ms: int) -> Iterator[str]:
        """See `Attachments.digests`. What was broken off while it was written goes on the way."""
        with _told():
            found = [path for path in self.root.glob("??/*") if path.stat().st_mtime * 1000 < before_ms]
            for path in found:
                if path.name.startswith(_NEW):
                    path.unlink(missing_ok=True)
        yield from (path.name for path in found if _DIGEST.fullmatch(path.name))

    def _path(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise AttachmentUnavailable(f"expected a digest of 64 hex digits, got {digest[:80]!r}")
        return self.root / digest[:2] / digest


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise AttachmentUnavailable(f"the folder of attachments cannot be used: {error.strerror}") from error


def _write(path: Path, content: bytes) -> None:
    new = path.with_name(f"{_NEW}{secrets.token_hex(8)}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.rename(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    """The names in a folder are on the disk only once the folder is."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
