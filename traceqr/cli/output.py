"""Where files are written: whole or not at all, or straight to standard output."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from traceqr.errors import TraceqrError

_SPARE = 4096
"""Bytes beside the content that a file takes: what its folder needs for its name."""


class OutputError(TraceqrError):
    """A file that cannot be written; what was there before is untouched."""


@contextmanager
def opened(path: Path | None) -> Iterator[BinaryIO]:
    """Standard output for None; a device or a pipe as it is; else a file that appears, whole, when the block ends.

    Until then its content is in a temporary file of the same folder: whatever ends the block early, be it a full
    disk or an interruption, leaves no half file. Labels are worth money: only the owner may read the file.
    """
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    elif is_stream(path):
        with explained(path), path.open("wb") as file:
            yield file
    else:
        with explained(path), _whole(Path(os.path.realpath(path))) as file:
            yield file


@contextmanager
def continued(path: Path) -> Iterator[BinaryIO]:
    """A file that appears, whole, when the block ends, and whose content is in `part_of(path)` until then. What ends
    the block early leaves that part to be gone on with; what it holds already stands before what is written.
    """
    part, target = part_of(path), Path(os.path.realpath(path))
    with explained(path):
        handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "r+b") as file:
            _take(handle, path)
            os.fchmod(handle, 0o600)
            try:
                yield file
            finally:
                file.flush()
                os.fsync(handle)
                if not os.fstat(handle).st_size:
                    part.unlink(missing_ok=True)  # nothing was begun
            # While it is held: the next one who takes the part must find it gone.
            _put_in_place(part, target)


def _take(handle: int, path: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise OutputError(
            f"cannot write {path}: another process goes on with {part_of(path)} at this moment"
        ) from error
    if not is_at(handle, part_of(path)):
        raise OutputError(f"cannot write {path}: another process has ended {part_of(path)} this moment")


def is_at(handle: int, path: Path) -> bool:
    """Whether an open file is the one at a path: who had it before us may have moved it as we waited."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def part_of(path: Path) -> Path:
    """Where a file is that was broken off on purpose of going on with it: `labels.csv.part`."""
    target = Path(os.path.realpath(path))
    return target.with_name(f"{target.name}.part")


def marks_of(path: Path) -> Path:
    """Where it is noted how far that part had come: `labels.csv.part.marks`."""
    part = part_of(path)
    return part.with_name(f"{part.name}.marks")


def size_of_part(path: Path) -> int:
    """Bytes that a file has already which was broken off; 0 where there is none."""
    part = part_of(path)
    return part.stat().st_size if part.is_file() else 0


def is_stream(path: Path) -> bool:
    """Whether there is something that is written to as it is, and never replaced: a device, or a pipe."""
    return path.exists() and not path.is_file()


def require_room(path: Path, size: int) -> None:
    """Raise `OutputError` if the disk has less space free than a file of so many bytes takes. It may still fill up."""
    if is_stream(path):
        return
    with explained(path):
        free = shutil.disk_usage(Path(os.path.realpath(path)).parent).free
    if free < size + _SPARE:
        raise OutputError(f"cannot write {path}: it takes {size:,} bytes, and {free:,} are free on its disk")


@contextmanager
def _whole(path: Path) -> Iterator[BinaryIO]:
    part = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _put_in_place(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _put_in_place(part: Path, path: Path) -> None:
    """The file's name is durable only once its folder is."""
    part.replace(path)
    handle = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """What the system says of a file, as an `OutputError`."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from error
