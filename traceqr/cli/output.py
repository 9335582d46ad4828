"""Where files are written: whole or not at all, or straight to standard output."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from traceqr.errors import TraceqrError

_PIECES = 256
"""Pieces of text joined for one write."""


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
    elif path.exists() and not path.is_file():
        with _explained(path), path.open("wb") as file:
            yield file
    else:
        with _explained(path), _whole(Path(os.path.realpath(path))) as file:
            yield file


@contextmanager
def _whole(path: Path) -> Iterator[BinaryIO]:
    part = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from error


def write_text(file: BinaryIO, pieces: Iterable[str]) -> None:
    """Write pieces of text as UTF-8, few at a time."""
    pieces = iter(pieces)
    while some := "".join(islice(pieces, _PIECES)):
        file.write(some.encode())
