"""The record of how far work on files had come, by which it is gone on with after it was broken off.

A line says which work it is of; then comes a line a mark: a size in bytes, the label that comes next, and the SHA-256
of the content up to that size. So damage and mistakes are found before they are gone on with: a part that a power cut
has torn, a volume that was copied over another, a program that has changed. It is no seal: whoever may write the files
may write the marks. Marks are not synced to the disk: after a power cut the last of them may be missing, or ahead of
the content, and then an earlier one holds.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from traceqr.cli.output import OutputError, explained, is_at
from traceqr.producing import Begun, Mark

_VERSION = "traceqr.marks.v1"
_LONGEST = 200
"""Bytes of a line at most."""

_MARK = re.compile("([0-9]{1,18}) ([0-9]{1,9}) ([0-9a-f]{64})\n")


class Marks:
    """The marks in an open file, which nobody else has open. Made by `held`."""

    def __init__(self, path: Path, file: BinaryIO, head: bytes) -> None:
        self._path = path
        self._file = file
        self._head = head
        self._ends: list[int] = []
        """Where the head ends, and each mark."""

    def read(self) -> list[Mark]:
        """All of them, in their order; what comes after a torn one is dropped. Raises `OutputError` for those of other
        work.
        """
        self._file.seek(0)
        first = self._file.readline(_LONGEST)
        if not first.endswith(b"\n"):  # empty, or torn
            return []
        if first != self._head:
            raise OutputError(
                f"expected {self._path} to be of these labels in this form, made by this program; it is of other work:"
                " remove it with what it is about, and export again"
            )
        found, self._ends = [], [len(first)]
        while match := _MARK.fullmatch(self._file.readline(_LONGEST).decode("latin-1")):
            found.append(Mark(int(match[1]), int(match[2]), match[3]))
            self._ends.append(self._file.tell())
        return found

    def begin(self, kept: int) -> None:
        """Go on after the first `kept` of those that were read."""
        with explained(self._path):
            self._file.truncate(self._ends[kept] if kept else 0)
            self._file.seek(0, 2)
            if not kept:
                self._file.write(self._head)
            self._file.flush()

    def add(self, mark: Mark) -> None:
        """One more."""
        with explained(self._path):
            self._write(mark)
            self._file.flush()

    def _write(self, mark: Mark) -> None:
        self._file.write(f"{mark.size} {mark.start} {mark.digest}\n".encode())

    def remove(self) -> None:
        """The work is done, or nothing is left of it."""
        self._path.unlink(missing_ok=True)


@contextmanager
def held(path: Path, identity: str) -> Iterator[Marks]:
    """The marks at a path, of the work that `identity` stands for (hex): held by nobody else until the block ends.

    A block that leaves no mark leaves no file. Raises `OutputError`, also where another process holds them.
    """
    head = f"{_VERSION} {identity}\n".encode()
    with explained(path):
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "r+b") as file:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise OutputError(f"cannot write here: another process goes on with what {path} is about") from error
        if not is_at(handle, path):
            raise OutputError(f"cannot write here: another process has ended what {path} was about, this moment")
        marks = Marks(path, file, head)
        try:
            yield marks
        finally:
            if os.fstat(handle).st_size <= len(head) and is_at(handle, path):
                marks.remove()


def standing(file: BinaryIO, marks: list[Mark]) -> tuple[Begun | None, int]:
    """How far the content of a file is what was written: up to the last mark before which nothing was changed; and how
    many marks hold. None where none does.
    """
    digest, found, at = hashlib.sha256(), None, 0
    file.seek(0)
    for number, mark in enumerate(marks):
        if mark.size < at or not _add(file, mark.size - at, digest) or digest.hexdigest() != mark.digest:
            return found, number
        at, found = mark.size, Begun(mark.size, mark.start, digest.copy())
    return found, len(marks)


def _add(file: BinaryIO, count: int, digest: hashlib._Hash) -> bool:
    """Hash so many bytes more; False where there are not so many."""
    while count:
        chunk = file.read(min(count, 1 << 20))
        if not chunk:
            return False
        digest.update(chunk)
        count -= len(chunk)
    return True
